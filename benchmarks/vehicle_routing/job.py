"""What one run is: it travels to the process that does it as JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

CPU_PER_WALL = 2
"""A wall budget means two quiet cores: this many CPU seconds for each of its seconds."""

CITY = "city"
"""The family of made-up cities; they have no file."""

OWN = "doorstep"
PEERS = ("pyvrp", "pyvrp native", "vroom", "ortools")
STEADY = ("vroom", "ortools")
"""Solvers without a seed: one run tells all."""
CITY_PEERS = ("pyvrp",)
"""Peers that know hours, shifts and profiles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One instance, solver and seed.

    ``path`` is the instance's file, ``city_stops`` the size of a city if it has none; ``base`` the file whose places
    the city takes. ``cpu_s`` counts from the reading of the file on; ``iterations`` replaces it where a solver can
    count them. A job that is only ``warming`` compiles what the solver needs and reports nothing.
    """

    solver: str
    family: str = ""
    path: str = ""
    city_stops: int = 0
    base: str = ""
    seed: int = 1
    threads: int = 2
    cpu_s: float = 0.0
    iterations: int | None = None
    warming: bool = False

    @property
    def name(self) -> str:
        """The name of the instance."""
        return Path(self.path).stem or "-".join(filter(None, (CITY, str(self.city_stops), Path(self.base).stem)))

    def to_json(self) -> str:
        """Return the job as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Job":
        """Return the job of a line."""
        return cls(**json.loads(text))
