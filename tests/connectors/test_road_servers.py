"""Travel times of road servers, OSRM and Valhalla alike: tables, pairs, and what goes wrong."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from doorstep.connectors import osrm, valhalla
from doorstep.connectors.road_server import ServerTimes
from doorstep.foundation import DoorstepError, InputError, UpstreamError
from doorstep.geography import Places
from tests.connectors import road_servers
from tests.connectors.road_servers import Desk, opened

ISLAND = (-70.0, 20.0)
SEA = (61.0, 20.0)


def places(*points: tuple[float, float]) -> Places:
    return Places(lat=np.array([p[0] for p in points], dtype=float), lon=np.array([p[1] for p in points], dtype=float))


def city(count: int, seed: int = 0) -> Places:
    rng = np.random.default_rng(seed)
    return Places(lat=np.round(43 + rng.random(count), 5), lon=np.round(7 + rng.random(count), 5))


def told(origins: Places, destinations: Places) -> tuple[np.ndarray, np.ndarray]:
    """Return what the rule of the servers says, in whole metres and seconds."""
    ends = [list(zip(each.lat.tolist(), each.lon.tolist(), strict=True)) for each in (origins, destinations)]
    way = np.array([[road_servers.metres(a, b) for b in ends[1]] for a in ends[0]], dtype=float)
    return np.rint(way).astype(int), (way // 10).astype(int)


@pytest.fixture(params=["osrm", "valhalla"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desk(kind: str) -> Iterator[Desk]:
    with opened(getattr(road_servers, kind)) as there:
        yield there


def connected(desk: Desk, **keys: Any) -> ServerTimes:
    keys = {"base_url": desk.address, "block": 4, "at_once": 1, "timeout_s": 5.0, **keys}
    if desk.rule is road_servers.osrm:
        return osrm.osrm_times(osrm.Server(**keys))
    return valhalla.valhalla_times(valhalla.Server(**keys))


@pytest.fixture
def times_of() -> Iterator[Callable[..., ServerTimes]]:
    """Return what makes travel times of a desk; they are closed after the test."""
    made: list[ServerTimes] = []

    def times_of(desk: Desk, **keys: Any) -> ServerTimes:
        made.append(connected(desk, **keys))
        return made[-1]

    yield times_of
    for times in made:
        times.close()


@pytest.mark.parametrize(("rows", "columns"), [(11, 11), (1, 20), (20, 1), (2, 9), (9, 3), (4, 4)])
def test_a_table_comes_in_blocks_and_is_what_the_server_says(desk, rows, columns, times_of):
    origins, destinations = city(rows), city(columns, seed=1)
    metres, seconds = times_of(desk, at_once=3).table(origins, destinations)
    assert (metres.tolist(), seconds.tolist()) == tuple(each.tolist() for each in told(origins, destinations))
    assert max(o + d for o, d in desk.tables) <= 8
    assert max(o * d for o, d in desk.tables) <= 16


def test_a_matrix_has_whole_numbers_and_nothing_on_its_diagonal(desk, times_of):
    metres, seconds = times_of(desk).matrix(city(6))
    assert (metres.dtype, seconds.dtype) == (np.int64, np.int64)
    assert not np.diag(metres).any()
    assert not np.diag(seconds).any()
    assert (metres != metres.T).any()


def test_pairs_are_those_of_the_table_in_the_order_of_their_rows(desk, times_of):
    points, rng = city(12), np.random.default_rng(3)
    a, b = rng.integers(0, 12, 200), rng.integers(0, 12, 200)
    metres, seconds = times_of(desk).between(points.take(a), points.take(b))
    all_m, all_s = told(points, points)
    assert (metres == all_m[a, b]).all()
    assert (seconds == all_s[a, b]).all()
    assert max(o + d for o, d in desk.tables) <= 8


def test_pairs_of_one_origin_are_one_table(desk, times_of):
    times_of(desk).between(city(1).take(np.zeros(14, dtype=int)), city(7, seed=1).take(np.arange(14) % 7))
    assert desk.tables == [(1, 7)]


def test_pairs_that_lie_together_share_tables(desk, times_of):
    here, there = city(4), Places(lat=city(4, seed=1).lat + 9, lon=city(4, seed=1).lon + 9)
    a, b = np.divmod(np.arange(16), 4)
    origins = Places(lat=np.concatenate([here.lat[a], there.lat[a]]), lon=np.concatenate([here.lon[a], there.lon[a]]))
    ends = Places(lat=np.concatenate([here.lat[b], there.lat[b]]), lon=np.concatenate([here.lon[b], there.lon[b]]))
    mixed = np.random.default_rng(1).permutation(32)
    times_of(desk).between(origins.take(mixed), ends.take(mixed))
    assert desk.tables == [(4, 4), (4, 4)]


def test_pairs_are_remembered_and_the_oldest_forgotten_first(desk, times_of):
    times, points = times_of(desk, remembered=2), city(3)

    def asked_for(row: int) -> int:
        before, here = len(desk.asked), points.take(np.array([row]))
        metres, _ = times.between(here, points.take(np.array([0])))
        assert metres.tolist() == told(here, points)[0][0, :1].tolist()
        return len(desk.asked) - before

    assert [asked_for(row) for row in (0, 1, 2)] == [1, 1, 1]
    assert [asked_for(row) for row in (2, 1)] == [0, 0]
    assert asked_for(0) == 1


def test_nothing_is_remembered_if_that_is_asked(desk, times_of):
    times, points = times_of(desk, remembered=0), city(2)
    for _ in range(2):
        times.between(points, points)
    assert len(desk.tables) == 2


def test_nothing_is_asked_for_no_points(desk, times_of):
    none = city(0)
    times = times_of(desk)
    assert times.matrix(none)[0].shape == (0, 0)
    assert times.table(none, city(3))[1].shape == (0, 3)
    assert times.between(none, none)[0].shape == (0,)
    assert times.snapped_m(none).shape == (0,)
    assert desk.asked == []


def test_how_far_points_lie_from_their_street_is_told(desk, times_of):
    points = places((43.0, 7.0), SEA, *[(44.0, lon) for lon in range(20)])
    assert times_of(desk).snapped_m(points).tolist() == [5, 9_000] + [5] * 20


@pytest.mark.parametrize("how", ["table", "between"])
def test_all_points_far_from_any_street_are_named_in_one_message(desk, how, times_of):
    many = places(*[(43.0 + row / 100, 7.0) for row in range(9)], SEA, (43.0, 8.0), (62.0, 20.0))
    with pytest.raises(InputError) as caught:
        getattr(times_of(desk), how)(many, many)
    assert str(caught.value).startswith(
        "2 points are farther than 2,000 m from any street: row 9 (61.00000, 20.00000) by 9,000 m, "
        "row 11 (62.00000, 20.00000) by 9,000 m."
    )


def test_points_may_lie_as_far_from_a_street_as_is_allowed(times_of):
    with opened(road_servers.osrm) as desk:
        metres, _ = times_of(desk, within_m=9_000).matrix(places(SEA, (61.0, 20.001)))
    assert metres.tolist() == [[0, 100], [100, 0]]


def test_pairs_without_a_way_are_named(desk, times_of):
    with pytest.raises(InputError) as caught:
        times_of(desk).between(places((43, 7), ISLAND, (43, 8)), places((44, 7), (44, 8), (45, 8)))
    assert "1 pairs have no way between them: from row 1 (-70.00000, 20.00000) to row 1 (44" in str(caught.value)
    with pytest.raises(InputError, match=r"^20 pairs have no way .*, and 10 more\."):
        times_of(desk).matrix(places(*[(43 + row / 100, 7) for row in range(10)], ISLAND))


def test_a_table_larger_than_is_sensible_is_refused_before_anything_is_asked(desk, times_of):
    nowhere = Places(lat=np.zeros(20_001), lon=np.zeros(20_001))
    with pytest.raises(InputError, match=r"20,001 x 20,001 places is larger than 20,000 squared"):
        times_of(desk).matrix(nowhere)
    assert desk.asked == []


@pytest.mark.parametrize("lost", [(np.nan, 7.0), (91.0, 7.0), (43.0, np.inf), (43.0, -181.0)])
def test_points_that_are_nowhere_are_refused_before_anything_is_asked(desk, lost, times_of):
    for ask in (times_of(desk).matrix, times_of(desk).snapped_m):
        with pytest.raises(InputError, match=r"^1 points have no place on the earth: row 1"):
            ask(places((43, 7), lost))
    assert desk.asked == []


def test_as_many_origins_as_destinations_are_wanted(desk, times_of):
    with pytest.raises(InputError, match=r"^2 origins and 3 destinations must be as many"):
        times_of(desk).between(city(2), city(3))


@pytest.mark.parametrize("fault", [(500, b"{}"), (503, b"<html>"), (200, b"not JSON"), (200, b""), (408, b"{}")])
def test_a_server_that_fails_is_asked_once_more(desk, fault, times_of):
    desk.first = [fault]
    points = city(3)
    assert times_of(desk).matrix(points)[0].tolist() == told(points, points)[0].tolist()
    assert len(desk.asked) == 2


@pytest.mark.parametrize("fault", [(500, b"{}"), (503, b"<html>"), (200, b"not JSON"), (200, b"[1, 2"), (302, b"{}")])
def test_a_server_that_fails_again_and_again_fails_the_table(desk, fault, times_of):
    desk.always = fault
    with pytest.raises(UpstreamError) as caught:
        times_of(desk, tries=3).matrix(city(30))
    assert len(desk.asked) == 3
    assert "43." not in str(caught.value)  # where customers live is not for logs


def test_a_server_that_hangs_fails_the_table_after_its_time(desk, times_of):
    desk.hangs = True
    with pytest.raises(UpstreamError, match="does not answer"):
        times_of(desk, timeout_s=0.05, tries=1).matrix(city(3))


def test_nobody_there_is_told_as_such(desk, times_of):
    with pytest.raises(UpstreamError, match="does not answer"):
        times_of(desk, base_url="http://127.0.0.1:9").matrix(city(2))


@pytest.mark.parametrize(
    "said",
    [
        b'{"code": "Ok"}',
        b'{"code": "Ok", "durations": [[0]], "distances": [[0]], "sources": [], "destinations": []}',
        b'{"code": "Ok", "durations": "0", "distances": {}, "sources": 1, "destinations": 2}',
        b'{"code": "NoTable", "durations": [[0, 1], [1, 0]]}',
        b'{"sources_to_targets": [[{"time": 3}, null], [1, 2]]}',
        b'{"sources_to_targets": {"durations": [[0, 1], [1, 0]], "distances": [[0, 1e300], [1, 0]]}}',
        b'{"sources_to_targets": {"durations": [[0, 1], [1]], "distances": [[0, 1], [1, 0]]}}',
        b'{"sources_to_targets": {"durations": [[0, "x"], [1, 0]], "distances": [[0, 1], [1, 0]]}}',
    ],
)
def test_answers_that_are_not_the_table_asked_for_are_no_answers(desk, said, times_of):
    desk.always = (200, said)
    with pytest.raises(UpstreamError):
        times_of(desk).matrix(city(2))


def test_a_server_that_asks_to_wait_is_not_pressed(desk, times_of):
    desk.always = (429, b"{}")
    with pytest.raises(UpstreamError, match="has no time"):
        times_of(desk).matrix(city(2))
    assert len(desk.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_not_asked_again(desk, status, times_of):
    desk.always = (status, b'{"code": "InvalidUrl", "message": "URL string malformed", "error": "Failed to parse"}')
    with pytest.raises(DoorstepError, match=rf"refuses .*{status}"):
        times_of(desk).matrix(city(20))
    assert len(desk.asked) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("block", 1),
        ("block", 401),
        ("within_m", 0),
        ("timeout_s", 0),
        ("tries", 0),
        ("at_once", 0),
        ("remembered", -1),
        ("base_url", "http://roads.example"),
        ("base_url", "http://8.8.8.8:5000"),
        ("base_url", "ftp://127.0.0.1"),
        ("base_url", ""),
    ],
)
@pytest.mark.parametrize("server", [osrm.Server, valhalla.Server])
def test_settings_that_make_no_sense_are_refused(server, name, value):
    with pytest.raises(InputError, match=name):
        server(**{"base_url": "https://roads.example", name: value})


@pytest.mark.parametrize("url", ["https://r.example", "http://osrm:5000", "http://10.1.2.3", "http://[::1]:5000"])
@pytest.mark.parametrize("server", [osrm.Server, valhalla.Server])
def test_own_servers_may_speak_without_encryption(server, url):
    assert server(base_url=url).base_url == url


def test_profiles_and_costings_are_words():
    with pytest.raises(InputError, match="profile"):
        osrm.Server(base_url="http://osrm:5000", profile="../x")
    with pytest.raises(InputError, match="costing"):
        valhalla.Server(base_url="http://valhalla:8002", costing="a b")
    with pytest.raises(InputError, match="options"):
        valhalla.Server(base_url="http://valhalla:8002", options=[])  # type: ignore[arg-type]
