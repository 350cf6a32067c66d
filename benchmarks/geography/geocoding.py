"""Geocoding: addresses of an extract, written with slips, and asked back.

``python3 -m benchmarks.geography.geocoding EXTRACT...`` prints a row an extract and one a slip.

An answer counts as found within 50 m of a point of the map that has this street and number (and this postal code and
town, where both have one). A wrong street told as exact is an answer of precision ``house`` on a street of another name
that is farther off; nearer, it is the same door, which maps often have under two spellings: those are counted apart. A
slip that happens to write another street of the map is no slip but another address, and is left out.
"""

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.geography.slips import SLIPS, Written, shortened, without_accents
from benchmarks.table import machine, print_table, write_json
from doorstep.connectors.osm.addresses import read_addresses
from doorstep.geography.addresses import AddressIndex, AddressTables, Answer, Precision, Question, find
from doorstep.geography.distance import haversine_m

WITHIN_M = 50
ONE_DOOR_M = 100
"""Nearer, another street of that number is the same door as somebody else spelt it: Asema-Aukio 2, Asemanaukio 2."""
GOAL_PCT = 95.0
NEIGHBOUR = "number beside"
ABSENT = "street not on the map"
ABSENT_SHARE = 0.1

Row = dict[str, object]


class Truth:
    """What the map says of its addresses, read without the index that is measured."""

    def __init__(self, tables: AddressTables) -> None:
        self.tables = tables
        text = tables.texts
        columns = (tables.street, tables.house_number, tables.postal_code, tables.city)
        self.written = [tuple(text[k] for k in row) for row in zip(*(c.tolist() for c in columns), strict=True)]
        self.asked = [k for k, (_, number, *_) in enumerate(self.written) if number and not tables.between[k]]
        self.at: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row, (street, number, *_) in enumerate(self.written):
            self.at[street, number].append(row)
        self.numbers: dict[str, set[str]] = defaultdict(set)
        for street, number, *_ in self.written:
            self.numbers[street].add(number)
        self.same: dict[str, set[str]] = defaultdict(set)  # names of one street
        for row in set(tables.way_names.tolist()):
            names = text[row].split(";")
            for name in names:
                self.same[name].update(names)
        self.streets = {plain(name) for name in (*self.numbers, *self.same)}

    def metres(self, row: int, answer: Answer) -> float:
        """Return how far an answer is from the nearest point of the address in a row."""
        street, number, code, city = self.written[row]
        rows = [
            other for other in self.at[street, number]
            if code in ("", self.written[other][2]) or not self.written[other][2]
            if city in ("", self.written[other][3]) or not self.written[other][3]
        ]  # fmt: skip
        house = self.tables.house
        if not np.isfinite(answer.lat):
            return float("inf")
        return min(haversine_m(answer.lat, answer.lon, float(house.lat[k]), float(house.lon[k])) for k in rows)

    def other_street(self, row: int, answer: Answer) -> bool:
        """Return whether an answer says that it is the house, on a street of another name."""
        street = self.written[row][0]
        names = {plain(name) for name in {street} | self.same[street]}
        return answer.precision is Precision.HOUSE and plain(answer.street) not in names


@cache
def plain(text: str) -> str:
    """Return a name shortened, in small letters without accents, signs and spaces: St. and Saint are one."""
    return "".join(c for c in without_accents(shortened(text)).casefold() if c.isalnum())


def measure(extract_path: Path, count: int = 1_000, seed: int = 1) -> Row:
    """Return what comes of ``count`` addresses of an extract, each written with one of the slips."""
    return summed(extract_path.name, measure_slips(extract_path, count, seed))


