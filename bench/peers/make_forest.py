"""The forest that all serving figures are about: 100 trees on iris, kept as each server wants it.

make_forest.py FOLDER writes there
  pyfunc/          MLflow's sklearn flavor, for FastAPI + mlflow.pyfunc
  forest.joblib    for MLServer's sklearn runtime
  onnx/            MLflow's onnx flavor with the same forest, for Baton
  rows.json        the 150 rows of iris, with the names of their columns
"""

import json
import sys
from pathlib import Path

import joblib
import mlflow.onnx
import mlflow.sklearn
import numpy
from mlflow.models import infer_signature
from skl2onnx import to_onnx
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

folder = Path(sys.argv[1])
iris = load_iris(as_frame=True)
# Values that FP32 holds exactly: no server may differ from another by rounding its input.
rows = iris.data.astype(numpy.float32).astype(numpy.float64)
forest = RandomForestClassifier(n_estimators=100, random_state=7, n_jobs=1).fit(rows, iris.target)
signature = infer_signature(rows, forest.predict(rows))

mlflow.sklearn.save_model(forest, folder / "pyfunc", signature=signature, serialization_format="cloudpickle")
joblib.dump(forest, folder / "forest.joblib")
graph = to_onnx(
    forest,
    rows.to_numpy()[:1].astype(numpy.float32),
    options={id(forest): {"zipmap": False}},
    target_opset={"": 15, "ai.onnx.ml": 3},
)
mlflow.onnx.save_model(graph, folder / "onnx", signature=signature, save_as_external_data=False)
(folder / "rows.json").write_text(
    json.dumps({"columns": list(rows.columns), "rows": rows.to_numpy().tolist(), "labels": forest.predict(rows).tolist()})
)
