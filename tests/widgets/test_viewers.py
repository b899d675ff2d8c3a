from tunewidgets.widgets.dashboard.viewers import Viewers

CARDS = ["trials", "curves"]


def test_before_a_page_speaks_everything_is_in_sight():
    viewers = Viewers()
    viewers.display(0.0)
    assert viewers.in_sight(CARDS, 0.0) == CARDS
    assert viewers.patience(0.5) == 1.0


def test_what_some_page_sees_is_in_sight():
    viewers = Viewers()
    viewers.hear("a", 0.0)
    viewers.see("a", [], 1)
    assert viewers.in_sight(CARDS, 0.0) == []
    viewers.hear("b", 0.0)
    assert viewers.in_sight(CARDS, 0.0) == CARDS
    viewers.see("b", ["curves"], 5)
    viewers.see("b", ["trials"], 4)
    assert viewers.in_sight(CARDS, 0.0) == ["curves"], "message 4 came late: it had waited for the end of a cell"


def test_every_page_is_waited_for():
    viewers = Viewers()
    for page in "ab":
        viewers.hear(page, 0.0)
    viewers.owe(0, 0.0)
    viewers.acknowledge("a", 0, 0.1)
    assert not viewers.caught_up(0.2)
    viewers.acknowledge("b", 0, 0.3)
    assert viewers.caught_up(0.3)


def test_a_page_that_hangs_behind_does_not_hold_up_the_others():
    viewers = Viewers()
    for page in ("gone", "here"):
        viewers.hear(page, 0.0)
    viewers.owe(0, 0.0)
    viewers.acknowledge("here", 0, 0.1)
    viewers.owe(1, 3.0)
    assert not viewers.caught_up(3.1)
    viewers.acknowledge("here", 1, 3.1)
    assert viewers.caught_up(3.2), "since 3.2 s the other one owes: it was reloaded"


def test_nobody_caught_up_where_nobody_answers():
    viewers = Viewers()
    viewers.hear("a", 0.0)
    viewers.owe(0, 0.0)
    assert not viewers.caught_up(50.0)


def test_an_old_acknowledgement_leaves_the_newest_message_owed():
    viewers = Viewers()
    viewers.hear("a", 0.0)
    viewers.owe(0, 0.0)
    viewers.owe(1, 1.0)
    viewers.acknowledge("a", 0, 1.1)
    assert not viewers.caught_up(1.2)


def test_silent_pages_are_served_sparingly_and_then_forgotten():
    viewers = Viewers()
    viewers.hear("a", 0.0)
    assert [viewers.patience(t) for t in (59.0, 61.0, 601.0)] == [1.0, 5.0, None]
    assert viewers.hear("a", 700.0), "it is a new page now, and gets everything"


def test_a_page_that_says_good_bye_is_gone():
    viewers = Viewers()
    viewers.hear("a", 0.0)
    viewers.leave("a")
    assert viewers.patience(0.1) is None


def test_once_a_page_has_spoken_displays_do_not_count():
    viewers = Viewers()
    viewers.display(0.0)
    viewers.hear("a", 0.1)
    viewers.leave("a")
    assert viewers.patience(0.2) is None
    viewers.display(0.3)
    viewers.leave("a")
    assert viewers.patience(0.4) == 1.0, "a good-bye that comes late is not from the new display"
