"""Logs the models that both servers are asked about, by MLflow's own client: `python log_models.py PREFIX` at MLFLOW_TRACKING_URI.

Prints the name of each registered model by what it is here for.
"""

import json
import os
import sys
import tempfile
import warnings

import mlflow
import numpy
import pandas
from mlflow.models import ModelSignature, infer_signature
from mlflow.types import ColSpec, Schema
from skl2onnx import to_onnx
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression

warnings.filterwarnings("ignore")
prefix = sys.argv[1]
client = mlflow.MlflowClient()
names = {}

iris = load_iris(as_frame=True)
x, y = iris.data, iris.target
rows = x.to_numpy(numpy.float32)
classifier = LogisticRegression(max_iter=500).fit(rows, y)
graph = to_onnx(classifier, rows[:1], options={"zipmap": False}, target_opset=17)
species = iris.target_names[y]
named = LogisticRegression(max_iter=500).fit(rows, species)
named_graph = to_onnx(named, rows[:1], options={"zipmap": False}, target_opset=17)
regressor = LinearRegression().fit(rows[:, :3], rows[:, 3])
regression = to_onnx(regressor, rows[:1, :3], target_opset=17)


def register(key, save, onnx=None):
    """`save` writes the model's directory; beside a pickle lies the same model in ONNX, which is what Baton serves."""
    name = names[key] = f"{prefix}-{key}"
    with mlflow.start_run() as run, tempfile.TemporaryDirectory() as folder:
        place = os.path.join(folder, "model")
        save(place)
        if onnx is not None:
            with open(os.path.join(place, "model.onnx"), "wb") as file:
                file.write(onnx.SerializeToString())
        mlflow.log_artifacts(place, "model")
    client.create_registered_model(name)
    version = client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id)
    client.set_registered_model_alias(name, "champion", version.version)


mlflow.set_experiment(prefix)
columns = infer_signature(x, classifier.predict(rows))
register("sklearn", lambda to: mlflow.sklearn.save_model(classifier, to, signature=columns), graph)
register(
    "sklearn-proba",
    lambda to: mlflow.sklearn.save_model(classifier, to, signature=infer_signature(x, classifier.predict_proba(rows)), pyfunc_predict_fn="predict_proba"),
    graph,
)
register("sklearn-names", lambda to: mlflow.sklearn.save_model(named, to, signature=infer_signature(x, named.predict(rows))), named_graph)
register("onnx-columns", lambda to: mlflow.onnx.save_model(graph, to, signature=infer_signature(x, pandas.DataFrame({"label": y}))))
register("onnx-plain", lambda to: mlflow.onnx.save_model(graph, to))
register("onnx-tensor", lambda to: mlflow.onnx.save_model(graph, to, signature=infer_signature(rows, classifier.predict(rows))))
inputs = Schema([ColSpec("double", "a"), ColSpec("double", "b"), ColSpec("double", "c", required=False)])
register("onnx-optional", lambda to: mlflow.onnx.save_model(regression, to, signature=ModelSignature(inputs=inputs)))
print(json.dumps(names))
