"""scikit-learn to ONNX: a graph that onnxruntime serves, and the proof that it answers as the estimator does."""

from copy import deepcopy
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.base import is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import OneHotEncoder

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
    model = with_empty_text_as_gap(model)
    names = ["prediction"]
    if is_classifier(model):
        names = ["label", "probabilities" if hasattr(model, "predict_proba") else "scores"]
    graph = _converted(model, inputs)
    rename_values(graph, dict(zip(_names(graph.graph.output), names, strict=False)))
    if columns is not None:
        # Names that are no words of a programming language have been made such.
        rename_values(graph, dict(zip(_names(graph.graph.input), [name for name, _ in columns], strict=True)))
    onnx.checker.check_model(graph)
    return graph


def _converted(model: Any, inputs: list) -> onnx.ModelProto:
    """With scores as a table, not as a list of dictionaries: most classifiers have an option for that, the others know none and need none."""
    final = model.steps[-1][1] if isinstance(model, Pipeline) else model
    table = {id(final): {"zipmap": False}}
    if not hasattr(model, "predict_proba"):
        graph = convert_sklearn(model, initial_types=inputs, target_opset=OPSET)
        if all(output.type.HasField("tensor_type") for output in graph.graph.output):
            return graph
    return convert_sklearn(model, initial_types=inputs, options=table, target_opset=OPSET)


def rename_values(model: onnx.ModelProto, wanted: dict[str, str]) -> None:
    """Of inputs or outputs of the graph."""
    renamed = {old: new for old, new in wanted.items() if old != new}
    taken = {name for node in model.graph.node for name in (*node.input, *node.output)}
    # A name inside the graph that is wanted outside gives way.
    away = {name: f"{name}_inside" for name in renamed.values() if name in taken and name not in renamed}
    both = renamed | away
    for node in model.graph.node:
        node.input[:] = [both.get(name, name) for name in node.input]
        node.output[:] = [both.get(name, name) for name in node.output]
    for value in (*model.graph.input, *model.graph.output):
        value.name = both.get(value.name, value.name)


def _names(values: Any) -> list[str]:
    return [value.name for value in values]


def with_empty_text_as_gap(model: Any) -> Any:
    """
    A copy that takes the empty text for what is missing: tensors have no other, and predictors send it. Its steps would look for None or NaN,
    which no column of texts in a graph can hold.
    """
    copied = deepcopy(model)
    for step in _steps(copied):
        if isinstance(step, SimpleImputer) and _is_gap(step.missing_values) and _has_text(getattr(step, "statistics_", [])):
            step.missing_values = ""
        if isinstance(step, OneHotEncoder):
            step.categories_ = [_without_gap(known) for known in step.categories_]
    return copied


def _steps(model: Any) -> "Any":
    yield model
    if isinstance(model, Pipeline):
        inner = [step for _, step in model.steps]
    elif isinstance(model, ColumnTransformer):
        inner = [step for _, step, _ in model.transformers_]
    elif isinstance(model, FeatureUnion):
        inner = [step for _, step in model.transformer_list]
    else:
        inner = []
    for step in inner:
        if not isinstance(step, str) and step is not None:
            yield from _steps(step)


def _is_gap(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def _has_text(values: Any) -> bool:
    return any(isinstance(value, str) for value in values)


def _without_gap(known: np.ndarray) -> np.ndarray:
    values = known.tolist()
    if "" in values or not _has_text(values):
        return known
    return np.array(["" if _is_gap(value) else value for value in values], dtype=object)


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
            feed = {each.name: _column(rows[each.name], "string" in each.type) for each in inputs}
        return self.session.run(None, feed)


def _column(values: pd.Series, text: bool) -> np.ndarray:
    """As predictors send it: a missing number is NaN, a missing text is empty."""
    column = values.astype(object).where(values.notna(), "").to_numpy(object) if text else values.to_numpy(np.float32)
    return column.reshape(-1, 1)


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
