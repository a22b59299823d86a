"""
Passwords as a pool keeps them: an argon2id hash for plain sign-in, a sealed verifier for SRP.

Every verifier is stored, whether or not a client of the pool uses SRP now: a client that is added later must find its
users able to sign in, and without the password nobody can make a verifier then.
"""

import msgspec

from poolhouse.kit.passwords import DECOY_HASH, hash_password, verify_password
from poolhouse.pool.core import password as rules
from poolhouse.pool.core import srp
from poolhouse.pool.core.settings.pools import DEFAULT_POLICY
from poolhouse.pool.flows import people
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import Credentials, User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.spec.shapes import PasswordPolicyType


def policy_of(pool: Pool) -> PasswordPolicyType:
    """The pool's password policy; the service's default where none is set."""
    policies = pool.settings.policies
    return (policies and policies.password_policy) or DEFAULT_POLICY


async def make(flow: Flow, pool: Pool, username: str, password: str, *, temporary: bool) -> Credentials:
    """Credentials of *username* (the stored one) with *password*; the policy is checked elsewhere."""
    salt = srp.mint_salt(flow.entropy.token(srp.SALT_BYTES))
    encoded, verifier = await flow.cpu.run(_derive, pool.srp_name, username, password, salt)
    return Credentials(
        password_hash=encoded,
        srp_salt=salt,
        srp_verifier=flow.ring.seal(verifier, purpose="srp verifier", row=f"{pool.id}/{username}"),
        temporary_since=flow.clock.now() if temporary else None,
    )


def renewed(pool: Pool, old: Credentials, fresh: Credentials) -> Credentials:
    """*old* with the password of *fresh*: second factors stay, the former password joins the history."""
    return msgspec.structs.replace(
        old,
        password_hash=fresh.password_hash,
        srp_salt=fresh.srp_salt,
        srp_verifier=fresh.srp_verifier,
        temporary_since=fresh.temporary_since,
        history=rules.remembered(policy_of(pool), old.history, old.password_hash),
    )


async def check_new(flow: Flow, pool: Pool, user: User | None, password: str) -> None:
    """
    Refuse a new password that breaks the policy, or that *user* has had before.

    The history is compared in the CPU pool: each entry costs as much as a sign-in.
    """
    policy = policy_of(pool)
    refusal = rules.check_policy(policy, password)
    if refusal is None and user is not None and policy.password_history_size:
        held = user.credentials
        former = [each for each in (held.password_hash, *held.history) if each is not None]
        refusal = await flow.cpu.run(rules.check_history, policy, password, former, verify_password)
    if refusal is not None:
        stop(refusal)


async def check_password(flow: Flow, user: User | None, password: str, decoy: str = DECOY_HASH) -> bool:
    """
    Whether *password* is the user's.

    The work is the same for an unknown user and for one without a password (*decoy*), so that time tells nothing.
    """
    encoded = None if user is None else user.credentials.password_hash
    matches = await flow.cpu.run(verify_password, encoded or decoy, password)
    return matches and encoded is not None


def decoy(flow: Flow, entry: PoolEntry, name: str) -> str:
    """
    The hash to check in the place of an unknown user's.

    Imported hashes may take longer than ours.  So in a pool that has had some, every other unknown name is as slow as
    they are, always the same ones: how long an answer takes does not tell a user from nobody.
    """
    if entry.decoy is None:
        return DECOY_HASH
    key = f"{entry.pool.id}\0{entry.pool.key_of(name)}".encode()
    return entry.decoy if flow.ring.mac(key, purpose="password decoy")[0] & 1 else DECOY_HASH


async def adopt(flow: Flow, pool: Pool, user: User, password: str) -> User:
    """
    The user, once *password* was right, with credentials of our own making in the place of an imported hash.

    An imported hash came without a verifier: until the first password that is sent, nobody can make one.  Whoever
    proved a password goes on with the user that is returned, since what was proved is bound to the stored hash.
    """
    while user.credentials.password_hash is not None and user.credentials.srp_verifier is None:
        shown = user.credentials.password_hash
        fresh = await make(flow, pool, user.username, password, temporary=False)

        def decide(current: User, shown: str = shown, fresh: Credentials = fresh) -> User:
            if current.credentials.password_hash != shown:
                return current
            held = msgspec.structs.replace(
                current.credentials,
                password_hash=fresh.password_hash,
                srp_salt=fresh.srp_salt,
                srp_verifier=fresh.srp_verifier,
            )
            return msgspec.structs.replace(current, credentials=held)

        user = await people.change(flow, pool, user, decide)
        # Two at once, or a new password meanwhile: the other one's hash is the one to be right about.
        if user.credentials.password_hash != fresh.password_hash and not await check_password(flow, user, password):
            raise Refused(Reason.WRONG_PASSWORD)
    return user


def open_verifier(flow: Flow, user: User) -> bytes | None:
    """The user's SRP verifier; None for a user without a password."""
    sealed = user.credentials.srp_verifier
    if sealed is None:
        return None
    return flow.ring.open(sealed, purpose="srp verifier", row=f"{user.pool_id}/{user.username}")


def _derive(pool_name: str, username: str, password: str, salt: bytes) -> tuple[str, bytes]:
    return hash_password(password), srp.verifier(pool_name, username, password, salt)
