"""What runs code from a search's folder asks first whether others could have written it; what only looks does not."""

import pytest

import tunewidgets as tw


def keeps(trial):
    trial.save({"x": trial.config["x"]})
    trial.report(1, trial.config["x"])


@pytest.fixture
def search(runs):
    space = tw.Space(x=tw.Int(0, 3))
    search = tw.tune(keeps, space, sampler="grid", direction="min", executor="inline", directory=runs, show=False)
    search.wait()
    search.folder.chmod(0o755)
    for path in search.folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return search


def test_the_best_model_is_not_read_from_what_others_may_write(search, runs):
    assert search.best_model() == {"x": 0}
    state = search.folder / "trials/00000/checkpoint/state.pkl"
    state.chmod(0o664)
    for handle in (search, tw.attach(directory=runs, show=False)):
        with pytest.raises(tw.StoreError, match=r"'trials/00000/checkpoint/state.pkl' may be changed by other users"):
            handle.best_model()
        assert handle.best_config == {"x": 0}
    assert tw.attach(directory=runs, show=False, trust=True).best_model() == {"x": 0}


def test_the_best_model_is_not_asked_of_an_objective_at_hand_either_where_the_folder_is_not_ones_own(search):
    search.folder.chmod(0o777)
    with pytest.raises(tw.StoreError, match=r"'keeps' may be changed by other users"):
        search.best_model()


@pytest.mark.process
def test_no_coordinator_is_started_where_what_trials_saved_is_not_to_be_trusted(runs):
    space = tw.Space(x=tw.Int(0, 3))
    search = tw.tune(keeps, space, sampler="grid", direction="min", directory=runs, show=False).wait(30)
    search.folder.chmod(0o755)
    for path in search.folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (search.folder / "trials").chmod(0o775)
    with pytest.raises(tw.StoreError, match=r"'trials' may be changed by other users"):
        search.start()
