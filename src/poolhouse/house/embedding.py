"""Who may show the portal within a page of theirs: Admin Settings > General."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from poolhouse.kit.urls import split_url

MOST = 50
_WILD = re.compile(r"https?://\*\.(?=[^*/]+$)")


class Embedding(msgspec.Struct, frozen=True, kw_only=True):
    """Of the portal's pages only: sign-in and Admin Settings are never framed, whatever stands here."""

    policy: Annotated[
        Literal["nowhere", "listed", "anywhere"],
        Meta(
            title="Where the home page may be embedded",
            description="Sign-in and Admin Settings never are. Browsers send the session's cookie only within pages of"
            " the same site, such as other hosts of example.com; elsewhere the frame says that one has to sign in.",
            extra={
                "labels": {
                    "nowhere": "Nowhere",
                    "listed": "In pages of the origins below",
                    "anywhere": "Anywhere",
                }
            },
        ),
    ] = "nowhere"
    origins: Annotated[
        tuple[str, ...],
        Meta(title="Origins", description="One a line, such as https://intranet.example.com or https://*.example.com."),
    ] = ()


def check(embedding: Embedding) -> dict[str, str]:
    """What is wrong, by field name."""
    if embedding.policy == "listed" and not embedding.origins:
        return {"origins": "Give at least one origin, or choose Nowhere."}
    if len(embedding.origins) > MOST:
        return {"origins": f"At most {MOST} origins."}
    wrong = [each for each in embedding.origins if not _is_origin(each)]
    if wrong:
        return {"origins": f"{wrong[0][:100]} is not an origin such as https://intranet.example.com, without a path."}
    return {}


def frame_ancestors(embedding: Embedding) -> str:
    """For the policy of the portal's pages (CSP 3 section 6.4.2)."""
    match embedding.policy:
        case "anywhere":
            return "*"
        case "listed":
            return " ".join(("'self'", *embedding.origins))
        case _:
            return "'none'"


def _is_origin(text: str) -> bool:
    plain = _WILD.sub(lambda found: found[0].replace("*.", ""), text)
    if split_url(plain) is None:
        return False
    parts = urlsplit(plain)
    return text.isascii() and not (
        parts.path or parts.query or parts.fragment or "?" in text or ";" in text or "," in text
    )
