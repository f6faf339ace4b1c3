"""Where versions come from: MLflow takes a source only from the run, or the logged model, that is named with it."""

from mlflow import MlflowClient

LONG_AGO = 1_600_000_000_000


def run_with_model(s, name="sources"):
    """A run with a directory that looks like a model; gives its id and the directory's URI."""
    client = MlflowClient()
    run = s(client.create_run, s(client.create_experiment, s.name(name)), start_time=LONG_AGO)
    s(client.log_text, run.info.run_id, "flavors:\n  python_function: {loader_module: mlflow.sklearn}\n", "model/MLmodel")
    return run.info.run_id, f"{run.info.artifact_uri}/model"


def versions_of(s, name, count):
    """So many versions of a registered model; gives run and source."""
    client = MlflowClient()
    run, source = run_with_model(s, f"{count} versions of {name}")
    for _ in range(count):
        s(client.create_model_version, name, source, run)
    return run, source
