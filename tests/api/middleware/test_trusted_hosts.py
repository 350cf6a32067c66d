"""Only known hosts are served."""

import pytest

from doorstep.api.middleware.trusted_hosts import host_of
from tests.api.shell import client

HOSTS = "shop.example,*.example.org,[::1]"


@pytest.mark.parametrize(
    "host",
    [
        "shop.example",
        "SHOP.example",
        "shop.example:8000",
        "a.example.org",
        "a.b.example.org:1",
        "[::1]",
        "[::1]:80",
        "public.example",
    ],
)
def test_a_known_host_is_served(host):
    shell = client(trusted_hosts=HOSTS, public_url="https://public.example/x")
    assert shell.get("/v1/orders/7", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["example.org", "evilexample.org", "shop.example.evil", "", "[::2]", "shop.example@evil"]
)
def test_any_other_is_refused(host):
    answer = client(trusted_hosts=HOSTS).get("/v1/orders/7", headers={"host": host})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_host")


def test_probes_come_under_any_address():
    assert client(trusted_hosts=HOSTS).get("/healthz", headers={"host": "10.1.2.3:8000"}).status_code == 200


def test_a_star_serves_any_host():
    assert client(trusted_hosts="*").get("/v1/orders/7", headers={"host": "any"}).status_code == 200


@pytest.mark.parametrize(
    ("value", "host"), [("A.b:80", "a.b"), ("a", "a"), ("[::1]", "[::1]"), ("[::1]:80", "[::1]"), ("", ""), (":80", "")]
)
def test_the_port_is_no_part_of_the_host(value, host):
    assert host_of(value) == host
