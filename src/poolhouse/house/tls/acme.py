"""
One certificate from an authority (RFC 8555): account, order, the proof by plain http, the chain.

The ``acme`` library works in a thread of its own; it is imported when the first certificate is ordered.
"""

import asyncio
import ipaddress
from collections.abc import Sequence

import msgspec
from acme import challenges, errors, messages
from acme.client import ClientV2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from josepy.jwk import JWKEC
from josepy.util import ComparableECKey

from poolhouse.house.context import Context
from poolhouse.house.store import certificates as store
from poolhouse.house.tls.network import Bridge, Network
from poolhouse.house.tls.pairs import BadPair, Pair, is_address, read_pair
from poolhouse.house.tls.settings import Acme
from poolhouse.kit.ambient import Epoch, Secret
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.outgoing import Unreachable

ACCOUNT_PURPOSE = "house acme account"
ANSWER_SECONDS = 600


class NotIssued(Exception):
    """No certificate; the text says why. *wait* is how long the authority wants to be left alone, if it says so."""

    def __init__(self, why: str, *, wait: int = 0) -> None:
        super().__init__(why)
        self.wait = wait


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The key by which the authority knows this house; without a *url* it does not know it yet."""

    key: Secret
    url: str = ""


async def find_terms(ctx: Context, directory: str) -> str:
    """The address of the authority's terms, empty if it has none; ``NotIssued`` if it cannot be asked."""
    bridge = Bridge(asyncio.get_running_loop())
    network = Network(bridge, ctx.relying.wire.http)
    try:
        found = await asyncio.to_thread(ClientV2.get_directory, directory, network)
    except Exception as wrong:
        raise explained(wrong) from wrong
    finally:
        bridge.stop()
    return _terms(found)


async def obtain(ctx: Context, host: str) -> Pair:
    """A certificate for *host*, which leads here; ``NotIssued``."""
    settings = ctx.live.document.tls.acme
    account = await _account(ctx, settings)
    bridge = Bridge(asyncio.get_running_loop())
    try:
        return await asyncio.to_thread(_obtain, ctx, bridge, settings, account, host)
    except Exception as wrong:
        if isinstance(wrong, messages.Error) and wrong.code == "accountDoesNotExist":
            await _unlearn(ctx, settings.directory)
        raise explained(wrong) from wrong
    finally:
        bridge.stop()


async def _account(ctx: Context, settings: Acme) -> Account:
    async def unit(tx: ReadTx) -> tuple[str, bytes] | None:
        return await store.find_account(tx, settings.directory)

    found = await ctx.db.read(unit)
    if found is not None:
        key = ctx.ring.open(found[1], purpose=ACCOUNT_PURPOSE, row=settings.directory)
        return Account(key=Secret(key.decode()), url=found[0])
    return Account(key=_pem(ec.generate_private_key(ec.SECP256R1())))


async def _keep(ctx: Context, directory: str, account: Account) -> None:
    sealed = ctx.ring.seal(account.key.reveal().encode(), purpose=ACCOUNT_PURPOSE, row=directory)

    async def unit(tx: Tx) -> None:
        await store.put_account(tx, directory, url=account.url, sealed_key=sealed, now=ctx.clock.now())

    await ctx.db.write(unit)


async def _unlearn(ctx: Context, directory: str) -> None:
    """The authority has forgotten the account: the next try makes another."""

    async def unit(tx: Tx) -> None:
        await store.delete_account(tx, directory)

    await ctx.db.write(unit)


# -- in the thread


def _obtain(ctx: Context, bridge: Bridge, settings: Acme, account: Account, host: str) -> Pair:
    private = load_pem_private_key(account.key.reveal().encode(), None)
    key = JWKEC(key=ComparableECKey(private))  # type: ignore[arg-type] # as it was made
    network = Network(bridge, ctx.relying.wire.http, key)
    directory = ClientV2.get_directory(settings.directory, network)
    terms = _terms(directory)
    if terms != settings.terms and terms:
        raise NotIssued("The authority has terms that nobody here has agreed to yet. Read and agree to them above.")
    client = ClientV2(directory, network)
    if account.url:
        network.account = _known_account(account.url)
    else:
        url = _register(client, directory, key, settings)
        bridge.run(_keep(ctx, settings.directory, Account(key=account.key, url=url)))
    leaf = ec.generate_private_key(ec.SECP256R1())
    order = client.new_order(_request(leaf, host))
    tokens = _prove(ctx, bridge, client, key, order.authorizations)
    try:
        issued = client.poll_and_finalize(order)
    finally:
        for token in tokens:
            bridge.run(_forget(ctx, token))
    pair = read_pair(issued.fullchain_pem, _pem(leaf))
    if not pair.covers(host):
        raise NotIssued("The authority has issued a certificate for another name.")
    return pair


def _terms(directory: messages.Directory) -> str:
    try:
        return str(directory.meta.terms_of_service or "")
    except (KeyError, AttributeError):
        return ""


def _known_account(url: str) -> messages.RegistrationResource:
    return messages.RegistrationResource(uri=url, body=messages.Registration())


