"""Our own engine: ruin and recreate over strings of stops, in compiled loops over one small record a stop."""

from doorstep.vehicle_routing.sisr.solver import Found, SisrSolver

__all__ = ["Found", "SisrSolver"]
