"""Hypothesis draws the same examples in every run, keeps no database, and is not hurried by a busy machine."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "house", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")
