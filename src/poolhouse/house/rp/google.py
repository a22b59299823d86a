"""Google: OpenID Connect at fixed addresses, as its own discovery document names them."""

from poolhouse.house.provider import OidcSettings
from poolhouse.kit.ambient import Secret

ISSUER = "https://accounts.google.com"


def google_settings(*, client_id: str, client_secret: Secret) -> OidcSettings:
    """Everything but the client is the same for everybody (https://accounts.google.com/.well-known/openid-configuration)."""
    return OidcSettings(
        client_id=client_id,
        client_secret=client_secret,
        authorization_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        userinfo_url="https://openidconnect.googleapis.com/v1/userinfo",
        jwks_url="https://www.googleapis.com/oauth2/v3/certs",
        issuer=ISSUER,
        # RFC 9207: not promised by Google; checked when it is there.
        token_auth="client_secret_post",  # noqa: S106 - a method's name
    )
