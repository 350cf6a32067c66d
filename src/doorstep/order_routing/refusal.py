"""How probable it is that a site serves what it is asked to, learnt from what it refused, and what a refusal costs.

Stock is wrong in stores: without this the cheapest site is the one that refuses.
"""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints

HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """What is stated before anything is known: the share accepted, and how many outcomes each belief is worth.

    ``strength`` is what the stated share is worth against all sites together, ``site_strength`` what all sites
    together are worth against one site, ``hour_strength`` what a site's day is worth against one of its hours.
    """

    accepted: float = 0.98
    strength: float = 20.0
    site_strength: float = 20.0
    hour_strength: float = 20.0

    def __post_init__(self) -> None:
        if not 0 < self.accepted < 1:
            raise InputError(f"accepted {self.accepted} must lie between 0 and 1.")
        if not min(self.strength, self.site_strength, self.hour_strength) > 0:
            raise InputError("strength, site_strength and hour_strength must be above 0.")


BELIEF = Belief()


def learn_acceptance(asked: Ints, refused: Ints, belief: Belief = BELIEF) -> Floats:
    """Return the probability that each site serves what it is asked for in each local hour (S, 24).

    The mean of a beta-binomial posterior in three layers: an hour is shrunk towards its site's day, a site towards all
    sites, all sites towards what is stated. How much is stated too, not measured, so that a refusal more never raises
    any probability.

    Parameters
    ----------
    asked, refused : (S, 24)
        Packages whose outcome is known, and those of them that the site refused, by the local hour of asking.

    Raises
    ------
    InputError
        If the shapes are others, or more was refused than asked.

    References
    ----------
    Efron, Hastie (2016), Computer Age Statistical Inference: the beta-binomial model.
    """
    if asked.shape != refused.shape or asked.ndim != 2 or asked.shape[1] != HOURS:
        raise InputError(f"asked {asked.shape} and refused {refused.shape} must be (S, {HOURS}).")
    if (refused < 0).any() or (refused > asked).any():
        raise InputError("refused must lie between 0 and asked.")
    accepted = asked - refused
    everywhere = _shrunk(accepted.sum(), asked.sum(), np.array(belief.accepted), belief.strength)
    site = _shrunk(accepted.sum(axis=1), asked.sum(axis=1), everywhere, belief.site_strength)
    return _shrunk(accepted, asked, site[:, None], belief.hour_strength)


def refusal_risk(acceptance: Floats, site: Ints, hour: Ints, cost_minor: int) -> Ints:
    """Return the expected cost of a refusal (O, C) [minor], rounded: what ``OrderRoutingProblem.risk_minor`` takes.

    Parameters
    ----------
    acceptance : (S, 24)
        Probability that a site serves what it is asked for, by local hour.
    site, hour : (O, C)
        Candidates, -1 for none, and the local hour at which each would be asked.
    cost_minor
        Cost of a refusal: a search in vain, and the order routed again.
    """
    refusal = 1 - acceptance[np.maximum(site, 0), hour]
    return np.where(site >= 0, np.rint(refusal * cost_minor), 0).astype(np.int64)


def _shrunk(accepted: Ints, asked: Ints, parent: Floats, strength: float) -> Floats:
    """Return the posterior mean of each cell, its parent being worth so many outcomes."""
    return np.asarray((accepted + strength * parent) / (asked + strength), dtype=np.float64)
