"""Who may ask for what: credentials, the scope of every endpoint, and the check before each of them."""
