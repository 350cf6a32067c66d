"""The day as it goes: routes that run, promises at risk, what is proposed about them, and what people decide."""
