"""The plan meets the day: who goes now and who waits, tick after tick.

``choose_now`` looks at what is known and at what may still come, in many scenarios, and returns the routes that leave
now and the stops that wait for the next tick; ``cannot_wait`` says who has no time for that.
"""

from doorstep.dispatch.choose_now import Consensus, Future, NowOrLater, cannot_wait, choose_now

__all__ = ["Consensus", "Future", "NowOrLater", "cannot_wait", "choose_now"]
