"""The routes for browsers, relative to a domain."""

from typing import Final

from starlette.routing import BaseRoute, Route

from poolhouse.kit.html import Html
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.pages import (
    auth_feedback,
    authorize,
    confirm,
    consent,
    device,
    error,
    logout,
    looks,
    passkeys,
    recovery,
    setup,
    sign_in,
    sign_up,
    steps,
    ways,
)
from poolhouse.pool.pages.account.routes import routes as account_routes
from poolhouse.pool.pages.visit import visiting

_SIGN_IN: Final = "UserAuthentication"


def routes(flow: Flow, html: Html) -> list[BaseRoute]:
    """To be mounted under ``/domains/{domain}`` and at the domains' hosts."""
    return [
        Route("/oauth2/authorize", visiting(flow, html, get=authorize.get, post=authorize.post, from_apps=True)),
        Route("/device", visiting(flow, html, get=device.get, post=device.post)),
        Route("/logout", visiting(flow, html, get=logout.get, post=logout.post, from_apps=True)),
        Route("/logout/confirm", visiting(flow, html, post=logout.post_confirmed)),
        Route("/error", visiting(flow, html, get=error.show)),
        Route(
            "/login",
            visiting(
                flow, html, get=sign_in.get, post=sign_in.post, rate=_SIGN_IN, form="sign_in", unproved=sign_in.unproved
            ),
        ),
        Route(
            "/login/choose",
            visiting(flow, html, get=ways.get_choice, post=ways.post_choice, rate=_SIGN_IN, form="sign_in"),
        ),
        Route(
            "/login/password",
            visiting(
                flow,
                html,
                get=ways.get_password,
                post=ways.post_password,
                rate=_SIGN_IN,
                form="sign_in",
                unproved=ways.unproved_password,
            ),
        ),
        Route(
            "/login/code", visiting(flow, html, get=ways.get_code, post=ways.post_code, rate=_SIGN_IN, form="sign_in")
        ),
        Route(
            "/login/passkey",
            visiting(flow, html, get=ways.get_passkey, post=ways.post_passkey, rate=_SIGN_IN, form="sign_in"),
        ),
        Route("/passkeys/add", visiting(flow, html, get=passkeys.get, post=passkeys.post, rate=_SIGN_IN)),
        Route("/consent", visiting(flow, html, get=consent.get, post=consent.post)),
        Route(
            "/changePassword",
            visiting(flow, html, get=steps.get_new_password, post=steps.post_new_password, rate=_SIGN_IN),
        ),
        Route("/mfa", visiting(flow, html, get=steps.get_mfa, post=steps.post_mfa, rate=_SIGN_IN, form="sign_in")),
        Route("/mfa/setup", visiting(flow, html, get=setup.get, post=setup.post, rate=_SIGN_IN)),
        Route(
            "/signup",
            visiting(
                flow,
                html,
                get=sign_up.get,
                post=sign_up.post,
                rate="UserCreation",
                spends=True,
                form="sign_up",
                unproved=sign_up.unproved,
            ),
        ),
        Route("/confirm", visiting(flow, html, get=confirm.get, post=confirm.post, rate="UserCreation", form="resend")),
        Route(
            "/resendcode",
            visiting(flow, html, post=confirm.post_resend, spends=True, form="resend", unproved=confirm.unproved),
        ),
        Route("/confirmUser", visiting(flow, html, get=confirm.get_link, post=confirm.post_link, rate="UserCreation")),
        Route("/authEventFeedback", visiting(flow, html, get=auth_feedback.get, post=auth_feedback.post)),
        Route(
            "/forgotPassword",
            visiting(
                flow,
                html,
                get=recovery.get,
                post=recovery.post,
                rate="UserAccountRecovery",
                spends=True,
                form="recovery",
                unproved=recovery.unproved,
            ),
        ),
        *account_routes(flow, html),
        Route("/branding/{client}/{file}", visiting(flow, html, get=looks.get)),
        Route("/apps/{client}/{file}", visiting(flow, html, get=looks.get_logo)),
        Route(
            "/confirmforgotPassword",
            visiting(flow, html, get=recovery.get_reset, post=recovery.post_reset, rate="UserAccountRecovery"),
        ),
    ]


def fallback(flow: Flow, html: Html) -> BaseRoute:
    """What is at no other path of a domain: to be put behind all its routes, those of the static files too."""
    return Route("/{path:path}", visiting(flow, html, get=error.missing))
