"""Many events at once come out as one by one."""

import gc

import pytest

from tunewidgets.errors import StoreError
from tunewidgets.history.codec import decode, decode_all, encode
from tunewidgets.history.collector import uncollected
from tunewidgets.testing.events import EVERY_KIND


def test_all_at_once_are_what_each_is_by_itself():
    encoded = [encode(event) for event in EVERY_KIND]
    found = decode_all(encoded)
    assert [encode(event) for event in found] == encoded, "as text, since NaN is not equal to itself"
    assert list(map(type, found)) == [type(decode(kind, body)) for kind, body in encoded]
    assert decode_all([]) == []


def test_what_a_newer_version_has_added_is_left_out():
    kind, body = encode(EVERY_KIND[0])
    assert decode(kind, f'{body[:-1]},"of the future"]') == EVERY_KIND[0]
    with pytest.raises(StoreError, match="unknown kind 'Dreamt'"):
        decode_all([("Dreamt", "[]")])


def test_the_collector_goes_on_afterwards_unless_it_was_off():
    def fail():
        with uncollected():
            assert not gc.isenabled()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert gc.isenabled()
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
