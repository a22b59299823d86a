"""
Would a sign-in work now?  Asked of each of the provider's URLs as far as that goes without a person.

The token endpoint is sent a code that nobody issued: ``invalid_grant`` means that it knows this client and its
secret, ``invalid_client`` that it does not.  UserInfo is sent a token that nobody issued, and must refuse it.
"""

from poolhouse.house.provider import Kind, OidcSettings, Provider
from poolhouse.house.rp import github, tokens
from poolhouse.house.rp.client import Wire
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.house.rp.probe import Probe
from poolhouse.house.rp.request import probe_request
from poolhouse.kit.ambient import Entropy, urlsafe
from poolhouse.kit.outgoing import Unreachable


async def check_provider(
    wire: Wire, probe: Probe, provider: Provider, *, redirect_url: str, entropy: Entropy
) -> list[Failure]:
    """What would go wrong, in the order in which a sign-in would meet it."""
    settings = provider.settings
    request = probe_request(provider, redirect_url=redirect_url, entropy=entropy)
    found = [await probe.check(settings, request_url=request, redirect_url=redirect_url)]
    if provider.kind is Kind.GITHUB:
        code = urlsafe(entropy, 32)
        found.append(await github.check(wire.http, settings, code=code, redirect_url=redirect_url))
        return [failure for failure in found if failure is not None]
    found += [
        await _check_token_endpoint(wire, settings, redirect_url, entropy),
        await wire.keys.check(settings.jwks_url),
        await _check_userinfo(wire, settings, entropy),
    ]
    return [failure for failure in found if failure is not None]


async def _check_token_endpoint(
    wire: Wire, settings: OidcSettings, redirect_url: str, entropy: Entropy
) -> Failure | None:
    code, verifier = urlsafe(entropy, 32), urlsafe(entropy, 32)
    try:
        await tokens.redeem(wire.http, settings, code=code, verifier=verifier, redirect_url=redirect_url)
    except SignInFailed as failed:
        return None if failed.failure is Failure.CODE_REFUSED else failed.failure
    return Failure.TOKEN_UNREADABLE


async def _check_userinfo(wire: Wire, settings: OidcSettings, entropy: Entropy) -> Failure | None:
    try:
        answer = await wire.http.get(settings.userinfo_url, accept="application/json", bearer=urlsafe(entropy, 32))
    except Unreachable:
        return Failure.USERINFO_UNREACHABLE
    if answer.status in {404, 405, 410} or 300 <= answer.status < 400:
        return Failure.USERINFO_NOT_FOUND
    return Failure.USERINFO_UNREADABLE if answer.status == 200 else None
