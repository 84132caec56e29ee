"""What axe-core finds of WCAG 2.2 AA in a page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from tests.npm import installed

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

RUN = """async (rules) => {
    const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
    return found.violations.flatMap((each) => each.nodes.map(
        (node) => `${each.id}: ${each.help}: ${node.target.join(" ")}: ${node.failureSummary}`));
}"""


@cache
def source() -> str:
    folder = installed(Path(__file__).parent, "axe")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def findings(page: Page) -> list[str]:
    """Everything that is not as it should be."""
    page.evaluate(source())
    found: list[str] = page.evaluate(RUN, list(RULES))
    return found
