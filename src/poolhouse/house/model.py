"""The house's own records: frozen, without behaviour beyond derived properties."""

from typing import Annotated

import msgspec
from msgspec import Meta

from poolhouse.house.branding import Branding
from poolhouse.house.candidate import Rollout
from poolhouse.house.embedding import Embedding
from poolhouse.house.gate import Gate
from poolhouse.house.mail.settings import MailSettings
from poolhouse.house.people import People
from poolhouse.house.provider import FIRST, Providers
from poolhouse.house.roles import Power, powers_of
from poolhouse.house.scim.settings import Provisioning
from poolhouse.house.session_rules import SessionRules
from poolhouse.house.sign_in_page import SignInPage
from poolhouse.house.tls.settings import Tls
from poolhouse.house.token_rules import TokenRules
from poolhouse.kit.ambient import Epoch


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """
    A person of this house.

    ``email`` is what the provider said last.  Only one account can hold an address, and only a verified one;
    ``is_email_holder`` says whether this one does, ``email_proof`` by what: ``provider``, ``mail``, or ``""`` where an
    administrator's word is all there is.  ``is_admin`` is whether it is an instance administrator, by whatever way.
    ``disabled_by`` is who may enable it again: ``scim``, or ``""`` for administrators alone.
    SCIM's names: ``username`` is userName, ``name`` displayName, ``is_enabled`` active.
    """

    id: str
    username: str
    email: str
    is_email_holder: bool
    name: str
    is_admin: bool
    is_enabled: bool
    password_hash: str | None
    created_at: Epoch
    signed_in_at: Epoch | None
    email_proof: str = ""
    given_name: str = ""
    family_name: str = ""
    external_id: str = ""
    managed_by: str = ""
    changed_at: Epoch = Epoch(0)
    disabled_by: str = ""

    @property
    def label(self) -> str:
        """How pages call this person."""
        return self.name or self.username


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """One subject of one issuer (OIDC Core section 2: ``iss`` and ``sub`` together), and whose it is."""

    issuer: str
    subject: str
    account_id: str
    created_at: Epoch
    signed_in_at: Epoch
    provider: str = FIRST
    claims: str = ""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that is signed in.  The cookie holds the opaque id; the row holds its digest."""

    key: bytes
    account: Account
    method: str
    issuer: str
    subject: str
    claims: str
    """What the provider said at this sign-in, as JSON; empty for form login."""
    sealed_id_token: bytes | None
    created_at: Epoch
    seen_at: Epoch
    expires_at: Epoch
    groups: tuple[str, ...] = ()
    """Names of the house's groups that the account is in now."""
    roles: frozenset[str] = frozenset()
    """What the account has now, by itself and through groups."""

    @property
    def powers(self) -> frozenset[Power]:
        """What it may do in Admin Settings."""
        return powers_of(self.roles)


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A session as an administrator sees it: never anything to sign in with (the key is a digest)."""

    key: bytes
    method: str
    address: str
    agent: str
    created_at: Epoch
    seen_at: Epoch


class PendingLogin(msgspec.Struct, frozen=True, kw_only=True):
    """
    One attempt to sign in at the provider, between the redirect there and the return.

    Everything that the return must match is here, on the server; ``state`` in the URL is only its key.
    """

    provider: str
    settings_version: int
    nonce_digest: bytes
    sealed_verifier: bytes
    return_to: str
    link_account_id: str | None
    created_at: Epoch
    expires_at: Epoch
    purpose: str = ""
    """``candidate`` or ``connect``: it goes by settings that are not in force yet; see ``rollout``."""


class EntryCode(msgspec.Struct, frozen=True, kw_only=True):
    """What a one-use code stands for: a session that may open an app, and the path to open there."""

    session_key: bytes
    path: str


class App(msgspec.Struct, frozen=True, kw_only=True):
    """
    One entry of the home page.

    Without a *gate* it is a link; with one, ``url`` is where the gateway answers for it.  ``is_broken``: its gate
    cannot be read, so nobody may open it.  *icon* is a picture as a ``data:`` URL.  *shows_locked*: people who may not
    open it see that it is there.
    """

    id: str
    name: str
    url: str
    description: str
    letter: str
    icon: str = ""
    shows_locked: bool = False
    gate: Gate | None = None
    is_broken: bool = False


class FormLogin(msgspec.Struct, frozen=True, kw_only=True):
    """Sign-in with e-mail and password."""

    is_enabled: bool = True
    free_attempts: int = 5
    longest_wait_minutes: int = 15


class AuditLog(msgspec.Struct, frozen=True, kw_only=True):
    """How long events are kept; 0: for ever."""

    days: int = 365


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """All settings that an administrator may change while the house runs; one version is live at a time."""

    version: int
    instance_name: Annotated[
        str, Meta(title="Instance Name", description="Shown on the sign-in page, in the bar above and in e-mails.")
    ] = "Poolhouse"
    contact: Annotated[
        str,
        Meta(
            title="Administrators' contact",
            description="An e-mail address, or a few words, for people who need help: pages that say no show it.",
        ),
    ] = ""
    form_login: FormLogin = FormLogin()
    providers: Providers = ()
    sign_in: SignInPage = SignInPage()
    rollout: Rollout = Rollout()
    tokens: TokenRules = TokenRules()
    mail: MailSettings = MailSettings()
    people: People = People()
    audit_log: AuditLog = AuditLog()
    provisioning: Provisioning = Provisioning()
    sessions: SessionRules = SessionRules()
    tls: Tls = Tls()
    embedding: Embedding = Embedding()
    branding: Branding = Branding()


class OutgoingMail(msgspec.Struct, frozen=True, kw_only=True):
    """
    One mail of the outbox.

    ``state`` is waiting, sent or failed; ``error`` what went wrong last, in the mail server's words.
    """

    id: str
    kind: str
    recipient: str
    sealed: bytes
    created_at: Epoch
    tries: int
    next_try_at: Epoch
    state: str
    error: str


class Replica(msgspec.Struct, frozen=True, kw_only=True):
    """
    A process that serves this house.

    ``program`` is the version of Poolhouse, ``version`` that of the settings.  ``held`` is JSON: settings that its
    start has fixed, by path, and what fixed them.
    """

    id: str
    host: str
    program: str
    version: int
    started_at: Epoch
    seen_at: Epoch
    held: str


class AuditEvent(msgspec.Struct, frozen=True, kw_only=True):
    """
    One line of the audit log.  ``detail`` never holds a secret, only names of what changed.

    ``actor_id`` and ``subject_id`` are ids of accounts, where they are accounts.
    """

    id: str
    at: Epoch
    event: str
    is_refusal: bool
    actor: str
    actor_id: str
    address: str
    agent: str
    subject: str
    subject_id: str
    detail: str
    reference: str
