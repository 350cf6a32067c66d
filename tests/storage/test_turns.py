"""Writers of one SQLite file take turns, also when they are two processes."""

import subprocess
import sys
from pathlib import Path

from sqlalchemy import insert, select, update

from doorstep.storage import Database
from doorstep.storage.schema import metadata
from doorstep.storage.schema.journal import relays
from doorstep.storage.turns import FileTurns

BOUND_S = 60
COUNT = """
import sys
from sqlalchemy import select, update
from doorstep.storage import Database
from doorstep.storage.schema.journal import relays
database = Database(sys.argv[1])
for _ in range(50):
    with database.writing() as connection:
        number = connection.execute(select(relays.c.event_no)).scalar_one()
        connection.execute(update(relays).values(event_no=number + 1))
"""
HOLD = """
import sys
from pathlib import Path
from doorstep.storage.turns import FileTurns
with FileTurns(Path(sys.argv[1])).taken():
    print("mine", flush=True)
    sys.stdin.read()
"""


def test_what_two_processes_read_and_write_back_is_never_lost(tmp_path):
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    database = Database(url)
    metadata.create_all(database.engine())
    with database.writing() as connection:
        connection.execute(insert(relays).values(name="n", event_no=0))
    others = [subprocess.Popen([sys.executable, "-c", COUNT, url]) for _ in range(2)]
    for _ in range(50):
        with database.writing() as connection:
            number = connection.execute(select(relays.c.event_no)).scalar_one()
            connection.execute(update(relays).values(event_no=number + 1))
    assert [other.wait(BOUND_S) for other in others] == [0, 0]
    with database.reading() as connection:
        assert connection.execute(select(relays.c.event_no)).scalar_one() == 150
    database.close()


def test_the_turn_of_a_process_that_dies_is_over(tmp_path):
    path: Path = tmp_path / "turns"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "mine\n"
    holder.kill()
    holder.communicate(timeout=BOUND_S)
    turns = FileTurns(path)
    with turns.taken():
        pass
    turns.close()
