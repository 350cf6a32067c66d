"""Tracking measured on simulated days, whose traffic and people the learner does not know."""
