"""A login with an identity provider: where a person is sent, and who comes back."""

from contextlib import suppress

from joserfc.jwk import KeySet

from doorstep.connectors.oidc.settings import Client
from doorstep.connectors.oidc.tokens import UnknownKeyError, to_keys, verified_claims
from doorstep.connectors.oidc.translate import (
    WELL_KNOWN,
    Identity,
    Metadata,
    to_authorization_url,
    to_identity,
    to_metadata,
    to_token_request,
)
from doorstep.connectors.oidc.transport import Transport
from doorstep.foundation import InputError, UpstreamError


class Provider:
    """An identity provider, found by its issuer; authorization code flow with PKCE.

    Its keys are fetched with the first login and again when a token names a key that is new.
    """

    def __init__(self, metadata: Metadata, transport: Transport) -> None:
        self.metadata = metadata
        self._transport = transport
        self._client = transport.client
        self._keys: KeySet | None = None

    @classmethod
    def discover(cls, issuer: str, *, client: Client) -> "Provider":
        """Return the provider that an issuer describes.

        Raises
        ------
        UpstreamError
            If it does not answer, or describes something that doorstep cannot use.
        """
        transport = Transport(client)
        try:
            metadata = to_metadata(issuer, transport.get(issuer.rstrip("/") + WELL_KNOWN))
            for url in (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri):
                transport.check(url)
        except BaseException:
            transport.close()
            raise
        return cls(metadata, transport)

    def close(self) -> None:
        """Close the connections to the provider."""
        self._transport.close()

    def authorization_url(self, *, state: str, nonce: str, verifier: str, redirect_uri: str) -> str:
        """Return where the person's browser is sent.

        Parameters
        ----------
        state, nonce, verifier
            Made by chance for this login and kept in the person's session: 128 bits or more; the verifier as PKCE
            wants it, 43 to 128 characters.
        redirect_uri
            Where the browser comes back, as registered with the provider.

        Raises
        ------
        InputError
            If state or nonce is empty or the verifier malformed.
        """
        if not state or not nonce:
            raise InputError("a login needs a state and a nonce.")
        return to_authorization_url(
            self.metadata, self._client, state=state, nonce=nonce, verifier=verifier, redirect_uri=redirect_uri
        )

    def exchange(self, code: str, *, verifier: str, redirect_uri: str, nonce: str, now: int) -> Identity:
        """Return who logged in; the caller has compared the ``state`` that came with the code.

        Parameters
        ----------
        code
            What the browser came back with.
        verifier, redirect_uri, nonce
            Those of ``authorization_url``.
        now
            The present [epoch s].

        Raises
        ------
        InputError
            If the provider refuses the code.
        UpstreamError
            If the provider does not answer, or its id_token is not valid.
        """
        if not nonce:
            raise InputError("a login needs the nonce that it began with.")
        form, authorization = to_token_request(
            self.metadata, self._client, code=code, verifier=verifier, redirect_uri=redirect_uri
        )
        answer = self._transport.post(self.metadata.token_endpoint, form, authorization=authorization)
        if answer.content.get("error") == "invalid_grant":
            raise InputError(
                "the identity provider refuses the code of this login.",
                hint="Maybe the login took too long, or its page was loaded twice: log in again.",
            )
        token = answer.content.get("id_token")
        if answer.status != 200 or not isinstance(token, str):
            said = answer.content.get("error", "no id_token")
            raise UpstreamError(f"identity provider answered {answer.status} to the code of a login: {said}.")
        claims = self._claims(token, nonce=nonce, now=now)
        return to_identity(self.metadata.issuer, self._completed(claims, answer.content.get("access_token")))

    def _claims(self, token: str, *, nonce: str, now: int) -> dict[str, object]:
        """Return a token's checked claims; a key that is not known is looked for once more at the provider."""
        if self._keys is not None:
            with suppress(UnknownKeyError):
                return self._verified(token, self._keys, nonce=nonce, now=now)
        self._keys = to_keys(self._transport.get(self.metadata.jwks_uri))
        return self._verified(token, self._keys, nonce=nonce, now=now)

    def _verified(self, token: str, keys: KeySet, *, nonce: str, now: int) -> dict[str, object]:
        issuer, client_id = self.metadata.issuer, self._client.client_id
        return verified_claims(token, keys, issuer=issuer, client_id=client_id, nonce=nonce, now=now)

    def _completed(self, claims: dict[str, object], access_token: object) -> dict[str, object]:
        """Return the claims with email and name, which some providers tell at a second place only."""
        url = self.metadata.userinfo_endpoint
        wanted = "email" in self._client.scopes and "email" not in claims
        if not wanted or not url or not isinstance(access_token, str):
            return claims
        told = self._transport.get(url, bearer=access_token)
        if told.get("sub") != claims["sub"]:
            raise UpstreamError("the identity provider told about another person than the one who logged in.")
        return told | claims
