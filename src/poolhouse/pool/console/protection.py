"""The tab Threat protection: its rules, and where logs go; and the feedback on a user's events."""

from typing import Any, Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.calls import call, get_pool, update_pool
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.frame import go
from poolhouse.pool.console.refusals import placed
from poolhouse.pool.console.section import Described
from poolhouse.pool.console.settings import protection
from poolhouse.pool.console.tabs import crumbs, tab_page
from poolhouse.pool.spec.errors import CognitoError

TAB: Final = "Threat protection"
_SOURCES: Final = (
    ("userAuthEvents", "INFO", "User activity"),
    ("userNotification", "ERROR", "Message delivery errors"),
)
_KINDS: Final = {
    "logs": ("CloudWatchLogsConfiguration", "LogGroupArn"),
    "s3": ("S3Configuration", "BucketArn"),
    "firehose": ("FirehoseConfiguration", "StreamArn"),
}


async def show(visit: Visit) -> Reply:
    """GET."""
    pool = await get_pool(visit)
    form = protection.filled(pool, await _rules(visit, pool))
    logs = await _logs(visit)
    here = paths.of_pool(visit.pool_id, "threat-protection")
    return tab_page(
        visit,
        pool,
        TAB,
        "threat_protection.html",
        sections=protection.in_words(form),
        edit=f"{here}/edit",
        logs=[(label, logs.text(source) or "Not exported") for source, _, label in _SOURCES],
        edit_logs=f"{here}/logs",
    )


async def show_edit(visit: Visit) -> Reply:
    """GET: the form of the rules."""
    pool = await get_pool(visit)
    return _form(visit, pool, protection.filled(pool, await _rules(visit, pool)), {})


async def save(visit: Visit) -> Reply:
    """POST: the mode first, since there are no rules without one."""
    pool = await get_pool(visit)
    problems = protection.check(visit.form)
    if problems:
        return _form(visit, pool, visit.form, problems)
    current = await _rules(visit, pool)
    try:
        await update_pool(visit, pool, UserPoolAddOns=protection.add_ons(visit.form))
        if protection.is_on(visit.form):
            rules = protection.rules(visit.form, current)
            await call(visit, "SetRiskConfiguration", UserPoolId=visit.pool_id, **rules)
    except CognitoError as error:
        return _form(visit, pool, visit.form, placed(error, {"InvalidEmailRoleAccessPolicyException": "source_arn"}))
    return go(visit, paths.of_pool(visit.pool_id, "threat-protection"), "Saved: threat protection.", visit.form)


async def show_logs(visit: Visit) -> Reply:
    """GET: the form of the destinations."""
    return _logs_form(visit, await get_pool(visit), await _logs(visit), {})


async def save_logs(visit: Visit) -> Reply:
    """POST."""
    wanted: list[Described] = []
    problems: Problems = {}
    for source, level, _ in _SOURCES:
        arn = visit.form.text(source)
        if not arn:
            continue
        kind = _KINDS.get([*arn.split(":"), "", ""][2])
        if kind is None:
            problems[source] = "The ARN of a log group, an S3 bucket or a Firehose stream."
            continue
        wanted.append({"EventSource": source, "LogLevel": level, kind[0]: {kind[1]: arn}})
    pool = await get_pool(visit)
    if problems:
        return _logs_form(visit, pool, visit.form, problems)
    try:
        await call(visit, "SetLogDeliveryConfiguration", UserPoolId=visit.pool_id, LogConfigurations=wanted)
    except CognitoError as error:
        return _logs_form(visit, pool, visit.form, placed(error, {}))
    return go(visit, paths.of_pool(visit.pool_id, "threat-protection"), "Saved: log streaming.", visit.form)


async def give_feedback(visit: Visit) -> Reply:
    """POST: whether an event of a user was valid (AdminUpdateAuthEventFeedback)."""
    user = visit.raw.params["user"]
    await call(
        visit,
        "AdminUpdateAuthEventFeedback",
        UserPoolId=visit.pool_id,
        Username=user,
        EventId=visit.form.text("event"),
        FeedbackValue=visit.form.text("value"),
    )
    return go(visit, paths.of_pool(visit.pool_id, "users", user), "The feedback was saved.")


async def history(visit: Visit, pool: Described, username: str) -> list[Described] | None:
    """The newest events of a user; None in a pool without threat protection."""
    if not protection.is_on(protection.filled(pool, {})):
        return None
    answer = await call(visit, "AdminListUserAuthEvents", UserPoolId=visit.pool_id, Username=username, MaxResults=20)
    found: list[Described] = answer["AuthEvents"]
    return found


async def _rules(visit: Visit, pool: Described) -> Described:
    if not protection.is_on(protection.filled(pool, {})):
        return {}
    answer = await call(visit, "DescribeRiskConfiguration", UserPoolId=visit.pool_id)
    found: Described = answer["RiskConfiguration"]
    return found


async def _logs(visit: Visit) -> Form:
    answer = await call(visit, "GetLogDeliveryConfiguration", UserPoolId=visit.pool_id)
    values: dict[str, Any] = {}
    for each in answer["LogDeliveryConfiguration"]["LogConfigurations"]:
        values[each["EventSource"]] = next(each[member][field] for member, field in _KINDS.values() if member in each)
    return of(**values)


def _form(visit: Visit, pool: Described, form: Form, problems: Problems) -> Reply:
    return edit_page(
        visit,
        title="Edit threat protection",
        fields="threat_protection.html",
        form=form,
        problems=problems,
        crumbs=crumbs(visit, pool, TAB),
        modes=protection.MODES,
        custom_modes=protection.CUSTOM_MODES,
        responses=protection.RESPONSES,
        events=protection.EVENTS,
        levels=protection.LEVELS,
        actions=protection.ACTIONS,
    )


def _logs_form(visit: Visit, pool: Described, form: Form, problems: Problems) -> Reply:
    return edit_page(
        visit,
        title="Edit log streaming",
        lead="What each destination is, this server's setting log_destinations says.",
        fields="log_streaming.html",
        form=form,
        problems=problems,
        crumbs=crumbs(visit, pool, TAB),
        sources=[(source, label) for source, _, label in _SOURCES],
    )
