"""The dispatcher's face: what runs, what is at risk, what can be done about it and at what price, and why."""
