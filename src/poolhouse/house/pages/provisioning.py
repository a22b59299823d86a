"""Admin Settings > Provisioning: the SCIM service, its keys, and whose sign-ins get its accounts."""

from collections.abc import Mapping

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.pages import section
from poolhouse.house.pages.frame import PROVISIONING, account_of, page
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import read_query
from poolhouse.house.provider import enabled, title
from poolhouse.house.scim import keys
from poolhouse.house.scim.call import BASE
from poolhouse.house.store import provisioning
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Reply, redirect

SECTION = "provisioning"
PATH = PROVISIONING.href
_DONE = {"saved": "Saved", "revoked": "Key revoked"}


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/provisioning``."""
    return await _page(ctx, visit, done=_DONE.get(read_query(visit.raw).get("done", ""), ""))


async def save(ctx: Context, visit: Visit) -> Reply:
    """Live at once; turned off, no key opens anything."""
    outcome = await section.save(ctx, visit, SECTION, "Provisioning")
    if outcome.is_saved:
        return redirect(f"{PATH}?done=saved")
    status = 409 if outcome.problem else 422
    return await _page(ctx, visit, errors=outcome.errors, refusal=outcome.problem, entered=visit.form, status=status)


async def make_key(ctx: Context, visit: Visit) -> Reply:
    """A new key, shown on the page that answers and never again."""
    new = keys.mint(ctx, by=account_of(visit).username)
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> bool:
        if not await keys.put(tx, new):
            return False
        await trail.write(tx, Event.SCIM_KEY_MADE, subject="Provisioning", detail=f"{new.key.start}…")
        return True

    if not await ctx.db.write(unit):
        refusal = f"There are {keys.KEYS_LIMIT} keys. Revoke one before you make another."
        return await _page(ctx, visit, refusal=refusal, status=409)
    return page(ctx, visit, "scim_key.html", current=PROVISIONING, new=new, base=ctx.origin.at(BASE), back=PATH)


async def revoke_key(ctx: Context, visit: Visit) -> Reply:
    """It opens nothing from now on."""
    key_id, trail = visit.raw.params["id"], Trail(ctx, visit)

    async def unit(tx: Tx) -> bool:
        found = next((each for each in await provisioning.list_keys(tx) if each.id == key_id), None)
        if found is None or not await provisioning.delete_key(tx, key_id):
            return False
        await trail.write(tx, Event.SCIM_KEY_REVOKED, subject="Provisioning", detail=f"{found.start}…")
        return True

    if not await ctx.db.write(unit):
        return problem(
            ctx, visit, status=404, heading="There is no such key", what="It may have been revoked already.", todo="",
            links=(("Go to Provisioning", PATH),),
        )  # fmt: skip
    return redirect(f"{PATH}?done=revoked")


async def _page(
    ctx: Context,
    visit: Visit,
    *,
    errors: Mapping[str, str] = {},
    refusal: str = "",
    entered: Mapping[str, str] | None = None,
    done: str = "",
    status: int = 200,
) -> Reply:
    document = ctx.live.document
    return page(
        ctx,
        visit,
        "provisioning.html",
        current=PROVISIONING,
        status=status,
        done=done,
        refusal=refusal,
        fields=section.fields(ctx, SECTION, entered=entered, errors=errors),
        providers=[("", "None: SCIM accounts wait"), *((each.id, title(each)) for each in enabled(document.providers))],
        keys=await ctx.db.read(provisioning.list_keys),
        keys_limit=keys.KEYS_LIMIT,
        base=ctx.origin.at(BASE),
        version=document.version,
    )
