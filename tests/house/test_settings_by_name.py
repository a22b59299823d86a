"""Every live setting by name: the table, the command line, files; the same checks and guards as the pages."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.cli.__main__ import main
from poolhouse.house.app import House, Look, build
from poolhouse.house.guards import Refused
from poolhouse.house.live import Held
from poolhouse.house.model import Document
from poolhouse.house.pages.section import NO_NUMBER
from poolhouse.house.settings.applying import apply_changes, apply_given
from poolhouse.house.settings.checks import check
from poolhouse.house.settings.giving import Given, read_assignments, read_file
from poolhouse.house.settings.table import Row, entries, rows
from poolhouse.house.settings.values import WrongSettings, changed_paths, describe_change, flat, with_changes
from poolhouse.house.settings.writing import toml, write_apps, write_settings
from poolhouse.house.store import apps as app_store
from poolhouse.kit.ambient import FixedClock, Secret, SystemClock, SystemEntropy
from poolhouse.kit.settings import SettingError
from tests.house.op import Provider
from tests.house.test_replicas import eventually
from tests.house.world import BASE, MASTER, Browser, house_settings, words

NewBrowser = Callable[..., Browser]


def document(provider: Provider) -> Document:
    """One with a provider, secret included."""
    return with_changes(
        Document(version=0),
        {
            f"providers.oidc.settings.{name}": value
            for name, value in msgspec.structs.asdict(provider.settings()).items()
        },
    )


def test_every_field_of_the_document_is_a_setting_with_a_path() -> None:
    known = entries()
    for path in flat(Document(version=0)):
        assert isinstance(known[path], Row), path
    assert "version" not in known
    assert {"mail.password", "providers.*.settings.client_secret"} <= {
        row.path for row in rows() if row.kind == "secret"
    }


@pytest.mark.parametrize("path", [row.path for row in rows() if row.kind == "number" and "*" not in row.path])
def test_a_number_that_is_none_is_told_its_bounds(path: str) -> None:
    """Forms have no words of their own for it: ``section.NO_NUMBER`` is out of all bounds."""
    before = Document(version=1)

    said = check(before, with_changes(before, {path: NO_NUMBER}))

    assert re.search(r"from \d+ to \d+", said[path])


def test_a_value_that_is_none_of_the_choices_is_told_them() -> None:
    with pytest.raises(WrongSettings) as wrong:
        with_changes(Document(version=1), {"embedding.policy": "maybe"})

    assert {"embedding.policy": "It is one of nowhere, listed, anywhere."} == wrong.value.errors


def test_certificates_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("PEM\n")
    settings = tmp_path / "house.toml"
    settings.write_text(f'[tls]\nauthorities = "file:{file}"\n')

    assert {"tls.authorities": "PEM"} == read_assignments([f"tls.authorities=file:{file}"])
    assert {"tls.authorities": "PEM"} == read_file(settings).settings


def test_of_certificates_the_audit_log_says_how_many() -> None:
    pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    after = with_changes(Document(version=1), {"tls.authorities": pem * 2})

    assert "tls.authorities: 2 certificates in PEM" == describe_change(Document(version=1), after)


def test_a_secret_within_something_without_an_id_is_not_offered_by_name() -> None:
    """It could be given in no way but in clear."""
    assert all("Secret" not in repr(row.default) for row in rows() if row.kind == "json")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("mail.port=2525", {"mail.port": 2525}),
        ("mail.host=smtp.example.com", {"mail.host": "smtp.example.com"}),
        ("mail.host=", {"mail.host": None}),
        ("form_login.is_enabled=no", {"form_login.is_enabled": False}),
        ("people.newcomers.domains=a.example, b.example", {"people.newcomers.domains": ["a.example", "b.example"]}),
        ('people.newcomers.domains=["a.example"]', {"people.newcomers.domains": ["a.example"]}),
        ("instance_name=a=b", {"instance_name": "a=b"}),
        ("providers.okta.label=Okta", {"providers.okta.label": "Okta"}),
    ],
)
def test_an_assignment_is_read_by_the_kind_of_its_setting(text: str, value: dict[str, Any]) -> None:
    assert value == read_assignments([text])


@pytest.mark.parametrize(
    ("texts", "wrong"),
    [
        (["mail.port=many"], "mail.port"),
        (["mail.prot=1"], "mail.prot"),
        (["form_login.is_enabled=perhaps"], "form_login.is_enabled"),
        (["mail.host"], ""),
        (["mail.host=a", "mail.host=b"], "mail.host"),
        (["mail.password=in clear"], "mail.password"),
        (["mail.password=env:NOT_THERE"], "mail.password"),
        (["mail.password=file:/not/there"], "mail.password"),
    ],
)
def test_a_wrong_assignment_is_named(texts: list[str], wrong: str) -> None:
    with pytest.raises(WrongSettings) as caught:
        read_assignments(texts, {})
    assert [wrong] == list(caught.value.errors)


def test_secrets_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the file\n")
    found = read_assignments(["mail.password=env:MAIL"], {"MAIL": "of the variable"})
    assert "of the variable" == found["mail.password"].reveal()
    found = read_assignments([f"mail.password=file:{tmp_path}/secret"], {})
    assert "of the file" == found["mail.password"].reveal()


async def test_an_exported_file_applies_to_the_same_and_holds_no_secret(provider: Provider, tmp_path: Path) -> None:
    before = with_changes(
        document(provider),
        {"mail.host": "smtp.example.com", "mail.password": Secret("hush"), "instance_name": 'A "b"\n'},
    )
    text = write_settings(before)
    (tmp_path / "house.toml").write_text(text)
    given_ = read_file(tmp_path / "house.toml", {})

    assert "hush" not in text
    assert provider.settings().client_secret.reveal() not in text
    assert [] == changed_paths(before, with_changes(before, given_.settings))


@given(st.recursive(
    st.text(st.characters(exclude_categories=["Cs"])) | st.booleans() | st.integers(-(2**53), 2**53),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
))  # fmt: skip
def test_a_value_is_read_from_toml_as_it_was_written(value: Any) -> None:
    assert {"v": value} == tomllib.loads(f"v = {toml(value)}")


async def test_a_wrong_value_changes_nothing_and_is_named_as_the_pages_do(house: House) -> None:
    with pytest.raises(WrongSettings, match=r"mail\.port: Give a number"):
        await apply_changes(house.ctx, {"instance_name": "New", "mail.port": 0}, by="test")
    assert 0 == house.ctx.live.document.version


async def test_what_would_lock_every_administrator_out_is_refused(house: House) -> None:
    with pytest.raises(Refused, match="no administrator could sign in"):
        await apply_changes(house.ctx, {"form_login.is_enabled": False}, by="test")


async def test_an_issuer_alone_fills_in_the_addresses_of_a_provider(house: House, provider: Provider) -> None:
    wanted = provider.settings()
    given_ = {
        "providers.okta.settings.client_id": wanted.client_id,
        "providers.okta.settings.client_secret": wanted.client_secret,
        "providers.okta.settings.issuer": wanted.issuer,
    }
    await apply_changes(house.ctx, given_, by="test")
    (made,) = house.ctx.live.document.providers
    assert (wanted.token_url, wanted.jwks_url) == (made.settings.token_url, made.settings.jwks_url)
    await provider.stop()
    assert "" == (await apply_changes(house.ctx, given_, by="test")).change, "a provider that is away does no harm"
    with pytest.raises(WrongSettings, match=r"providers\.okta\.settings\.issuer"):
        await apply_changes(house.ctx, {"providers.okta.settings.issuer": "http://localhost:1/"}, by="test")


async def test_google_and_github_need_a_client_and_nothing_else(house: House) -> None:
    for kind in ("google", "github"):
        path = f"providers.{kind}"
        given_ = {
            f"{path}.kind": kind,
            f"{path}.settings.client_id": "a",
            f"{path}.settings.client_secret": Secret("b"),
        }
        await apply_changes(house.ctx, given_, by="test")
    assert ["google", "github"] == [each.kind.value for each in house.ctx.live.document.providers]


async def test_a_change_that_changes_nothing_makes_no_version(house: House) -> None:
    outcome = await apply_changes(house.ctx, {"mail.port": 587}, by="test")
    assert ("", 0) == (outcome.change, outcome.version)


async def test_a_dry_run_says_what_would_change_and_writes_nothing(house: House) -> None:
    entry = {"name": "Wiki", "url": "https://wiki.example.com"}
    given_ = Given(settings={"instance_name": "Acme", "mail.password": Secret("x"), "mail.username": "u"}, apps=[entry])
    outcome = await apply_given(house.ctx, given_, by="test", is_dry=True)

    assert "instance_name: Acme; mail.username: u; mail.password: ••••••" == outcome.change
    assert ("https://wiki.example.com",) == outcome.apps.added
    assert 0 == house.ctx.live.document.version
    assert [] == await house.ctx.db.read(app_store.list_apps)


async def test_apps_of_a_file_are_added_changed_and_pruned_by_their_address(house: House) -> None:
    async def apply(*apps: dict[str, Any], prunes: bool = False) -> list[tuple[str, ...]]:
        outcome = await apply_given(house.ctx, Given(settings={}, apps=list(apps)), by="test", prunes=prunes)
        return [outcome.apps.added, outcome.apps.changed, outcome.apps.removed]

    wiki, chat = (f"{BASE}/apps/{name}/" for name in ("wiki", "chat"))
    gate = {"upstream": "http://127.0.0.1:9000", "policy": {"groups": ["staff"]}}
    assert [(wiki, chat), (), ()] == await apply({"name": "W", "url": wiki}, {"name": "C", "url": chat})
    first = await house.ctx.db.read(app_store.list_apps)
    assert [(), (wiki,), ()] == await apply({"name": "W", "url": wiki, "gate": gate})
    assert [(), (), ()] == await apply({"name": "W", "url": wiki, "gate": gate})
    assert [(), (), (chat,)] == await apply({"name": "W", "url": wiki, "gate": gate}, prunes=True)

    (left,) = await house.ctx.db.read(app_store.list_apps)
    assert left.id in {app.id for app in first}
    assert left.gate is not None
    assert ("staff",) == left.gate.policy.groups
    (again,) = tomllib.loads(write_apps([left]))["apps"]
    assert [(), (), ()] == await apply(again)


async def test_a_wrong_app_of_a_file_keeps_the_whole_file_from_being_applied(house: House) -> None:
    apps = [{"name": "Good", "url": "https://good.example.com"}, {"name": "Bad", "url": "javascript:alert(1)"}]
    with pytest.raises(WrongSettings, match=r"apps\.Bad\.url"):
        await apply_given(house.ctx, Given(settings={"instance_name": "New"}, apps=apps), by="test")
    with pytest.raises(WrongSettings, match="unknown field"):
        await apply_given(
            house.ctx, Given(settings={}, apps=[{"name": "A", "url": "https://a.example", "gat": 1}]), by="t"
        )
    assert "Poolhouse" == house.ctx.live.document.instance_name
    assert [] == await house.ctx.db.read(app_store.list_apps)


async def test_what_is_wrong_with_an_app_is_called_as_it_is_set(house: House) -> None:
    gate = {"upstream": "http://10.0.0.5", "policy": {"networks": ["x"]}, "names": {"user": "Host"}}
    entry = {"name": "Wiki", "url": f"{BASE.replace('://', '://wiki.')}/", "gate": gate | {"cors": {"origins": ["x"]}}}

    with pytest.raises(WrongSettings) as wrong:
        await apply_given(house.ctx, Given(settings={}, apps=[entry]), by="a test")

    assert {"gate.policy.networks", "gate.names.user", "gate.cors.origins"} <= {
        path.removeprefix("apps.Wiki.") for path in wrong.value.errors
    }


async def test_a_file_at_the_start_is_applied_and_held(
    clock: FixedClock, look: Look, tmp_path: Path, new_browser: NewBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_MAIL_SECRET", "hush hush")
    file = tmp_path / "house.toml"
    file.write_text(
        '[mail]\nhost = "smtp.example.com"\nsender = "a@example.com"\nusername = "u"\npassword = "env:THE_MAIL_SECRET"\n'
        '[[apps]]\nname = "Wiki"\nurl = "https://wiki.example.com"\n'
    )
    settings = house_settings(database=f"sqlite:///{tmp_path}/house.db", settings_file=str(file))
    for _start in range(2):
        house = await build(settings, clock=clock, entropy=SystemEntropy(), look=look)
        admin = new_browser(house)
        await admin.log_in()
        page = await admin.get("/settings/email")
        assert f"Set by the file {file}." in words(page)
        assert "hush" not in page.text
        await admin.post("/settings/email", {"host": "evil.example.com", "port": "2525"})
        mail = house.ctx.live.document.mail
        assert ("smtp.example.com", 2525, "hush hush") == (mail.host, mail.port, mail.password.reveal())
        with pytest.raises(Held, match=r"mail\.host is set by the file"):
            await apply_changes(house.ctx, {"mail.host": "evil.example.com"}, by="test")
        assert "Wiki" in words(await admin.get("/"))
        assert 2 == house.ctx.live.document.version
        await house.close()


@pytest.mark.parametrize(
    "text", ["nonsense", "[mail]\nprot = 1", "[mail]\nport = 0", "[form_login]\nis_enabled = false"]
)
async def test_a_house_does_not_start_on_a_file_that_it_cannot_follow(
    text: str, clock: FixedClock, look: Look, tmp_path: Path
) -> None:
    file = tmp_path / "house.toml"
    file.write_text(text)
    with pytest.raises(SettingError, match=r"house\.toml"):
        await build(house_settings(settings_file=str(file)), clock=clock, entropy=SystemEntropy(), look=look)


@pytest.fixture
def command(shared_url: str) -> Callable[..., Result]:
    """``poolhouse house ...`` on the database, as it is run beside replicas."""

    def run(*words_: str, code: int = 0) -> Result:
        environ = {"POOLHOUSE_MASTER_KEY": MASTER.reveal(), "THE_SECRET": "hush hush"}
        arguments = [*words_[:2], "--database", shared_url, "--base-url", BASE, *words_[2:]]
        result = CliRunner().invoke(main, ["house", *arguments], env=environ)
        assert code == result.exit_code, result.output
        return result

    return run


async def test_a_setting_changed_by_command_is_live_at_a_running_replica_within_a_second(
    shared_url: str, clock: FixedClock, look: Look, tmp_path: Path
) -> None:
    import asyncio
    import os
    import sys

    house = await build(house_settings(database=shared_url), clock=clock, entropy=SystemEntropy(), look=look)
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "poolhouse.cli", "house", "settings", "set", "--database", shared_url,
            "--base-url", BASE, "instance_name=Acme", env={**os.environ, "POOLHOUSE_MASTER_KEY": MASTER.reveal()},
        )  # fmt: skip
        assert 0 == await process.wait()
        await eventually(lambda: house.ctx.live.document.instance_name == "Acme")
    finally:
        await house.close()


async def test_a_command_does_not_change_what_the_file_of_a_running_replica_sets(
    shared_url: str, look: Look, tmp_path: Path
) -> None:
    import asyncio
    import os
    import sys

    (tmp_path / "house.toml").write_text('instance_name = "Acme"\n')
    settings = house_settings(database=shared_url, settings_file=str(tmp_path / "house.toml"))
    house = await build(settings, clock=SystemClock(), entropy=SystemEntropy(), look=look)
    await house.ctx.replicas.start()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "poolhouse.cli", "house", "settings", "set", "--database", shared_url,
            "--base-url", BASE, "instance_name=Other", env={**os.environ, "POOLHOUSE_MASTER_KEY": MASTER.reveal()},
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, said = await process.communicate()
        assert 1 == process.returncode
        assert b"instance_name is set by the file" in said
        assert "Acme" == house.ctx.live.document.instance_name
    finally:
        await house.close()


def test_the_commands_show_set_export_and_apply(command: Callable[..., Result], tmp_path: Path) -> None:
    command("settings", "set", "mail.host=smtp.example.com", "mail.sender=a@example.com", "mail.username=u",
            "mail.password=env:THE_SECRET")  # fmt: skip
    shown = command("settings", "show").output
    assert "mail.host" in shown
    assert "(set)" in shown
    assert "hush" not in shown
    assert "set" == json.loads(command("settings", "show", "--json").stdout)["settings"]["mail.password"]

    (tmp_path / "house.toml").write_text(command("settings", "export", "--changed").stdout)
    assert "Nothing to change" in command("settings", "apply", str(tmp_path / "house.toml")).stderr
    (tmp_path / "house.toml").write_text("[mail]\nport = 2525\n")
    assert "mail.port: 2525" in command("settings", "apply", str(tmp_path / "house.toml"), "--dry-run").stdout
    assert "Version 2 is live" in command("settings", "apply", str(tmp_path / "house.toml")).stderr
    assert "mail.port: Give a number" in command("settings", "set", "mail.port=0", code=1).output


def test_the_commands_add_change_list_and_remove_apps(command: Callable[..., Result]) -> None:
    url = f"{BASE}/apps/wiki/"
    command("apps", "add", url, "name=Wiki", "gate.upstream=http://127.0.0.1:9000")
    command("apps", "set", url, "gate.policy.groups=staff,admins", "description=Ours")
    (listed,) = json.loads(command("apps", "list", "--json").stdout)
    assert ("Wiki", "Ours", ["staff", "admins"], "http://127.0.0.1:9000") == (
        listed["name"], listed["description"], listed["gate"]["policy"]["groups"], listed["gate"]["upstream"],
    )  # fmt: skip
    command("apps", "add", url, "name=Again", code=1)
    command("apps", "set", url, "gate.upstream=ftp://nowhere", code=1)
    command("apps", "set", url, "gate.cors.origins=https://a.example,https://b.example", "gate.cors.max_age=60")
    (listed,) = json.loads(command("apps", "list", "--json").stdout)
    assert {"origins": ["https://a.example", "https://b.example"], "max_age": 60} == listed["gate"]["cors"]
    refused = command("apps", "set", url, "gate.cors.origins=*", "gate.cors.allows_credentials=true", code=1)
    assert "never with credentials" in refused.output
    command("apps", "set", url, "gate.cors=")
    assert json.loads(command("apps", "list", "--json").stdout)[0]["gate"]["cors"] is None
    command("apps", "set", url, "gate=")
    assert "link" in command("apps", "list").stdout
    command("apps", "remove", url)
    command("apps", "remove", url, code=1)
