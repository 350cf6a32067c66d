"""Durable orders per second on both databases, in process and through HTTP, beside a naive version of the same."""
