"""Where the extra is not installed, the package can be imported, and its use says what is missing."""

import sys

import pytest

from doorstep.connectors.nats import NatsRelay
from doorstep.foundation import InputError


def test_without_the_client_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "nats", None)
    with pytest.raises(InputError, match=r'needs nats, which is not installed.*pip install "doorstep\[nats\]"'):
        NatsRelay("nats://127.0.0.1:4222")
