"""What is worth remembering about who did what: written in the same unit as the deed."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from poolhouse.house.context import Context
from poolhouse.house.model import Account, AuditEvent
from poolhouse.house.store.audit import id_at, put_event
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import hex_token
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.seal import KeyRing

TEXT_LIMIT = 2000
COMMAND_LINE = "command line"
"""The actor of what was done on the machine itself."""
ITSELF = "the house"
"""The actor of what nobody asked for."""


class Event(Enum):
    """The value is stored; the label is in ``LABELS``."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    ACCOUNT_CREATED = "account_created"
    ACCOUNT_CONNECTED = "account_connected"
    ACCOUNT_DISCONNECTED = "account_disconnected"
    ACCOUNT_ENABLED = "account_enabled"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_MADE_ADMINISTRATOR = "account_made_administrator"
    ACCOUNT_NO_ADMINISTRATOR = "account_no_administrator"
    ACCOUNT_DELETED = "account_deleted"
    ACCOUNT_RESCUED = "account_rescued"
    EMERGENCY_LINK_MADE = "emergency_link_made"
    EMERGENCY_LINK_USED = "emergency_link_used"
    SESSIONS_ENDED = "sessions_ended"
    EMAIL_KEPT = "email_kept"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a word
    PASSWORD_CHANGE_FAILED = "password_change_failed"  # noqa: S105 - a word
    SETTINGS_CHANGED = "settings_changed"
    MAIL_TESTED = "mail_tested"
    SECRET_SHOWN = "secret_shown"  # noqa: S105 - a word
    AUDIT_LOG_EXPORTED = "audit_log_exported"
    LOGIN_TESTED = "login_tested"
    CANDIDATE_SAVED = "candidate_saved"
    CANDIDATE_DISCARDED = "candidate_discarded"
    CANDIDATE_EXPIRED = "candidate_expired"
    PROVIDER_ACTIVATED = "provider_activated"
    PROVIDER_FELL_BACK = "provider_fell_back"
    SECRET_ENDS = "secret_ends"  # noqa: S105 - a word
    APP_ADDED = "app_added"
    APP_CHANGED = "app_changed"
    APP_REMOVED = "app_removed"
    APP_OPENED = "app_opened"
    APP_REFUSED = "app_refused"
    APP_PROBED = "app_probed"
    ACCESS_ASKED = "access_asked"
    ACCESS_WITHDRAWN = "access_withdrawn"
    ACCESS_GRANTED = "access_granted"
    ACCESS_REFUSED = "access_refused"
    SIGN_IN_LOOP = "sign_in_loop"
    KEYS_ROTATED = "keys_rotated"
    ACCOUNT_CHANGED = "account_changed"
    GROUP_ADDED = "group_added"
    GROUP_CHANGED = "group_changed"
    GROUP_DELETED = "group_deleted"
    GROUPS_GIVEN = "groups_given"
    GROUPS_TAKEN = "groups_taken"
    ROLE_GIVEN = "role_given"
    ROLE_TAKEN = "role_taken"
    ROLE_KEPT = "role_kept"
    INVITED = "invited"
    INVITATION_RENEWED = "invitation_renewed"
    INVITATION_REVOKED = "invitation_revoked"
    INVITATION_ACCEPTED = "invitation_accepted"
    INVITATION_REFUSED = "invitation_refused"
    SCIM_KEY_MADE = "scim_key_made"
    SCIM_KEY_REVOKED = "scim_key_revoked"
    TOKEN_MADE = "token_made"  # noqa: S105 - a word
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - a word
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a word


