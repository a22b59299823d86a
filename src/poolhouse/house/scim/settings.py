"""Admin Settings > Provisioning: whether a directory keeps people and groups, and whose sign-ins it speaks for."""

from typing import Annotated

import msgspec


class Provisioning(msgspec.Struct, frozen=True, kw_only=True):
    """
    SCIM, off by default.

    An account that SCIM made has no identity until its first sign-in.  Where *provider* is set, a subject of that
    provider who is new here gets the account whose externalId, or userName, is what the *claim* says: an
    administrator's word that this provider and this directory are one.
    """

    is_enabled: Annotated[bool, msgspec.Meta(title="SCIM on", description="A directory keeps people and groups.")] = (
        False
    )
    provider: Annotated[
        str, msgspec.Meta(title="Provider", description="Whose sign-ins get the accounts that SCIM made; its id.")
    ] = ""
    claim: Annotated[
        str,
        msgspec.Meta(
            title="Claim", description="The claim that is the directory's externalId: sub at Okta, oid at Entra ID."
        ),
    ] = "sub"
