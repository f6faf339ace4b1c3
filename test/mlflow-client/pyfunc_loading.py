"""mlflow.pyfunc.load_model by every kind of URI; a version without ONNX changes stage as in MLflow."""

import warnings

import mlflow
from mlflow import MlflowClient
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression, Ridge

from harness.steps import check

client = MlflowClient()
warnings.filterwarnings("ignore")
X, Y = load_iris(return_X_y=True)
REQUIREMENTS = ["scikit-learn"]


@check
def by_version_stage_alias_and_run(s):
    s(mlflow.set_experiment, s.name())
    runs, models = [], []
    for model in (LinearRegression().fit(X, Y), Ridge(alpha=100.0).fit(X, Y)):
        with mlflow.start_run(run_name="it") as run:
            logged = s(mlflow.sklearn.log_model, model, name="model", registered_model_name=s.name(), pip_requirements=REQUIREMENTS)
        runs.append(run.info.run_id)
        models.append(logged.model_id)
    s(client.transition_model_version_stage, s.name(), "1", "Staging")
    s(client.transition_model_version_stage, s.name(), "2", "Production")
    s(client.set_registered_model_alias, s.name(), "champion", "1")
    for uri in (f"models:/{s.name()}/1", f"models:/{s.name()}/2", f"models:/{s.name()}/Staging", f"models:/{s.name()}/Production", f"models:/{s.name()}/latest", f"models:/{s.name()}@champion", f"runs:/{runs[0]}/model", f"models:/{models[1]}"):
        loaded = s(mlflow.pyfunc.load_model, uri)
        s.see("predictions", [round(float(each), 6) for each in loaded.predict(X[:5])])
        s(mlflow.models.get_model_info, uri)
    s.refused("RESOURCE_DOES_NOT_EXIST", mlflow.pyfunc.load_model, f"models:/{s.name()}/9")
    s.refused("INVALID_PARAMETER_VALUE", mlflow.pyfunc.load_model, f"models:/{s.name()}@absent")
    s.refused("INTERNAL_ERROR", mlflow.pyfunc.load_model, f"models:/{s.name()}/Archived")  # the client's own words
