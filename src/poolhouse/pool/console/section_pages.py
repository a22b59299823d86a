"""The Edit pages of the sections."""

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.context import NotFound, Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.console.frame import go
from poolhouse.pool.console.refusals import placed
from poolhouse.pool.console.section import Facts, Section, facts
from poolhouse.pool.console.sections import SECTIONS
from poolhouse.pool.console.settings import schema
from poolhouse.pool.console.tabs import TABS, crumbs
from poolhouse.pool.spec.errors import CognitoError


async def show(visit: Visit) -> Reply:
    """GET: the form, filled in with what is."""
    section = _section(visit)
    known = await facts(visit)
    return _form(visit, section, known, section.filled(known), {})


async def save(visit: Visit) -> Reply:
    """POST."""
    section = _section(visit)
    known = await facts(visit)
    problems = section.check(visit.form, known)
    if problems:
        return _form(visit, section, known, visit.form, problems)
    try:
        await section.save(visit, visit.form, known)
    except CognitoError as error:
        return _form(visit, section, known, visit.form, placed(error, section.places))
    done = section.title.removeprefix("Edit ").removeprefix("Add ")
    back = paths.of_pool(visit.pool_id, dict(TABS)[section.tab])
    return go(visit, back, f"Saved: {done}.", visit.form)


def _section(visit: Visit) -> Section:
    slug = visit.raw.params["section"]
    found = next((section for section in SECTIONS if section.slug == slug), None)
    if found is None:
        raise NotFound
    return found


def _form(visit: Visit, section: Section, known: Facts, form: Form, problems: Problems) -> Reply:
    return edit_page(
        visit,
        title=section.title,
        lead=section.lead,
        fields=section.fields,
        form=form,
        problems=problems,
        crumbs=crumbs(visit, known.pool, section.tab),
        has_email_mfa="EmailMfaConfiguration" in known.mfa,
        custom_rows=schema.rows(form) or [schema.BLANK],
    )
