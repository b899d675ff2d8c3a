"""A saved notebook without its kernel: what stands below the dashboard is seen, in both front ends and as a page."""

import base64
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from test_dashboard import opened

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


def saved(notebook):
    """Show a search, and save the notebook."""
    opened(notebook)
    notebook.until(lambda: "0.94" in str(notebook.outputs(0)[1]["data"]["text/html"]), "the static output")
    notebook.command("docmanager:save")


def test_without_its_kernel_the_last_state_is_seen(front, pictures):
    saved(front)
    front.js("await kernel.restart(); return null;")
    front.load()
    still = front.output(0).locator(".tw-still")
    still.wait_for()
    assert "0.94" in still.inner_text()
    assert still.locator("svg").count() == 2
    assert still.locator("tbody tr").count() == 5
    assert front.output(0).locator(".tw-dashboard").count() == 0
    for theme in ("dark", "light"):
        front.theme(theme)
        assert faint(front.page, still) == []
    front.picture(0, pictures / f"saved-{front.server.app}.png")


def test_as_a_page_without_scripts_the_last_state_is_seen(lab, chromium, tmp_path, pictures):
    saved(lab)
    document = nbformat.read(lab.server.root / lab.path, as_version=4)
    page = tmp_path / "saved.html"
    page.write_text(HTMLExporter().from_notebook_node(document)[0], encoding="utf-8")
    for scripts in (False, True):
        context = chromium._chromium.new_context(java_script_enabled=scripts, offline=True, viewport=chromium.size)
        tab = context.new_page()
        tab.goto(page.as_uri(), wait_until="domcontentloaded")
        still = tab.locator(".tw-still")
        still.wait_for()
        assert "0.94" in still.inner_text()
        assert still.locator("svg").count() == 2
        if scripts:
            assert faint(tab, still) == []
        tab.screenshot(path=str(pictures / f"saved-page-{'scripts' if scripts else 'plain'}.png"), full_page=True)
        context.close()


def faint(page, still):
    """Return the texts whose contrast is too small."""
    page.evaluate(CONTRAST)
    still.scroll_into_view_if_needed()
    page.evaluate("contrast.veil(true)")
    picture = base64.b64encode(page.screenshot()).decode()
    page.evaluate("contrast.veil(false)")
    found = page.evaluate(
        "([node, picture]) => contrast.ofTexts(node, picture)", [still.first.element_handle(), picture]
    )
    assert found["checked"] > 40
    return found["poor"]
