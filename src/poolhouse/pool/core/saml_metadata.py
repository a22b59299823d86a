"""
The metadata of a SAML identity provider (SAML V2.0 Metadata), read safely.

A document type declaration is where entities, external files and expansions come from (XXE, "billion laughs"), and
metadata needs none: the parser stops at the first one.  Size and depth are bounded.  The text of an element is all of
its text, comments left out (CVE-2026-40165).
"""

import base64
from typing import Final
from xml.parsers import expat

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm

from poolhouse.pool.core.refusal import Refusal, invalid_parameter

SIZE_LIMIT: Final = 262_144
_DEPTH: Final = 32
_MD: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_PROTOCOL: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
_REDIRECT: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"

_ENTITY: Final = f"{_MD} EntityDescriptor"
_ROLE: Final = f"{_MD} IDPSSODescriptor"
_KEY: Final = f"{_MD} KeyDescriptor"
_SIGN_ON: Final = f"{_MD} SingleSignOnService"
_SIGN_OUT: Final = f"{_MD} SingleLogoutService"
_CERTIFICATE: Final = f"{_DS} X509Certificate"


class SamlMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed of an identity provider; certificates are DER, those that sign only."""

    entity_id: str
    sign_on_url: str
    sign_out_url: str | None
    certificates: tuple[bytes, ...]


class _Forbidden(Exception):
    """The document holds what no metadata needs."""


class _Found(msgspec.Struct):
    """An identity provider's part of the document, as far as it was read."""

    entity_id: str
    speaks_saml2: bool
    sign_on_url: str = ""
    sign_out_url: str = ""
    certificates: list[str] = []


class _Reader:
    """Gathers the identity providers of one document; a namespace and a local name are separated by a space."""

    def __init__(self) -> None:
        self.found: list[_Found] = []
        self._path: list[str] = []
        self._entity = ""
        self._role: _Found | None = None
        self._signs = False
        self._text: list[str] | None = None

    def start(self, name: str, given: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) > _DEPTH:
            raise _Forbidden
        if name == _ENTITY:
            self._entity = given.get("entityID", "")
        elif name == _ROLE:
            self._role = _Found(self._entity, _PROTOCOL in given.get("protocolSupportEnumeration", "").split())
            self.found.append(self._role)
        elif self._role is not None:
            self._in_role(self._role, name, given)

    def _in_role(self, role: _Found, name: str, given: dict[str, str]) -> None:
        is_redirect = given.get("Binding") == _REDIRECT
        if name == _KEY:
            self._signs = given.get("use", "signing") == "signing"
        elif name == _SIGN_ON and is_redirect and not role.sign_on_url:
            role.sign_on_url = given.get("Location", "")
        elif name == _SIGN_OUT and is_redirect and not role.sign_out_url:
            role.sign_out_url = given.get("Location", "")
        elif name == _CERTIFICATE and self._signs and _KEY in self._path:
            self._text = []

    def characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, name: str) -> None:
        self._path.pop()
        if name == _ROLE:
            self._role = None
        elif name == _KEY:
            self._signs = False
        elif name == _CERTIFICATE and self._text is not None and self._role is not None:
            self._role.certificates.append("".join(self._text))
            self._text = None


def read_metadata(document: str | bytes) -> SamlMetadata | Refusal:
    """The one identity provider that *document* describes, or what is wrong with it."""
    if len(document) > SIZE_LIMIT:
        return invalid_parameter(f"The SAML metadata is larger than {SIZE_LIMIT} bytes.")
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = _forbid
    parser.EntityDeclHandler = _forbid
    parser.ExternalEntityRefHandler = _forbid
    try:
        parser.Parse(document, True)
    except _Forbidden:
        return invalid_parameter("The SAML metadata must not have a document type declaration or be nested deeply.")
    except (expat.ExpatError, ValueError, LookupError):
        return invalid_parameter("The SAML metadata is not a well-formed XML document.")
    return _judged(reader.found)


def _forbid(*_what: object) -> int:
    raise _Forbidden


def _judged(found: list[_Found]) -> SamlMetadata | Refusal:
    providers = [each for each in found if each.speaks_saml2]
    if len(providers) != 1:
        count = "no" if not providers else "more than one"
        return invalid_parameter(f"The SAML metadata describes {count} SAML 2.0 identity provider.")
    provider = providers[0]
    if not provider.entity_id:
        return invalid_parameter("The SAML metadata has no entityID.")
    if not provider.sign_on_url:
        return invalid_parameter("No SingleSignOn Http redirect binding location found in metadata.")
    certificates = tuple(filter(None, map(_certificate, provider.certificates)))
    if not certificates or len(certificates) < len(provider.certificates):
        return invalid_parameter("The SAML metadata has no valid signing certificate, or one that cannot be read.")
    return SamlMetadata(
        entity_id=provider.entity_id,
        sign_on_url=provider.sign_on_url,
        sign_out_url=provider.sign_out_url or None,
        certificates=certificates,
    )


def _certificate(text: str) -> bytes | None:
    from cryptography import x509  # noqa: PLC0415 (a megabyte, for pools with a SAML provider)

    try:
        der = base64.b64decode("".join(text.split()), validate=True)
        x509.load_der_x509_certificate(der).public_key()
    except (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm):
        return None
    return der
