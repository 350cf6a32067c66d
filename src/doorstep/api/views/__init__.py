"""Queries, one module a subject: rows of the system of record as replies of the API."""
