"""The targets that a client names at the token endpoint (RFC 8707 section 2.2)."""

from poolhouse.pool.core import targets as core
from poolhouse.pool.flows.context import NotGranted
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.grant import Grant
from poolhouse.pool.model.pool import Client


def known(entry: PoolEntry, client: Client, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """*wanted*, each once; refused with ``invalid_target`` where the client may not name one of them."""
    if not wanted:
        return ()
    unique = tuple(dict.fromkeys(wanted))
    if not core.are_known(unique, {each.identifier for each in entry.resource_servers}, client):
        raise NotGranted("invalid_target")
    return unique


def narrowed(entry: PoolEntry, client: Client, grant: Grant, wanted: tuple[str, ...]) -> Grant:
    """
    The grant for tokens that are for *wanted* alone: some of what it was granted, all of it where nothing is named.

    A grant that names no targets has no bounds that a target could leave.
    """
    if not wanted:
        return grant
    granted = core.of(grant)
    if granted and not set(wanted) <= set(granted):
        raise NotGranted("invalid_target", "That was not granted at sign-in.")
    return core.aimed(grant, tuple(dict.fromkeys(wanted)) if granted else known(entry, client, wanted))
