"""scikit-learn: models logged by hand, and everything that autologging sends."""

import warnings

import mlflow
from mlflow import MlflowClient
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from harness.steps import check

client = MlflowClient()
warnings.filterwarnings("ignore")
X, Y = load_iris(return_X_y=True, as_frame=True)
REQUIREMENTS = ["scikit-learn"]  # unsaid, mlflow loads the model in another process to find out


@check
def logged_and_registered(s):
    s(mlflow.set_experiment, s.name())
    model = LogisticRegression(max_iter=200).fit(X, Y)
    with mlflow.start_run(run_name="by hand") as run:
        s(mlflow.log_params, {"max_iter": 200})
        s(mlflow.log_metric, "acc", 0.9)
        logged = s(mlflow.sklearn.log_model, model, name="model", signature=infer_signature(X, model.predict(X)), input_example=X.head(2), registered_model_name=s.name(), pip_requirements=REQUIREMENTS)
    s(client.get_run, run.info.run_id)
    s(client.get_model_version, s.name(), "1")
    s(client.get_logged_model, logged.model_id)
    loaded = s(mlflow.sklearn.load_model, f"models:/{s.name()}/1")
    assert (loaded.predict(X) == model.predict(X)).all()
    s(mlflow.sklearn.log_model, model, name="model", registered_model_name=s.name(), pip_requirements=REQUIREMENTS)
    mlflow.end_run()
    s(client.get_registered_model, s.name())
    s(mlflow.register_model, f"runs:/{run.info.run_id}/model", s.name("other"), tags={"a": "b"})
    s(client.get_model_version, s.name("other"), "1")


@check
def autologged(s):
    s(mlflow.set_experiment, s.name())
    # Unsaid requirements are found out by loading the model in another process, which takes most of a minute and no request.
    found_out, mlflow.models.infer_pip_requirements = mlflow.models.infer_pip_requirements, lambda *_, **__: ["scikit-learn"]
    mlflow.sklearn.autolog(log_models=True, log_datasets=True, silent=True, extra_tags={"by": "autolog"})
    try:
        with mlflow.start_run(run_name="auto") as run:
            # Its requests race each other on threads; what they leave is compared.
            s.quietly(fit, LogisticRegression(max_iter=200))
        s(client.get_run, run.info.run_id)
        s(client.list_artifacts, run.info.run_id)
        mlflow.sklearn.autolog(log_models=False, log_datasets=False, silent=True)
        with mlflow.start_run(run_name="search") as search:
            s.quietly(fit, GridSearchCV(LogisticRegression(max_iter=200), {"C": [0.1, 1]}, cv=2))
        runs = s(client.search_runs, [search.info.experiment_id], "tags.estimator_name = 'GridSearchCV'")
        s.see("metrics", sorted(name for name in runs[0].data.metrics if "time" not in name))
    finally:
        mlflow.sklearn.autolog(disable=True)
        mlflow.models.infer_pip_requirements = found_out


def fit(estimator):
    """With a score of the fitted model, which autologging logs too."""
    estimator.fit(X, Y).score(X, Y)
