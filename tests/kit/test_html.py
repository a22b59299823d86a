import gzip
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.kit import html as kit_html
from poolhouse.kit.edge import Raw, Reply
from poolhouse.kit.html import CSS_ORDER, KIT, Html, Static, one_of, page_headers, readable_time, slug
from tools import gallery

CSS = KIT / "static" / "css"


@pytest.fixture(scope="module")
def static() -> Static:
    return Static()


def rendered(source: str, tmp_path: Path, **view: object) -> str:
    (tmp_path / "page.html").write_text(source)
    return Html([tmp_path], Static()).render("page.html", **view).decode()  # type: ignore[arg-type]


def with_macros(source: str, tmp_path: Path, **view: object) -> str:
    return rendered('{% import "kit/ui.html" as ui %}' + source, tmp_path, **view)


async def fetched(static: Static, path: str, **headers: str) -> Reply:
    pairs = tuple((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items())
    return await static.static_reply(Raw(method="GET", path=path, headers=pairs))


# Templates


def test_what_a_view_holds_is_escaped(tmp_path: Path) -> None:
    assert rendered("<p>{{ name }}</p>", tmp_path, name='<script>"') == "<p>&lt;script&gt;&#34;</p>"


def test_a_macro_escapes_its_arguments(tmp_path: Path) -> None:
    page = with_macros('{{ ui.field("n", name, value=name, error=name) }}', tmp_path, name='"><script>')

    assert "<script" not in page


def test_each_cell_of_a_table_says_its_column_as_text(tmp_path: Path) -> None:
    source = '{% call(row) ui.table("People", columns, [1]) %}<th scope="row">Ann</th><td class="mono">1</td><td></td>{% endcall %}'
    columns = ["Name", '"><script>', {"label": "Actions", "unseen": True}]

    page = with_macros(source, tmp_path, columns=columns)

    assert '<th role="rowheader" data-label="Name" scope="row">Ann</th>' in page
    assert '<td role="cell" data-label="&#34;&gt;&lt;script&gt;" class="mono">1</td><td role="cell"></td>' in page


def test_a_name_that_the_view_lacks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(jinja2.UndefinedError):
        rendered("{{ nobody }}", tmp_path)


def test_none_is_never_printed(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        rendered("{{ name }}", tmp_path, name=None)


def test_a_programs_template_comes_before_the_kits(tmp_path: Path) -> None:
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit" / "badge.html").write_text("{% macro badge(text) %}mine: {{ text }}{% endmacro %}")

    assert rendered('{% from "kit/badge.html" import badge %}{{ badge("x") }}', tmp_path) == "mine: x"


@pytest.mark.parametrize(
    "call",
    [
        'ui.button("x", kind="loud")',
        'ui.badge("x", "pink")',
        'ui.notice("shout", "x")',
        'ui.choice_card("n", "v", "l", type="text")',
        'ui.table("t", [{"label": "x", "sorted": "up"}], [1])',
    ],
)
def test_a_macro_refuses_a_kind_that_it_does_not_know(call: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is none of"):
        with_macros("{{ " + call + " }}", tmp_path)


def test_an_unknown_icon_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(jinja2.UndefinedError):
        with_macros('{{ ui.icon("unicorn") }}', tmp_path)


def test_a_time_is_shown_in_utc_with_the_second_for_machines() -> None:
    assert readable_time(1_800_000_001) == '<time datetime="2027-01-15T08:00:01Z">15 Jan 2027, 08:00 UTC</time>'


@given(st.text())
def test_a_slug_is_a_word_of_an_id(label: str) -> None:
    assert re.fullmatch(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*)?", slug(label))


def test_one_of_answers_the_value() -> None:
    assert one_of("a", "a", "b") == "a"


# Static files


async def test_a_file_is_named_by_its_content_and_kept_for_good(static: Static) -> None:
    url = static.url("poolhouse.js")
    reply = await fetched(static, url)

    digest = hashlib.sha256((KIT / "static" / "poolhouse.js").read_bytes()).hexdigest()
    assert url == f"/static/poolhouse.{digest[:12]}.js"
    assert (200, (KIT / "static" / "poolhouse.js").read_bytes()) == (reply.status, reply.body)
    assert dict(reply.headers)["cache-control"] == "public, max-age=31536000, immutable"
    assert dict(reply.headers)["content-type"] == "text/javascript; charset=utf-8"
    assert dict(reply.headers)["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/static/poolhouse.css", "/static/poolhouse.000000000000.css"])
async def test_under_another_hash_the_present_file_is_sent_and_not_kept(static: Static, path: str) -> None:
    reply = await fetched(static, path)

    assert (reply.status, dict(reply.headers)["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/nothing.css",
        "/static/../html.py",
        "/static/css/tokens.css",
        "/static/poolhouse",
        "/static/.css",
    ],
)
async def test_what_is_not_there_is_not_found(static: Static, path: str) -> None:
    reply = await fetched(static, path)

    assert (reply.status, dict(reply.headers)["cache-control"]) == (404, "no-store")


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "x-gzip", "GZIP;q=1.0"])
async def test_gzip_goes_to_whoever_takes_it(static: Static, accepted: str) -> None:
    plain = await fetched(static, static.url("poolhouse.css"))
    packed = await fetched(static, static.url("poolhouse.css"), accept_encoding=accepted)

    assert dict(packed.headers)["content-encoding"] == "gzip"
    assert plain.body == gzip.decompress(packed.body)
    assert dict(plain.headers)["etag"] != dict(packed.headers)["etag"]
    assert "accept-encoding" == dict(plain.headers)["vary"] == dict(packed.headers)["vary"]


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.000", "identity"])
async def test_gzip_goes_to_nobody_else(static: Static, accepted: str) -> None:
    reply = await fetched(static, static.url("poolhouse.css"), accept_encoding=accepted)

    assert "content-encoding" not in dict(reply.headers)


