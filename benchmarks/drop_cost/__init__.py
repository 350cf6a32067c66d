"""The expected cost of an own drop measured: its error beside simpler prices, and what plans cost that decide by it."""
