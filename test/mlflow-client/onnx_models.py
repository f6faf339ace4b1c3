"""ONNX models by mlflow.onnx: one file, a network with external data, and one too large a name of itself."""

import warnings

import mlflow
import numpy
import onnx
from mlflow import MlflowClient
from mlflow.models import infer_signature
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from harness.steps import check

client = MlflowClient()
warnings.filterwarnings("ignore")
REQUIREMENTS = ["onnx", "onnxruntime"]


def network(width):
    """y = x · w; from 32 columns on its weights are large enough to be kept outside."""
    weights = numpy.random.default_rng(0).normal(size=(width, width)).astype(numpy.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])], "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, width])], [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, width])],
        [numpy_helper.from_array(weights, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), weights


@check
def of_scikit_learn(s):
    x, y = load_iris(return_X_y=True)
    x = x.astype(numpy.float32)
    model = LogisticRegression(max_iter=200).fit(x, y)
    graph = to_onnx(model, x[:1], options={"zipmap": False}, target_opset=17)
    s(mlflow.set_experiment, s.name())
    with mlflow.start_run(run_name="iris"):
        s(mlflow.onnx.log_model, graph, name="model", signature=infer_signature(x, model.predict(x)), input_example=x[:2], registered_model_name=s.name(), pip_requirements=REQUIREMENTS)
    s(client.get_model_version, s.name(), "1")
    loaded = s(mlflow.onnx.load_model, f"models:/{s.name()}/1")
    onnx.checker.check_model(loaded)
    answers = s(mlflow.pyfunc.load_model, f"models:/{s.name()}/1").predict(x)
    s.see("labels", list(answers.values())[0])


@check
def with_external_data(s):
    graph, weights = network(64)
    s(mlflow.set_experiment, s.name())
    with mlflow.start_run(run_name="net"):
        logged = s(mlflow.onnx.log_model, graph, name="model", registered_model_name=s.name(), save_as_external_data=True, pip_requirements=REQUIREMENTS)
    s(client.get_model_version, s.name(), "1")
    # Not by the client, which sorts: the name of the weights' file is random.
    s.http("GET", f"/api/2.0/mlflow/logged-models/{logged.model_id}/artifacts/directories", status=200)
    x = numpy.ones((2, 64), dtype=numpy.float32)
    answer = s(mlflow.pyfunc.load_model, f"models:/{s.name()}/1").predict(x)
    numpy.testing.assert_allclose(answer["y"], x @ weights, rtol=1e-4)
    s(client.transition_model_version_stage, s.name(), "1", "Production")
    s(client.get_model_version, s.name(), "1")
