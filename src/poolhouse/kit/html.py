"""
Pages: Jinja2 templates, the static files they name, and the headers they travel with.

A program hands in its own template and static directories; what it does not have comes from ``kit/templates``
and ``kit/static``.  The macros of ``kit/ui.html`` are the design system, one file each.  Script is never inline, and
style only by its digest (``kit.sheet``): the policy of :func:`page_headers` forbids anything else, so nothing that
slips into a page can run there.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup, escape

from poolhouse.kit.agent import said
from poolhouse.kit.compiled import compiled
from poolhouse.kit.edge import HeaderPair, Raw, Reply, text
from poolhouse.kit.sheet import Sheet, sheet, takes_gzip
from poolhouse.kit.speech import PLAIN, Speaker, gettext, ngettext, speaker, spoken_by

KIT = Path(__file__).parent
STYLESHEET = "poolhouse.css"
HOSTED_STYLESHEET = "hosted.css"

# The cascade: later files win at equal weight, so values come first and a program's own files last.
CSS_ORDER = (
    "tokens", "base", "layout", "shell", "hosted", "icon", "button", "field", "choice", "switch", "rows", "copy",
    "header", "tabs", "card", "keys", "table", "badge", "notice", "menu", "dialog", "stepper", "progress", "code",
    "toast", "tile", "rules",
)  # fmt: skip
# What no hosted page shows: people who sign in do not wait for it.
NOT_HOSTED = frozenset({"shell", "rows", "header", "tabs", "stepper", "progress", "code", "tile", "table"})

MEDIA_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
COMPRESSED = frozenset({".css", ".js", ".svg", ".ico"})


class StaticFile(msgspec.Struct, frozen=True):
    """One file as it is served: its bytes never change under its hash."""

    hash: str
    media_type: str
    body: bytes
    gzipped: bytes | None


class Static:
    """
    The files under ``/static/``: read once, named by their content.

    ``css/*.css`` of the kit, then of each directory of *own* in the order of their names, are one stylesheet,
    ``poolhouse.css``; those of the kit that hosted pages need, then of each directory of *hosted*, are a smaller one,
    ``hosted.css``.  Every other file at the top of a directory is served under its own name; *own* and *hosted* replace
    the kit's file of the same name.
    """

    def __init__(self, own: Sequence[Path] = (), prefix: str = "/static/", *, hosted: Sequence[Path] = ()) -> None:
        self._prefix = prefix
        needed = [name for name in CSS_ORDER if name not in NOT_HOSTED]
        self._files = {
            STYLESHEET: _file(STYLESHEET, _stylesheet(CSS_ORDER, own)),
            HOSTED_STYLESHEET: _file(HOSTED_STYLESHEET, _stylesheet(needed, hosted)),
        }
        for directory in (KIT / "static", *own, *hosted):
            for path in sorted(directory.iterdir()):
                if path.is_file():
                    self._files[path.name] = _file(path.name, path.read_bytes())

    def url(self, name: str) -> str:
        """``/static/<name>.<hash>.<ext>``; a name that is not there is a bug of the template."""
        stem, dot, suffix = name.rpartition(".")
        return f"{self._prefix}{stem}.{self._files[name].hash}{dot}{suffix}"

    def hosted_sheet(self) -> Sheet:
        """``hosted.css`` for within a page."""
        return sheet(self._files[HOSTED_STYLESHEET].body.decode())

    async def static_reply(self, raw: Raw) -> Reply:
        """
        The file of the request's path, gzipped if the client takes that.

        Immutable under its own hash.  Under another hash, or none, the present file is sent and is to be asked for
        again: a page of the version before this one keeps its look while replicas are being replaced.
        """
        stem, _, suffix = raw.path.removeprefix(self._prefix).rpartition(".")
        found = self._files.get(f"{stem}.{suffix}")
        asked = ""
        if found is None:
            stem, _, asked = stem.rpartition(".")
            found = self._files.get(f"{stem}.{suffix}")
        if found is None:
            return text("There is no such file.\n", 404, (("cache-control", "no-store"),))
        cache = "public, max-age=31536000, immutable" if asked == found.hash else "no-cache"
        body, encoding = found.body, ""
        if found.gzipped is not None and takes_gzip(raw.header("accept-encoding")):
            body, encoding = found.gzipped, "gzip"
        etag = f'"{found.hash}{"-" if encoding else ""}{encoding}"'
        headers: list[HeaderPair] = [("cache-control", cache), ("etag", etag), ("vary", "accept-encoding")]
        if etag in {tag.strip().removeprefix("W/") for tag in raw.header("if-none-match").split(",")}:
            return Reply(304, b"", tuple(headers))
        headers += [("content-type", found.media_type), ("x-content-type-options", "nosniff")]
        if encoding:
            headers.append(("content-encoding", encoding))
        return Reply(200, body, tuple(headers))


class Html:
    """
    Renders a template to bytes.

    Everything is escaped; a name that the view does not have is an error, and so is printing ``None``: a page never
    says "None".  Templates are looked for in *package_templates* in that order, then among the kit's.
    """

    def __init__(self, package_templates: Sequence[Path], static: Static) -> None:
        directories = [*package_templates, KIT / "templates"]
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(directories),
            extensions=["jinja2.ext.i18n"],
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            finalize=_refuse_none,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
            bytecode_cache=compiled(__file__, directories),
        )
        # The two that the extension compiles ``{% trans %}`` to; its own would take translations for markup.
        self._environment.policies["ext.i18n.trimmed"] = True
        self._environment.newstyle_gettext = True  # type: ignore[attr-defined]
        self._environment.globals.update(_=gettext, gettext=gettext, ngettext=ngettext, speaker=speaker, strong=strong)
        self._environment.globals.update(static_url=static.url, one_of=one_of)
        self._environment.filters.update(
            datetime=readable_time, second=exact_time, slug=slug, agent=said, labelled=labelled
        )
        self.hosted_sheet = static.hosted_sheet()

    def render(self, name: str, /, voice: Speaker = PLAIN, **view: Any) -> bytes:
        """The page *name* with the variables of *view*, in the words of *voice*."""
        with spoken_by(voice):
            return self._environment.get_template(name).render(**view).encode()


def page_headers(
    form_action: str | None = "'self'", frames: Sequence[str] = (), *, scripts: Sequence[str] = (),
    sheets: Sequence[Sheet] = (), works: bool = False, still: bool = False,
    ancestors: str = "'none'",
) -> tuple[HeaderPair, ...]:  # fmt: skip
    """
    The headers of every page: no inline script, no style within it but *sheets*, no frame around it, nothing kept.

    Browsers apply ``form-action`` to the redirects that answer a form, too, so a page whose form ends at an app's
    callback passes the origins it may end at, or None where they cannot be known.  ``Referrer-Policy`` is
    ``same-origin`` since ``no-referrer`` makes browsers send ``Origin: null`` with our own forms.  *frames* are the
    origins that the page may show frames of, *scripts* those of somebody else's script, which may call home, too.
    *works*: a script of ours computes beside the page.  *ancestors* are those whose pages may frame it, of which the
    older ``X-Frame-Options`` knows "nobody" alone (RFC 7034).

    *still* is a page to be looked at within one of ours: it may be framed there, and nothing in it runs or is sent.
    """
    policy = [
        "default-src 'none'",
        "script-src 'none'" if still else _directive("script-src", " ".join(("'self'", *scripts))),
        _directive("style-src", " ".join(("'self'", *(each.source for each in sheets)))),
        "img-src 'self'",
        _directive("connect-src", " ".join(("'self'", *scripts))),
        "base-uri 'none'",
        "frame-ancestors 'self'" if still else _directive("frame-ancestors", ancestors),
    ]
    if still:
        policy += ["form-action 'none'", "sandbox allow-same-origin"]
    elif form_action is not None:
        policy.append(_directive("form-action", form_action))
    if works:
        policy.append("worker-src 'self'")
    if frames:
        policy.append(_directive("frame-src", " ".join(frames)))
    framing: tuple[HeaderPair, ...] = (("x-frame-options", "SAMEORIGIN" if still else "DENY"),)
    return (
        ("content-security-policy", "; ".join(policy)),
        *(framing if still or ancestors == "'none'" else ()),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    )


def _directive(name: str, sources: str) -> str:
    """A directive of the policy, which nothing in *sources* ends early."""
    if any(not 32 < ord(c) < 127 and c != " " for c in sources) or ";" in sources or "," in sources:
        raise ValueError(sources)
    return f"{name} {sources}"


def readable_time(at: int) -> Markup:
    """``<time>`` with the second for machines and the minute for people, both UTC."""
    machines = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Markup('<time datetime="{}">{}</time>').format(machines, speaker().moment(at))


def exact_time(at: int) -> Markup:
    """The same with the second for people, too: what happened first, and what a log elsewhere calls it."""
    moment = datetime.fromtimestamp(at, UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{moment.day} {moment:%b %Y, %H:%M:%S} UTC"
    )


def strong(text: str) -> Markup:
    """A value that stands out of the sentence that it goes into."""
    return Markup('<strong dir="auto">{}</strong>').format(text)


def labelled(cells: str, labels: Sequence[str]) -> Markup:
    """A row's cells, each with the label of its column: in a narrow place no head stands above (css/table.css)."""
    left = iter(labels)

    def with_label(cell: re.Match[str]) -> str:
        label, role = next(left, ""), "rowheader" if cell[1] == "th" else "cell"
        named = f' data-label="{escape(label)}"' if label else ""
        return f'<{cell[1]} role="{role}"{named}'

    return Markup(re.sub(r"<(t[dh])(?=[\s>])", with_label, cells))  # noqa: S704 (they are markup already)


def slug(label: str) -> str:
    """A label as an id: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", str(label).lower()).strip("-")


def one_of(value: str, *allowed: str) -> str:
    """The value itself; a kind that a macro does not know is a bug of the page, not a silent default."""
    if value not in allowed:
        msg = f"{value!r} is none of {', '.join(allowed)}"
        raise ValueError(msg)
    return value


def _refuse_none(value: Any) -> Any:
    if value is None:
        raise TypeError("a template prints None")
    return value


def _file(name: str, body: bytes) -> StaticFile:
    suffix = Path(name).suffix
    return StaticFile(
        hash=hashlib.sha256(body).hexdigest()[:12],
        media_type=MEDIA_TYPES[suffix],
        body=body,
        gzipped=gzip.compress(body, 9, mtime=0) if suffix in COMPRESSED else None,
    )


def _stylesheet(names: Sequence[str], own: Sequence[Path]) -> bytes:
    kit = KIT / "static" / "css"
    unlisted = {path.stem for path in kit.glob("*.css")} ^ set(CSS_ORDER)
    if unlisted:
        msg = f"CSS_ORDER and {kit} differ: {', '.join(sorted(unlisted))}"
        raise ValueError(msg)
    paths = [kit / f"{name}.css" for name in names]
    for directory in own:
        paths += sorted((directory / "css").glob("*.css"))
    return "".join(_packed(path.read_text(encoding="utf-8")) for path in paths).encode()


def _packed(css: str) -> str:
    """The same rules without comments, needless blanks and noughts; what stands in quotes is left alone."""
    parts = re.split(r'("[^"]*")', re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))
    for n in range(0, len(parts), 2):
        closer = re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", parts[n]))
        parts[n] = re.sub(r"(?<![\w.])0\.(?=\d)", ".", closer.replace(";}", "}").replace(": ", ":"))
    return "".join(parts).strip()
