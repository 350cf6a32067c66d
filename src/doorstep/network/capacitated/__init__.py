"""Which sites to open, at which level, when each serves only so much: customers shared between sites or whole."""
