"""Login of people through an identity provider, by OpenID Connect: authorization code with PKCE.

``Provider.discover`` finds the provider, ``authorization_url`` sends a person there, ``exchange`` says who came back.
"""

from doorstep.connectors.oidc.provider import Provider
from doorstep.connectors.oidc.settings import Client
from doorstep.connectors.oidc.translate import Identity

__all__ = ["Client", "Identity", "Provider"]
