"""
Providers of a file or a command are completed as the page does it: the issuer alone fills in the addresses.

The network is asked here, before the unit that writes.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.house.context import Context
from poolhouse.house.provider import Kind, Provider, find_provider
from poolhouse.house.settings.values import WrongSettings
from poolhouse.kit.ambient import Secret

_GROUP = "providers"


async def complete(ctx: Context, changes: Mapping[str, Any]) -> dict[str, Any]:
    """*changes* with what a provider's settings leave out; ``WrongSettings`` where its document cannot be read."""
    completed = dict(changes)
    for its_id in dict.fromkeys(path.split(".")[1] for path in changes if path.startswith(f"{_GROUP}.")):
        above = f"{_GROUP}.{its_id}.settings"
        given = {path.rpartition(".")[2]: value for path, value in changes.items() if path.rpartition(".")[0] == above}
        if not given:
            continue
        before = find_provider(ctx.live.document.providers, its_id)
        kind = changes.get(f"{_GROUP}.{its_id}.kind") or (before.kind.value if before else Kind.OIDC.value)
        found = await _settings(ctx, str(kind), given, before, above)
        completed |= {f"{above}.{name}": value for name, value in found.items() if name not in given}
    return completed


async def _settings(
    ctx: Context, kind: str, given: Mapping[str, Any], before: Provider | None, above: str
) -> dict[str, Any]:
    # aiohttp and joserfc take half a second and 12 MB, which a program that only starts should not pay.
    from poolhouse.house.rp import form, github, google  # noqa: PLC0415

    if kind != Kind.OIDC.value:
        if before is not None:
            return {}
        client_id, secret = str(given.get("client_id", "")), given.get("client_secret") or Secret("")
        if kind == Kind.GITHUB.value:
            base = str(given.get("issuer") or github.HOME)
            made = github.github_settings(client_id=client_id, client_secret=secret, base=base)
        else:
            made = google.google_settings(client_id=client_id, client_secret=secret)
        return msgspec.structs.asdict(made)
    saved = before.settings if before is not None else None
    if saved is not None and given.get("issuer", saved.issuer) != saved.issuer:
        # The addresses of another provider are not this one's.
        saved = None
    entered = form.shown(saved) if saved is not None else form.OidcForm()
    texts = {name: value for name, value in given.items() if name in form.LABELS and isinstance(value, str)}
    secret = given.get("client_secret")
    if isinstance(secret, Secret):
        texts["client_secret"] = secret.reveal()
    entered = msgspec.structs.replace(entered, **texts)
    if not form.needs_filling(entered):
        return {}
    entered, errors = await form.fill(ctx.relying.wire.http, entered, overwrite=False)
    errors = errors or form.check_form(entered, has_saved_secret=before is not None)
    if errors:
        raise WrongSettings({f"{above}.{name}": text for name, text in errors.items()})
    settled = await form.settle(ctx.relying.wire.http, entered, before.settings if before is not None else None)
    return msgspec.structs.asdict(settled)
