"""The planner's face: the network, demand and stock, what was proposed, and what a parcel costs."""
