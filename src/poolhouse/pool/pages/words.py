"""What the pages say when something cannot be done: what happened, why, what to do, and what others may do."""

from types import MappingProxyType

import msgspec


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A page of words and its status."""

    status: int
    heading: str
    what: str
    why: str = ""
    todo: str = ""
    aside: str = ""


_WHAT = "An error was encountered with the requested page."
_BACK = "Go back to the app and start again."
_OWNER = "If you only want to sign in, tell the people who run the app and name the reference below."

NO_DOMAIN = Told(
    status=404,
    heading="There is nothing here",
    what="No user pool has its pages at this address.",
    todo="Check the address. A domain is created in the console, on the pool's App integration tab.",
)
NO_PAGE = Told(status=404, heading="There is no such page", what="Check the address, or go back to the app.")
METHOD = Told(status=405, heading="This page cannot be asked that way", what="The method is not allowed here.")
TOO_LARGE = Told(
    status=400, heading="That is too much", what="The request is larger than any that belongs here.", todo=_BACK
)
NOT_BELIEVED = Told(
    status=403,
    heading="This form is no longer valid",
    what="It did not come from a page that this browser has open here.",
    why="The page may have been open for long, or the browser may not keep cookies for this address.",
    todo="Allow cookies, go back, load the page again and send it once more.",
)
NOT_UNDERSTOOD = Told(
    status=400,
    heading="That cannot be read",
    what="Something that was sent holds a character that is no text.",
    todo=_BACK,
)
NO_STYLE = Told(
    status=400,
    heading="Login pages unavailable",
    what="This app client has no managed login branding style.",
    why="The domain's branding version is managed login, and this server is strict: it has pages for such a client only"
    " once a style is assigned.",
    todo="Create a style for the app client, or set the domain's branding version to Hosted UI (classic).",
)
BAD_LINK = Told(
    status=400,
    heading="This link does not work",
    what="It is not whole, was used already, or is older than a day.",
    todo="Try to sign in. If your account is not confirmed yet, you can ask for a new code there.",
)
BAD_FEEDBACK = Told(
    status=400,
    heading="This link does not work",
    what="It is not whole, is older than a week, or is about a sign-in that is no longer known here.",
    todo="If you did not sign in yourself, go to the app and choose a new password.",
)
BUSY = Told(
    status=503,
    heading="The server is busy",
    what="More people are signing in than it can serve at this moment.",
    todo="Wait a few seconds and load the page again.",
)
TOO_FAST = Told(
    status=429,
    heading="Too many requests",
    what="More people are signing in here than are let through at this moment.",
    todo="Wait a few seconds, go back and try again.",
)
FAILED = Told(
    status=500,
    heading="Something went wrong",
    what="The server failed to answer. Nothing of what you entered was kept.",
    todo="Try again. If it stays like this, tell the people who run the server and name the reference below.",
)


def refused(sentence: str) -> Told:
    """A refusal that has no form to stand beside."""
    return Told(status=400, heading="This cannot go on", what=sentence, todo=_BACK)


def _broken(why: str, todo: str) -> Told:
    return Told(status=400, heading="You cannot sign in from here", what=_WHAT, why=why, todo=todo, aside=_OWNER)


#: The ``error`` of /error -> its page.  Whatever else stands there is not repeated: anybody can write such a link.
ERRORS: MappingProxyType[str, Told] = MappingProxyType(
    {
        "redirect_mismatch": _broken(
            "The app asked to be answered at an address that is not registered for it, so nothing was sent there.",
            "In the console, open the app client and add the app's redirect URL to its callback URLs, letter for "
            "letter: http or https, the port and a final slash all count.",
        ),
        "Client does not exist": _broken(
            "The app named a client ID that this user pool does not have.",
            "Copy the client ID from the app client's page in the console, and check that the domain belongs to the "
            "same user pool.",
        ),
        "Login pages unavailable": _broken(
            "The app client has no OAuth grant type or no identity provider, so there is nothing to sign in with.",
            "In the console, open the app client, edit its Hosted UI and choose a grant type and Cognito user pool as "
            "identity provider.",
        ),
        "Required String parameter 'client_id' is not present": _broken(
            "The address lacks the parameter client_id.", "The app has to send its client ID."
        ),
        "Required String parameter 'redirect_uri' is not present": _broken(
            "The address lacks the parameter redirect_uri, and the app client has no default for it.",
            "The app has to send one of its callback URLs.",
        ),
        "invalid_request": _broken(
            "The address is too long, names a parameter twice or is not encoded properly.",
            "The app has to send each parameter once.",
        ),
        "invalid_request_uri": Told(
            status=400,
            heading="This sign-in has ended",
            what="The app's request was answered already, or it was not come for in time.",
            why="An app that announces its sign-ins to the server makes a new one for each of them.",
            todo="Go back to the app and sign in from there.",
        ),
        "invalid_request_object": _broken(
            "The app's request is not signed as it has to be.",
            "The app has to sign its request with one of its registered keys, for this user pool and for now.",
        ),
        "logout_mismatch": Told(
            status=400,
            heading="You are still signed in",
            what=_WHAT,
            why="The app asked to send you on to an address that is not registered for it, so nothing was done.",
            todo="In the console, open the app client and add the address to its sign-out URLs, letter for letter: a "
            "final slash counts.",
            aside="If you only want to sign out, close the browser or tell the people who run the app.",
        ),
    }
)
UNKNOWN_ERROR = _broken("What the app sent could not be understood.", _BACK)