async def test_a_file_that_is_known_is_not_sent_again(static: Static) -> None:
    first = await fetched(static, "/static/favicon.svg")
    etag = dict(first.headers)["etag"]
    again = await fetched(static, "/static/favicon.svg", if_none_match=f'"other", W/{etag}')

    assert (304, b"", etag) == (again.status, again.body, dict(again.headers)["etag"])


async def test_a_programs_own_files_come_after_the_kits(tmp_path: Path) -> None:
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "own.css").write_text(":root { --accent: #123456; }")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    own = Static([tmp_path])

    assert (await fetched(own, own.url("poolhouse.css"))).body.endswith(b":root{--accent:#123456}")
    assert (await fetched(own, own.url("favicon.svg"))).body == b"<svg/>"


def test_a_static_name_that_is_not_there_is_an_error(static: Static) -> None:
    with pytest.raises(KeyError):
        static.url("nothing.css")


def test_packing_leaves_what_is_quoted_alone() -> None:
    css = '/* a */ .x::after ,\n .y {\n  content: "; }  /* : ";\n  color: red;\n}\n'

    assert kit_html._packed(css) == '.x::after,.y{content:"; }  /* : ";color:red}'


def test_a_page_carries_under_41_kilobytes_of_style_and_script(static: Static) -> None:
    sizes = {name: len(static._files[name].body) for name in ("poolhouse.css", "poolhouse.js", "theme.js")}

    assert sum(sizes.values()) < 41_000
    assert sizes["poolhouse.js"] < 6_000


def test_a_hosted_page_waits_for_little(static: Static) -> None:
    sheet = static._files["hosted.css"]

    assert len(sheet.body) < 30_000
    assert len(sheet.gzipped or b"") < 7_000


