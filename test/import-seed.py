"""Fills an MLflow server with one of everything that `baton import mlflow` copies; prints what the test asks for again."""

import json
import math
import sys
import tempfile
import time
from pathlib import Path

import mlflow
import numpy as np
import onnx
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from onnx import TensorProto, helper

uri, scale = sys.argv[1], int(sys.argv[2])
mlflow.set_tracking_uri(uri)
client = MlflowClient(uri)


def network(weight: float) -> onnx.ModelProto:
    """A model with an input of four columns; its weight makes its content its own."""
    weights = helper.make_tensor("w", TensorProto.FLOAT, [4, 2], [weight] * 8)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 2])],
        [weights],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


iris = client.create_experiment("iris 🌸", tags={"team": "x", "note": ""})
gone = client.create_experiment("gone")
many = client.create_experiment("many")

run = client.create_run(iris, run_name="first", tags={"k": "v"}, start_time=1_700_000_000_123)
rid = run.info.run_id
client.log_batch(rid, params=[Param("lr", "0.1"), Param("text", "ä ☃ 'quoted'")], tags=[RunTag("free", "x" * 3000)])
history = [Metric("loss", 1 / (step + 1), 1_700_000_000_000 + step, step) for step in range(2500)]
for start in range(0, len(history), 1000):
    client.log_batch(rid, metrics=history[start : start + 1000])
for value in (1.0, math.nan, math.inf, -2.5):
    client.log_metric(rid, "odd/one", value, step=-3, timestamp=int(time.time() * 1000))
with tempfile.TemporaryDirectory() as folder:
    for name, text in {"a.txt": "a", "empty": "", "deep/er/über zwölf%20#.json": "{}", "big.bin": "0" * 3_000_000}.items():
        file = Path(folder) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    client.log_artifacts(rid, folder, "files")
    # The layout of MLflow 2: the model lies in the run.
    mlflow.onnx.save_model(network(1.0), str(Path(folder) / "model"), save_as_external_data=False)
    client.log_artifacts(rid, str(Path(folder) / "model"), "model")
client.set_terminated(rid, "FINISHED", 1_700_000_100_456)

mlflow.set_experiment(experiment_id=iris)
with mlflow.start_run(run_name="second") as second:
    frame = mlflow.data.from_numpy(np.zeros((3, 4)), name="zeros")
    mlflow.log_input(frame, context="training", tags={"part": "1"})
    mlflow.log_metric("accuracy", 0.9, step=0)
    model = mlflow.onnx.log_model(network(2.0), name="model", registered_model_name="Iris", save_as_external_data=False)
    mlflow.log_metric("accuracy", 0.95, step=1, model_id=model.model_id, dataset=frame)
failed = client.create_run(iris)
client.set_terminated(failed.info.run_id, "FAILED")
running = client.create_run(iris, run_name="still running")
deleted = client.create_run(iris, run_name="deleted")
client.log_metric(deleted.info.run_id, "m", 1.0)
client.set_terminated(deleted.info.run_id)
client.delete_run(deleted.info.run_id)
lost = client.create_run(gone)
client.log_param(lost.info.run_id, "p", "1")
client.set_terminated(lost.info.run_id)
client.delete_experiment(gone)

old = client.create_model_version("Iris", f"{run.info.artifact_uri}/model", rid, tags={"t": "1"}, description="old layout")
three = client.copy_model_version("models:/Iris/1", "Iris")
client.delete_model_version("Iris", three.version)
four = client.copy_model_version("models:/Iris/1", "Iris")
client.transition_model_version_stage("Iris", old.version, "Production")
client.transition_model_version_stage("Iris", "1", "Archived")
client.set_registered_model_alias("Iris", "champion", "1")
client.set_registered_model_alias("Iris", "blue", old.version)
client.update_registered_model("Iris", "flowers")
client.set_registered_model_tag("Iris", "owner", "me")
client.create_registered_model("It's \"empty\"")
mlflow.genai.register_prompt("greeting", "Hello {{name}}!", commit_message="first")
mlflow.genai.register_prompt("greeting", "Hi {{name}}!")

for number in range(scale):
    each = client.create_run(many, run_name=f"run {number}")
    client.log_batch(each.info.run_id, [Metric("m", number, 1, step) for step in range(20)], [Param("n", str(number))])
    client.log_text(each.info.run_id, f"{number}\n" * 1000, "log.txt")
    client.set_terminated(each.info.run_id)

print(json.dumps({"run": rid, "model_id": model.model_id, "deleted": deleted.info.run_id, "running": running.info.run_id}))
