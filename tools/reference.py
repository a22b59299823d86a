"""
Writes what the documentation takes from the code: the support table, the settings of the server and of app clients, the
deviations.

``--check`` fails when a file differs from what would be written.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from poolhouse.house.config import SETTINGS as HOUSE
from poolhouse.house.settings.table import rows as live_rows
from poolhouse.kit.settings import Setting
from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.config import SETTINGS as POOL
from poolhouse.pool.console.settings import hosted_fields
from poolhouse.pool.console.settings import openid as console
from poolhouse.pool.console.settings.extended import Field
from poolhouse.pool.spec.contract import contract

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.exchanges.coverage import CONSTRAINTS, PAGES, Shown, Unshown, shown, unshown  # noqa: E402


def support() -> str:
    """Every operation of the service: offered or not, and what the tests' exchanges show of it."""
    names = sorted(contract().operations)
    rows = [
        "# Support",
        "",
        "Written from the code and from the exchanges that the tests play (`tests/exchanges`).",
        "An operation that is missing answers `UnknownOperationException`.",
        "",
        f"{len(OPERATIONS)} of {len(names)} operations.",
        "",
        "*Shown* counts requests whose answers are compared to the byte; *errors* are those that some of them end in.",
        "",
        "| operation | | shown | pages | errors |",
        "|---|---|---|---|---|",
    ]
    rows += [_supported(name) if name in OPERATIONS else f"| {name} | not yet | | | |" for name in names]
    rows += ["", "Errors of the model that are not shown, where, and why:", ""]
    rows += [_unshown(row) for row in unshown() if row.what not in {CONSTRAINTS, PAGES}]
    return "\n".join(rows) + "\n"


def _unshown(row: Unshown) -> str:
    """A reason, and the operations that it is for; without any it holds wherever the model lists the error."""
    signed = {"sigv4": "signed operations", "none": "unsigned operations"}.get(row.auth, "")
    where = ", ".join(sorted(row.operations)) or signed
    return f"- `{row.what}`{f' ({where})' if where else ''}: {row.because}"


def _supported(name: str) -> str:
    one = shown().get(name, Shown())
    count = one.answers + one.refusals
    errors = ", ".join(sorted(each.removesuffix("Exception") for each in one.errors))
    return f"| {name} | yes | {count or ''} | {'yes' if one.pages else ''} | {errors} |"


def summary() -> str:
    """The short table of the README."""
    offered, all_of_them = len(OPERATIONS), len(contract().operations)
    return "\n".join(
        [
            "| | |",
            "|---|---|",
            f"| `cognito-idp` operations | {offered} of {all_of_them}: [the list](docs/support.md) |",
            (
                "| unmodified clients in the tests | boto3, AWS CLI, AWS SDK for JavaScript, pycognito,"
                " amazon-cognito-identity-js, AWS Amplify, aws-jwt-verify, openid-client, oidc-client-ts, Authlib,"
                " mozilla-django-oidc, mod_auth_openidc, the MCP SDK: [how](docs/clients.md) |"
            ),
            (
                "| sign-in | password, SRP, codes by e-mail and SMS, passkeys, custom challenges, temporary passwords,"
                " refresh, second factors by app, SMS and e-mail, remembered devices, sessions |"
            ),
            (
                "| OAuth 2.0 and OpenID Connect | code with PKCE, refresh, client credentials, devices, token exchange;"
                " PAR, signed requests, DPoP, client assertions, mutual TLS; consent; introspection; logout by every"
                " channel; registration; keys that rotate: [how](docs/openid.md) |"
            ),
            (
                "| hosted pages | every way to sign in, passkeys included; sign-up, recovery, second factors, consent,"
                " an [account page](docs/account.md); [13 languages](docs/languages.md), [branding](docs/branding.md)"
                " with a live editor, [WCAG 2.2 AA](docs/accessibility.md) |"
            ),
            "| triggers | custom challenges, post confirmation, pre token generation: [how](docs/triggers.md) |",
            "| import | users by CSV file, with their password hashes: [how](docs/import.md) |",
            (
                "| house | form login, [any number of providers](docs/providers.md), [groups, roles and"
                " invitations](docs/people.md), [SCIM](docs/provisioning.md), [tokens](docs/tokens.md), live settings,"
                " audit log; a [gateway](docs/gateway.md) and forward-auth in front of any HTTP app |"
            ),
            "| not yet | sign-in at the pool through other providers, the other triggers |",
        ]
    )


