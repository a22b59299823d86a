"""What the server as a whole was told; pools have settings of their own."""

import re
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

IssuerForm = Literal["own", "aws"]
_CHINA: Final = ".cn"
_SERVICE_HOST: Final = re.compile(r"cognito-idp\.[a-z]{2}(?:-[a-z]+)+-\d\.amazonaws\.com(?:\.cn)?(?::\d+)?")


class ServerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """
    Settings that flows and surfaces need.

    ``base_url`` has no trailing slash and is the only source of our own URLs.  ``domain_suffix``
    (``auth.example.com``) turns domain prefixes into hosts.  ``development`` is ``poolhouse up``: any AWS
    credentials on loopback, messages readable in the console.  ``can_mail`` tells whether a mail server is set:
    without one, and outside development, an operation that must send a message fails.  ``strict`` is AWS to the
    letter: its answer is given where ours differs by choice (each ``DEVIATION``), and tiers gate their features.
    ``client_certificate_header`` is where a proxy tells the client's certificate, ``client_certificate_verified``
    (``name=value``) the header that says that it verified it.
    ``rates`` are requests a second by category, for each pool; a category that is not there has no limit.
    ``has_proxies``: the proxies in front are named, so that an address is one client's.
    ``issuer_form`` "aws" gives tokens the service's own issuer.
    ``key_rotation_days`` is the age at which a pool's signing keys get successors, 0 for never.
    """

    base_url: str
    domain_suffix: str | None = None
    development: bool = False
    can_mail: bool = False
    strict: bool = False
    rates: Mapping[str, int] = {}
    account: str = "000000000000"
    auth_event_days: int = 730
    region: str = "us-east-1"
    client_certificate_header: str = ""
    client_certificate_verified: str = ""
    key_rotation_days: int = 0
    has_proxies: bool = False
    issuer_form: IssuerForm = "own"

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https, hence Secure cookies."""
        return self.base_url.startswith("https://")

    def issuer(self, pool_id: str) -> str:
        """
        The issuer of a pool's tokens: under the base URL, or in the form that verifiers make up from a pool's id.

        In the form "aws" whoever uses it has the service's name resolve to this server.
        """
        if self.issuer_form == "aws":
            region = pool_id.partition("_")[0]
            return f"https://cognito-idp.{region}.amazonaws.com{_CHINA if region.startswith('cn-') else ''}/{pool_id}"
        return f"{self.base_url}/{pool_id}"

    def is_issuer_host(self, host: str) -> bool:
        """Whether *host*, as a Host header has it, is the service's own name of a region, and stands for us."""
        return self.issuer_form == "aws" and _SERVICE_HOST.fullmatch(host) is not None

    def domain_url(self, name: str, *, custom: bool) -> str:
        """Where the pages and OAuth endpoints of a domain are."""
        if custom:
            return f"https://{name}"
        if self.domain_suffix:
            return f"https://{name}.{self.domain_suffix}"
        return f"{self.base_url}/domains/{name}"
