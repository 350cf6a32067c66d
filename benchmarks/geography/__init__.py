"""Benchmarks of travel times on streets."""
