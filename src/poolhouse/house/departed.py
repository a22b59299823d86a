"""
What the settings say of a provider that is gone: nothing.

Rules name a provider by its id, and the id can be another provider's tomorrow; the first one's always is.  Whoever may
sign in there must not inherit for whom the former one spoke, nor what its claims gave.
"""

import msgspec

from poolhouse.house.model import Document


def forget_departed(before: Document, after: Document) -> Document:
    """*after* without what it says of providers that *before* had and it has not."""
    gone = {each.id for each in before.providers} - {each.id for each in after.providers}
    if not gone:
        return after
    people, provisioning = after.people, after.provisioning
    people = msgspec.structs.replace(
        people,
        rules=tuple(each for each in people.rules if each.provider not in gone),
        authorities=tuple(each for each in people.authorities if each.provider not in gone),
        newcomers_of={its_id: rule for its_id, rule in people.newcomers_of.items() if its_id not in gone},
    )
    if provisioning.provider in gone:
        provisioning = msgspec.structs.replace(provisioning, provider="")
    return msgspec.structs.replace(after, people=people, provisioning=provisioning)
