"""The part of ``doorstep demo`` with an order by every method, from the promise to the proof and the margin."""

from pathlib import Path

from doorstep.cli.methods_day import MethodsDay
from doorstep.console.words import money, when
from doorstep.foundation import InternalError
from doorstep.simulation.sample import find_city
from doorstep.storage import Database
from doorstep.storage.check import check_books
from doorstep.storage.migrations import upgrade

CITY = "Denver, US"


def demo_methods(path: Path) -> None:
    """Print what became of an order by every method; an earlier database in this place is replaced."""
    for leftover in path.parent.glob(path.name + "*"):
        leftover.unlink()
    database, city = Database(f"sqlite:///{path}"), find_city(CITY)
    upgrade(database)
    day = MethodsDay(database, city)
    print("   What may be promised for a book at one door (POST /v1/options):")
    for line in day.options():
        print(f"     {line}")
    day.order()
    day.live()
    print("   An order by each, and what it left when all had come:")
    for one in day.told():
        came = when(one.came_at, city.time_zone) if one.came_at else "not yet"
        fee, left = money(one.fee_minor, city.currency), money(one.margin_minor, city.currency)
        print(f"     {one.name:18} fee {fee:>7}  {came}  {one.by}; {one.proof}; left {left}")
    with database.reading() as connection:
        faults = check_books(connection)
    database.close()
    if faults:
        raise InternalError(f"the books have {len(faults)} faults, first: {faults[0]}.")
    print(f"   The books agree (doorstep db check --database-url sqlite:///{path}).")
