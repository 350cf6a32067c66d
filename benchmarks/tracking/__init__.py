"""How many positions a second are on disk before their devices are answered."""
