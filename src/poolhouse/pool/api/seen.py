"""
What a request says about its sender: UserContextData, ContextData, AnalyticsMetadata, headers.

An address that the sender states is believed of an administrator's operation (ContextData), and of a confidential
client that has EnablePropagateAdditionalUserContextData; else the address is the connection's.
"""

from poolhouse.pool.api.operations import Call
from poolhouse.pool.core.risk.addresses import is_address
from poolhouse.pool.core.risk.device import with_device
from poolhouse.pool.core.risk.rules import is_protected
from poolhouse.pool.flows import notices
from poolhouse.pool.flows.caller import AccountUser
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.notices import Scene
from poolhouse.pool.model.pool import Client
from poolhouse.pool.model.risk import NOT_SEEN, Seen
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import invalid_parameter


def seen_by_client(
    call: Call, entry: PoolEntry, client: Client, context: shapes.UserContextDataType | None,
    analytics: shapes.AnalyticsMetadataType | None = None, *, key: str = "",
) -> Seen:  # fmt: skip
    """What a client's own operation tells; *key* is the DEVICE_KEY of a remembered device."""
    if not is_protected(entry.pool):
        return Seen(language=call.languages) if call.languages else NOT_SEEN
    stated = (context.ip_address or "") if context is not None else ""
    address = call.source_ip
    if stated and client.settings.enable_propagate_additional_user_context_data:
        _check_address(stated)
        address = stated
    seen = Seen(address=address, endpoint_id=_endpoint(analytics), request_id=call.request_id, language=call.languages)
    encoded = (context.encoded_data or "") if context is not None else ""
    return with_device(seen, encoded=encoded, user_agent=call.agent, key=key)


def seen_by_admin(
    call: Call, entry: PoolEntry, context: shapes.ContextDataType | None,
    analytics: shapes.AnalyticsMetadataType | None = None, *, key: str = "",
) -> Seen:  # fmt: skip
    """
    What an administrator's operation passes on.

    Without ContextData nothing is known of the user: the connection is that of the application's server.
    """
    if not is_protected(entry.pool):
        return NOT_SEEN
    endpoint = _endpoint(analytics)
    if context is None:
        return Seen(endpoint_id=endpoint, request_id=call.request_id)
    _check_address(context.ip_address)
    headers = {(each.header_name or "").lower(): each.header_value or "" for each in context.http_headers}
    seen = Seen(
        address=context.ip_address, endpoint_id=endpoint, request_id=call.request_id,
        language=headers.get("accept-language", ""),
    )  # fmt: skip
    return with_device(seen, encoded=context.encoded_data or "", user_agent=headers.get("user-agent", ""), key=key)


def scene_of(call: Call, signed_in: AccountUser) -> Scene:
    """What the owner of an account is told of a change that this call makes."""
    return notices.scene(signed_in.entry, signed_in.client, call.origin)


def _endpoint(analytics: shapes.AnalyticsMetadataType | None) -> str:
    return (analytics.analytics_endpoint_id or "")[:128] if analytics is not None else ""


def _check_address(text: str) -> None:
    if not is_address(text):
        raise invalid_parameter("Invalid IP address.")
