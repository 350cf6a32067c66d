"""Made-up worlds: sample retailers to plan, carriers to call, and later the digital twin that lives through a plan.

Randomness comes in as a ``numpy.random.Generator`` or a seed; nothing here reads the wall clock.
"""
