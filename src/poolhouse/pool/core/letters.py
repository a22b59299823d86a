"""
What our own e-mails say: a function for each occasion, from a voice to a letter.

The first line of each text is the service's, so that whoever looks for its words in a mail finds them.  What a stranger
may choose is in none of them: with somebody else's address and a telling username our mail would be an advertisement.
An invitation names its user, whom an administrator has made.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from poolhouse.pool.model.message import Letter


class Speech(Protocol):
    """A language, as far as letters need one (``languages.voice``)."""

    @property
    def tag(self) -> str: ...
    def say(self, text: str, /, **values: object) -> str: ...
    def day(self, at: int) -> str: ...


def sign_up(voice: Speech, code: str) -> Letter:
    """The code that confirms a new account."""
    say = voice.say
    return Letter(
        language=voice.tag,
        preheader=say("Your verification code is %(code)s.", code=code),
        heading=say("Confirm your email address"),
        paragraphs=(say("Enter this code where you signed up."),),
        code=code,
        asides=(say("The code works once, within a day."), say("If you did not sign up, ignore this message.")),
    )


def sign_up_by_link(voice: Speech, link: str) -> Letter:
    """The link that confirms a new account."""
    say = voice.say
    return Letter(
        language=voice.tag,
        preheader=say("Please click the link below to verify your email address."),
        heading=say("Confirm your email address"),
        paragraphs=(say("You signed up with this address. Confirm that it is yours."),),
        actions=((say("Confirm email address"), link),),
        asides=(say("The link works once, within a day."), say("If you did not sign up, ignore this message.")),
    )


def attribute(voice: Speech, code: str) -> Letter:
    """The code that proves an address which a user has now or wants to have."""
    say = voice.say
    return Letter(
        language=voice.tag,
        preheader=say("Your verification code is %(code)s.", code=code),
        heading=say("Confirm your email address"),
        paragraphs=(say("Enter this code to confirm that this address is yours."),),
        code=code,
        asides=(
            say("The code works once, within a day."),
            say("If you did not ask for it, ignore this message: nothing changes without the code."),
        ),
    )


def reset(voice: Speech, code: str) -> Letter:
    """The code with which a new password is chosen."""
    say = voice.say
    return Letter(
        language=voice.tag,
        preheader=say("Your verification code is %(code)s.", code=code),
        heading=say("Choose a new password"),
        paragraphs=(say("Enter this code, and choose a new password."),),
        code=code,
        asides=(
            say("The code works once, within an hour."),
            say("If you did not ask for it, ignore this message: your password stays as it is."),
        ),
    )


def authentication(voice: Speech, code: str) -> Letter:
    """The code of a sign-in, be it the first factor or the second."""
    say = voice.say
    return Letter(
        language=voice.tag,
        preheader=say("Your authentication code is %(code)s.", code=code),
        heading=say("Your sign-in code"),
        paragraphs=(say("Enter this code where you are signing in."),),
        code=code,
        asides=(
            say("The code works once, for a few minutes."),
            say("Give it to nobody. If you are not signing in yourself, ignore this message."),
        ),
    )


def invitation(voice: Speech, username: str, password: str, last_day: int) -> Letter:
    """A new user's name and temporary password, good until *last_day*."""
    say = voice.say
    return Letter(
        language=voice.tag,
        preheader=say("An account was made for you."),
        opening=say(
            "Your username is %(username)s and temporary password is %(password)s.",
            username=username, password=password,
        ),
        heading=say("You have an account"),
        paragraphs=(say("An account was made for you. Sign in with these, and choose a password of your own."),),
        facts=((say("Username"), username), (say("Temporary password"), password)),
        asides=(say("The temporary password works until %(day)s.", day=voice.day(last_day)),),
    )  # fmt: skip


def welcome(voice: Speech, username: str) -> Letter:
    """A new user's name, where there is no password."""
    say = voice.say
    return Letter(
        language=voice.tag,
        preheader=say("An account was made for you."),
        opening=say("Your username is %(username)s.", username=username),
        heading=say("You have an account"),
        paragraphs=(say("An account was made for you. You need no password: a code is sent to you when you sign in."),),
        facts=((say("Username"), username),),
    )


def alert(
    voice: Speech, what: tuple[str, str], facts: Sequence[tuple[str, str]], links: Mapping[str, str]
) -> Letter:  # fmt: skip
    """
    A sign-in that looked risky; *what* is the heading and the sentence that say how, in English.

    *facts* have English labels; *links* are where it can be said that it was the user (``valid``), or not.
    """
    say = voice.say
    labels = {"valid": say("It was me"), "invalid": say("It was not me")}
    return Letter(
        language=voice.tag,
        preheader=say(what[1]),
        heading=say(what[0]),
        paragraphs=(say(what[1]), say("Was it you?")),
        facts=tuple((say(label), value) for label, value in facts),
        actions=tuple((labels[name], url) for name, url in links.items() if url),
        asides=(say("If it was not you, change your password."),),
    )


def notice(
    voice: Speech, what: tuple[str, str], facts: Sequence[tuple[str, str]], *, is_over: bool = False
) -> Letter:  # fmt: skip
    """
    Something about the account has changed; *what* is the heading and the sentence, in English.

    *is_over*: the account is no more.  No link is in it: whoever gets many learns to press it, in forged ones, too.
    """
    say = voice.say
    return Letter(
        language=voice.tag,
        preheader=say(what[1]),
        heading=say(what[0]),
        paragraphs=(say(what[1]),),
        facts=tuple((say(label), value) for label, value in facts),
        asides=(
            say("If it was you, there is nothing to do."),
            say("If it was not you, tell the people who run the service.")
            if is_over
            else say("If it was not you, choose a new password now, and tell the people who run the app."),
        ),
    )


def plain(letter: Letter) -> str:
    """The letter as text: as much as the HTML says, in the same order."""
    parts = [letter.opening or letter.preheader]
    parts += [text for text in letter.paragraphs if text != parts[0]]
    if letter.facts and not letter.opening:
        parts.append("\n".join(f"{label}: {value}" for label, value in letter.facts))
    parts += [f"{label}:\n{url}" for label, url in letter.actions]
    if letter.asides:
        parts.append("\n".join(letter.asides))
    return "\n\n".join(parts)
