"""What transactions share so as not to build it again."""

from functools import partial
from threading import Barrier, Event, Thread

import pytest

from doorstep.storage.connection import Key, Memory


def built_again(memory: Memory, *keys: Key) -> list[Key]:
    """Return the keys whose object had to be built, asked for in this order."""
    built: list[Key] = []
    for key in keys:
        memory.get(key, partial(built.append, key))
    return built


def test_what_was_not_asked_for_the_longest_leaves_first():
    memory = Memory(most=2)
    a, b, c = (("network", tenant, 1) for tenant in "abc")
    built_again(memory, a, b, a, c)
    assert built_again(memory, a, c) == []
    assert built_again(memory, b) == [b]


def test_what_is_made_every_minute_pushes_no_networks_out():
    memory = Memory(most=3)
    networks = [("network", tenant, 1) for tenant in "abc"]
    built_again(memory, *networks, *(("windows", tenant, 1, minute) for minute in range(9) for tenant in "abc"))
    assert built_again(memory, *networks) == []


def test_what_was_built_from_an_older_version_leaves_and_makes_room():
    memory = Memory(most=2)
    mine, yours = [("network", "a", version) for version in (1, 2, 3)], ("network", "b", 1)
    built_again(memory, yours, *mine)
    assert built_again(memory, mine[-1], yours) == []
    assert built_again(memory, mine[0]) == [mine[0]]


def test_threads_that_push_each_others_objects_out_all_get_theirs():
    memory = Memory(most=1)
    lacking: list[int] = []

    def ask(tenant: str) -> None:
        lacking.extend(n for n in range(3_000) if memory.get(("network", tenant, 1), lambda: tenant) != tenant)

    threads = [Thread(target=ask, args=(tenant,)) for tenant in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lacking == []


def test_what_many_threads_ask_for_at_once_is_built_once():
    memory, built, together, found = Memory(), [], Barrier(4), []
    asked = Event()

    def build() -> int:
        asked.wait(5)
        built.append(1)
        return 7

    def ask() -> None:
        together.wait()
        found.append(memory.get(("windows", "a", 1, 60), build))

    threads = [Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    together.wait()
    asked.set()
    for thread in threads:
        thread.join()
    assert (found, built) == ([7, 7, 7], [1])


def test_what_could_not_be_built_is_tried_again_by_the_next_one():
    memory, key = Memory(), ("windows", "a", 1, 60)

    def fail() -> int:
        raise ValueError

    with pytest.raises(ValueError):
        memory.get(key, fail)
    assert memory.get(key, lambda: 7) == 7
