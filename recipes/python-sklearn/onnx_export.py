"""scikit-learn to ONNX: a graph that onnxruntime serves, and the proof that it answers as the estimator does."""

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.base import is_classifier
from sklearn.pipeline import Pipeline

OPSET = {"": 17, "ai.onnx.ml": 3}
# Relative to the value; float32 sums end in other digits than float64.
TOLERANCE = 1e-4


class Disagreement(Exception):
    """The graph answers otherwise than the estimator."""


def to_onnx(model: Any, features: int, columns: list[tuple[str, bool]] | None = None) -> onnx.ModelProto:
    """
    One float tensor `[-1, features]`, or a tensor `[-1, 1]` per column: (name, whether it holds text).
    Outputs are `label` and `probabilities` of a classifier, `prediction` of a regressor.
    """
    if columns is None:
        inputs = [("features", FloatTensorType([None, features]))]
    else:
        inputs = [(name, (StringTensorType if text else FloatTensorType)([None, 1])) for name, text in columns]
    names = ["prediction"]
    options = None
    if is_classifier(model):
        names = ["label", "probabilities" if hasattr(model, "predict_proba") else "scores"]
        # A table, not a list of dictionaries. Classifiers without probabilities answer a table anyway, and know no such option.
        if hasattr(model, "predict_proba"):
            final = model.steps[-1][1] if isinstance(model, Pipeline) else model
            options = {id(final): {"zipmap": False}}
    graph = convert_sklearn(model, initial_types=inputs, options=options, target_opset=OPSET)
    rename_outputs(graph, names)
    onnx.checker.check_model(graph)
    return graph


def rename_outputs(model: onnx.ModelProto, names: list[str]) -> None:
    renamed = {output.name: name for output, name in zip(model.graph.output, names, strict=False) if output.name != name}
    taken = {name for node in model.graph.node for name in (*node.input, *node.output)}
    # A name inside the graph that is wanted outside gives way.
    away = {name: f"{name}_inside" for name in renamed.values() if name in taken and name not in renamed}
    both = renamed | away
    for node in model.graph.node:
        node.input[:] = [both.get(name, name) for name in node.input]
        node.output[:] = [both.get(name, name) for name in node.output]
    for output in model.graph.output:
        output.name = both.get(output.name, output.name)


class Exported:
    """The graph in onnxruntime."""

    def __init__(self, model: onnx.ModelProto) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def run(self, rows: "np.ndarray | pd.DataFrame") -> list[np.ndarray]:
        inputs = self.session.get_inputs()
        if len(inputs) == 1 and inputs[0].name == "features":
            feed = {"features": np.ascontiguousarray(rows, dtype=np.float32)}
        else:
            feed = {
                each.name: rows[each.name].to_numpy(object if "string" in each.type else np.float32).reshape(-1, 1)
                for each in inputs
            }
        return self.session.run(None, feed)


def check_agreement(model: Any, exported: Exported, rows: "np.ndarray | pd.DataFrame") -> float:
    """The greatest difference, relative to the value. Raises Disagreement naming a row."""
    answers = exported.run(rows)
    if not is_classifier(model):
        return _near(np.asarray(model.predict(rows), dtype=np.float64), answers[0])
    labels = np.asarray(answers[0]).ravel()
    expected = np.asarray(model.predict(rows)).ravel()
    scores = _scores(model, rows)
    worst = 0.0
    if hasattr(model, "predict_proba"):
        worst = _near(scores, answers[1])
    other = np.flatnonzero(labels.astype(str) != expected.astype(str))
    clear = [row for row in other if not _tied(scores[row])]
    if clear:
        row = clear[0]
        raise Disagreement(f"row {row} is {expected[row]!r} to scikit-learn and {labels[row]!r} to ONNX")
    return worst


def _scores(model: Any, rows: "np.ndarray | pd.DataFrame") -> np.ndarray:
    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(rows), dtype=np.float64)
    margin = np.asarray(model.decision_function(rows), dtype=np.float64)
    return np.column_stack([-margin, margin]) if margin.ndim == 1 else margin


def _tied(scores: np.ndarray) -> bool:
    second, best = np.sort(scores)[-2:]
    return bool(best - second <= 2 * TOLERANCE * max(1.0, abs(best)))


def _near(expected: np.ndarray, answered: np.ndarray) -> float:
    answered = np.asarray(answered, dtype=np.float64).reshape(expected.shape)
    difference = np.abs(answered - expected) / np.maximum(1.0, np.abs(expected))
    worst = float(np.max(difference, initial=0.0))
    if not worst <= TOLERANCE:
        row = int(np.unravel_index(np.nanargmax(difference), difference.shape)[0])
        raise Disagreement(f"row {row} is {expected[row]} to scikit-learn and {answered[row]} to ONNX")
    return worst


def rows_around_thresholds(model: Any, features: int, count: int = 1000, seed: int = 0) -> np.ndarray:
    """
    Rows that go through the branches of a model of trees: near its own thresholds, on both sides, and between them. For other
    models rows around what their scaler saw, or around 0.
    """
    rng = np.random.default_rng(seed)
    before, final = (model[:-1], model[-1]) if isinstance(model, Pipeline) and len(model) > 1 else (None, model)
    thresholds = _thresholds(final, features)
    rows = rng.normal(size=(count, features))
    for feature, values in enumerate(thresholds):
        if len(values) == 0:
            continue
        spread = float(values.max() - values.min()) or max(1.0, abs(float(values[0])))
        near = rng.random(count) < 0.5
        step = rng.normal(size=count) * spread * np.where(near, 1e-3, 0.3)
        rows[:, feature] = rng.choice(values, size=count) + step
    if before is not None:
        try:
            rows = before.inverse_transform(rows)
        except (AttributeError, ValueError):
            rows = rng.normal(size=(count, features))
    return np.asarray(rows, dtype=np.float32)


def _thresholds(model: Any, features: int) -> list[np.ndarray]:
    found: list[list[float]] = [[] for _ in range(features)]
    for tree in _trees(model):
        for feature, threshold in tree:
            if 0 <= feature < features and np.isfinite(threshold):
                found[feature].append(float(threshold))
    return [np.unique(values) for values in found]


def _trees(model: Any) -> "Any":
    if hasattr(model, "tree_"):
        yield zip(model.tree_.feature.tolist(), model.tree_.threshold.tolist(), strict=True)
    for each in np.ravel(np.asarray(getattr(model, "estimators_", []), dtype=object)):
        yield from _trees(each)
    for predictors in getattr(model, "_predictors", []):
        for predictor in predictors:
            nodes = predictor.nodes[predictor.nodes["is_leaf"] == 0]
            yield zip(nodes["feature_idx"].tolist(), nodes["num_threshold"].tolist(), strict=True)
