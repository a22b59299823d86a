"""The hosted pages as a person uses them: forms are found by their labels and sent as a browser sends them."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx

from poolhouse.pool.flows.directory import ClientEntry
from tests.support.web import BASE, CALLBACK, DOMAIN, Asking


class Page(HTMLParser):
    """What a page holds: headings, words, and each form with its fields by label."""

    def __init__(self, reply: httpx.Response) -> None:
        super().__init__()
        self.reply = reply
        self.status = reply.status_code
        self.words = ""
        self.links: dict[str, str] = {}
        self.forms: list[Form] = []
        self._labels: dict[str, str] = {}
        self._label: str | None = None
        self._link: str | None = None
        self.feed(reply.text)
        self.close()
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "label":
            self._label = given["for"]
            self._labels[self._label] = ""
        elif tag == "a":
            self._link = given["href"]
        elif tag == "input" and self.forms and "name" in given:
            if given.get("type") not in {"radio", "checkbox"} or "checked" in dict(attrs):
                self.forms[-1].fields[given.get("name", "")] = given.get("value", "")
            if "id" in given:
                self.forms[-1].names[given["id"]] = given["name"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._label = None
        elif tag == "a":
            self._link = None

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"
        if self._label is not None:
            self._labels[self._label] += data.strip()
        if self._link is not None:
            self.links[data.strip()] = self._link

    def labels(self) -> list[str]:
        return list(self._labels.values())

    def filled(self, **by_label: str) -> dict[str, str]:
        """The first form's fields, those in *by_label* ("New_password" for "New password") filled in."""
        form = self.forms[0]
        names = {self._labels[key]: name for key, name in form.names.items() if key in self._labels}
        return {**form.fields, **{names[label.replace("_", " ")]: value for label, value in by_label.items()}}


class Form:
    def __init__(self, action: str) -> None:
        self.action = action
        self.fields: dict[str, str] = {}
        self.names: dict[str, str] = {}


class Person:
    """Somebody with a browser, on the way into one app."""

    def __init__(self, web: httpx.AsyncClient, client: ClientEntry) -> None:
        self.web = web
        self.client = client

    async def open(self, path: str = "/oauth2/authorize", **more: str | None) -> Page:
        """The page at *path* with the app's parameters, redirects of this domain followed."""
        reply = await self.web.get(f"/domains/{DOMAIN}{path}", params=Asking(self.client).params(**more))
        return await self.follow(reply)

    async def send(self, page: Page, **by_label: str) -> Page:
        """Fill in the first form of *page* and send it."""
        return await self.follow(await self.post(page, page.filled(**by_label)))

    async def post(self, page: Page, fields: dict[str, str], form: int = 0) -> httpx.Response:
        return await self.web.post(page.forms[form].action, data=fields, headers=from_here(self.web))

    async def follow_resend(self, page: Page) -> httpx.Response:
        """Press "Send a new code", the second form of the page."""
        return (await self.follow(await self.post(page, page.forms[1].fields, form=1))).reply

    async def follow(self, reply: httpx.Response) -> Page:
        """To the end of the redirects within this server; one to the app is an end as well."""
        for _ in range(5):
            target = reply.headers.get("location", "")
            if not target or not target.startswith((BASE, "/")):
                return Page(reply)
            reply = await self.web.get(target)
        raise AssertionError("too many redirects")

    async def sign_in(self, name: str, password: str) -> Page:
        page = await self.open()
        return await self.send(page, **{page.labels()[0].replace(" ", "_"): name, "Password": password})


def from_here(web: httpx.AsyncClient) -> dict[str, str]:
    """What a browser adds to a form of this host."""
    url = urlsplit(str(web.base_url))
    return {"origin": f"{url.scheme}://{url.netloc}", "sec-fetch-site": "same-origin"}


def is_at_app(page: Page) -> bool:
    return str(page.reply.headers.get("location", "")).startswith(f"{CALLBACK}?code=")
