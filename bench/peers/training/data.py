"""The data sets of the training figures, and the folds that both sides are measured on.

data.py FOLDER writes there, for each data set NAME
  NAME.f32      rows, float32, row after row
  NAME.f64      targets: class ids, or values
  NAME.folds    5 x rows bytes: the fold of each row, ten folds five times (absent for `large`)
and sets.json, which tells their sizes.
"""

import json
import sys
from pathlib import Path

import numpy
from sklearn import datasets
from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold

folder = Path(sys.argv[1])
repeats, folds = 5, 10


def classes(rows, seed):
    return datasets.make_classification(rows, 20, n_informative=10, n_redundant=5, flip_y=0.01, random_state=seed)


def values(rows, seed):
    return datasets.make_friedman1(rows, 20, noise=1.0, random_state=seed)


sets = {
    "iris": ("classification", datasets.load_iris(return_X_y=True)),
    "wine": ("classification", datasets.load_wine(return_X_y=True)),
    "breast-cancer": ("classification", datasets.load_breast_cancer(return_X_y=True)),
    "synthetic": ("classification", classes(20_000, 7)),
    "diabetes": ("regression", datasets.load_diabetes(return_X_y=True)),
    "synthetic-values": ("regression", values(20_000, 7)),
    "large": ("classification", classes(100_000, 1)),
    "large-values": ("regression", values(100_000, 1)),
}
sizes = {}
for name, (task, (rows, targets)) in sets.items():
    # Both sides learn from the same float32 numbers.
    rows = numpy.ascontiguousarray(rows, dtype=numpy.float32)
    rows.tofile(folder / f"{name}.f32")
    targets.astype(numpy.float64).tofile(folder / f"{name}.f64")
    if not name.startswith("large"):
        split = RepeatedStratifiedKFold if task == "classification" else RepeatedKFold
        fold_of = numpy.zeros((repeats, len(rows)), dtype=numpy.int8)
        for index, (_, test) in enumerate(split(n_splits=folds, n_repeats=repeats, random_state=0).split(rows, targets)):
            fold_of[index // folds, test] = index % folds
        fold_of.tofile(folder / f"{name}.folds")
    sizes[name] = {
        "task": task,
        "rows": rows.shape[0],
        "features": rows.shape[1],
        "classes": int(targets.max()) + 1 if task == "classification" else 1,
    }
(folder / "sets.json").write_text(json.dumps(sizes))