def _register(client: ClientV2, directory: messages.Directory, key: JWKEC, settings: Acme) -> str:
    """The account's URL; an account that this key has already is found (RFC 8555 section 7.3.1)."""
    binding = None
    if settings.eab_id:
        binding = messages.ExternalAccountBinding.from_data(
            key.public_key(), settings.eab_id, settings.eab_key.reveal().rstrip("="), directory
        )
    wanted = messages.NewRegistration.from_data(
        email=settings.email or None, terms_of_service_agreed=True, external_account_binding=binding
    )
    try:
        made = client.new_account(wanted)
    except errors.ConflictError as known:
        client.net.account = _known_account(known.location)
        return known.location
    return str(made.uri)


def _prove(
    ctx: Context, bridge: Bridge, client: ClientV2, key: JWKEC,
    authorizations: Sequence[messages.AuthorizationResource],
) -> list[str]:  # fmt: skip
    """Put the answers where every replica finds them, then have the authority look (RFC 8555 section 8.3)."""
    tokens = []
    for each in authorizations:
        if each.body.status == messages.STATUS_VALID:
            continue
        offered = [one for one in each.body.challenges if isinstance(one.chall, challenges.HTTP01)]
        if not offered:
            raise NotIssued("The authority does not offer the proof by plain http (http-01).")
        response, answer = offered[0].response_and_validation(key)
        token = offered[0].chall.encode("token")
        bridge.run(_answer(ctx, token, answer))
        tokens.append(token)
        client.answer_challenge(offered[0], response)
    return tokens


async def _answer(ctx: Context, token: str, answer: str) -> None:
    now = ctx.clock.now()

    async def unit(tx: Tx) -> None:
        await store.put_answer(tx, token, answer, now=now, expires_at=Epoch(now + ANSWER_SECONDS))

    await ctx.db.write(unit)


async def _forget(ctx: Context, token: str) -> None:
    async def unit(tx: Tx) -> None:
        await store.delete_answer(tx, token)

    await ctx.db.write(unit)


def _request(key: ec.EllipticCurvePrivateKey, host: str) -> bytes:
    name = x509.IPAddress(ipaddress.ip_address(host)) if is_address(host) else x509.DNSName(host)
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    request = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False).sign(key, SHA256())
    return request.public_bytes(Encoding.PEM)


def _pem(key: ec.EllipticCurvePrivateKey) -> Secret:
    return Secret(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


# -- what went wrong, in words

_TROUBLE = {
    "name": "its name is not known",
    "address": "it is at an address that the house may not call (allow_private_addresses)",
    "connection": "there is no connection",
    "certificate": "its certificate is not trusted",
    "time": "it does not answer in time",
    "size": "its answer is too large",
    "protocol": "its answer is not HTTP as it should be",
}
_CODES = {
    "dns": "The authority does not find this host in the DNS.",
    "connection": "The authority does not reach this host at port 80.",
    "unauthorized": "The authority has reached something else than this house at port 80 of this host.",
    "incorrectResponse": "The authority has reached something else than this house at port 80 of this host.",
    "tls": "The authority cannot connect to this host.",
    "caa": "A CAA record in the DNS forbids this authority to issue certificates for this host.",
    "rateLimited": store.LIMITED,
    "rejectedIdentifier": "The authority does not issue certificates for this name.",
    "unsupportedIdentifier": "The authority does not issue certificates for such names.",
    "externalAccountRequired": "The authority asks for External Account Binding: give its Key ID and HMAC Key.",
    "accountDoesNotExist": "The authority does not know our account.",
    "invalidContact": "The authority does not take the contact e-mail.",
    "unsupportedContact": "The authority does not take the contact e-mail.",
    "userActionRequired": "The authority asks for something to be done, such as to agree to new terms.",
    "serverInternal": "The authority has trouble of its own.",
}
_LIMITED_SECONDS = 6 * 3600


def explained(wrong: Exception) -> NotIssued:
    """In words that tell an administrator what to do; the authority's own are behind them."""
    if isinstance(wrong, NotIssued):
        return wrong
    if isinstance(wrong, errors.ValidationError):
        found = [each.error for one in wrong.failed_authzrs for each in one.body.challenges if each.error]
        return _said(found[0]) if found else NotIssued("The authority was not convinced.")
    if isinstance(wrong, messages.Error | errors.IssuanceError):
        return _said(wrong.error if isinstance(wrong, errors.IssuanceError) else wrong)
    return NotIssued(_plainly(wrong))


def _plainly(wrong: Exception) -> str:
    if isinstance(wrong, Unreachable):
        return f"The authority cannot be reached: {_TROUBLE[wrong.trouble]}."
    if isinstance(wrong, errors.TimeoutError | TimeoutError):
        return "The authority did not decide in time."
    if isinstance(wrong, BadPair):
        return f"What the authority issued cannot be used: {wrong}"
    return f"The authority's answer cannot be understood ({type(wrong).__name__})."


def _said(error: messages.Error) -> NotIssued:
    code = error.code or ""
    words = _CODES.get(code, "The authority has refused.")
    detail = "".join(c for c in (error.detail or "")[:500] if c.isprintable())
    wait = _LIMITED_SECONDS if code == "rateLimited" else 0
    return NotIssued(f"{words} It says: {detail}" if detail else words, wait=wait)


def renewal(pair: Pair) -> Epoch:
    """At two thirds of its life."""
    return Epoch(pair.not_before + (pair.not_after - pair.not_before) * 2 // 3)
