"""A person's browser without a screen: cookies, redirects and forms, over httpx."""

import ssl
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

MOST_REDIRECTS = 20


class Forms(HTMLParser):
    """The forms of a page: where each goes, how, and its fields with their values."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, dict[str, str]]] = []
        self._page = page
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            target = urljoin(str(self._page.url), given.get("action") or str(self._page.url))
            self.forms.append((given.get("method", "get").lower(), target, {}))
        elif tag in {"input", "button"} and self.forms and given.get("name") and given.get("type") != "checkbox":
            self.forms[-1][2].setdefault(given["name"], given.get("value", ""))

    def with_field(self, name: str) -> tuple[str, str, dict[str, str]]:
        return next(form for form in self.forms if name in form[2])


class Browser:
    """Follows redirects for as long as they stay on *sites*; where they lead beyond is what ``go`` returns."""

    def __init__(self, *sites: str, trusting: Path | None = None) -> None:
        self._sites = {urlsplit(site).netloc for site in sites}
        trust = ssl.create_default_context(cafile=trusting)
        self.http = httpx.Client(headers={"accept": "text/html"}, timeout=20, verify=trust)

    def go(self, method: str, url: str, fields: dict[str, str] | None = None) -> httpx.Response:
        answer = self.http.request(method, url, data=fields)
        for _ in range(MOST_REDIRECTS):
            if not answer.is_redirect:
                break
            onward = urljoin(str(answer.url), answer.headers["location"])
            if urlsplit(onward).netloc not in self._sites:
                break
            answer = self.http.get(onward)
        return answer

    def sign_in(self, page: httpx.Response, username: str, password: str) -> httpx.Response:
        """Fill in the hosted sign-in page."""
        assert page.status_code == 200, page.text
        method, target, fields = Forms(page).with_field("password")
        return self.go(method, target, {**fields, "username": username, "password": password})


def printed(log: Path, name: str) -> list[str]:
    """The words behind *name* in what a program has printed, or is about to: it answers a little earlier."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        for line in log.read_text().splitlines():
            if line.strip().startswith(name):
                return line.strip().removeprefix(name).split()
        time.sleep(0.02)
    raise AssertionError(f"{name} was not printed:\n{log.read_text()}")


def redirected(answer: httpx.Response, target: str) -> dict[str, str]:
    """The parameters of a redirect to exactly *target*."""
    location = answer.headers.get("location", "")
    assert location.partition("?")[0] == target, f"{answer.status_code} {location}\n{answer.text}"
    return dict(parse_qsl(urlsplit(location).query))
