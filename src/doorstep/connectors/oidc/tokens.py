"""Whether an id_token is the provider's word, to us, about this login, and still good.

Only RS256 and ES256: a token that says ``none``, or signs with a public key as if it were a secret, is no token.
"""

from collections.abc import Mapping

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet, import_key
from joserfc.jws import JWSRegistry

from doorstep.connectors.oidc.translate import ALGORITHMS
from doorstep.foundation import UpstreamError

KINDS = frozenset({"RSA", "EC"})
LEEWAY_S = 60
"""How far the provider's clock may be off."""


class UnknownKeyError(UpstreamError):
    """The token names a key that is not among those known; the provider may have a new one."""


def to_keys(said: Mapping[str, object]) -> KeySet:
    """Return the keys of a provider that can sign an id_token; what is malformed or for something else is left out.

    Raises
    ------
    UpstreamError
        If none is left.
    """
    listed = said.get("keys")
    keys = [key for entry in (listed if isinstance(listed, list) else []) if (key := _key(entry)) is not None]
    if not keys:
        raise UpstreamError("the identity provider publishes no key for RS256 or ES256.")
    return KeySet(keys)


def verified_claims(
    token: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str, now: int
) -> dict[str, object]:
    """Return what a token says, once its signature, issuer, audience, time and nonce are checked.

    Raises
    ------
    UnknownKeyError
        If it is signed by a key that is not among ``keys``.
    UpstreamError
        If it is not valid.

    References
    ----------
    OpenID Connect Core 1.0, 3.1.3.7.
    """
    try:
        # Providers add headers of their own; what is marked critical is still refused.
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS, registry=registry).claims
        jwt.JWTClaimsRegistry(
            now=now,
            leeway=LEEWAY_S,
            iss={"essential": True, "value": issuer},
            sub={"essential": True},
            aud={"essential": True, "value": client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
    except InvalidKeyIdError as unknown:
        raise UnknownKeyError(f"the id_token is signed by a key that is not known: {unknown}.") from unknown
    except (JoseError, ValueError) as fault:
        raise UpstreamError(f"the id_token is not valid: {fault}.") from fault
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if claims.get("azp", None if several else client_id) != client_id:
        raise UpstreamError("the id_token is not valid: its authorized party is another client.")
    return dict(claims)


def _key(entry: object) -> Key | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig" or entry.get("kty") not in KINDS:
        return None
    try:
        return import_key(entry)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
