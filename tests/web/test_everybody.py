"""The page is for everybody: by keyboard, with a screen reader, on a phone, in the dark, in English and in Chinese."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, expect

from tests.server import Server
from tests.web.visitor import Visitor, block, page_of, png

_WORDS = """async () => {
  const folder = document.querySelector("script").src.replace("app.js", "words/");
  const [en, zh] = await Promise.all(["en", "zh"].map(async (name) => (await import(`${folder}${name}.js`)).default));
  const marked = [...document.querySelectorAll("[data-word]")].map((element) => element.dataset.word);
  return [Object.keys(en), Object.keys(zh), marked];
}"""


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1200, "light", "en-GB"), (375, "dark", "zh-CN")])
def test_axe_finds_nothing(browser: Browser, server: Server, width: int, scheme: Any, locale: str) -> None:
    """Neither at first sight, nor with an answer of every sort, nor after a refusal; and nothing runs off the side."""
    kinds = ["title", "heading", "paragraph", "list", "table", "code", "formula", "footnote"]
    blocks = [block(kind, f"- {kind}", 1 - index / 16) for index, kind in enumerate(kinds)]
    with browser.new_context(
        locale=locale, color_scheme=scheme, viewport={"width": width, "height": 800}, reduced_motion="reduce"
    ) as context:
        visitor = Visitor(context, server).come()
        page = visitor.page
        page.locator("#samples button").first.wait_for()
        found = _violations(visitor)
        visitor.answer_with(page_of(*blocks, degraded="gone", warnings=["cut"]))
        visitor.drop("scan.png", "image/png", png("x"))
        expect(page.locator("#cost")).not_to_be_empty()
        page.locator(".reading .block").first.hover()
        for view in ("tab-reading", "tab-text", "tab-json"):
            page.locator(f"#{view}").click()
            found += _violations(visitor)
        page.unroute_all()
        visitor.drop("notes.txt", "text/plain", b"no document")
        expect(page.get_by_role("alert")).not_to_be_empty()
        found += _violations(visitor)

    assert found == []


def test_the_keyboard_is_enough(visitor: Visitor) -> None:
    """From the first key to the last, and it is always seen where the focus is."""
    page = visitor.page
    page.locator("#samples button").first.wait_for()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.keyboard.press("Enter")
    _tab_to(visitor, "#file")
    _tab_to(visitor, "#samples button")
    page.keyboard.press("Enter")
    expect(page.locator("#cost")).not_to_be_empty()
    expect(page.locator("#state-title")).to_be_focused()
    _tab_to(visitor, "#tab-reading")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#pages")).to_have_attribute("data-view", "text")
    _tab_to(visitor, "#downloads button")
    _tab_to(visitor, ".box")
    _tab_to(visitor, ".text .block")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_phone_offers_its_camera(browser: Browser, server: Server) -> None:
    """A desk does not."""
    for touch in (True, False):
        with browser.new_context(is_mobile=touch, has_touch=touch, viewport={"width": 390, "height": 800}) as context:
            visitor = Visitor(context, server).come()
            expect(visitor.page.get_by_text("Take a photograph")).to_be_visible(visible=touch)


def test_the_tongue_is_the_browsers_and_can_be_changed(browser: Browser, server: Server) -> None:
    """All at once, and it is remembered; titles of refusals are told in it, too."""
    with browser.new_context(locale="zh-TW") as context:
        visitor = Visitor(context, server).come()
        page = visitor.page
        assert page.evaluate("document.documentElement.lang") == "zh"
        visitor.drop("notes.txt", "text/plain", b"no document")
        visitor.expect_title("notes.txt 未能识别")
        expect(page.get_by_role("alert")).to_contain_text("不支持这种文件")

        page.locator("#tongue").select_option("en")
        visitor.expect_title("notes.txt was not read")
        expect(page.get_by_text("Choose a file")).to_be_visible()
        page.reload()
        expect(page.get_by_text("Choose a file")).to_be_visible()


def test_every_word_is_there_in_every_tongue(visitor: Visitor) -> None:
    """Chinese has titles of problems besides; those of English come from the server."""
    en, zh, marked = visitor.page.evaluate(_WORDS)

    assert [name for name in zh if not name.startswith("problem:")] == en
    assert set(marked) <= set(en)
    assert len(marked) > 10


def _tab_to(visitor: Visitor, selector: str) -> None:
    focused = f"document.activeElement.matches({selector!r})"
    for _ in range(30):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate(focused):
            return
    raise AssertionError(f"the Tab key does not lead to {selector}")


def _violations(visitor: Visitor) -> list[str]:
    wide = visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    told = [f"{wide} pixels too wide"] if wide > 0 else []
    found = Axe().run(visitor.page).response["violations"]
    return told + [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary']}" for one in found for node in one["nodes"]
    ]
