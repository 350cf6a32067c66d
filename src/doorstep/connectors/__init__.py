"""Parties outside doorstep, one folder each: what they hand in, what they are handed, in their own words."""
