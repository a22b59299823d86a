"""Single-page apps in Chromium: a bundle of a library on a host of its own, and a browser that opens it."""

import contextlib
import functools
import http.server
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.clients.javascript import FOLDER, node

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """The test's output is no access log."""


@contextlib.contextmanager
def site_of(script: str, folder: Path) -> Iterator[str]:
    """The URL of a page with the bundle of *script*, of `js`."""
    bundle = [str(FOLDER / "node_modules" / ".bin" / "esbuild"), script, "--bundle", "--format=iife"]
    node()
    subprocess.run([*bundle, "--log-level=error", f"--outfile={folder / 'app.js'}"], cwd=FOLDER, check=True)
    (folder / "index.html").write_text('<!doctype html><title>App</title><script src="app.js"></script>')
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def chromium() -> Iterator[Page]:
    """A page that believes any certificate."""
    executable = os.environ.get("POOLHOUSE_TEST_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        context = browser.new_context(ignore_https_errors=True)
        context.set_default_timeout(10_000)
        yield context.new_page()
        browser.close()
