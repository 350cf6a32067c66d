"""The driver's page: the route of today on a phone, offline first, and plainly where no script runs."""
