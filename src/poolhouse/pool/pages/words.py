"""What the pages say when something cannot be done: what happened, why, what to do, and what others may do."""

from types import MappingProxyType

import msgspec

from poolhouse.pool.languages.voice import N_


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A page of words and its status; *said* is in the visitor's language already and stands in the place of *what*."""

    status: int
    heading: str
    what: str = ""
    said: str = ""
    why: str = ""
    todo: str = ""
    aside: str = ""


_WHAT = N_("An error was encountered with the requested page.")
_BACK = N_("Go back to the app and start again.")
_OWNER = N_("If you only want to sign in, tell the people who run the app and name the reference below.")

NO_DOMAIN = Told(
    status=404,
    heading=N_("There is nothing here"),
    what=N_("No user pool has its pages at this address."),
    todo=N_("Check the address. A domain is created in the console, on the pool's App integration tab."),
)
NO_PAGE = Told(status=404, heading=N_("There is no such page"), what=N_("Check the address, or go back to the app."))
METHOD = Told(status=405, heading=N_("This page cannot be asked that way"), what=N_("The method is not allowed here."))
TOO_LARGE = Told(
    status=400, heading=N_("That is too much"), what=N_("The request is larger than any that belongs here."), todo=_BACK
)
NOT_BELIEVED = Told(
    status=403,
    heading=N_("This form is no longer valid"),
    what=N_("It did not come from a page that this browser has open here."),
    why=N_("The page may have been open for long, or the browser may not keep cookies for this address."),
    todo=N_("Allow cookies, go back, load the page again and send it once more."),
)
NOT_UNDERSTOOD = Told(
    status=400,
    heading=N_("That cannot be read"),
    what=N_("Something that was sent holds a character that is no text."),
    todo=_BACK,
)
NO_STYLE = Told(
    status=400,
    heading=N_("Login pages unavailable"),
    what=N_("This app client has no managed login branding style."),
    why=N_(
        "The domain's branding version is managed login, and this server is strict: it has pages for such a client only"
        " once a style is assigned."
    ),
    todo=N_("Create a style for the app client, or set the domain's branding version to Hosted UI (classic)."),
)
BAD_LINK = Told(
    status=400,
    heading=N_("This link does not work"),
    what=N_("It is not whole, was used already, or is older than a day."),
    todo=N_("Try to sign in. If your account is not confirmed yet, you can ask for a new code there."),
)
BAD_FEEDBACK = Told(
    status=400,
    heading=N_("This link does not work"),
    what=N_("It is not whole, is older than a week, or is about a sign-in that is no longer known here."),
    todo=N_("If you did not sign in yourself, go to the app and choose a new password."),
)
NO_PAGE_FOR_STEP = Told(
    status=400,
    heading=N_("This page cannot go on"),
    what=N_("Your sign-in asks for a step that only the app itself can show."),
    todo=N_("Go back to the app and sign in there. If it sent you here, tell the people who run it."),
)
BUSY = Told(
    status=503,
    heading=N_("The server is busy"),
    what=N_("More people are signing in than it can serve at this moment."),
    todo=N_("Wait a few seconds and load the page again."),
)
TOO_FAST = Told(
    status=429,
    heading=N_("Too many requests"),
    what=N_("More people are signing in here than are let through at this moment."),
    todo=N_("Wait a few seconds, go back and try again."),
)
FAILED = Told(
    status=500,
    heading=N_("Something went wrong"),
    what=N_("The server failed to answer. Nothing of what you entered was kept."),
    todo=N_("Try again. If it stays like this, tell the people who run the server and name the reference below."),
)


def refused(sentence: str) -> Told:
    """A refusal that has no form to stand beside, as it is told to the visitor."""
    return Told(status=400, heading=N_("This cannot go on"), said=sentence, todo=_BACK)


def _broken(why: str, todo: str) -> Told:
    return Told(status=400, heading=N_("You cannot sign in from here"), what=_WHAT, why=why, todo=todo, aside=_OWNER)


#: The ``error`` of /error -> its page.  Whatever else stands there is not repeated: anybody can write such a link.
ERRORS: MappingProxyType[str, Told] = MappingProxyType(
    {
        "redirect_mismatch": _broken(
            N_("The app asked to be answered at an address that is not registered for it, so nothing was sent there."),
            N_(
                "In the console, open the app client and add the app's redirect URL to its callback URLs, letter for "
                "letter: http or https, the port and a final slash all count."
            ),
        ),
        "Client does not exist": _broken(
            N_("The app named a client ID that this user pool does not have."),
            N_(
                "Copy the client ID from the app client's page in the console, and check that the domain belongs to "
                "the same user pool."
            ),
        ),
        "Login pages unavailable": _broken(
            N_("The app client has no OAuth grant type or no identity provider, so there is nothing to sign in with."),
            N_(
                "In the console, open the app client, edit its Hosted UI and choose a grant type and Cognito user pool "
                "as identity provider."
            ),
        ),
        "Required String parameter 'client_id' is not present": _broken(
            N_("The address lacks the parameter client_id."), N_("The app has to send its client ID.")
        ),
        "Required String parameter 'redirect_uri' is not present": _broken(
            N_("The address lacks the parameter redirect_uri, and the app client has no default for it."),
            N_("The app has to send one of its callback URLs."),
        ),
        "invalid_request": _broken(
            N_("The address is too long, names a parameter twice or is not encoded properly."),
            N_("The app has to send each parameter once."),
        ),
        "invalid_request_uri": Told(
            status=400,
            heading=N_("This sign-in has ended"),
            what=N_("The app's request was answered already, or it was not come for in time."),
            why=N_("An app that announces its sign-ins to the server makes a new one for each of them."),
            todo=N_("Go back to the app and sign in from there."),
        ),
        "invalid_request_object": _broken(
            N_("The app's request is not signed as it has to be."),
            N_("The app has to sign its request with one of its registered keys, for this user pool and for now."),
        ),
        "logout_mismatch": Told(
            status=400,
            heading=N_("You are still signed in"),
            what=_WHAT,
            why=N_("The app asked to send you on to an address that is not registered for it, so nothing was done."),
            todo=N_(
                "In the console, open the app client and add the address to its sign-out URLs, letter for letter: a "
                "final slash counts."
            ),
            aside=N_("If you only want to sign out, close the browser or tell the people who run the app."),
        ),
    }
)
UNKNOWN_ERROR = _broken(N_("What the app sent could not be understood."), _BACK)
