"""The report in a real browser: without scripts, with them, and always without a network."""

import base64
from pathlib import Path

import pytest

import tunewidgets as tw

pytestmark = pytest.mark.browser


def score(config):
    return -((config["x"] - 0.3) ** 2) - (config["kind"] == "b")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    root = tmp_path_factory.mktemp("report")
    space = tw.Space(x=tw.Float(0.0, 1.0), kind=tw.Choice(["a", "b"]))
    search = tw.tune(
        score, space, sampler="gp", direction="max", trials=9, executor="inline", name="one", directory=root, show=False
    )
    return search.wait().report(root / "report.html")


def opened(chromium, page, *, scripts):
    context = chromium._chromium.new_context(java_script_enabled=scripts, offline=True)
    tab = context.new_page()
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(page.as_uri())
    return tab, asked


def test_without_scripts_there_are_pictures_and_tables(chromium, page):
    tab, asked = opened(chromium, page, scripts=False)
    assert tab.locator(".picture svg").count() >= 4
    assert tab.locator("tbody tr").count() == 9
    assert tab.get_by_text("To do it again").is_visible()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    tab.context.close()


def test_with_scripts_the_figures_are_alive(chromium, page):
    tab, asked = opened(chromium, page, scripts=True)
    tab.locator(".plot .main-svg").first.wait_for(timeout=20_000)
    tab.wait_for_function("document.querySelectorAll('.picture svg').length === 0", timeout=20_000)
    point = tab.locator(".plot").first.locator(".point").nth(2)
    point.hover(force=True)
    tab.locator(".tip").wait_for()
    assert "Trial" in tab.locator(".tip").inner_text()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    tab.context.close()


def test_all_of_it_stands_out_from_what_is_behind_it(chromium, page):
    tab, _asked = opened(chromium, page, scripts=True)
    tab.set_viewport_size({"width": 1000, "height": 4000})
    tab.wait_for_function("document.querySelectorAll('.picture svg').length === 0", timeout=60_000)
    for summary in tab.locator("summary").all():
        summary.click()
    tab.evaluate((Path(__file__).parent / "contrast.js").read_text(encoding="utf-8"))
    tab.evaluate("contrast.veil(true)")
    picture = base64.b64encode(tab.screenshot()).decode()
    tab.evaluate("contrast.veil(false)")
    texts = tab.evaluate("picture => contrast.ofTexts(document.body, picture)", picture)
    marks = tab.evaluate("contrast.ofMarks(document.body, '.scatterlayer .point, .scatterlayer .js-line')")
    assert texts["checked"] > 100
    assert texts["poor"] == []
    assert [one for one in marks["poor"] if one["trace"] != "other trials"] == []
    tab.context.close()
