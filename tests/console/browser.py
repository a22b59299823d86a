"""The console in a browser without script: pages are read, forms are found by their buttons and sent whole."""

from collections.abc import Sequence
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin

import httpx
import msgspec

VOID = {"input", "meta", "link", "hr", "br", "img", "path"}


class Control(msgspec.Struct):
    """A field as it would be sent; ``sent`` is False for a box without its tick."""

    name: str
    value: str
    kind: str
    sent: bool
    key: str


class Button(msgspec.Struct):
    label: str
    name: str
    value: str
    action: str


class Form(msgspec.Struct):
    action: str
    method: str
    controls: list[Control] = []
    buttons: list[Button] = []

    def defaults(self) -> list[tuple[str, str]]:
        return [(each.name, each.value) for each in self.controls if each.sent and each.name]


class Page(HTMLParser):
    """What a person sees and can press; a `<template>` is nothing, a `<noscript>` is there."""

    def __init__(self, reply: httpx.Response) -> None:
        super().__init__()
        self.reply = reply
        self.status = reply.status_code
        self.url = reply.url
        self.text = ""
        self.headings: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self.labels: dict[str, str] = {}
        self.errors: list[str] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self._forms: list[Form] = []
        self._button: Button | None = None
        self._select: Control | None = None
        self.feed(reply.text)
        self.close()
        self.text = " ".join(self.text.split())

    @property
    def title(self) -> str:
        return self.headings[0]

    def _is_within(self, tag: str) -> bool:
        return any(name == tag for name, _ in self._open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append((tag, given))
        if self._is_within("template"):
            return
        begin = getattr(self, f"_begin_{tag}", None)
        if begin is not None:
            begin(given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Only drawings have such tags."""

    def _begin_form(self, given: dict[str, str]) -> None:
        self._forms.append(Form(given.get("action", ""), given.get("method", "get")))
        self.forms.append(self._forms[-1])

    def _begin_a(self, given: dict[str, str]) -> None:
        self.links.append(("", given["href"]))

    def _begin_h1(self, _given: dict[str, str]) -> None:
        self.headings.append("")

    _begin_h2 = _begin_h3 = _begin_h1

    def _begin_button(self, given: dict[str, str]) -> None:
        if given.get("type", "submit") == "submit":
            self._button = Button("", given.get("name", ""), given.get("value", ""), given.get("formaction", ""))
            if self._forms:
                self._forms[-1].buttons.append(self._button)

    def _begin_textarea(self, given: dict[str, str]) -> None:
        self._select = Control(given["name"], "", "textarea", sent=True, key=given.get("id", ""))
        self._forms[-1].controls.append(self._select)

    def _begin_select(self, given: dict[str, str]) -> None:
        self._select = Control(given["name"], "", "select", sent=True, key=given.get("id", ""))
        self._forms[-1].controls.append(self._select)

    def _begin_option(self, given: dict[str, str]) -> None:
        # The first option is the one unless another says that it is selected; it may be an empty one.
        if self._select is not None and ("selected" in given or self._select.kind == "select"):
            self._select.value, self._select.kind = given["value"], "chosen"

    def _begin_input(self, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        control = Control(
            given.get("name", ""),
            given.get("value", ""),
            kind,
            sent=kind not in {"radio", "checkbox"} or "checked" in given,
            key=given.get("id", ""),
        )
        if self._forms:
            self._forms[-1].controls.append(control)

    def handle_endtag(self, tag: str) -> None:
        while self._open.pop()[0] != tag:
            pass
        if tag == "form":
            self._forms.pop()
        elif tag == "button":
            self._button = None
        elif tag in {"select", "textarea"}:
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._is_within("template") or self._is_within("script") or self._is_within("title"):
            return
        inside = {name for name, _ in self._open}
        self.text += f" {data}"
        if self._select is not None and self._select.kind == "textarea":
            self._select.value += data
        if self._button is not None:
            self._button.label = f"{self._button.label} {data.strip()}".strip()
        if inside & {"h1", "h2", "h3"} and data.strip():
            self.headings[-1] = f"{self.headings[-1]} {data.strip()}".strip()
        if "a" in inside and data.strip():
            label, href = self.links[-1]
            self.links[-1] = (f"{label} {data.strip()}".strip(), href)
        if self._open and self._open[-1][0] == "label":
            self.labels[self._open[-1][1]["for"]] = data.strip()
        if any(attrs.get("class") == "field-error" for _, attrs in self._open) and data.strip():
            self.errors.append(data.strip())

    def link(self, label: str) -> str:
        found = [href for text, href in self.links if text == label]
        assert len(found) == 1, f"{label!r} is there {len(found)} times among {[text for text, _ in self.links]}"
        return found[0]

    def form(self, button: str) -> tuple[Form, Button]:
        """The form with this button; the last of several that have one."""
        found = [(form, each) for form in self.forms for each in form.buttons if each.label == button]
        assert found, f"no button {button!r} among {[b.label for f in self.forms for b in f.buttons]}"
        return found[-1]

    def value(self, name: str) -> str | None:
        """The value of the field, or the ticked choice, of that name."""
        return next((value for form in self.forms for key, value in form.defaults() if key == name), None)

    def values(self, name: str) -> list[str]:
        return [value for form in self.forms for key, value in form.defaults() if key == name and value]


class Visitor:
    """Somebody in front of the console."""

    def __init__(self, web: httpx.AsyncClient) -> None:
        self.web = web

    @property
    def origin(self) -> str:
        return str(self.web.base_url).rstrip("/")

    async def open(self, path: str) -> Page:
        """The page at *path*, redirects followed."""
        return await self._follow(await self.web.get(path))

    async def press(self, page: Page, button: str, **fields: str | list[str] | None) -> Page:
        """
        Fill in the form of *button* and press it.

        A list is the ticked boxes, or the rows, of a name; None leaves the name out.
        """
        form, pressed = page.form(button)
        sent = [(name, value) for name, value in form.defaults() if name not in fields]
        for name, value in fields.items():
            sent += [(name, each) for each in ([] if value is None else [value] if isinstance(value, str) else value)]
        if pressed.name:
            sent.append((pressed.name, pressed.value))
        target = urljoin(str(page.url), pressed.action or form.action or str(page.url))
        if form.method == "get":
            target = urljoin(str(page.url), form.action)
            return await self._follow(await self.web.get(target, params=dict(sent)))
        return await self._follow(await self.post(target, sent))

    async def post(self, target: str, fields: Sequence[tuple[str, str]], **headers: str) -> httpx.Response:
        """A form as a browser sends it from a page of this origin."""
        given = {
            "origin": self.origin,
            "referer": target,
            "content-type": "application/x-www-form-urlencoded",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return await self.web.post(target, content=urlencode(fields), headers=given)

    async def _follow(self, reply: httpx.Response) -> Page:
        for _ in range(5):
            target = reply.headers.get("location")
            if target is None:
                return Page(reply)
            assert target.startswith(("/console", self.origin)), target
            reply = await self.web.get(target)
        raise AssertionError("too many redirects")


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(url.partition("?")[2]))