def settings() -> str:
    """Both programs' settings, by flag and variable."""

    def table(rows: tuple[Setting, ...]) -> Iterator[str]:
        yield from ("| flag | variable | default | |", "|---|---|---|---|")
        for row in rows:
            flag = "" if row.secret else f"`{row.flag}`"
            default = "" if row.default in (None, "") else f"`{row.default}`"
            yield f"| {flag} | `{row.variable}` | {default} | {row.help.replace('|', '&#124;')} |"

    parts = [
        "# Settings", "",
        ("A value comes from the flag, then the environment, then a TOML file (`--config`), then the default. A secret"
        " has no flag, since flags show in the list of processes. A name that does not exist is an error."),
        "", "## serve pool", "", *table(POOL), "", "## serve house", "", *table(HOUSE),
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def client_settings() -> str:
    """The extended settings of an app client that act, in the words of the console's page."""
    rows = ["| setting | values | | standard |", "|---|---|---|---|"]
    for group in console.groups():
        rows += [
            f"| `{each.name}` | {_values(each)} | {each.label}. {each.hint} | {each.source} |" for each in group.fields
        ]
    return "\n".join(rows)


def page_settings() -> str:
    """The extended settings of a pool, in the words of the console's page."""
    rows = ["| setting | values | |", "|---|---|---|"]
    for group in hosted_fields.GROUPS:
        rows += [f"| `{each.name}` | {_values(each)} | {each.label}. {each.hint} |" for each in group.fields]
    return "\n".join(rows)


def _values(field: Field) -> str:
    named = ", ".join(f"`{value}`" for value, *_ in field.choices if value)
    plain = {
        "switch": "`true`, `false`",
        "number": "a number",
        "rows": "a list",
        "json": "JSON",
        "text": "text",
        "secret": "text",
    }
    return f"a list of {named}" if field.kind == "boxes" else named or plain[field.kind]


def live_settings() -> str:
    """Every live setting of the house by name, and what it is by default."""
    rows = ["| setting | values | default | |", "|---|---|---|---|"]
    for row in live_rows():
        values = ", ".join(f"`{each}`" for each in row.choices) or LIVE_KINDS[row.kind]
        default = "" if row.default in (None, "", [], (), {}) else f"`{msgspec.json.encode(row.default).decode()}`"
        words = ". ".join(filter(None, (row.label, row.help)))
        rows.append(f"| `{row.path.replace('*', '<id>')}` | {values} | {default} | {words} |")
    return "\n".join(rows)


LIVE_KINDS = {
    "text": "text",
    "number": "a number",
    "flag": "`true`, `false`",
    "choice": "text",
    "list": "a list of texts",
    "secret": "`env:NAME`, `file:PATH`",
    "picture": "`file:PATH`, of an SVG or a PNG",
    "json": "JSON, or a table",
}


def deviations() -> str:
    """Each ``DEVIATION:`` paragraph of the code."""
    rows = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        text = re.sub(r"\n\s*#? ?", " ", path.read_text())
        for found in re.finditer(r"DEVIATION: (.+?)(?:\"\"\"|  |$)", text):
            sentence = " ".join(found[1].split())
            rows.append(f"- `{path.relative_to(ROOT / 'src')}`: {sentence}")
    return "\n".join(rows)


def between(text: str, name: str, body: str) -> str:
    """*text* with what stands between the marks of *name* replaced."""
    pattern = re.compile(rf"(<!-- {name}:[^>]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
    return pattern.sub(lambda found: f"{found[1]}{body}\n{found[2]}", text)


def files() -> dict[Path, str]:
    """What every written file should hold."""
    readme, deviation_page = ROOT / "README.md", ROOT / "docs" / "deviations.md"
    openid_page, pages_page = ROOT / "docs" / "openid.md", ROOT / "docs" / "page-settings.md"
    live_page = ROOT / "docs" / "house-settings.md"
    return {
        ROOT / "docs" / "support.md": support(),
        ROOT / "docs" / "settings.md": settings(),
        readme: between(readme.read_text(), "support", summary()),
        openid_page: between(openid_page.read_text(), "openid-settings", client_settings()),
        pages_page: between(pages_page.read_text(), "page-settings", page_settings()),
        live_page: between(live_page.read_text(), "house-settings", live_settings()),
        deviation_page: between(deviation_page.read_text(), "deviations", deviations()),
    }


def main() -> int:
    """Write, or with ``--check`` compare."""
    stale = [path for path, text in files().items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what the code says: run python tools/reference.py")
        return len(stale)
    for path in stale:
        path.write_text(files()[path])
    return 0


if __name__ == "__main__":
    sys.exit(main())
