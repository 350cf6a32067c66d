"""Made-up worlds: sample retailers to plan, and later the digital twin that lives through a plan.

Randomness comes in as a ``numpy.random.Generator``; nothing here reads the wall clock.
"""
