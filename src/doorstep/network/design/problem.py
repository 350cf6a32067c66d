"""A network to design: who orders what, which sites there are or could be, and what each of their steps costs."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.geography import Places
from doorstep.network.design.drop import VanDay

NEVER = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A promise: parcels of it come from sites at most so far away, ready to hand if it needs stock on the spot.

    ``reach_s`` is the drive from site to door [s], ``reach_m`` the road [m].
    """

    name: str
    reach_s: int = NEVER
    reach_m: int = NEVER
    needs_stock: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOptions:
    """M roles that sites have or could have; several rows may be the same site at different levels of automation.

    Parameters
    ----------
    option_id, role
        M names; a role is ``fc``, ``hub``, ``store`` or ``parcel_station``. Parcels start at an FC where there is one.
    places
        Where they are.
    site : (M,)
        Number of the physical site. Rows of one site that differ only in cost and capacity are levels of it, of which
        one at most is open; rows with other vans, stock or place are roles side by side.
    exists, must, must_not : (M,)
        Whether it runs today, whether it has to be open, and whether it must not be.
    running_minor, opening_minor, closing_minor : (M,)
        What a day costs, what opening costs once (nothing where it exists), and closing once (where it exists).
    handling_minor : (M,)
        What a parcel costs there.
    capacity : (M,)
        Parcels a day.
    holds_stock : (M,)
        Whether it can send at once what is ordered.
    vans
        The vans of each, as a row of the problem's vans, (M,); -1 if none start here (an FC that only feeds others).
    """

    option_id: tuple[str, ...]
    role: tuple[str, ...]
    places: Places
    site: Ints
    exists: Bools
    must: Bools
    must_not: Bools
    running_minor: Ints
    opening_minor: Ints
    closing_minor: Ints
    handling_minor: Ints
    capacity: Ints
    holds_stock: Bools
    van: Ints

    def __len__(self) -> int:
        return len(self.option_id)

    def levels_of(self) -> Ints:
        """Return the number of the place that each option is a level of (M,)."""
        kind = np.column_stack([self.site, self.is_fc, self.van, self.holds_stock, self.places.lat, self.places.lon])
        number: Ints = np.unique(kind, axis=0, return_inverse=True)[1].reshape(-1)
        return number

    @property
    def is_fc(self) -> Bools:
        """Whether parcels can start there (M,)."""
        return np.array([role == "fc" for role in self.role], np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignProblem:
    """Z zones with parcels of T tiers, M site options, vans, and the line-haul from FCs.

    Parameters
    ----------
    zones
        Where parcels go.
    parcels : (T, Z)
        Parcels in ``days`` days.
    doors_per_km2 : (T, Z)
        Doors that one van of the tier finds around a zone on a day.
    outside_minor : (T, Z)
        What a third party takes for a parcel, ``NEVER`` where none does.
    inbound_minor : (M, F)
        What a parcel's way costs from each of the F options that are FCs, in their order, to each option.
    most_open
        How many options that send vans may be open; all by default.
    amortised_days
        Days over which what is paid once counts.
    waves
        How many times a day each site that sends vans sends vans of their own.
    """

    zones: Places
    tiers: tuple[Tier, ...]
    parcels: Ints
    doors_per_km2: Floats
    outside_minor: Ints
    options: SiteOptions
    vans: tuple[VanDay, ...]
    inbound_minor: Ints
    days: int = 1
    most_open: int = NEVER
    amortised_days: int = 5 * 365
    waves: int = 1

    def __post_init__(self) -> None:
        faults = self._faults()
        if faults:
            raise InputError(" ".join(faults))

    def _faults(self) -> list[str]:
        options, shape = self.options, (len(self.tiers), len(self.zones))
        count, fcs = len(options), int(options.is_fc.sum())
        shapes = {
            "parcels": (self.parcels.shape, shape),
            "doors_per_km2": (self.doors_per_km2.shape, shape),
            "outside_minor": (self.outside_minor.shape, shape),
            "inbound_minor": (self.inbound_minor.shape, (count, fcs)),
            **{
                name: (getattr(options, name).shape, (count,))
                for name in (
                    *("site", "exists", "must", "must_not", "running_minor", "opening_minor", "closing_minor"),
                    *("handling_minor", "capacity", "holds_stock", "van"),
                )
            },
        }
        faults = [f"{name} {found} must be {wanted}." for name, (found, wanted) in shapes.items() if found != wanted]
        if faults:
            return faults
        numbers = {
            "parcels": self.parcels,
            "outside_minor": self.outside_minor,
            "inbound_minor": self.inbound_minor,
            "running_minor": options.running_minor,
            "opening_minor": options.opening_minor,
            "closing_minor": options.closing_minor,
            "handling_minor": options.handling_minor,
            "capacity": options.capacity,
        }
        faults += [f"{name} must not be negative." for name, values in numbers.items() if (values < 0).any()]
        if not ((options.van >= -1) & (options.van < len(self.vans))).all():
            faults.append(f"van must be -1 or below {len(self.vans)}.")
        both = np.flatnonzero(options.must & options.must_not)
        faults += [f"option {options.option_id[row]} must be open and must not be." for row in both]
        idle = np.flatnonzero((options.van == -1) & ~options.is_fc)
        if idle.size:
            faults.append(f"option {options.option_id[idle[0]]} is no FC and has no vans: it would do nothing.")
        if min(self.days, self.amortised_days, self.waves) < 1:
            faults.append(
                f"days {self.days}, amortised_days {self.amortised_days} and waves {self.waves} must be positive."
            )
        return faults
