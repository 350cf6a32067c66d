"""How near to optimal the network decisions are, and how fast: regions, sites, coverage."""
