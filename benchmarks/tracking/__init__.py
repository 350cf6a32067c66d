"""Tracking measured: arrivals predicted on simulated days, and positions on disk before they are answered."""