def test_hosted_pages_have_the_rules_of_every_class_that_they_name(static: Static) -> None:
    known, hosted = (
        set(re.findall(r"\.([a-z][\w-]*)", static._files[name].body.decode()))
        for name in ("poolhouse.css", "hosted.css")
    )
    # The account's pages stand in a directory of their own, and have the sheet of the console.
    pages = (KIT.parent / "pool" / "pages" / "templates" / "hosted").glob("*.html")
    templates = [*pages, KIT / "templates/kit/hosted.html"]
    source = "".join(path.read_text() for path in templates)
    home = dict(re.findall(r"set (\w+) = _(\w+)\.", (KIT / "templates/kit/ui.html").read_text()))
    parts = {home[name] for name in re.findall(r"\bui\.(\w+)\(", source)}
    used = source + "".join((KIT / "templates/kit" / f"{part}.html").read_text() for part in parts)
    named = {name for found in re.findall(r'class="([^"]*)"', used) for name in re.findall(r"[a-z][\w-]+", found)}

    assert set() == (named & known) - hosted - {"search", "bar"}


def test_a_hosted_pages_own_rules_come_after_the_kits(tmp_path: Path) -> None:
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "own.css").write_text(".qr { width: 12rem; }")
    files = Static(hosted=[tmp_path])._files

    assert files["hosted.css"].body.endswith(b".qr{width:12rem}")
    assert b".qr" not in files["poolhouse.css"].body


# Headers


def test_a_page_runs_nothing_inline_and_is_framed_by_nobody() -> None:
    headers = dict(page_headers())
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))

    assert {"default-src": "'none'", "script-src": "'self'", "style-src": "'self'"}.items() <= policy.items()
    assert {"frame-ancestors": "'none'", "base-uri": "'none'", "form-action": "'self'"}.items() <= policy.items()
    assert "unsafe" not in headers["content-security-policy"]
    assert (
        headers["cache-control"],
        headers["referrer-policy"],
        headers["x-frame-options"],
    ) == ("no-store", "same-origin", "DENY")


def test_form_action_names_where_a_form_may_end_or_is_left_out() -> None:
    assert (
        "form-action 'self' https://app.example.com"
        in dict(page_headers("'self' https://app.example.com"))["content-security-policy"]
    )
    assert "form-action" not in dict(page_headers(None))["content-security-policy"]


@pytest.mark.parametrize("action", ["'self'; script-src *", "https://a, https://b", "https://a\r\nx: y", "https://ä"])
def test_form_action_cannot_carry_another_directive(action: str) -> None:
    with pytest.raises(ValueError):
        page_headers(action)


# Tokens


def tokens(theme: int) -> dict[str, str]:
    """Each custom property with its value in one theme: 0 light, 1 dark."""
    source = (CSS / "tokens.css").read_text()
    found = dict(re.findall(r"^  (--[\w-]+): (.*);$", source, re.MULTILINE))
    return {name: re.sub(r"^light-dark\((.+?\)?), (.+)\)$", rf"\{theme + 1}", value) for name, value in found.items()}


def luminance(name: str, theme: int) -> float:
    """WCAG 2.2, relative luminance."""
    value, values = name, tokens(theme)
    while not value.startswith("#"):
        value = values[value.removeprefix("var(").removesuffix(")")]
    channels = [int(value[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str, theme: int) -> float:
    """WCAG 2.2, contrast ratio."""
    low, high = sorted((luminance(one, theme), luminance(other, theme)))
    return (high + 0.05) / (low + 0.05)


SURFACES = ("--surface", "--surface-raised", "--surface-sunken", "--surface-hover", "--surface-field")
TEXTS = [
    *[(text, surface) for text in ("--text", "--text-muted") for surface in SURFACES],
    *[(f"--{kind}-text", surface) for kind in ("accent", "danger", "warning", "success") for surface in SURFACES[:2]],
    *[(f"--{kind}-text", f"--{kind}-soft") for kind in ("accent", "danger", "warning", "success")],
    *[("--text", f"--{kind}-soft") for kind in ("accent", "danger", "warning", "success")],
    *[(f"--on-{kind}", f"--{kind}{state}") for kind in ("accent", "danger") for state in ("", "-hover")],
    ("--danger-text", "--surface-hover"),
    ("--text", "--surface-chosen"),
    ("--text", "--surface-pressed"),
]
MARKS = [
    *[("--line-strong", surface) for surface in ("--surface-raised", "--surface-field", "--surface")],
    *[(mark, surface) for mark in ("--accent", "--focus", "--danger") for surface in ("--surface", "--surface-raised")],
    ("--line-strong", "--surface-sunken"),
    ("--on-accent", "--accent"),
]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "surface"), TEXTS)
def test_text_is_readable(text: str, surface: str, theme: int) -> None:  # WCAG 2.2 SC 1.4.3
    assert contrast(text, surface, theme) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("mark", "surface"), MARKS)
