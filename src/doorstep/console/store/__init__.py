"""The store: what the people at a site do with their hands, on a handheld."""

from doorstep.console.store import handing, kerb, overview, packing, picking, returning, scanning, troubles
from doorstep.console.store.face import router

__all__ = ["handing", "kerb", "overview", "packing", "picking", "returning", "router", "scanning", "troubles"]
