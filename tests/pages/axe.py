"""axe-core in a page: the rules of WCAG 2.2 AA and its good practices, of which nothing may be left over."""

from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

_SOURCE = Path(__file__).parents[1] / "clients" / "js" / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """async (tags) => {
    const found = await axe.run(document, {runOnly: {type: "tag", values: tags}, rules: {"target-size": {enabled: true}}});
    return found.violations.map((each) => `${each.id}: ${each.help}\\n` + each.nodes.map(
        (node) => `    ${node.html}\\n    ${node.failureSummary}`).join("\\n"));
}"""


@cache
def _source() -> str:
    if not _SOURCE.exists():
        pytest.fail("no axe-core: run make test, or npm ci in tests/clients/js", pytrace=False)
    return _SOURCE.read_text(encoding="utf-8")


def findings(page: Page) -> list[str]:
    """What axe holds against the page as it is now; the debugger, unlike a page's own script, is under no policy."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(f"() => {{ {_source()} }}")
    found: list[str] = page.evaluate(_RUN, _TAGS)
    return found
