"""What a client can ask for about this service (RFC 7643 sections 5 to 7)."""

from typing import Any

from poolhouse.house.scim.query import COUNT_LIMIT
from poolhouse.house.scim.resources import GROUP, USER

_CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"


def service(base: str) -> dict[str, Any]:
    """``/ServiceProviderConfig``."""
    no = {"supported": False}
    return {
        "schemas": [_CONFIG],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": COUNT_LIMIT},
        "changePassword": no,
        "sort": no,
        "etag": no,
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "API key",
                "description": "The key of Admin Settings > Provisioning, as a bearer token",
                "specUri": "https://www.rfc-editor.org/info/rfc6750",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"},
    }


def resource_types(base: str) -> list[dict[str, Any]]:
    """``/ResourceTypes``."""
    return [
        {
            "schemas": [_TYPE],
            "id": name,
            "name": name,
            "endpoint": f"/{name}s",
            "schema": schema,
            "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/{name}"},
        }
        for name, schema in (("User", USER), ("Group", GROUP))
    ]


def schemas(base: str) -> list[dict[str, Any]]:
    """``/Schemas``: what is kept, and nothing else."""
    user = [
        _attribute("userName", required=True, uniqueness="server"),
        _attribute(
            "name", type="complex", inner=[_attribute(each) for each in ("formatted", "givenName", "familyName")]
        ),
        _attribute("displayName"),
        _attribute(
            "emails",
            type="complex",
            many=True,
            inner=[_attribute("value"), _attribute("type"), _attribute("primary", type="boolean")],
        ),
        _attribute("active", type="boolean"),
        _attribute("groups", type="complex", many=True, mutability="readOnly", inner=_references("readOnly")),
    ]
    group = [
        _attribute("displayName", required=True, uniqueness="server"),
        _attribute("members", type="complex", many=True, inner=_references("immutable")),
    ]
    return [_schema(base, USER, "User", user), _schema(base, GROUP, "Group", group)]


def _schema(base: str, urn: str, name: str, attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "schemas": [_SCHEMA],
        "id": urn,
        "name": name,
        "attributes": attributes,
        "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{urn}"},
    }


def _references(mutability: str) -> list[dict[str, Any]]:
    return [
        _attribute("value", mutability=mutability),
        _attribute("display", mutability="readOnly"),
        _attribute("$ref", type="reference", mutability="readOnly"),
    ]


def _attribute(
    name: str,
    *,
    type: str = "string",
    many: bool = False,
    required: bool = False,
    mutability: str = "readWrite",
    uniqueness: str = "none",
    inner: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    about: dict[str, Any] = {
        "name": name,
        "type": type,
        "multiValued": many,
        "required": required,
        "caseExact": False,
        "mutability": mutability,
        "returned": "default",
        "uniqueness": uniqueness,
    }
    return about if inner is None else {**about, "subAttributes": inner}
