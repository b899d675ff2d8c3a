"""A search as one HTML file."""

import base64
import gzip
import json
import re

import pytest
from histories import SPACE, Recorder, full_history, hyperband_history

from tunewidgets.figures import CARDS, card
from tunewidgets.figures.report import to_report
from tunewidgets.history import Ended, Place

ALL = [each for each in CARDS.values() if each.heavy_from != 0]


@pytest.fixture(scope="module")
def page():
    return to_report(hyperband_history(), ALL, name="digits", source="search = ...", facts=[("Versions", "1")])


def test_nothing_is_loaded_from_anywhere(page):
    without = re.sub(r'<script type="application/octet-stream".*?</script>', "", page, flags=re.DOTALL)
    assert not re.findall(r'(?:src|href)="(?!data:)', without)
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", without)


def test_plotly_is_in_it(page):
    packed = re.search(r'id="tw-plotly">(.*?)</script>', page).group(1)
    assert b"Plotly" in gzip.decompress(base64.b64decode(packed))[:100_000]


def test_every_card_is_there_as_a_picture_and_as_a_spec(page):
    for each in ALL:
        if each.name != "table":
            assert f"<h2>{each.title}</h2>" in page
    specs = [json.loads(text) for text in re.findall(r'class="spec">(.*?)</script>', page, re.DOTALL)]
    assert len(specs) == page.count("<svg") >= 4
    assert all({"data", "layout"} <= set(spec) for spec in specs)
    assert "this search has one goal" in page.lower(), "why a card has nothing to show"


def test_every_trial_has_a_row_and_the_best_is_named(page):
    history = hyperband_history()
    assert page.count('<tr id="trial-') == len(history.trials)
    assert "best = {" in page
    assert f"trial {history.incumbent.number}: val_accuracy" in page
    assert "To do it again" in page
    assert "search = ..." in page


def test_what_a_user_wrote_is_text():
    recorder = Recorder(metric="<b>acc</b>")
    trial = recorder.start(Place(0, 0, 2), {**SPACE.defaults(), "optimizer": "</script><script>alert(1)</script>"})
    recorder.complete(trial)
    page = to_report(recorder.history, ALL, name="<i>me</i>")
    assert "<script>alert(1)" not in page
    assert "<b>acc" not in page
    assert "<i>me" not in page


def test_tracebacks_are_in_it_those_of_the_newest_failures():
    recorder = Recorder()
    for number in range(25):
        trial = recorder.start(Place(0, 0, 2))
        reason = {"kind": "error", "type": "ValueError", "message": "no", "traceback": f"line {number}: <b>no"}
        recorder.say(Ended(trial, 1, "failed", Place(0, 0, 2), None, reason))
    page = to_report(recorder.history, [])
    assert "<summary>Trial 24: ValueError: no</summary><pre>line 24: &lt;b&gt;no</pre>" in page
    assert (page.count("&lt;b&gt;no</pre>"), "The newest 20 of 25" in page, "line 4:" in page) == (20, True, False)


def test_a_card_of_the_users_own_and_one_that_fails_are_in_it():
    @card("Mine")
    def mine(history):
        return {"data": [{"type": "pie", "values": [1, 2]}], "layout": {}}

    @card("Broken")
    def broken(history):
        raise ValueError("no luck")

    page = to_report(full_history(4), [mine, broken])
    assert "A picture needs scripts." in page
    assert "no luck" in page


def test_before_a_result_it_says_so():
    assert "No trial has come to rest with a value." in to_report(Recorder().history, [])
