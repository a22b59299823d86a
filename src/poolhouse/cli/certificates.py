"""A certificate authority and a certificate of this machine's own, for ``up --https``."""

import os
from pathlib import Path

import msgspec


class Certificates(msgspec.Struct, frozen=True):
    """PEM files: the authority to trust, the certificate chain, its key."""

    authority: Path
    certificate: Path
    key: Path


def make_certificates(folder: Path, names: list[str]) -> Certificates:
    """Those in *folder*, made at the first start.  The authority's key is thrown away at once."""
    made = Certificates(folder / "ca.pem", folder / "certificate.pem", folder / "certificate.key")
    if not all(path.exists() for path in (made.authority, made.certificate, made.key)):
        import trustme  # noqa: PLC0415 - only --https pays for it

        authority = trustme.CA(organization_name="Poolhouse on this machine")
        issued = authority.issue_cert(*dict.fromkeys([*names, "localhost", "127.0.0.1"]))
        authority.cert_pem.write_to_path(made.authority)
        for number, part in enumerate(issued.cert_chain_pems):
            part.write_to_path(made.certificate, append=number > 0)
        os.close(os.open(made.key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        issued.private_key_pem.write_to_path(made.key, append=True)
    return made
