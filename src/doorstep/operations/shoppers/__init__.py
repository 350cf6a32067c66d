"""Shoppers without an account: the links that lead to a delivery, and what they say of it."""
