"""
The gallery: every component of the design system on one page, as HTML files and as screenshots.

    python tools/gallery.py [DIRECTORY]        (default: artifacts/gallery)

Pages are rendered by ``kit.html`` and served to the browser out of memory with the headers of real pages, so what the
content security policy refuses is missing from the pictures too, and reported.
"""

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

from playwright.sync_api import Browser, Route, sync_playwright

from poolhouse.kit.edge import Raw, Reply, html
from poolhouse.kit.html import Html, Static, page_headers

HERE = Path(__file__).parent
ORIGIN = "http://gallery.test"
PAGES = ("gallery", "gallery-wizard", "gallery-hosted", "gallery-problem")
WIDTHS = (1280, 360)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def view() -> dict[str, Any]:
    """What the gallery's pages show."""
    names = ("wiki", "board", "metrics", "a client with rather a long name that has to wrap somewhere")
    clients = [
        SimpleNamespace(
            name=name,
            id=f"{n}q8r1m2v7c0k9s3t5u6w8x1y{n}",
            type=("Public", "Confidential")[n % 2],
            kind=("accent", "neutral")[n % 2],
            count=f"{n * 1273 + 7:,}",
        )
        for n, name in enumerate(names)
    ]
    return {
        "home_url": "/",
        "product": "Console",
        "account": "admin@example.com",
        "made": 1_800_000_000,
        "clients": clients,
        "heading": "Something went wrong",
        "what": "The redirect URI is not registered with this app client.",
        "why": "The app asked to be returned to an address that its registration does not list.",
        "todo": "Tell the people who run the app; they add the address to its allowed callback URLs.",
        "reference": "01JD9X6T2M",
    }


def render(static: Static) -> dict[str, bytes]:
    """Each page of the gallery by its name."""
    pages = Html([HERE], static)
    return {name: pages.render(f"{name}.html", **view()) for name in PAGES}


def replies(static: Static, pages: dict[str, bytes]) -> dict[str, Reply]:
    """What the browser may ask for, by path, with the headers that the servers send."""
    names = (static.url(name) for name in ("poolhouse.css", "hosted.css", "poolhouse.js", "theme.js", "favicon.svg"))
    files = {path: asyncio.run(static.static_reply(Raw(method="GET", path=path))) for path in names}
    return files | {f"/{name}": html(body, headers=page_headers()) for name, body in pages.items()}


def screenshots(browser: Browser, served: dict[str, Reply], out: Path) -> list[str]:
    """Take them all; answer what the pages complained about."""
    complaints: list[str] = []

    def serve(route: Route) -> None:
        reply = served[route.request.url.removeprefix(ORIGIN)]
        route.fulfill(status=reply.status, headers=dict(reply.headers), body=reply.body)

    for width in WIDTHS:
        for scheme in SCHEMES:
            page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.route(f"{ORIGIN}/**", serve)
            for name in PAGES:
                page.goto(f"{ORIGIN}/{name}")
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    complaints.append(f"{name} is {wide} px wide at {width}")
                page.screenshot(path=out / f"{name}-{width}-{scheme}.png", full_page=True)
            page.close()
    return complaints


def main() -> int:
    """Render, photograph, and fail when a page complains."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "artifacts/gallery")
    out.mkdir(parents=True, exist_ok=True)
    static = Static()
    pages = render(static)
    for name, body in pages.items():
        (out / f"{name}.html").write_bytes(body)
    served = replies(static, pages)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        complaints = screenshots(browser, served, out)
        browser.close()
    print(*complaints, f"{out}: {len(pages) * len(WIDTHS) * len(SCHEMES)} screenshots", sep="\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
