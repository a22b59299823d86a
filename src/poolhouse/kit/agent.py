"""What a program calls itself, in the words that people have for it."""

from typing import Final

UNKNOWN: Final = "unknown"
_LENGTH: Final = 1_024
_SHOWN: Final = 40
# The order matters: each names itself after those before it.
_SYSTEMS: Final = (
    ("Windows", "Windows"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Android", "Android"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Macintosh", "macOS"), ("Darwin", "macOS"), ("Linux", "Linux"), ("linux", "Linux"),
)  # fmt: skip
_PROGRAMS: Final = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("aws-cli", "AWS CLI"),
    ("Boto3", "Boto3"), ("aws-amplify", "Amplify"), ("aws-sdk", "AWS SDK"), ("okhttp", "okhttp"), ("curl/", "curl"),
)  # fmt: skip


def describe(agent: str) -> str:
    """The program and the system that a User-Agent names; ``unknown`` where it names neither."""
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    program = next((name for mark, name in _PROGRAMS if mark in agent), "")
    if program and system:
        return f"{program} on {system}"[:_LENGTH]
    return program or system or UNKNOWN


def said(agent: str) -> str:
    """The same for a page: of a program that nobody knows, what it calls itself, without remarks."""
    known = describe(agent)
    return known if known != UNKNOWN else agent.partition(" (")[0][:_SHOWN]
