"""Own fleet and third parties chosen together, beside rules and a strong baseline on one engine, and the optimum."""
