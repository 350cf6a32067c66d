"""What may happen to an object in which state, and how the outside world's tangled reports are read.

A command is ours: it is asked for now, and it is wrong or right (``Machine.step``). A fact has already happened:
drivers, carriers and scanners report it late, twice or out of order, and nobody can undo it (``Machine.record``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from doorstep.foundation import ConflictError, InputError

Reason: TypeAlias = Literal["terminal", "late", "repeated", "unreachable"]


class IllegalTransitionError(ConflictError):
    """A command that the present state does not allow; the fields are what a caller shows or branches on.

    Parameters
    ----------
    kind
        What the object is, the machine's name.
    state
        Where it is.
    event
        What was asked.
    allowed
        What could be asked there instead; empty in a terminal state.
    """

    def __init__(self, *, kind: str, state: str, event: str, allowed: tuple[str, ...]) -> None:
        choice = f"allowed from there: {', '.join(allowed)}" if allowed else "nothing leaves that state"
        super().__init__(f"{kind} is {state}, which does not allow {event}; {choice}.")
        self.kind = kind
        self.state = state
        self.event = event
        self.allowed = allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of a machine's table: ``event`` leads from any of ``sources`` to ``target``.

    ``publishes`` is the type of the one event that goes to the outbox with it.
    """

    event: str
    sources: tuple[str, ...]
    target: str
    publishes: str


@dataclass(frozen=True, slots=True)
class Applied:
    """The fact moved the object, or kept it where it is by a transition onto itself."""

    transition: Transition


@dataclass(frozen=True, slots=True)
class Ignored:
    """The fact is worth keeping and moves nothing."""

    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The states of one kind of object, as one table.

    Each event stands in one row, so that it names its target. The rows follow the object's life: of two facts of the
    same second, the one whose target the table reaches first counts as the earlier.

    Raises
    ------
    InputError
        If an event stands in two rows, a row has no source, or a state cannot be reached from ``initial``.
    """

    name: str
    initial: str
    transitions: tuple[Transition, ...]
    _rows: Mapping[str, Transition] = field(init=False, repr=False, compare=False)
    _ahead: Mapping[str, frozenset[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rows = {row.event: row for row in self.transitions}
        if len(rows) < len(self.transitions):
            raise InputError(f"machine {self.name} has an event in two rows; give each target an event of its own.")
        ahead = _reachable(self.initial, self.transitions)
        known = ahead[self.initial] | {self.initial}
        lost = sorted({state for row in self.transitions for state in (*row.sources, row.target)} - known)
        if lost or not all(row.sources for row in self.transitions):
            raise InputError(
                f"machine {self.name} never reaches {lost or 'a row without sources'} from {self.initial}."
            )
        object.__setattr__(self, "_rows", rows)
        object.__setattr__(self, "_ahead", ahead)

    @property
    def states(self) -> tuple[str, ...]:
        """Every state once, in the order in which the table reaches them."""
        return tuple(self._ahead)

    @property
    def terminal(self) -> frozenset[str]:
        """States that no transition leaves."""
        return frozenset(state for state, ahead in self._ahead.items() if not ahead)

    def allowed(self, state: str) -> tuple[str, ...]:
        """Return the events that may be asked for in a state, in table order.

        Raises
        ------
        InputError
            If the machine has no such state.
        """
        self._check_state(state)
        return tuple(row.event for row in self.transitions if state in row.sources)

    def step(self, state: str, event: str) -> Transition:
        """Return the transition of a command, strictly as the table has it.

        Raises
        ------
        IllegalTransitionError
            If the state does not allow the event.
        InputError
            If the machine has no such state or event.
        """
        self._check_state(state)
        row = self._row(event)
        if state not in row.sources:
            raise IllegalTransitionError(kind=self.name, state=state, event=event, allowed=self.allowed(state))
        return row

    def record(self, state: str, event: str, *, occurred_at: int, last_at: int | None) -> Applied | Ignored:
        """Return whether a reported fact moves the object.

        It does if the state is not terminal, the fact is newer than what brought the object here, and its target lies
        ahead: facts between the two have not been reported, and are skipped. Newer means a later ``occurred_at`` or, in
        the same second, a target further down the table. Facts of one life that differ in this order (time, then
        progress) therefore end in the state of the newest one, however they are shuffled and repeated.

        Where the graph has a cycle (attempted, rescheduled, on the way, attempted), every state of it lies ahead of
        every other, itself included. Reachability alone would let a repeated fact run such a circle for ever; it is the
        time that holds it back. A later time does move the object round: the second attempt of a delivery may be the
        first that anybody reports. So a sender gives each fact one ``occurred_at`` and keeps it when sending again.

        Parameters
        ----------
        state
            Where the object is.
        event
            What is said to have happened.
        occurred_at
            When it happened, by the clock of whoever saw it, and no later than it was told [epoch s].
        last_at
            ``occurred_at`` of what brought the object into ``state``; None for an object nothing happened to yet.

        Raises
        ------
        InputError
            If the machine has no such state or event.
        """
        self._check_state(state)
        row = self._row(event)
        if state in self.terminal:
            return Ignored("terminal")
        if last_at is not None and occurred_at <= last_at:
            if occurred_at < last_at or self._progress(row.target) < self._progress(state):
                return Ignored("late")
            if row.target == state:
                return Ignored("repeated")
        if row.target not in self._ahead[state]:
            return Ignored("repeated" if row.target == state else "unreachable")
        return Applied(row)

    def _progress(self, state: str) -> int:
        return self.states.index(state)

    def _row(self, event: str) -> Transition:
        row = self._rows.get(event)
        if row is None:
            raise InputError(f"event {event!r} is none of {self.name}: {', '.join(self._rows)}.")
        return row

    def _check_state(self, state: str) -> None:
        if state not in self._ahead:
            raise InputError(f"state {state!r} is none of {self.name}: {', '.join(self.states)}.")


def _reachable(initial: str, rows: tuple[Transition, ...]) -> dict[str, frozenset[str]]:
    """Return for each state those that one or more transitions lead to, states in the order of the table's targets."""
    states = dict.fromkeys((initial, *(row.target for row in rows)))
    direct = {state: {row.target for row in rows if state in row.sources} for state in states}
    ahead = {}
    for state in states:
        found: set[str] = set()
        frontier = direct[state]
        while frontier:
            found |= frontier
            frontier = {after for here in frontier for after in direct[here]} - found
        ahead[state] = frozenset(found)
    return ahead
