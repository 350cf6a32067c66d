"""Benchmarks, one package a room, in the one form that docs/benchmarks.md describes."""
