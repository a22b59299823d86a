"""What every page of the console has around it, and how one page leads to the next."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from poolhouse.kit.edge import Reply, html, redirect
from poolhouse.kit.html import page_headers
from poolhouse.pool.console import done
from poolhouse.pool.console.choices import regions
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.form import Form, row_problems, said_trimmed


def page(visit: Visit, template: str, *, status: int = 200, frames: Sequence[str] = (), **view: Any) -> Reply:
    """
    The page *template* for the administrator who is signed in; a form that has problems answers 422.

    *frames* are the origins of frames in it.
    """
    problems = view.get("problems", {})
    config = visit.flow.config
    body = visit.console.html.render(
        f"console/{template}",
        account=visit.signed_in.email,
        csrf=visit.csrf,
        region=visit.region,
        regions=regions(config.region),
        development=config.development,
        done=visit.done,
        row_errors=partial(row_problems, problems),
        **view,
    )
    reply = html(body, 422 if problems else status, page_headers(frames=frames))
    return reply.with_headers(done.shown(config.secure)) if visit.done else reply


def go(visit: Visit, address: str, word: str = "", form: Form | None = None) -> Reply:
    """
    On to another page, which says *word*.

    Of *form*, what was saved, it says where blanks were removed.
    """
    said = " ".join(filter(None, (word, said_trimmed(form) if form is not None else "")))
    if not said:
        return redirect(address)
    cookie = done.done_cookie(visit.flow.ring, visit.signed_in.digest, said, secure=visit.flow.config.secure)
    return redirect(address, headers=(cookie,))


def problem(visit: Visit, status: int, heading: str, what: str, todo: str, *, with_reference: bool = False) -> Reply:
    """A page on which nothing can be done but read, in the frame of the console or, before sign-in, without it."""
    reference = visit.reference if with_reference else ""
    if visit.session is not None:
        return page(visit, "problem.html", status=status, heading=heading, what=what, todo=todo, reference=reference)
    body = visit.console.html.render(
        "kit/problem.html", heading=heading, what=what, why="", todo=todo, reference=reference
    )
    return html(body, status, page_headers())


def not_found(visit: Visit, what: str = "") -> Reply:
    return problem(
        visit,
        404,
        "Not found",
        what or "There is no such page.",
        "It may have been deleted, or be in another region. Go back to the list and look there.",
    )
