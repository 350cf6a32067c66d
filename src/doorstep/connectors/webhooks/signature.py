"""Signatures of Standard Webhooks 1.0.0: who holds the endpoint's secret knows that a message is ours and untouched.

References
----------
Standard Webhooks 1.0.0, https://www.standardwebhooks.com; the HMAC itself is made by its own package.
"""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

from doorstep.foundation import InputError

PREFIX = "whsec_"
FEWEST_BYTES, MOST_BYTES = 24, 64


def new_secret(random_bytes: bytes) -> str:
    """Return an endpoint's secret, ``whsec_`` and base64.

    Parameters
    ----------
    random_bytes
        24 to 64 bytes that nobody can guess, such as ``secrets.token_bytes(32)``.

    Raises
    ------
    InputError
        If there are fewer or more.
    """
    _check_length(random_bytes)
    return PREFIX + base64.b64encode(random_bytes).decode()


def sign(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers of a message, with one ``v1`` signature for each secret.

    While an endpoint's secret is rotated there are two, the new one first, so that a receiver may know either.

    Parameters
    ----------
    secrets
        As made by ``new_secret``.
    message_id
        The same for every attempt, so that the receiver can tell a repetition.
    timestamp
        When this attempt is sent [epoch s]; receivers refuse what is older than some minutes.
    body
        What is sent, byte for byte; UTF-8.

    Raises
    ------
    InputError
        If there is no secret, one is malformed, the message id is not made of visible ASCII without a full stop, or
        the body is not UTF-8.
    """
    if not secrets:
        raise InputError("a webhook needs one secret or more to be signed.")
    # The signed text joins its parts by full stops: an id with one could be read in two ways.
    if not message_id or not message_id.isascii() or not message_id.isprintable() or set(message_id) & set(". "):
        raise InputError(f"message_id {message_id!r} must be visible ASCII without a full stop.")
    try:
        text = body.decode()
    except UnicodeDecodeError as fault:
        raise InputError(f"the body of webhook {message_id} is not UTF-8: {fault}.") from fault
    moment = datetime.fromtimestamp(timestamp, UTC)
    signatures = [Webhook(_key(secret)).sign(message_id, moment, text) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def _key(secret: str) -> bytes:
    """Return the bytes of a secret; an error must not repeat the secret itself."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error) as fault:
        raise InputError(f"a webhook secret is not {PREFIX} and base64.") from fault
    if not secret.startswith(PREFIX):
        raise InputError(f"a webhook secret does not begin with {PREFIX}.")
    _check_length(key)
    return key


def _check_length(key: bytes) -> None:
    if not FEWEST_BYTES <= len(key) <= MOST_BYTES:
        raise InputError(f"a webhook secret has {len(key)} bytes; it must have {FEWEST_BYTES} to {MOST_BYTES}.")