def measure_slips(extract_path: Path, count: int, seed: int) -> list[Row]:
    """Return a row for each kind of slip; every address is asked once, by parts and in one line by turns."""
    tables = read_addresses(extract_path)
    truth, index = Truth(tables), AddressIndex(tables)
    rng = np.random.default_rng(seed)
    if not truth.asked:
        return []
    chosen = rng.choice(truth.asked, size=count, replace=count > len(truth.asked)).tolist()
    kinds = [*SLIPS, NEIGHBOUR]
    tally: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    for turn, row in enumerate(chosen):
        kind = kinds[turn % len(kinds)]
        written = asked(truth, row, kind, rng)
        if written is None:
            tally[kind]["left_out"] += 1
            continue
        if turn // len(kinds) % 2 and not written.text:
            written = written.in_one_line()
        start = time.process_time()
        answer = find(index, question(written))
        tally[kind]["cpu_us"] += round(1e6 * (time.process_time() - start))
        note(tally[kind], truth, row, answer)
    rows = [as_row(kind, tally[kind]) for kind in kinds]
    return [*rows, absent(tables, truth, max(1, count // 5), rng)]


def asked(truth: Truth, row: int, kind: str, rng: np.random.Generator) -> Written | None:
    """Return an address with a slip; None where the slip is none or makes another address."""
    address = Written(*truth.written[row])
    if kind == NEIGHBOUR:
        digits = "".join(c for c in address.house_number if c.isdigit())
        if digits != address.house_number:
            return None
        free = [str(int(digits) + step) for step in (2, -2) if int(digits) + step > 0]
        free = [number for number in free if not any(taken(number, other) for other in truth.numbers[address.street])]
        return Written(address.street, free[0], address.postal_code, address.city) if free else None
    written = SLIPS[kind](address, rng)
    if plain(written.street) != plain(address.street) and plain(written.street) in truth.streets:
        return None
    return written


def taken(number: str, other: str) -> bool:
    """Return whether a number is another, or stands in it: 12 in 12a and in 10-14."""
    found = [int(digits) for digits in "".join(c if c.isdigit() else " " for c in other).split()]
    return int(number) in found or (len(found) == 2 and found[0] <= int(number) <= found[1])


def absent(tables: AddressTables, truth: Truth, count: int, rng: np.random.Generator) -> Row:
    """Return what comes of addresses on streets that the index has never seen."""
    names = sorted(truth.numbers)
    gone = {names[k] for k in rng.choice(len(names), max(1, int(len(names) * ABSENT_SHARE)), replace=False).tolist()}
    index = AddressIndex(without(tables, {plain(n) for name in gone for n in {name} | truth.same[name]}))
    rows = [row for row in truth.asked if truth.written[row][0] in gone]
    tally: Counter[str] = Counter()
    for row in rng.permutation(rows).tolist()[:count]:
        written = Written(*truth.written[row])
        note(tally, truth, row, find(index, question(written)))
    return as_row(ABSENT, tally)


def without(tables: AddressTables, gone: set[str]) -> AddressTables:
    """Return the tables without some streets."""
    left_out = np.array([bool({plain(n) for n in text.split(";")} & gone) for text in tables.texts])
    house, way = ~left_out[tables.street], ~left_out[tables.way_names]
    widths = np.diff(tables.way_starts)
    points = np.flatnonzero(np.repeat(way, widths))
    return AddressTables(
        texts=tables.texts,
        **{name: getattr(tables, name)[house] for name in ("house_number", "street", "postal_code", "city", "between")},
        house=tables.house.take(np.flatnonzero(house)),
        way_names=tables.way_names[way],
        way_postal_code=tables.way_postal_code[way],
        way_starts=np.concatenate([[0], np.cumsum(widths[way])]).astype(np.int64),
        way_points=tables.way_points.take(points),
        settlements=tables.settlements,
        postal_areas=tables.postal_areas,
    )


def question(written: Written) -> Question:
    """Return an address as it is asked."""
    return Question(
        text=written.text,
        street=written.street,
        house_number=written.house_number,
        postal_code=written.postal_code,
        city=written.city,
    )


def note(tally: Counter[str], truth: Truth, row: int, answer: Answer) -> None:
    """Count an answer."""
    metres = truth.metres(row, answer)
    near = metres <= WITHIN_M
    tally["asked"] += 1
    tally["near"] += near
    other = truth.other_street(row, answer)
    tally["wrong_street_exact"] += other and metres > ONE_DOOR_M
    tally["other_spelling_near"] += other and metres <= ONE_DOOR_M
    tally["house"] += answer.precision is Precision.HOUSE
    tally["no_doubt"] += not answer.doubts
    tally["far_without_doubt"] += not near and not answer.doubts


def as_row(kind: str, tally: Mapping[str, int]) -> Row:
    """Return a count as a row."""
    asked_of = tally.get("asked", 0)
    return {
        "slip": kind,
        "asked": asked_of,
        "within_50_m_pct": round(100 * tally.get("near", 0) / max(asked_of, 1), 1),
        "wrong_street_exact": tally.get("wrong_street_exact", 0),
        "other_spelling_near": tally.get("other_spelling_near", 0),
        "told_as_house": tally.get("house", 0),
        "without_doubt": tally.get("no_doubt", 0),
        "far_without_doubt": tally.get("far_without_doubt", 0),
        "left_out": tally.get("left_out", 0),
        "cpu_ms_each": round(tally.get("cpu_us", 0) / 1000 / max(asked_of, 1), 2),
    }


def summed(instance: str, rows: list[Row]) -> Row:
    """Return the rows of an extract as one; streets that are not on the map stand apart, as nothing is to be found."""
    slips = [row for row in rows if row["slip"] != ABSENT]
    total = sum(int(str(row["asked"])) for row in slips)
    near = sum(float(str(row["within_50_m_pct"])) * int(str(row["asked"])) for row in slips) / max(total, 1)
    wrong = sum(int(str(row["wrong_street_exact"])) for row in rows)
    return {
        "instance": instance,
        "solver": "doorstep",
        "addresses": total,
        "within_50_m_pct": round(near, 2),
        "wrong_street_exact": wrong,
        "absent_asked": sum(int(str(row["asked"])) for row in rows if row["slip"] == ABSENT),
        "far_without_doubt": sum(int(str(row["far_without_doubt"])) for row in slips),
        "cpu_ms_each": round(
            sum(float(str(r["cpu_ms_each"])) * int(str(r["asked"])) for r in slips) / max(total, 1), 2
        ),
        "violations": wrong + (total > 0 and near < GOAL_PCT),
    }


def main() -> int:
    """Run the benchmark on some extracts; exit code 1 if a goal is missed on one."""
    asked_for = argparse.ArgumentParser(prog="benchmarks.geography.geocoding", description=__doc__)
    asked_for.add_argument("extract", type=Path, nargs="+")
    asked_for.add_argument("--count", type=int, default=1_000)
    asked_for.add_argument("--seed", dest="seeds", type=int, action="append", help="repeatable; default 1")
    asked_for.add_argument("--json", type=Path)
    arguments = asked_for.parse_args()
    print(machine())
    rows: list[Row] = []
    for extract in arguments.extract:
        for seed in arguments.seeds or [1]:
            kinds = measure_slips(extract, arguments.count, seed)
            rows.append({**summed(extract.name, kinds), "seed": seed})
            print(f"\n{extract.name}, seed {seed}")
            print_table(kinds)
    print()
    print_table(rows)
    summary = {
        "within_50_m_least_pct": min((float(str(row["within_50_m_pct"])) for row in rows), default=0.0),
        "violations": sum(int(str(row["violations"])) for row in rows),
    }
    if arguments.json:
        write_json(arguments.json, "geography", rows, summary)
    return 1 if summary["violations"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
