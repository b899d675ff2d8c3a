"""What trials have printed: the end is read, and of the rest the size."""

from tunewidgets.history import Printed
from tunewidgets.store.output import logs, tail


def written(home, *texts):
    for attempt, text in enumerate(texts, 1):
        (home / f"attempt-{attempt}.log").write_bytes(text if isinstance(text, bytes) else text.encode())
    return logs(home)


def test_all_of_a_short_output(tmp_path):
    assert tail(written(tmp_path, "epoch 1\nepoch 2\n"), 100) == Printed("epoch 1\nepoch 2", 16)


def test_of_a_long_output_the_end_from_the_beginning_of_a_line(tmp_path):
    text = "".join(f"line {n}\n" for n in range(1_000_000))
    found = tail(written(tmp_path, text), 40)
    assert found == Printed("line 999997\nline 999998\nline 999999", len(text))


def test_legs_follow_one_another_and_the_newest_counts_first(tmp_path):
    legs = written(tmp_path, "first\n", "", "third\n")
    assert tail(legs, 100) == Printed("--- leg 1 ---\nfirst\n--- leg 3 ---\nthird", 12)
    assert tail(legs, 6) == Printed("--- leg 3 ---\nthird", 12)


def test_legs_are_in_the_order_of_their_numbers(tmp_path):
    assert list(written(tmp_path, *["x"] * 12)) == list(range(1, 13))


def test_bytes_that_are_no_text_are_shown_as_such(tmp_path):
    assert tail(written(tmp_path, b"caf\xe9 \xf0\x9f\n"), 100).text == "caf\ufffd \ufffd"


def test_a_single_long_line_is_cut_where_it_must_be(tmp_path):
    assert tail(written(tmp_path, "a" * 50), 10) == Printed("a" * 10, 50)


def test_nothing_was_printed_or_there_is_no_such_trial(tmp_path):
    assert tail(logs(tmp_path / "00099"), 100) == Printed("", 0)
    assert tail(written(tmp_path, ""), 100) == Printed("", 0)
