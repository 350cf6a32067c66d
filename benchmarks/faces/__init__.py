"""What people see, by the thousand: how old it is, how smoothly it moves, and how soon it is there."""
