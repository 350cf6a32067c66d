"""Plans for months, not for today: the network."""
