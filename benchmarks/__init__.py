"""Benchmarks, one package a room, all printing one table and writing one JSON object."""
