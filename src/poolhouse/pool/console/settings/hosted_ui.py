"""The OAuth settings of an app client: what its pages offer, and where browsers may return to."""

import re
from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems, of

FIELDS: Final = (
    "callback_urls", "logout_urls", "default_redirect", "providers", "grants", "scopes", "custom_scopes",
)  # fmt: skip
MOST_URLS: Final = 100
_BROWSER: Final = ("code", "implicit")
_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:[^\s]+")
_LOCAL: Final = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])([:/?].*)?", re.IGNORECASE)


def new() -> Form:
    """What the service's console proposes."""
    return of(providers="COGNITO", grants="code", scopes=["openid", "email", "phone"])


def check(form: Form, *, has_secret: bool) -> Problems:
    """Problems of an address are under ``callback_urls:<number>``, counted from 0."""
    problems: Problems = {}
    for name in ("callback_urls", "logout_urls"):
        _check_urls(form, name, problems)
    grants = form.every("grants")
    scopes = form.every("scopes") + form.every("custom_scopes")
    if not grants and (scopes or form.every("callback_urls")):
        problems["grants"] = "Choose a grant type, or take away the scopes and callback URLs: they need one."
    if grants and not scopes:
        problems["scopes"] = "Choose at least one scope."
    if set(grants) & set(_BROWSER):
        if not form.every("callback_urls"):
            problems["callback_urls"] = "Add the URL that people return to after they have signed in."
        if not form.every("providers"):
            problems["providers"] = "Choose at least one identity provider."
    if "client_credentials" in grants:
        _check_machine(form, problems, has_secret=has_secret)
    default = form.text("default_redirect")
    if default and default not in form.every("callback_urls"):
        problems["default_redirect"] = "It must be one of the callback URLs."
    return problems


def _check_urls(form: Form, name: str, problems: Problems) -> None:
    urls = form.every(name)
    for number, url in enumerate(urls):
        sentence = _wrong(url)
        if sentence:
            problems[f"{name}:{number}"] = sentence
    if len(urls) > MOST_URLS:
        problems[name] = f"An app client can have {MOST_URLS} of them."


def _wrong(url: str) -> str:
    if not _SCHEME.fullmatch(url):
        return "Enter a whole URL, such as https://app.example.com/callback."
    if "#" in url:
        return "A URL here has no part after a #."
    if url.lower().startswith("http:") and not _LOCAL.fullmatch(url):
        return "Use https: plain http is for localhost only."
    return ""


def _check_machine(form: Form, problems: Problems, *, has_secret: bool) -> None:
    if set(form.every("grants")) & set(_BROWSER):
        problems["grants"] = "Client credentials cannot be combined with the other grant types."
    elif not has_secret:
        problems["grants"] = "Client credentials need a client secret, and this app client has none."
    elif form.every("scopes"):
        problems["scopes"] = "Client credentials have custom scopes only: these are about a user."


def members(form: Form) -> dict[str, Any]:
    grants = list(form.every("grants"))
    return {
        "CallbackURLs": list(form.every("callback_urls")),
        "LogoutURLs": list(form.every("logout_urls")),
        "DefaultRedirectURI": form.text("default_redirect") or None,
        "SupportedIdentityProviders": list(form.every("providers")),
        "AllowedOAuthFlows": grants,
        "AllowedOAuthScopes": list(form.every("scopes") + form.every("custom_scopes")),
        "AllowedOAuthFlowsUserPoolClient": bool(grants),
    }


def filled(client: Mapping[str, Any], known_scopes: tuple[str, ...]) -> Form:
    scopes = client.get("AllowedOAuthScopes") or []
    return of(
        callback_urls=client.get("CallbackURLs") or [],
        logout_urls=client.get("LogoutURLs") or [],
        default_redirect=client.get("DefaultRedirectURI") or "",
        providers=client.get("SupportedIdentityProviders") or [],
        grants=client.get("AllowedOAuthFlows") or [],
        scopes=[scope for scope in scopes if scope in known_scopes],
        custom_scopes=[scope for scope in scopes if scope not in known_scopes],
    )
