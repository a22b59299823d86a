"""The authorization request (OIDC Core section 3.1.2.1, RFC 6749 section 4.1.1 for GitHub)."""

import hashlib
from urllib.parse import urlencode

from poolhouse.house.provider import Kind, Provider
from poolhouse.kit.ambient import Entropy, urlsafe
from poolhouse.kit.jose import b64url

RANDOM_BYTES = 32


def authorization_request(
    provider: Provider,
    *,
    redirect_url: str,
    state: str,
    nonce: str,
    verifier: str,
    prompt: str | None = None,
    login_hint: str = "",
) -> str:
    """
    Always the code flow, always S256 (RFC 7636), always a nonce; *prompt* overrides what the provider is set to.

    What an administrator added comes first, so that nothing of it could stand in the place of ours.
    """
    settings, options = provider.settings, provider.options
    query = dict(options.parameters) | {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": redirect_url,
        "scope": settings.scope,
        "state": state,
        "code_challenge": b64url(hashlib.sha256(verifier.encode()).digest()).decode(),
        "code_challenge_method": "S256",
    }
    if provider.kind is not Kind.GITHUB:
        query["nonce"] = nonce
    if options.is_form_post and prompt is None:
        query["response_mode"] = "form_post"
    if options.max_age is not None and prompt is None:
        query["max_age"] = str(options.max_age)
    if options.hosted_domain:
        query["hd"] = options.hosted_domain
    if login_hint:
        query["login" if provider.kind is Kind.GITHUB else "login_hint"] = login_hint
    asked = options.prompt if prompt is None else prompt
    if asked:
        query["prompt"] = asked
    joint = "&" if "?" in settings.authorization_url else "?"
    return f"{settings.authorization_url}{joint}{urlencode(query)}"


def probe_request(provider: Provider, *, redirect_url: str, entropy: Entropy) -> str:
    """
    The same request for the house's own eyes; nothing is remembered, so its answer can sign nobody in.

    Its answer is read from a redirect, so it asks for no other mode.
    """
    state, nonce, verifier = (urlsafe(entropy, RANDOM_BYTES) for _ in range(3))
    return authorization_request(
        provider, redirect_url=redirect_url, state=state, nonce=nonce, verifier=verifier, prompt="none"
    )
