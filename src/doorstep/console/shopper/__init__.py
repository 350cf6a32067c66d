"""The shopper's page: one delivery, for whoever holds its link."""
