"""What every page of the console is given."""

from collections.abc import Awaitable, Callable

import msgspec

from poolhouse.kit.edge import Raw, Reply
from poolhouse.kit.html import Html
from poolhouse.pool.api.dispatch import Api
from poolhouse.pool.console.form import Form
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.store.admins import ConsoleSession


class Console(msgspec.Struct, frozen=True, kw_only=True):
    """The surroundings of the console; one per program, made by ``app.routes``."""

    flow: Flow
    api: Api
    html: Html


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """
    One request, with what is known about who sent it.

    ``handle`` is the value of the session's cookie, whether or not it leads to ``session``.  ``csrf`` is the proof that
    every form on a page carries; ``form`` is filled for POST only, after that proof has been checked.  ``region`` is
    the pool's for the pages of a pool, else the one that was chosen last.  ``done`` is a word on what was done by the
    request before this one.  ``reference`` names the request on pages and in the log.
    """

    console: Console
    raw: Raw
    reference: str
    handle: str = ""
    session: ConsoleSession | None = None
    csrf: str = ""
    form: Form = Form()
    query: Form = Form()
    region: str
    done: str = ""

    @property
    def flow(self) -> Flow:
        return self.console.flow

    @property
    def signed_in(self) -> ConsoleSession:
        """The session on rows that are not public; admission lets nobody through without one."""
        if self.session is None:
            raise LookupError("a guarded page was reached without a session")
        return self.session

    @property
    def pool_id(self) -> str:
        """The pool in the path."""
        return self.raw.params["pool"]


Handler = Callable[[Visit], Awaitable[Reply]]


class NotFound(Exception):
    """There is no such page, or no such thing to show on it."""