def test_a_control_is_seen(mark: str, surface: str, theme: int) -> None:  # WCAG 2.2 SC 1.4.11
    assert contrast(mark, surface, theme) >= 3.0


def test_the_two_themes_differ() -> None:
    assert luminance("--surface", 0) > 8 * luminance("--surface", 1)


def test_every_custom_property_is_declared_and_used() -> None:
    source = "".join((CSS / f"{name}.css").read_text() for name in CSS_ORDER)

    assert set(re.findall(r"(--[\w-]+):", source)) == set(re.findall(r"var\((--[\w-]+)\)", source))


@pytest.mark.parametrize("name", [name for name in CSS_ORDER if name != "tokens"])
def test_a_component_uses_meanings_only(name: str) -> None:
    assert (
        re.findall(
            r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(|oklch\(|--(?:stone|teal|red|amber|green)-\d+",
            (CSS / f"{name}.css").read_text(),
        )
        == []
    )


# The gallery: every component, held to the rules of markup


class Markup(HTMLParser):
    """What is in a page: its elements in order, without what only scriptless browsers see."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert [name for name, times in Counter(name for name, _ in attrs).items() if times > 1] == []
        self.elements.append((tag, dict(attrs)))


@pytest.fixture(scope="module", params=gallery.PAGES)
def markup(request: pytest.FixtureRequest, static: Static) -> Markup:
    return Markup(gallery.render(static)[request.param].decode())


def test_a_page_has_nothing_inline(markup: Markup) -> None:
    assert [
        (tag, name) for tag, attrs in markup.elements for name in attrs if name == "style" or name.startswith("on")
    ] == []
    assert [tag for tag, attrs in markup.elements if tag == "style" or (tag == "script" and not attrs.get("src"))] == []


def test_ids_are_unique_and_references_lead_to_them(markup: Markup) -> None:
    ids = [attrs["id"] for _, attrs in markup.elements if "id" in attrs]
    pointing = ("for", "aria-describedby", "aria-labelledby", "popovertarget", "commandfor", "data-copy", "data-reveal")
    named = [word for _, attrs in markup.elements for name in pointing for word in (attrs.get(name) or "").split()]

    assert [name for name, times in Counter(ids).items() if times > 1] == []
    assert [name for name in named if name not in ids] == []


def test_every_control_has_a_label(markup: Markup) -> None:
    labelled = {attrs.get("for") for tag, attrs in markup.elements if tag == "label"}
    controls = [attrs for tag, attrs in markup.elements if tag in {"input", "select", "textarea", "progress"}]

    assert [attrs for attrs in controls if attrs.get("type") != "hidden" and attrs.get("id") not in labelled] == []


def test_a_page_has_one_first_heading(markup: Markup) -> None:
    assert [tag for tag, _ in markup.elements].count("h1") == 1


def test_the_gallery_shows_every_macro() -> None:
    macros = set(re.findall(r"set (\w+) =", (KIT / "templates" / "kit" / "ui.html").read_text()))
    shown = {
        name for page in gallery.PAGES for name in re.findall(r"ui\.(\w+)", (gallery.HERE / f"{page}.html").read_text())
    }

    assert set() == macros - shown
