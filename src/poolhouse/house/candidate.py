"""Records of a change of a provider that comes into force in steps: tried by its administrator first, watched after."""

import msgspec

from poolhouse.house.provider import Provider
from poolhouse.kit.ambient import Epoch


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """
    Changed settings of a provider that are saved and not yet in force, beside those that are.

    ``account_id`` is the administrator who saved them; ``tested_at`` when a Test login with them came back.
    """

    provider: Provider
    account_id: str
    by: str
    saved_at: Epoch
    expires_at: Epoch
    tested_at: Epoch | None = None


class Former(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was in force before, as long as one can go back to it.

    Until ``watched_until`` the settings that followed give way by themselves when sign-ins fail.
    """

    provider: Provider
    until: Epoch
    watched_until: Epoch = Epoch(0)


class Fallen(msgspec.Struct, frozen=True, kw_only=True):
    """That the former settings came back by themselves; shown to administrators until one takes it away."""

    provider_id: str
    at: Epoch
    failure: str


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, at most one of each kind for a provider."""

    candidates: tuple[Candidate, ...] = ()
    formers: tuple[Former, ...] = ()
    fallen: tuple[Fallen, ...] = ()


def find_candidate(rollout: Rollout, provider_id: str) -> Candidate | None:
    return next((each for each in rollout.candidates if each.provider.id == provider_id), None)


def find_former(rollout: Rollout, provider_id: str) -> Former | None:
    return next((each for each in rollout.formers if each.provider.id == provider_id), None)


def put_candidate(rollout: Rollout, candidate: Candidate) -> Rollout:
    """*candidate* in the place of one that was there for its provider."""
    without = remove_candidate(rollout, candidate.provider.id)
    return msgspec.structs.replace(without, candidates=(*without.candidates, candidate))


def remove_candidate(rollout: Rollout, provider_id: str) -> Rollout:
    kept = tuple(each for each in rollout.candidates if each.provider.id != provider_id)
    return msgspec.structs.replace(rollout, candidates=kept)


def put_former(rollout: Rollout, former: Former) -> Rollout:
    """*former* in the place of one that was there for its provider."""
    without = remove_former(rollout, former.provider.id)
    return msgspec.structs.replace(without, formers=(*without.formers, former))


def remove_former(rollout: Rollout, provider_id: str) -> Rollout:
    kept = tuple(each for each in rollout.formers if each.provider.id != provider_id)
    return msgspec.structs.replace(rollout, formers=kept)
