"""``python tests/browser/gallery.py FOLDER``: photograph every card, light and dark, of real searches in JupyterLab."""

import os
import sys
import tempfile
import time
from pathlib import Path

from driver import Browser, Notebook, write_notebook
from server import JupyterServer

ROOT = Path(__file__).parents[2]
SVM = """
import tunewidgets as tw
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

x, y = load_digits(return_X_y=True)
svm_space = tw.Space(
    C=tw.Float(1e-2, 1e3, sampling="log"),
    gamma=tw.Float(1e-5, 1e0, sampling="log"),
    kernel=tw.Choice(["rbf", "poly"]),
    degree=tw.Int(2, 5).when(kernel="poly"),
)
svm = tw.tune(tw.SklearnObjective(SVC(), x / 16, y, cv=3), svm_space, sampler="gp", trials=40, workers=2, seed=1,
              name="svm", show=False)
"""
KERAS = """
import keras
import tunewidgets as tw
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)

def build_model(hp):
    model = keras.Sequential([keras.Input((64,))])
    for _ in range(hp.Int("layers", 1, 3)):
        model.add(keras.layers.Dense(hp.Int("units", 16, 128, step=16), activation="relu"))
        model.add(keras.layers.Dropout(hp.Float("dropout", 0.0, 0.5)))
    model.add(keras.layers.Dense(10, activation="softmax"))
    rate = hp.Float("rate", 1e-4, 1e-1, sampling="log")
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

digits = tw.tune(tw.KerasObjective(build_model, x / 16, y, validation_split=0.2), objective="val_accuracy",
                 strategy=tw.Hyperband(max_budget=9), workers=2, seed=3, name="digits", show=False)
"""
TREES = """
import tunewidgets as tw
from sklearn.datasets import load_wine
from sklearn.model_selection import cross_val_score
from sklearn.tree import DecisionTreeClassifier

x, y = load_wine(return_X_y=True)
tree_space = tw.Space(
    max_depth=tw.Int(1, 12), min_samples_leaf=tw.Int(1, 40, sampling="log"), max_features=tw.Float(0.1, 1.0),
    criterion=tw.Choice(["gini", "entropy"]),
)

def grown(trial):
    tree = DecisionTreeClassifier(**trial.config, random_state=0)
    accuracy = cross_val_score(tree, x, y, cv=5).mean()
    trial.report(1, accuracy, leaves=tree.fit(x, y).get_n_leaves())

bred = tw.tune(grown, tree_space, sampler="evolution", direction="max", trials=80, workers=2, seed=2, name="bred",
               show=False)
"""
GOALS = """
goals = tw.tune(grown, tree_space, sampler="nsga2", objective=["accuracy", "leaves"], direction=["max", "min"],
                trials=80, workers=2, seed=2, name="goals", show=False)
"""
PARTS = (
    (SVM, "svm", ("trials", "surrogate", "effects", "parallel", "importance", "timeline")),
    (KERAS, "digits", ("curves", "brackets")),
    (TREES, "bred", ("population",)),
    (GOALS, "goals", ("pareto", "table")),
)


def main(folder: Path) -> None:
    """Run the searches and photograph their cards."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        write_notebook(root / "gallery.ipynb", ["", ""])
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        with JupyterServer(root, "lab", env={"PYTHONPATH": path}) as server, Browser(1130, 1000) as browser:
            notebook = browser.open(server, "gallery.ipynb")
            for code, search, cards in PARTS:
                notebook.fill(code, "")
                notebook.run_cell(0, 300)
                notebook.until(lambda s=search: notebook.eval(f"{s}.status == 'finished'"), "the end", 600)
                for card in cards:
                    photograph(notebook, search, card, folder)


def photograph(notebook: Notebook, search: str, card: str, folder: Path) -> None:
    """Show a card by itself, and photograph it in both themes."""
    notebook.fill("", f"{search}.card('{card}')")
    notebook.run_cell(1, 120)
    output = notebook.output(1)
    drawn = "table" if card == "table" else ".tw-axis" if card == "parallel" else ".main-svg"
    output.locator(drawn).first.wait_for(timeout=60_000)
    for theme in ("light", "dark"):
        notebook.theme(theme)
        time.sleep(1.0)
        notebook.page.mouse.move(5, 5)
        notebook.picture(1, folder / f"{card}-{theme}.png", ".tw-dashboard")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
