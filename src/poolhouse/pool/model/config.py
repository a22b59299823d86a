"""What the server as a whole was told; pools have settings of their own."""

from collections.abc import Mapping

import msgspec


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

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https, hence Secure cookies."""
        return self.base_url.startswith("https://")

    def issuer(self, pool_id: str) -> str:
        return f"{self.base_url}/{pool_id}"

    def domain_url(self, name: str, *, custom: bool) -> str:
        """Where the pages and OAuth endpoints of a domain are."""
        if custom:
            return f"https://{name}"
        if self.domain_suffix:
            return f"https://{name}.{self.domain_suffix}"
        return f"{self.base_url}/domains/{name}"
