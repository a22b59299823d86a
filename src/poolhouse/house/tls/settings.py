"""The settings document's part on TLS: Admin Settings > Domain and TLS."""

from typing import Annotated

import msgspec
from msgspec import Meta

from poolhouse.kit.ambient import Secret
from poolhouse.kit.urls import is_loopback_host, split_url

LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"
LIMIT = 300


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate that an administrator has brought; both are empty where there is none."""

    chain: Annotated[
        str, Meta(title="Certificate", description="The full chain in PEM; the certificate of the house comes first.")
    ] = ""
    key: Annotated[Secret, Meta(title="Private key", description="In PEM, without a password.")] = Secret("")


class Acme(msgspec.Struct, frozen=True, kw_only=True):
    """
    Certificates from an authority by ACME (RFC 8555).

    *terms* is the address of the terms that were agreed to: an authority that has changed them is asked about anew.
    """

    is_enabled: Annotated[
        bool, Meta(title="Get certificates by itself", description="From an authority that speaks ACME.")
    ] = False
    directory: Annotated[str, Meta(title="Directory URL", description="The authority's; Let's Encrypt by default.")] = (
        LETS_ENCRYPT
    )
    email: Annotated[
        str, Meta(title="Contact E-mail", description="Where the authority writes to about the account. May be empty.")
    ] = ""
    terms: Annotated[
        str, Meta(title="Terms agreed to", description="The address of the authority's terms, as they were agreed to.")
    ] = ""
    eab_id: Annotated[
        str, Meta(title="Key ID", description="Of External Account Binding, where the authority asks for it.")
    ] = ""
    eab_key: Annotated[
        Secret,
        Meta(title="HMAC Key", description="Of External Account Binding, as the authority shows it (base64url)."),
    ] = Secret("")


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """Certificates, whom the house trusts, and what browsers are told."""

    own: Own = Own()
    acme: Acme = Acme()
    authorities: Annotated[
        str,
        Meta(
            title="Private CA",
            description="Certificates of authorities in PEM, trusted for providers and apps beside the system's.",
        ),
    ] = ""
    hsts_days: Annotated[
        int,
        Meta(
            title="Keep browsers on https",
            description="Days for which browsers that were here refuse plain http (HSTS). 0: they are not told to.",
        ),
    ] = 180


def check(tls: Tls) -> dict[str, str]:
    """What is wrong whatever the time and the hosts are, by field name."""
    # X.509 takes 2 MB, which a program that only starts should not pay.
    from poolhouse.house.tls.pairs import BadPair, read_authorities, read_pair  # noqa: PLC0415

    errors: dict[str, str] = {}
    if tls.own.chain or tls.own.key.reveal():
        try:
            read_pair(tls.own.chain, tls.own.key)
        except BadPair as wrong:
            errors[f"own.{wrong.field}"] = str(wrong)
    if tls.authorities:
        try:
            read_authorities(tls.authorities)
        except BadPair as wrong:
            errors["authorities"] = str(wrong)
    if tls.hsts_days not in range(3651):
        errors["hsts_days"] = "Give a number of days from 0 to 3650."
    return errors | _check_acme(tls.acme)


def _check_acme(acme: Acme) -> dict[str, str]:
    errors: dict[str, str] = {}
    parts = split_url(acme.directory)
    if parts is None or (parts.scheme != "https" and not is_loopback_host(parts.hostname or "")):
        errors["acme.directory"] = "Give the https:// address of the authority's directory."
    email = acme.email
    if email and (len(email) > LIMIT or email.count("@") != 1 or not email.isprintable() or " " in email):
        errors["acme.email"] = "Give one address."
    if bool(acme.eab_id) != bool(acme.eab_key.reveal()):
        errors["acme.eab_key" if acme.eab_id else "acme.eab_id"] = "Give both the Key ID and the HMAC Key, or neither."
    key = acme.eab_key.reveal().rstrip("=")
    if key and not (key.isascii() and all(c.isalnum() or c in "-_" for c in key) and len(key) % 4 != 1):
        errors["acme.eab_key"] = "The HMAC Key is text in base64url."
    return errors
