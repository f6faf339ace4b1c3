"""
Makes ONNX of a version that was logged with `mlflow.sklearn`, proves that it answers as the pickle does, and leaves it for the trainer to
attach. Opening a pickle runs what is in it: this process is the only one that does.
"""

import os
import warnings
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from contract import OUTPUT, fail, parameters, progress, result
from mlflow.models import Model
from onnx_export import Disagreement, Exported, check_agreement, rows_around_thresholds, to_onnx

ROWS = 1000


def main() -> None:
    name, version = os.environ["TRAINER_MODEL"], parameters()["version"]
    progress(f"Fetching version {version} of {name}.")
    folder = mlflow.artifacts.download_artifacts(f"models:/{name}/{version}")
    described = Model.load(folder)
    if "sklearn" not in described.flavors:
        fail("PARAMETER_INVALID", f"Version {version} of {name} was not logged with mlflow.sklearn.")
    progress("Opening the model.")
    model = opened(folder, described)
    example = example_of(folder, described)
    columns = columns_of(described, model)
    features = number_of_features(model, columns, example)

    progress("Converting.")
    faults = []
    for shape in shapes(columns):
        try:
            graph = to_onnx(model, features, shape)
            exported = Exported(graph)
            checked, difference = agreement(model, exported, shape, features, example)
        except Disagreement as error:
            fail("EXPORT_DISAGREES", f"The ONNX graph of version {version} of {name} answers otherwise: {error}.")
        except Exception as error:  # noqa: BLE001 -- what can't be converted ends in errors of every kind
            faults.append(f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
            continue
        path = OUTPUT / "model" / "model.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(graph.SerializeToString())
        result(
            model="model/model.onnx",
            metrics={"rows_compared": checked, "greatest_difference": difference},
            facts={"estimator": type(model).__name__},
        )
        progress(f"Compared on {checked} rows.")
        return
    fail("MODEL_FILE_INVALID", f"Version {version} of {name} can't be converted to ONNX: {'; '.join(faults)}.")


def opened(folder: str, described: Model) -> Any:
    made_with = described.flavors["sklearn"].get("sklearn_version", "unknown")
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            model = mlflow.sklearn.load_model(folder)
        for each in {str(warning.message).splitlines()[0] for warning in told}:
            print(each)
        return model
    except Exception as error:  # noqa: BLE001 -- a pickle can end in any error
        import sklearn

        fail(
            "MODEL_FILE_INVALID",
            f"The model can't be opened ({type(error).__name__}: {str(error)[:300]}); it was made with scikit-learn {made_with}, "
            f"and this recipe has {sklearn.__version__}.",
        )


def columns_of(described: Model, model: Any) -> list[tuple[str, bool]] | None:
    """Name of each column and whether it holds text, where they have names."""
    signature = described.signature
    if signature is not None and not signature.inputs.is_tensor_spec() and signature.inputs.has_input_names():
        types = [str(each.type) for each in signature.inputs.inputs]
        return [
            (column, "string" in type_)
            for column, type_ in zip(signature.inputs.input_names(), types, strict=True)
        ]
    names = getattr(model, "feature_names_in_", None)
    return None if names is None else [(str(column), False) for column in names]


def number_of_features(model: Any, columns: list | None, example: Any) -> int:
    known = getattr(model, "n_features_in_", None)
    if known is not None:
        return int(known)
    if columns is not None:
        return len(columns)
    if example is not None:
        return int(np.asarray(example).shape[1])
    fail("MODEL_FILE_INVALID", "Nothing tells how many features the model takes; log it with a signature or an input example.")


def shapes(columns: list[tuple[str, bool]] | None) -> list[list[tuple[str, bool]] | None]:
    """One tensor of numbers where that will do; a tensor per column where there is text, or where columns are taken by name."""
    if columns is None:
        return [None]
    return [columns] if any(text for _, text in columns) else [None, columns]


def example_of(folder: str, described: Model) -> "np.ndarray | pd.DataFrame | None":
    try:
        return described.load_input_example(folder)
    except Exception as error:  # noqa: BLE001 -- an example is a help and no more
        print(f"The input example can't be read: {error}")
        return None


def agreement(
    model: Any, exported: Exported, columns: list[tuple[str, bool]] | None, features: int, example: Any
) -> tuple[int, float]:
    """On the rows that the model was logged with; without those, on a thousand around its own thresholds."""
    rows = as_rows(model, example, features)
    if rows is None:
        if columns is not None and any(text for _, text in columns):
            raise ValueError("a model with text needs an input example to be compared on; log it with one")
        rows = as_rows(model, rows_around_thresholds(model, features, ROWS), features)
    return len(rows), check_agreement(model, exported, rows)


def as_rows(model: Any, rows: Any, features: int) -> "np.ndarray | pd.DataFrame | None":
    """As the estimator was fitted on: a frame where columns had names."""
    if rows is None:
        return None
    if isinstance(rows, pd.Series):
        rows = rows.to_frame().T
    if isinstance(rows, pd.DataFrame):
        return _float32(rows) if hasattr(model, "feature_names_in_") else rows.to_numpy(dtype=np.float32)
    array = np.asarray(rows, dtype=np.float32)
    if array.ndim == 1:
        array = array.reshape(1, -1)
    if array.ndim != 2 or array.shape[1] != features:
        return None
    names = getattr(model, "feature_names_in_", None)
    return array if names is None else pd.DataFrame(array, columns=list(names))


def _float32(frame: pd.DataFrame) -> pd.DataFrame:
    """Both see the same numbers: those that the graph can hold."""
    return frame.astype({column: np.float32 for column in frame.columns if pd.api.types.is_numeric_dtype(frame[column])})


if __name__ == "__main__":
    main()
