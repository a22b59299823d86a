"""A pool as an OpenID Provider for relying parties of other people's making: its domain, its user, its app clients."""

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from tests.clients.connections import PASSWORD, a_client, a_pool, a_user
from tests.clients.known import Known
from tests.journey.installation import Installation
from tests.system.programs import outcome

USERNAME = "ada"
__all__ = ["PASSWORD", "USERNAME", "App", "Provider", "a_provider"]


class App(msgspec.Struct, frozen=True, kw_only=True):
    """What a relying party is configured with."""

    client_id: str
    client_secret: str = ""


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """A pool with a domain and one user; *issuer* is all that a relying party needs to find the rest."""

    idp: Any
    place: Installation
    known: Known
    pool_id: str
    issuer: str

    def an_app(self, *back: str, out: Sequence[str] = (), secret: bool = True, **extended: str) -> App:
        """An app client of the code flow; *extended* are its settings beyond the service's, as the command has them."""
        made = a_client(
            self.idp, self.pool_id, secret=secret, CallbackURLs=[*back], LogoutURLs=[*out],
            AllowedOAuthFlows=["code"], AllowedOAuthScopes=["openid", "email", "profile"],
            AllowedOAuthFlowsUserPoolClient=True, SupportedIdentityProviders=["COGNITO"],
        )  # fmt: skip
        app = App(client_id=made["ClientId"], client_secret=made.get("ClientSecret", ""))
        self.known.add(app.client_secret)
        if extended:
            self.set(app, **extended)
        return app

    def set(self, app: App, **extended: str) -> None:
        """``poolhouse admin client set``, beside the running server, which goes by it within a second."""
        given = [f"{name}={value}" for name, value in extended.items()]
        kept = self.place.log.with_name("kept")
        code, printed = outcome("admin", "client", "set", self.pool_id, app.client_id, *given, "--data", str(kept))
        assert code == 0, printed
        time.sleep(1)


def a_provider(idp: Any, place: Installation, known: Known, domain: str) -> Provider:
    """The pool at ``/domains/<domain>``, with Ada in it."""
    pool_id = a_pool(idp, domain)
    idp.create_user_pool_domain(UserPoolId=pool_id, Domain=domain)
    a_user(idp, pool_id, USERNAME, given_name="Ada")
    known.add(PASSWORD)
    return Provider(idp=idp, place=place, known=known, pool_id=pool_id, issuer=f"{place.base}/{pool_id}")
