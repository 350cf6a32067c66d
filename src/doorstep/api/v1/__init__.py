"""Version 1 of the API, one module a subject: each endpoint parses, calls one operation or query, and renders."""
