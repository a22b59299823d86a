"""
The refresh token of a session that its owner has ended goes back to the provider (RFC 7009).

Beside the answer and only as far as it goes: nobody waits at sign-out for a provider that is slow, and a token that
could not be given back is known to nobody, since the session that held it is gone.
"""

from poolhouse.house.context import Context
from poolhouse.house.model import Session
from poolhouse.house.provider import OidcSettings, find_provider
from poolhouse.house.refresh_token import open_refresh_token
from poolhouse.kit.log import get_logger


def give_back(ctx: Context, session: Session, sealed_refresh_token: bytes | None) -> None:
    """Begin it, where there is a token and the provider says where."""
    if sealed_refresh_token is None:
        return
    provider = find_provider(ctx.live.document.providers, session.method)
    if provider is None or provider.settings.issuer != session.issuer or not provider.settings.revocation_url:
        return
    token = open_refresh_token(ctx.ring, sealed_refresh_token, session.key)
    if token is not None:
        ctx.relying.aside(_revoke(ctx, provider.settings, token))


async def _revoke(ctx: Context, settings: OidcSettings, token: str) -> None:
    # aiohttp, see context.Relying.
    from poolhouse.house.rp.tokens import revoke  # noqa: PLC0415

    if not await revoke(ctx.relying.wire.http, settings, token=token):
        get_logger().warning("a refresh token was not revoked", program="house", issuer=settings.issuer)
