"""The offering of deliveries to contractors, one delivery a transaction."""

from collections import Counter

from doorstep.operations.contractors import Rule, bookings_to_offer, offer_booking
from doorstep.worker.task import Task

OFFER, OFFER_S, AT_ONCE = "offer_to_contractors", "offer_s", "at_once"


def offer(task: Task) -> None:
    """Offer what is due to whoever is next, and give to another carrier what nobody accepted."""
    rule = Rule(offer_s=int(str(task.job.payload[OFFER_S])), at_once=int(str(task.job.payload[AT_ONCE])))
    due = task.write(lambda connection: bookings_to_offer(connection, task.caller, now=task.now()))
    found: Counter[str] = Counter()
    for booking_id in due:
        task.check()
        found[_offered(task, booking_id, rule)] += 1
    task.repeat(lambda _connection: dict(found))


def _offered(task: Task, booking_id: str, rule: Rule) -> str:
    return task.write(lambda connection: offer_booking(connection, task.caller, booking_id, rule, now=task.now()))
