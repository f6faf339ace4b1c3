"""scikit-learn's side of the training figures: learn.py FOLDER JOB, where JOB is JSON; answers with a line of JSON.

{"do": "fit", "set", "recipe", "parameters", "threads"}      fits once: seconds
{"do": "folds", "set", "recipe", "parameters", "threads"}    5 x 10 folds: seconds and score of each (accuracy, or R2)
{"do": "run", "set", "file"}                                 asks an ONNX file by onnxruntime: scores and labels as files
"""

import json
import sys
from pathlib import Path
from time import perf_counter

import numpy

folder = Path(sys.argv[1])
job = json.loads(sys.argv[2])
size = json.loads((folder / "sets.json").read_text())[job["set"]]
rows = numpy.fromfile(folder / f"{job['set']}.f32", numpy.float32).reshape(-1, size["features"])
targets = numpy.fromfile(folder / f"{job['set']}.f64", numpy.float64)
if size["task"] == "classification":
    targets = targets.astype(numpy.int32)


def model(recipe, parameters, threads=1):
    from sklearn import ensemble, linear_model
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    # Our recipes standardise by themselves.
    scaled = lambda estimator: make_pipeline(StandardScaler(), estimator)
    return {
        "logistic-regression": lambda: scaled(linear_model.LogisticRegression(**parameters)),
        "linear-regression": lambda: linear_model.LinearRegression(**parameters),
        "ridge": lambda: scaled(linear_model.Ridge(**parameters)),
        "random-forest": lambda: ensemble.RandomForestClassifier(n_jobs=threads, **parameters),
        "random-forest-regressor": lambda: ensemble.RandomForestRegressor(n_jobs=threads, **parameters),
        "gradient-boosting": lambda: ensemble.HistGradientBoostingClassifier(**parameters),
        "gradient-boosting-regressor": lambda: ensemble.HistGradientBoostingRegressor(**parameters),
    }[recipe]()


def fit(train, threads=1):
    estimator = model(job["recipe"], job["parameters"], threads)
    start = perf_counter()
    estimator.fit(rows[train], targets[train])
    return estimator, perf_counter() - start


if job["do"] == "fit":
    _, seconds = fit(slice(None), job["threads"])
    answer = {"seconds": [seconds]}
elif job["do"] == "folds":
    fold_of = numpy.fromfile(folder / f"{job['set']}.folds", numpy.int8).reshape(-1, len(rows))
    answer = {"seconds": [], "scores": []}
    for repeat in fold_of:
        for fold in range(10):
            estimator, seconds = fit(repeat != fold, job["threads"])
            answer["seconds"].append(seconds)
            answer["scores"].append(estimator.score(rows[repeat == fold], targets[repeat == fold]))
else:
    import onnxruntime

    session = onnxruntime.InferenceSession(job["file"], providers=["CPUExecutionProvider"])
    start = perf_counter()
    outputs = session.run(None, {"features": rows})
    answer = {"seconds": [perf_counter() - start]}
    outputs[0].astype(numpy.float32).tofile(f"{job['file']}.python.f32")
    if len(outputs) > 1:
        outputs[1].astype(numpy.float64).tofile(f"{job['file']}.python.labels")
print(json.dumps(answer))
