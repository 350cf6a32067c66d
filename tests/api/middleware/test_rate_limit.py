"""Each key and each address has its share; who asks too often is told when to come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.api.middleware.buckets import Allowance, Buckets
from doorstep.api.middleware.rate_limit import network_of
from tests.api.shell import Hand, client

LIMITS = {
    "rate_limit_per_s": 2.0,
    "rate_limit_burst": 3,
    "address_rate_limit_per_s": 0.5,
    "address_rate_limit_burst": 1,
}
URL = "/v1/orders/7"


def test_a_burst_is_served_and_the_next_request_is_not():
    shell = client(**LIMITS)
    answers = [shell.get(URL, headers={"x-key": "k1"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[3].json()["code"] == "rate_limited"
    assert answers[3].headers["retry-after"] == "1"


def test_the_fields_say_what_is_left_in_both_ways():
    headers = client(**LIMITS).get(URL, headers={"x-key": "k1"}).headers
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("3", "2")
    assert (headers["ratelimit-policy"], headers["ratelimit"]) == ('"key";q=3;w=2', '"key";r=2;t=0')


def test_after_a_pause_there_is_room_again():
    hand = Hand()
    shell = client(hand=hand, **LIMITS)
    assert [shell.get(URL).status_code for _ in range(2)] == [200, 429]
    hand.at += 1.9
    assert shell.get(URL).headers["retry-after"] == "1"
    hand.at += 0.2
    assert shell.get(URL).status_code == 200


def test_one_key_does_not_take_the_share_of_another():
    shell = client(**LIMITS)
    for _ in range(4):
        shell.get(URL, headers={"x-key": "k1"})
    assert shell.get(URL, headers={"x-key": "k2"}).status_code == 200


def test_who_must_be_looked_up_has_the_share_of_the_address_for_it():
    shell = client(**LIMITS)
    first = shell.get(URL, headers={"x-key": "k1?"})
    assert (first.status_code, first.headers["ratelimit-policy"]) == (200, '"key";q=3;w=2')
    second = shell.get(URL, headers={"x-key": "k2?"})
    assert (second.status_code, second.headers["ratelimit-policy"]) == (429, '"address";q=1;w=2')
    assert shell.get(URL, headers={"x-key": "k1"}).status_code == 200  # is known by now


def test_a_guess_costs_one_token_and_not_two():
    shell = client(**LIMITS | {"address_rate_limit_burst": 2})
    assert [shell.get(URL, headers={"x-key": "?"}).status_code for _ in range(3)] == [200, 200, 429]


def test_problems_cost_a_token_and_have_the_fields():
    answer = client(**LIMITS).get("/v1/nothing")
    assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (404, "0")


def test_failures_have_the_fields_as_well():
    answer = client(failure=RuntimeError(), **LIMITS).post(URL, json={"lines": []})
    assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (500, "0")


def test_probes_are_free():
    shell = client(**LIMITS)
    assert [shell.get("/healthz").status_code for _ in range(5)] == [200] * 5


@given(st.lists(st.floats(0, 10), max_size=60), st.integers(1, 5), st.floats(0.1, 5))
def test_nobody_gets_more_than_the_burst_and_what_drips(pauses, burst, per_s):
    hand = Hand()
    buckets = Buckets(hand)
    allowance = Allowance(per_s=per_s, burst=burst)
    served = 0
    for pause in pauses:
        hand.at += pause
        served += buckets.spend("k", allowance).allowed
    assert served <= burst + (hand.at - 100.0) * per_s + 1e-6


@given(st.integers(1, 5), st.floats(0.1, 5))
def test_who_waits_as_told_is_served(burst, per_s):
    hand = Hand()
    buckets = Buckets(hand)
    allowance = Allowance(per_s=per_s, burst=burst)
    while (verdict := buckets.spend("k", allowance)).allowed:
        pass
    hand.at += verdict.retry_after_s
    assert buckets.spend("k", allowance).allowed


def test_the_memory_is_bounded_and_keeps_the_most_recent_callers():
    buckets = Buckets(Hand(), most_callers=2)
    allowance = Allowance(per_s=1, burst=1)
    for caller in ("a", "b", "a", "c"):
        buckets.spend(caller, allowance)
    assert len(buckets) == 2
    assert not buckets.spend("a", allowance).allowed
    assert buckets.spend("b", allowance).allowed  # was forgotten


@pytest.mark.parametrize(
    ("client_address", "network"),
    [
        (("203.0.113.9", 1), "203.0.113.9"),
        (("2001:db8:1:2:3::4", 1), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 1), "fe80::/64"),
        (("::ffff:203.0.113.9", 1), "203.0.113.9"),
        (("testclient", 1), "testclient"),
        (None, "unknown"),
    ],
)
def test_an_ipv6_customer_has_one_bucket_for_all_his_addresses(client_address, network):
    assert network_of({"client": client_address}) == network
