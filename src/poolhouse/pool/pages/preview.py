"""
The hosted pages with sample words, in a look that nobody else sees yet: for the branding editor.

They are the templates that people get, under the same policy but two words: a preview may stand in a frame of its own
origin, and no script runs in it, nor can it send a form.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from poolhouse.kit.edge import Reply
from poolhouse.kit.edge import html as html_reply
from poolhouse.kit.html import Html, page_headers
from poolhouse.pool.pages import joining_views, sign_in_views, views
from poolhouse.pool.pages.account import views as own
from poolhouse.pool.pages.dress import Dress
from poolhouse.pool.pages.rules import Rule
from poolhouse.pool.pages.words import Told

_HERE: Final = "#"
_NAME: Final = views.NameField(label="Email", missing="", kind="email")
_RULES: Final = (
    Rule(kind="length", value="8", text="At least 8 characters"),
    Rule(kind="upper", value="", text="An upper-case letter"),
    Rule(kind="digit", value="", text="A number"),
)
_TOLD: Final = Told(
    status=400,
    heading="You cannot sign in from here",
    what="An error was encountered with the requested page.",
    why="The app asked to be answered at an address that is not registered for it.",
)
_PROVIDERS: Final = tuple(
    sign_in_views.ProviderButton(label=f"Continue with {name}", kind="OIDC", href=_HERE) for name in ("Acme", "Globex")
)
#: What can be looked at: its name in addresses, its label.
PAGES: Final = (
    ("sign-in", "Sign in"),
    ("refused", "Sign in, refused"),
    ("providers", "Sign in, with identity providers"),
    ("sign-up", "Sign up"),
    ("code", "Code"),
    ("choice", "Choice of factors"),
    ("new-password", "New password"),
    ("error", "Error"),
    ("account", "Account page"),
)


def _sign_in(app: str, error: str = "") -> sign_in_views.SignInView:
    return sign_in_views.SignInView(
        app=app, action=_HERE, name=_NAME, username="ana@example.com" if error else "", error=error, forgot_url=_HERE,
        sign_up_url=_HERE,
    )  # fmt: skip


def _account() -> own.OverviewView:
    places = (("Overview", "house"), ("Profile", "users"), ("Security", "shield"), ("Sessions", "globe"))
    items = tuple(
        own.NavItem(label=label, href=_HERE, icon=icon, is_current=label == "Overview") for label, icon in places
    )
    frame = own.Frame(
        account="", name="ana@example.com", items=items, home=_HERE, sign_out_action=_HERE, told="", warning="",
        error="",
    )  # fmt: skip
    summaries = (
        own.Summary(icon="users", label="Profile", value="ana@example.com", href=_HERE),
        own.Summary(icon="key", label="Password", value="You have a password.", href=_HERE),
        own.Summary(
            icon="shield", label="Second step", value="Authenticator app", href=_HERE, badge="On", kind="success"
        ),
        own.Summary(icon="globe", label="Sessions", value="Signed in at 1 place", href=_HERE),
    )
    return own.OverviewView(frame=frame, called="Ana", summaries=summaries)


def _samples(app: str) -> Mapping[str, tuple[str, msgspec.Struct, dict[str, Any]]]:
    """By name: the template, its view, and what else it shows."""
    field = views.AttributeField(field="given_name", label="Given name")
    choices = (
        views.Choice(value="app", label="Authenticator app", text="A code that an app on your phone shows."),
        views.Choice(value="email", label="Email", text="A code that is sent to your email address."),
    )
    told = {
        "heading": _TOLD.heading,
        "what": _TOLD.what,
        "why": _TOLD.why,
        "todo": "",
        "aside": "",
        "reference": "01JD9X6T2M",
    }
    code = sign_in_views.CodeView(
        action=_HERE,
        heading="Confirm it is you",
        lead="Enter the code that was sent to a***@e***.",
        graphic="email",
        is_sent=True,
        start_url=_HERE,
    )
    return {
        "sign-in": ("sign_in", _sign_in(app), {}),
        "refused": ("sign_in", _sign_in(app, "The username or password is not right. Check both and try again."), {}),
        "providers": ("sign_in", msgspec.structs.replace(_sign_in(app), providers=_PROVIDERS), {}),
        "sign-up": (
            "sign_up",
            joining_views.SignUpView(
                app=app, action=_HERE, name=_NAME, rules=_RULES, wants_password=True, attributes=(field,),
                terms=(_HERE, _HERE), sign_in_url=_HERE,
            ),
            {},
        ),
        "code": ("code", code, {}),
        "choice": (
            "choice",
            sign_in_views.ChoiceView(
                action=_HERE, heading="Set up a second step", lead="A code beside your password is needed to sign in.",
                legend="Where the code comes from", choices=choices, start_url=_HERE,
            ),
            {},
        ),
        "new-password": (
            "new_password",
            sign_in_views.NewPasswordView(action=_HERE, username="ana@example.com", rules=_RULES, start_url=_HERE),
            {},
        ),
        "account": ("account/overview", _account(), {}),
        "error": ("problem", views.ProblemView(told=_TOLD, app_name=app, app_id="1example23456789"), told),
    }  # fmt: skip


def preview(html: Html, name: str, app: str, worn: Dress, scheme: str) -> Reply | None:
    """The page *name* of an app called *app*; None when there is none of that name."""
    found = _samples(app).get(name)
    if found is None:
        return None
    template, view, more = found
    body = html.render(
        f"hosted/{template}.html", view=view, csrf="", dress=worn, theme=scheme, still=True, tongues=(), **more
    )
    # Browsers refuse the focus to a page without script, and complain that it was asked for.
    return html_reply(body.replace(b" autofocus>", b">"), 200, page_headers(still=True))
