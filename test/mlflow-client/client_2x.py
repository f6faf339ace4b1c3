"""A client of the 2.x line: the model lies in its run and is told by runs/log-model."""

import warnings

import mlflow
from mlflow import MlflowClient
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from harness.steps import check

client = MlflowClient()
warnings.filterwarnings("ignore")
X, Y = load_iris(return_X_y=True)


@check
def a_run_with_a_model(s):
    s(mlflow.set_experiment, s.name())
    model = LogisticRegression(max_iter=200).fit(X, Y)
    with mlflow.start_run(run_name="older") as run:
        s(mlflow.log_params, {"C": 1})
        s(mlflow.log_metric, "acc", 0.9)
        s(mlflow.set_tag, "a", "b")
        s(mlflow.log_text, "hello", "hello.txt")
        s(mlflow.sklearn.log_model, model, "model", signature=infer_signature(X, Y), registered_model_name=s.name(), pip_requirements=["scikit-learn"])
    read = s(client.get_run, run.info.run_id)
    assert "mlflow.log-model.history" in read.data.tags
    s(mlflow.register_model, f"runs:/{run.info.run_id}/model", s.name())
    s(client.transition_model_version_stage, s.name(), "1", "Staging")
    s(client.transition_model_version_stage, s.name(), "2", "Production", archive_existing_versions=True)
    s(client.set_registered_model_alias, s.name(), "best", "1")
    for uri in (f"models:/{s.name()}/1", f"models:/{s.name()}/Production", f"models:/{s.name()}@best", f"runs:/{run.info.run_id}/model"):
        loaded = s(mlflow.pyfunc.load_model, uri)
        s.see("predictions", [int(each) for each in loaded.predict(X[:5])])
    s(client.search_runs, [read.info.experiment_id], "metrics.acc > 0.5 AND params.C = '1'")
    s(client.search_registered_models, f"name = '{s.name()}'")
    s(client.search_model_versions, f"name = '{s.name()}'")
    s(client.get_latest_versions, s.name())
