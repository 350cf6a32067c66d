"""The hours of the day, and moments as the API writes them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from doorstep.foundation import InputError

HOUR_S, MINUTE_S = 3_600, 60
BEGINS, ENDS, EVENING = time(7, 30), time(22, 0), time(19, 0)
"""The day that is lived, and when those shoppers order who do so the evening before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The day's moments [epoch s]: the evening before, its beginning and its end."""

    time_zone: str
    evening_at: int
    begins_at: int
    ends_at: int

    @classmethod
    def of(cls, day: date, time_zone: str, *, until: str = "") -> "Hours":
        """Return the hours of a local day, which ends at ``until``, HH:MM, or at 22:00.

        Raises
        ------
        InputError
            If it would end before it begins.
        """
        try:
            ends = time.fromisoformat(until) if until else ENDS
        except ValueError as error:
            raise InputError(f"until {until!r} is no time of the day.", hint="Maybe write it as 18:30.") from error
        if ends <= BEGINS:
            raise InputError(f"until {until} is not after {BEGINS:%H:%M}, when the day begins.")
        zone = ZoneInfo(time_zone)

        def at(moment: time, on: date = day) -> int:
            return int(datetime.combine(on, moment, tzinfo=zone).timestamp())

        evening = at(EVENING, day - timedelta(days=1))
        return cls(time_zone=time_zone, evening_at=evening, begins_at=at(BEGINS), ends_at=at(ends))

    def local(self, at: int) -> str:
        """Return a moment's local time, HH:MM."""
        return f"{datetime.fromtimestamp(at, ZoneInfo(self.time_zone)):%H:%M}"


def written(at: float) -> str:
    """Return a moment [epoch s] as the API takes it."""
    return datetime.fromtimestamp(int(at), UTC).isoformat().replace("+00:00", "Z")


def moment(text: str) -> int:
    """Return a moment of the API [epoch s]."""
    return int(datetime.fromisoformat(text).timestamp())
