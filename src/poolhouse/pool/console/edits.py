"""One form on a page of its own, for pages that create or change something of a pool."""

from collections.abc import Mapping
from typing import Any

from poolhouse.kit.edge import Reply
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.fields import choices_for
from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.console.frame import page
from poolhouse.pool.console.tabs import Crumbs


def edit_page(
    visit: Visit,
    *,
    title: str,
    fields: str,
    form: Form,
    problems: Problems,
    crumbs: Crumbs,
    lead: str = "",
    submit: str = "Save changes",
    cancel: str = "",
    **view: Any,
) -> Reply:
    """
    The page; it posts to its own address.

    *cancel* is where the way back leads, the page above it if nothing else is said.
    """
    options: Mapping[str, Any] = {**choices_for(visit, form), "is_new": False, "with_default_redirect": True, **view}
    return page(
        visit,
        "edit.html",
        title=title,
        lead=lead,
        crumbs=crumbs,
        fields=f"console/fields/{fields}",
        form=form,
        problems=problems,
        submit=submit,
        cancel=cancel or crumbs[-1][1],
        **options,
    )