LABELS: Mapping[str, str] = MappingProxyType(
    {
        Event.SIGNED_IN.value: "Signed in",
        Event.SIGN_IN_FAILED.value: "Sign-in failed",
        Event.SIGNED_OUT.value: "Signed out",
        Event.ACCOUNT_CREATED.value: "Account created",
        Event.ACCOUNT_CONNECTED.value: "Sign-in connected",
        Event.ACCOUNT_DISCONNECTED.value: "Sign-in disconnected",
        Event.ACCOUNT_ENABLED.value: "Account enabled",
        Event.ACCOUNT_DISABLED.value: "Account disabled",
        Event.ACCOUNT_MADE_ADMINISTRATOR.value: "Made administrator",
        Event.ACCOUNT_NO_ADMINISTRATOR.value: "No longer administrator",
        Event.ACCOUNT_DELETED.value: "Account deleted",
        Event.ACCOUNT_RESCUED.value: "Let back in",
        Event.EMERGENCY_LINK_MADE.value: "Emergency link made",
        Event.EMERGENCY_LINK_USED.value: "Emergency link used",
        Event.SESSIONS_ENDED.value: "Sessions ended",
        Event.EMAIL_KEPT.value: "Former e-mail kept",
        Event.PASSWORD_CHANGED.value: "Password changed",
        Event.PASSWORD_CHANGE_FAILED.value: "Password change failed",
        Event.SETTINGS_CHANGED.value: "Settings changed",
        Event.MAIL_TESTED.value: "Test e-mail sent",
        Event.SECRET_SHOWN.value: "Client Secret shown",
        Event.AUDIT_LOG_EXPORTED.value: "Audit log exported",
        Event.LOGIN_TESTED.value: "Login tested",
        Event.CANDIDATE_SAVED.value: "Candidate saved",
        Event.CANDIDATE_DISCARDED.value: "Candidate discarded",
        Event.CANDIDATE_EXPIRED.value: "Candidate expired",
        Event.PROVIDER_ACTIVATED.value: "Provider settings in force",
        Event.PROVIDER_FELL_BACK.value: "Former provider settings back",
        Event.SECRET_ENDS.value: "Client Secret ends soon",
        Event.APP_ADDED.value: "App added",
        Event.APP_CHANGED.value: "App changed",
        Event.APP_REMOVED.value: "App removed",
        Event.APP_OPENED.value: "App opened",
        Event.APP_REFUSED.value: "App refused",
        Event.APP_PROBED.value: "App probed",
        Event.ACCESS_ASKED.value: "Access asked for",
        Event.ACCESS_WITHDRAWN.value: "Request withdrawn",
        Event.ACCESS_GRANTED.value: "Access granted",
        Event.ACCESS_REFUSED.value: "Access refused",
        Event.SIGN_IN_LOOP.value: "Sign-in goes in circles",
        Event.KEYS_ROTATED.value: "Keys of assertions rotated",
        Event.ACCOUNT_CHANGED.value: "Account changed",
        Event.GROUP_ADDED.value: "Group added",
        Event.GROUP_CHANGED.value: "Group changed",
        Event.GROUP_DELETED.value: "Group deleted",
        Event.GROUPS_GIVEN.value: "Added to group",
        Event.GROUPS_TAKEN.value: "Taken out of group",
        Event.ROLE_GIVEN.value: "Role given",
        Event.ROLE_TAKEN.value: "Role taken away",
        Event.ROLE_KEPT.value: "Role kept",
        Event.INVITED.value: "Invited",
        Event.INVITATION_RENEWED.value: "Invited again",
        Event.INVITATION_REVOKED.value: "Invitation revoked",
        Event.INVITATION_ACCEPTED.value: "Invitation accepted",
        Event.INVITATION_REFUSED.value: "Invitation refused",
        Event.SCIM_KEY_MADE.value: "SCIM key made",
        Event.SCIM_KEY_REVOKED.value: "SCIM key revoked",
        Event.TOKEN_MADE.value: "Token made",
        Event.TOKEN_REVOKED.value: "Token revoked",
        Event.TOKEN_REFUSED.value: "Token refused",
    }
)


class Trail:
    """Writes events of one visit, of which one request may bring several in a millisecond."""

    def __init__(self, ctx: Context, visit: Visit) -> None:
        self._ctx = ctx
        self._visit = visit

    @property
    def ring(self) -> KeyRing:
        """The keys by which the settings are sealed, for those guards that read them."""
        return self._ctx.ring

    async def write(
        self,
        tx: Tx,
        event: Event,
        *,
        actor: Account | str = "",
        subject: Account | str = "",
        detail: str = "",
        is_refusal: bool = False,
    ) -> None:
        """
        One line.  Without an *actor* it is whoever is signed in.

        Of an account the id is kept beside the name: a name may change, and two accounts may have the same.
        """
        session = self._visit.session
        where = (self._visit.address, _short(self._visit.raw.header("user-agent")), self._visit.reference)
        by = _named(actor or (session.account if session else ""))
        await _put(tx, self._ctx, event, by, where, subject=subject, detail=detail, is_refusal=is_refusal)


async def write_unattended(
    tx: Tx,
    ctx: Context,
    event: Event,
    *,
    actor: str,
    subject: Account | str = "",
    detail: str = "",
    is_refusal: bool = False,
) -> None:
    """One line about what no browser asked for: the command line did it, or the house by itself."""
    where = ("", "", hex_token(ctx.entropy, 6))
    await _put(tx, ctx, event, (actor, ""), where, subject=subject, detail=detail, is_refusal=is_refusal)


class UnattendedTrail(Trail):
    """The trail of what no browser asked for; *actor* did it, where nothing else is said."""

    def __init__(self, ctx: Context, actor: str) -> None:
        self._ctx = ctx
        self._actor = actor

    async def write(
        self,
        tx: Tx,
        event: Event,
        *,
        actor: Account | str = "",
        subject: Account | str = "",
        detail: str = "",
        is_refusal: bool = False,
    ) -> None:
        """One line."""
        name, _id = _named(actor or self._actor)
        await write_unattended(tx, self._ctx, event, actor=name, subject=subject, detail=detail, is_refusal=is_refusal)


async def _put(
    tx: Tx,
    ctx: Context,
    event: Event,
    by: tuple[str, str],
    where: tuple[str, str, str],
    *,
    subject: Account | str,
    detail: str,
    is_refusal: bool,
) -> None:
    """*by*: a name and the id of an account; *where*: address, browser, reference."""
    subject_name, subject_id = _named(subject)
    tx.after_commit(lambda: ctx.tally.happened(event.value, is_refusal=is_refusal))
    await put_event(
        tx,
        AuditEvent(
            id=_mint_id(ctx),
            at=ctx.clock.now(),
            event=event.value,
            is_refusal=is_refusal,
            actor=_short(by[0]),
            actor_id=by[1],
            address=where[0],
            agent=where[1],
            subject=_short(subject_name),
            subject_id=subject_id,
            detail=_short(detail),
            reference=where[2],
        ),
    )


def _mint_id(ctx: Context) -> str:
    """The time, a number that counts up in this process, and something random against other processes."""
    return f"{id_at(ctx.clock.now_ms())}{next(ctx.sequence) % 1_000_000:06d}{hex_token(ctx.entropy, 4)}"


def _named(who: Account | str) -> tuple[str, str]:
    return (who.username, who.id) if isinstance(who, Account) else (who, "")


def _short(text: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:TEXT_LIMIT])
