"""What a planner asks of the stock."""

from dataclasses import dataclass

from doorstep.foundation import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class StockWishes:
    """What a planner asks of the stock.

    Every site has ``space`` times its room, which is what its stock takes today where nobody said. With
    ``only_move`` nothing is bought: there are at most as many units of a product as today. Holding a unit for a
    year costs ``holding`` times what it was bought for. The orders of ``replay_days`` are replayed against today's
    stock and the plan's; 0: none. ``assortment`` names sites, or kinds of sites, that keep no more than so many
    products; a site's own row counts before that of its kind.

    Raises
    ------
    InputError
        If a wish makes no sense.
    """

    space: float = 1.0
    only_move: bool = False
    holding: float = 0.25
    replay_days: int = 1
    assortment: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        if not self.space > 0 or not self.holding >= 0 or self.replay_days < 0:
            raise InputError(
                f"space {self.space} must be above 0, holding {self.holding} and replay_days {self.replay_days} not "
                "below 0."
            )
        few = [f"{name}={count}" for name, count in self.assortment if count < 1]
        twice = len(dict(self.assortment)) < len(self.assortment)
        if few or twice:
            raise InputError(
                f"assortment {few or list(self.assortment)}: each site or kind once, with 1 or more products."
            )
