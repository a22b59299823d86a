"""A page that explains: what happened, why, what to do, and the reference under which the log has the rest."""

from poolhouse.house.context import Context
from poolhouse.house.pages.look import door
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import HeaderPair, Reply, html
from poolhouse.kit.html import page_headers

Link = tuple[str, str]


def problem(
    ctx: Context,
    visit: Visit,
    *,
    status: int,
    heading: str,
    what: str,
    todo: str,
    why: str = "",
    facts: tuple[tuple[str, str], ...] = (),
    links: tuple[Link, ...] = (("Go to the home page", "/"),),
    headers: tuple[HeaderPair, ...] | None = None,
    opens_tab: bool = False,
) -> Reply:
    """*facts* are label and value; the first of *links* is the one to press, in a new tab if *opens_tab*."""
    body = ctx.html.render(
        "problem.html",
        **door(ctx),
        heading=heading,
        what=what,
        why=why,
        todo=todo,
        facts=facts,
        links=links,
        opens_tab=opens_tab,
        reference=visit.reference,
    )
    return html(body, status, page_headers() if headers is None else headers)
