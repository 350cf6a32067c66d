"""Which URLs may be called: a tenant must not reach anything but the public internet."""

from ipaddress import ip_address

import pytest

from doorstep.connectors.webhooks import resolve_public
from doorstep.connectors.webhooks.guard import Target, is_public, system_addresses
from doorstep.foundation import InputError, UpstreamError

PUBLIC = "93.184.215.14"


class Names:
    """A resolver with one answer after the other; it remembers what it was asked."""

    def __init__(self, *answers: list[str]):
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


def found(url: str, *addresses: str, allow_loopback: bool = False) -> Target:
    return resolve_public(url, allow_loopback=allow_loopback, resolver=Names(list(addresses)))


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://Shop.example/hooks", "shop.example", 443, "/hooks"),
        ("https://shop.example", "shop.example", 443, "/"),
        ("https://shop.example.:8443/a/b?c=d&e", "shop.example", 8_443, "/a/b?c=d&e"),
        ("https://shop.example?x=1", "shop.example", 443, "/?x=1"),
        ("https://[2606:4700::1]/x", "2606:4700::1", 443, "/x"),
    ],
)
def test_a_public_url_is_taken_apart(url, host, port, path):
    assert found(url, PUBLIC) == Target(secure=True, host=host, address=PUBLIC, port=port, path=path)


def test_the_first_address_is_called_and_the_name_is_resolved_once():
    names = Names([PUBLIC, "2606:4700::1"], ["127.0.0.1"])
    target = resolve_public("https://shop.example:444/", allow_loopback=False, resolver=names)
    assert (target.address, names.asked) == (PUBLIC, [("shop.example", 444)])


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.9",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::6440:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:a00:1::1",
        "2002:7f00:1::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_public_is_refused_whatever_it_is_dressed_as(address):
    assert not is_public(ip_address(address))
    with pytest.raises(InputError, match=r"^host shop\.example of the webhook URL has an address that is not public"):
        found("https://shop.example/", address)


@pytest.mark.parametrize(
    "address", [PUBLIC, "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1", "64:ff9b::101:101"]
)
def test_a_public_address_passes(address):
    assert found("https://shop.example/", address).host == "shop.example"


@pytest.mark.parametrize("others", [["10.0.0.1", PUBLIC], [PUBLIC, "10.0.0.1"], [PUBLIC, "2606:4700::1", "::1"]])
def test_one_address_that_is_not_public_among_others_is_enough(others):
    with pytest.raises(InputError, match="has an address that is not public"):
        found("https://shop.example/", *others)


def test_a_refusal_does_not_tell_the_address():
    with pytest.raises(InputError) as caught:
        found("https://intranet.example/", "10.20.30.40")
    assert "10.20" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001", "127.1"])
def test_loopback_in_any_spelling_is_refused_by_the_system_s_own_resolver(host):
    with pytest.raises((InputError, UpstreamError)):
        resolve_public(f"https://{host}/", allow_loopback=False, resolver=system_addresses)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://shop.example/", "has the scheme 'http'"),
        ("ftp://shop.example/", "has the scheme 'ftp'"),
        ("file:///etc/passwd", "has the scheme 'file'"),
        ("shop.example", "has the scheme ''"),
        ("//shop.example/", "has the scheme ''"),
        ("https://user@shop.example/", "must not hold a user"),
        ("https://user:secret@shop.example/", "must not hold a user"),
        ("https://shop.example@10.0.0.1/", "must not hold a user"),
        ("https://shop.example/#x", "must not hold a user, a password or a fragment"),
        ("https://shop.example/#", "must not hold a user, a password or a fragment"),
        ("https:///hooks", "names no host"),
        ("https://", "names no host"),
        ("https://shop.example:0/", "port 0"),
        ("https://shop.example:65536/", "malformed"),
        ("https://shop.example:x/", "malformed"),
        ("https://[::1/", "malformed"),
        ("https://[fe80::1%25eth0]/", "a host with a zone"),
        ("https://shop.example\\@10.0.0.1/", "visible ASCII without backslashes"),
        ("https://shop.example/a b", "visible ASCII"),
        ("https://shop.example/\r\nHost: inside", "visible ASCII"),
        ("https://shöp.example/", "visible ASCII"),
        ("https://shop.example/" + "a" * 2_048, "2048 characters at most"),
    ],
)
def test_a_url_that_is_malformed_or_not_https_is_refused_before_anything_is_resolved(url, said):
    names = Names([PUBLIC])
    with pytest.raises(InputError, match=said):
        resolve_public(url, allow_loopback=False, resolver=names)
    assert names.asked == []


@pytest.mark.parametrize("fault", [OSError("no such name"), UnicodeError("label too long")])
def test_a_name_that_cannot_be_resolved_is_refused(fault):
    def failing(host: str, port: int) -> list[str]:
        raise fault

    with pytest.raises(UpstreamError, match=r"host shop\.example of the webhook URL cannot be resolved"):
        resolve_public("https://shop.example/", allow_loopback=False, resolver=failing)


def test_an_answer_that_is_no_address_counts_as_none():
    with pytest.raises(UpstreamError, match="cannot be resolved"):
        found("https://shop.example/", "elsewhere")
    with pytest.raises(UpstreamError, match="has no address"):
        found("https://shop.example/")


@pytest.mark.parametrize(("url", "secure"), [("http://localhost:81/", False), ("https://localhost:81/", True)])
def test_on_trial_loopback_may_be_called_by_either_scheme(url, secure):
    target = found(url, "127.0.0.1", allow_loopback=True)
    assert (target.address, target.secure) == ("127.0.0.1", secure)


def test_on_trial_http_is_still_refused_for_anything_else():
    for addresses in ([PUBLIC], ["127.0.0.1", PUBLIC]):
        with pytest.raises(InputError, match="http is for loopback only"):
            found("http://shop.example/", *addresses, allow_loopback=True)


def test_on_trial_private_addresses_are_still_refused():
    for address in ("10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1"):
        with pytest.raises(InputError, match="not public"):
            found("https://shop.example/", address, allow_loopback=True)
