"""Orders coming in: what can be promised, and orders accepted once with their stock and capacity reserved."""
