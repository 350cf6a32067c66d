"""How good network plans are: sites, regions, capacities, and the cost that they predict."""
