"""The fluent API, as training scripts use it."""

import mlflow
import numpy
import pandas
from mlflow import MlflowClient

from harness.steps import check

client = MlflowClient()


@check
def a_run(s):
    s(mlflow.set_experiment, s.name())
    with mlflow.start_run(run_name="first", tags={"a": "b"}, description="What it tries") as run:
        s(mlflow.log_param, "C", 1)
        s(mlflow.log_params, {"kernel": "rbf", "degree": 3})
        s(mlflow.log_metric, "acc", 0.5, step=0)
        s(mlflow.log_metrics, {"acc": 0.75, "loss": 0.25}, step=1)
        s(mlflow.set_tag, "c", "d")
        s(mlflow.set_tags, {"e": "f", "g": 1})
        s(mlflow.delete_tag, "c")
        s(mlflow.log_text, "hello", "a/hello.txt")
        s(mlflow.log_dict, {"a": 1}, "a.json")
        s(mlflow.get_artifact_uri, "a")
        with mlflow.start_run(nested=True, run_name="child") as child:
            s(mlflow.log_metric, "acc", 1)
    s(mlflow.get_run, run.info.run_id)
    s(mlflow.get_parent_run, child.info.run_id)
    try:
        with mlflow.start_run(run_name="broken") as broken:
            raise ValueError("it fails")
    except ValueError:
        pass
    s(mlflow.get_run, broken.info.run_id)
    with mlflow.start_run(run_id=run.info.run_id):
        s(mlflow.log_metric, "again", 2)
    s(mlflow.get_run, run.info.run_id)
    s(mlflow.last_active_run)


@check
def searches(s):
    experiment = s(mlflow.create_experiment, s.name())
    for which in range(3):
        with mlflow.start_run(experiment_id=experiment, run_name=f"run {which}"):
            mlflow.log_metric("m", which)
            mlflow.log_param("p", which)
    s(mlflow.search_runs, experiment_names=[s.name()], filter_string="metrics.m > 0", order_by=["metrics.m DESC"], output_format="list")
    frame = s(mlflow.search_runs, [experiment], order_by=["metrics.m"])
    assert list(frame["params.p"]) == ["0", "1", "2"]
    s(mlflow.search_experiments, filter_string=f"name = '{s.name()}'")
    s(mlflow.get_experiment, experiment)
    s(mlflow.get_experiment_by_name, s.name())
    s(mlflow.set_experiment, experiment_id=experiment)
    s(mlflow.set_experiment_tag, "a", "b")
    s(mlflow.set_experiment_tags, {"c": "d"})
    s(mlflow.delete_run, frame["run_id"][0])
    s(mlflow.search_runs, [experiment], order_by=["metrics.m"])
    s(mlflow.delete_experiment, experiment)
    assert len(s(mlflow.search_runs, [experiment])) == 0
    s(mlflow.restore_experiment, experiment)


@check
def inputs(s):
    s(mlflow.set_experiment, s.name())
    frame = pandas.DataFrame({"x": [1.0, 2.0], "y": [0, 1]})
    with mlflow.start_run(run_name="inputs") as run:
        dataset = mlflow.data.from_pandas(frame, source="https://example.com/x.csv", name="frame", targets="y")
        s(mlflow.log_input, dataset, context="train", tags={"a": "b"})
        s(mlflow.log_input, mlflow.data.from_numpy(numpy.arange(6.0).reshape(2, 3), name="array"), context="eval")
        s(mlflow.log_metric, "acc", 0.5, dataset=dataset)
        s(mlflow.log_table, {"a": [1]}, "table.json")
        s(mlflow.load_table, "table.json")
    s(mlflow.get_run, run.info.run_id)


@check
def logged_models(s):
    s(mlflow.set_experiment, s.name())
    model = s(mlflow.initialize_logged_model, "it", params={"C": "1"}, tags={"a": "b"}, model_type="tree")
    s(mlflow.log_model_params, {"D": "2"}, model.model_id)
    s(mlflow.set_logged_model_tags, model.model_id, {"c": "d"})
    s(mlflow.delete_logged_model_tag, model.model_id, "a")
    s(mlflow.finalize_logged_model, model.model_id, "READY")
    s(mlflow.get_logged_model, model.model_id)
    s(mlflow.create_external_model, "outside", params={"E": "3"})
    s(mlflow.search_logged_models, filter_string="name = 'it'", output_format="list")
    s(mlflow.last_logged_model)


@check
def the_default_experiment(s):
    mlflow.set_experiment(experiment_id="0")
    with mlflow.start_run(run_name="in the default") as run:
        s(mlflow.log_metric, "m", 1)
    s(mlflow.get_run, run.info.run_id)
    s(mlflow.get_experiment, "0")
