"""Sections of the live settings whose page is a form and nothing else."""

from collections.abc import Mapping

import msgspec

from poolhouse.house.context import Context
from poolhouse.house.pages import section
from poolhouse.house.pages.frame import EMBEDDING, SESSIONS, NavItem, page
from poolhouse.house.pages.query import read_query
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import Reply, redirect


class Section(msgspec.Struct, frozen=True):
    """One page."""

    name: str
    item: NavItem
    lead: str

    async def show(self, ctx: Context, visit: Visit) -> Reply:
        saved = read_query(visit.raw).get("done") == "saved"
        return self._page(ctx, visit, done="Saved" if saved else "")

    async def save(self, ctx: Context, visit: Visit) -> Reply:
        outcome = await section.save(ctx, visit, self.name, self.item.label)
        if outcome.is_saved:
            return redirect(f"{self.item.href}?done=saved")
        status = 409 if outcome.problem else 422
        return self._page(ctx, visit, errors=outcome.errors, problem=outcome.problem, status=status)

    def _page(
        self,
        ctx: Context,
        visit: Visit,
        *,
        errors: Mapping[str, str] = {},
        problem: str = "",
        done: str = "",
        status: int = 200,
    ) -> Reply:
        entered = visit.form if errors or problem else None
        return page(
            ctx,
            visit,
            "section.html",
            current=self.item,
            status=status,
            done=done,
            problem=problem,
            errors=errors,
            title=self.item.label,
            lead=self.lead,
            path=self.item.href,
            fields=section.fields(ctx, self.name, entered=entered, errors=errors),
            version=ctx.live.document.version,
        )


SESSION_RULES = Section(
    "sessions", SESSIONS, "How long people stay signed in, in how many browsers. Open sessions follow at once."
)
FRAMES = Section("embedding", EMBEDDING, "Whether other pages may show the home page within them.")
