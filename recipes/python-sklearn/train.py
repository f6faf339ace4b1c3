"""Fits an estimator of scikit-learn on the request's table and logs it as ONNX by MLflow's client, on the run that the trainer began."""

import inspect
from typing import Any

import mlflow
import numpy as np
import onnx
import pandas as pd
import sklearn.metrics as metrics
from contract import data, fail, parameters, progress, result
from mlflow.models import infer_signature
from onnx_export import Disagreement, Exported, check_agreement, to_onnx
from sklearn.base import is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils import all_estimators

STEPS = 5
EXAMPLE_ROWS = 3


def main() -> None:
    given, asked = parameters(), data()
    progress("Reading the data set.", 1, STEPS)
    table, target, features = read(asked)
    estimator = made(given)
    X, y = table[features], table[target]
    if is_classifier(estimator) and y.nunique() < 2:
        fail("DATASET_INVALID", f'The target "{target}" has a single class; there is nothing to tell apart.')
    numbers = [column for column in features if pd.api.types.is_numeric_dtype(X[column])]
    X = X.astype({column: np.float32 for column in numbers} | {column: str for column in features if column not in numbers})
    model = pipeline(estimator, X, numbers, given["standardise"])

    X_train, X_test, y_train, y_test = split(X, y, asked["testShare"], given["random_state"], is_classifier(estimator))
    progress(f"Fitting on {len(X_train)} rows.", 2, STEPS)
    mixed = len(numbers) < len(features)
    # Without text the rows are one tensor, and columns go by their order.
    shaped = (lambda frame: frame) if mixed else (lambda frame: frame.to_numpy(dtype=np.float32))
    model.fit(shaped(X_train), y_train)

    progress("Exporting to ONNX.", 3, STEPS)
    graph = to_onnx(model, len(features), [(column, column not in numbers) for column in features] if mixed else None)
    exported = Exported(graph)
    progress("Scoring the exported model.", 4, STEPS)
    try:
        difference = check_agreement(model, exported, shaped(X_test))
    except Disagreement as error:
        fail("EXPORT_DISAGREES", f"The exported graph answers otherwise than the estimator: {error}.")
    scores = scored(exported.run(shaped(X_test)), y_test.to_numpy(), is_classifier(estimator))

    progress("Logging the model.", 5, STEPS)
    log(graph, X_test, exported, shaped, scores)
    result(
        metrics=scores,
        facts={"train_rows": str(len(X_train)), "test_rows": str(len(X_test)), "export_difference": f"{difference:.2e}"},
    )


def read(asked: dict[str, Any]) -> tuple[pd.DataFrame, str, list[str]]:
    try:
        path = asked["path"]
        table = pd.read_parquet(path) if asked["format"] == "parquet" else pd.read_csv(path)
    except (ValueError, OSError) as error:
        fail("DATASET_INVALID", f"The data set can't be read: {error}")
    if table.empty:
        fail("DATASET_TOO_SMALL", "The data set has no rows.")
    target = asked.get("target") or str(table.columns[-1])
    dropped = set(asked.get("drop") or [])
    features = asked.get("features") or [name for name in table.columns if name != target and name not in dropped]
    for name in [target, *features]:
        if name not in table.columns:
            fail("DATASET_INVALID", f'The column "{name}" is not in the data set, which has: {", ".join(table.columns)[:500]}.')
    return table.dropna(subset=[target]), target, features


def made(given: dict[str, Any]) -> Any:
    kind = dict(all_estimators())[given["estimator"]]
    arguments = dict(given["arguments"])
    if "random_state" in inspect.signature(kind).parameters:
        arguments.setdefault("random_state", given["random_state"])
    # Probabilities are what a classifier is asked for.
    if given["estimator"] == "SVC":
        arguments.setdefault("probability", True)
    try:
        return kind(**arguments)
    except TypeError as error:
        fail("PARAMETER_INVALID", f"arguments: {error}")


def pipeline(estimator: Any, X: pd.DataFrame, numbers: list[str], standardise: bool) -> Any:
    """Missing numbers become means, text becomes a column per word, where the table has such; the estimator alone where it has none."""
    texts = [column for column in X.columns if column not in numbers]
    steps = [SimpleImputer()] if numbers and X[numbers].isna().any(axis=None) else []
    if standardise:
        steps.append(StandardScaler())
    if not texts:
        return make_pipeline(*steps, estimator) if steps else estimator
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    parts = [("texts", words, texts)]
    if numbers:
        parts.insert(0, ("numbers", make_pipeline(*steps) if steps else "passthrough", numbers))
    return make_pipeline(ColumnTransformer(parts), estimator)


def split(X: pd.DataFrame, y: pd.Series, share: float, seed: int, stratified: bool) -> Any:
    try:
        return train_test_split(X, y, test_size=share, random_state=seed, stratify=y if stratified else None)
    except ValueError as error:
        fail("DATASET_TOO_SMALL", f"The data set can't be split: {error}")


def scored(answers: list[np.ndarray], y: np.ndarray, classes: bool) -> dict[str, float]:
    """Of the exported file: what will be served is what was measured."""
    if not classes:
        found = np.asarray(answers[0], dtype=np.float64).ravel()
        return {
            "r2": float(metrics.r2_score(y, found)),
            "mae": float(metrics.mean_absolute_error(y, found)),
            "rmse": float(metrics.root_mean_squared_error(y, found)),
        }
    labels = np.asarray(answers[0]).astype(y.dtype)
    return {
        "accuracy": float(metrics.accuracy_score(y, labels)),
        "balanced_accuracy": float(metrics.balanced_accuracy_score(y, labels)),
        "f1_macro": float(metrics.f1_score(y, labels, average="macro")),
    }


def log(graph: onnx.ModelProto, X: pd.DataFrame, exported: Exported, shaped: Any, scores: dict[str, float]) -> None:
    example = X.head(EXAMPLE_ROWS)
    answers = exported.run(shaped(example))
    outputs = {each.name: np.asarray(answer) for each, answer in zip(exported.session.get_outputs(), answers, strict=True)}
    with mlflow.start_run():
        mlflow.log_metrics(scores)
        mlflow.onnx.log_model(graph, name="model", signature=infer_signature(example, outputs), input_example=example)


if __name__ == "__main__":
    main()
