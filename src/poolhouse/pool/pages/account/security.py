"""``/account/security``: how the person signs in, at a glance."""

from poolhouse.kit.edge import Reply
from poolhouse.pool.core import first_factors
from poolhouse.pool.flows import own_factors
from poolhouse.pool.flows.facts import allowed_first
from poolhouse.pool.pages.account import factors, passkeys
from poolhouse.pool.pages.account.frame import Own, frame, show
from poolhouse.pool.pages.account.views import PasskeyItem, SecurityView


async def get(own: Own) -> Reply:
    """Password, second steps, passkeys."""
    entry, user = own.visit.site.entry, own.user
    with_password = own_factors.may_have_password(entry, user)
    view = SecurityView(
        frame=frame(own),
        password_href=own.href("password") if with_password else "",
        has_password=user.credentials.password_hash is not None,
        factor_action=own.visit.site.href("/account/factors"),
        ways=factors.ways(own),
        needs_password=not own_factors.held(own.visit.flow, entry, user).can_add,
        is_required=entry.pool.mfa.mfa_configuration == "ON",
        passkey_action=own.visit.site.href("/account/passkeys"),
        add_passkey_href=own.href("passkey") if passkeys.can_add(own) else "",
        passkeys=await _passkeys(own) if first_factors.WEB_AUTHN in allowed_first(entry.pool) else None,
    )
    return show(own, "security.html", view)


async def _passkeys(own: Own) -> tuple[PasskeyItem, ...]:
    found = await own_factors.list_passkeys(own.visit.flow, own.user)
    return tuple(
        PasskeyItem(id=each.id, name=each.name, created_at=each.created_ms // 1000, is_synced=each.is_synced)
        for each in found
    )
