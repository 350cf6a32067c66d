"""Promises measured: the probability that is stated for a promise against the share of such promises that is kept."""
