"""Runs: make, read, update, end, delete, restore; params, tags, batches, inputs and outputs."""

import json

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelInput, LoggedModelOutput, Metric, Param, RunTag

from harness.steps import check

client = MlflowClient()
LONG_AGO = 1_600_000_000_000


def run_in(s, **named):
    experiment = s(client.create_experiment, s.name())
    return s(client.create_run, experiment, start_time=LONG_AGO, **named).info.run_id


@check
def made_and_read(s):
    experiment = s(client.create_experiment, s.name())
    named = s(client.create_run, experiment, start_time=LONG_AGO, run_name="first", tags={"a": "b", "n": "1"})
    s(client.get_run, named.info.run_id)
    unnamed = s(client.create_run, experiment)
    s(client.get_run, unnamed.info.run_id)
    by_tag = s(client.create_run, experiment, tags={"mlflow.runName": "by tag", "mlflow.user": "ada"})
    assert s(client.get_run, by_tag.info.run_id).info.run_name == "by tag"
    child = s(client.create_run, experiment, tags={"mlflow.parentRunId": named.info.run_id})
    s(client.get_parent_run, child.info.run_id)
    assert s(client.get_parent_run, named.info.run_id) is None
    s.refused("INVALID_PARAMETER_VALUE", client.create_run, experiment, run_name="one", tags={"mlflow.runName": "other"})


@check
def updated_and_ended(s):
    run = run_in(s, run_name="before")
    s(client.update_run, run, name="after")
    s(client.get_run, run)
    s(client.update_run, run, status="SCHEDULED")
    s(client.set_tag, run, "mlflow.runName", "by tag")
    s(client.get_run, run)
    s(client.set_terminated, run, "FAILED", LONG_AGO + 5)
    s(client.get_run, run)
    s(client.set_terminated, run)
    s(client.update_run, run, status="KILLED", name="last")
    s(client.get_run, run)


@check
def deleted_and_restored(s):
    run = run_in(s)
    s(client.log_param, run, "p", 1)
    s(client.delete_run, run)
    s(client.get_run, run)
    s(client.delete_run, run)
    for refused in (
        lambda: s.refused("INVALID_PARAMETER_VALUE", client.log_param, run, "q", 1),
        lambda: s.refused("INVALID_PARAMETER_VALUE", client.log_metric, run, "m", 1),
        lambda: s.refused("INVALID_PARAMETER_VALUE", client.set_tag, run, "t", 1),
        lambda: s.refused("INVALID_PARAMETER_VALUE", client.delete_tag, run, "t"),
        lambda: s.refused("INVALID_PARAMETER_VALUE", client.update_run, run, status="FINISHED"),
        lambda: s.refused("INVALID_PARAMETER_VALUE", client.log_batch, run, params=[Param("a", "b")]),
    ):
        refused()
    s(client.restore_run, run)
    s(client.restore_run, run)
    s(client.get_run, run)


@check
def params_are_written_once(s):
    run = run_in(s)
    s(client.log_param, run, "p", 1)
    s(client.log_param, run, "p", "1")
    s.refused("INVALID_PARAMETER_VALUE", client.log_param, run, "p", 2)
    s.refused("INVALID_PARAMETER_VALUE", client.log_batch, run, params=[Param("p", "9"), Param("new", "1")])
    s.refused("INVALID_PARAMETER_VALUE", client.log_batch, run, params=[Param("d", "1"), Param("d", "2")])
    s(client.log_param, run, "a/b c:d.e-f_g", "ü")
    s(client.log_param, run, "empty", "")
    s(client.log_param, run, "quotes", "it's \"so\" `so` \\ \n\t%_")
    s(client.log_param, run, "long", "v" * 6000)
    s(client.log_param, run, "longer", "v" * 6500)
    s(client.get_run, run)


@check
def tags_are_replaced(s):
    run = run_in(s)
    s(client.set_tag, run, "t", 1)
    s(client.set_tag, run, "t", "2")
    s(client.set_tag, run, "long", "v" * 8000)
    s(client.set_tag, run, "longer", "v" * 8500)
    s(client.set_tag, run, "mlflow.note.content", "# A note\n\n漢字")
    s(client.get_run, run)
    s(client.delete_tag, run, "t")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.delete_tag, run, "t")
    s(client.get_run, run)


@check
def batches(s):
    run = run_in(s)
    metrics = [Metric(f"m{i % 3}", i / 4, LONG_AGO + i, i) for i in range(10)]
    s(client.log_batch, run, metrics, [Param("p", "1"), Param("q", "x")], [RunTag("t", "1"), RunTag("t", "2")])
    s(client.log_batch, run)
    s(client.get_run, run)
    many = [Metric("many", i, LONG_AGO, i) for i in range(1000)]
    s(client.log_batch, run, many)
    s(client.get_run, run)
    s.http("POST", "/api/2.0/mlflow/runs/log-batch", {"run_id": run, "metrics": [{"key": "k", "value": 1, "timestamp": 1, "step": i} for i in range(1001)]}, 400)
    s.http("POST", "/api/2.0/mlflow/runs/log-batch", {"run_id": run, "params": [{"key": f"k{i}", "value": "1"} for i in range(101)]}, 400)
    s.http("POST", "/api/2.0/mlflow/runs/log-batch", {"run_id": run, "tags": [{"key": f"k{i}", "value": "1"} for i in range(101)]}, 400)
    whole = {"metrics": [{"key": "k", "value": 1, "timestamp": 1, "step": i} for i in range(901)], "params": [{"key": f"k{i}", "value": "1"} for i in range(100)]}
    s.http("POST", "/api/2.0/mlflow/runs/log-batch", {"run_id": run, **whole}, 400)


@check
def later_by_a_thread(s):
    run = run_in(s)
    s(client.log_metric, run, "m", 1, LONG_AGO, 1, synchronous=False).wait()
    s(client.log_param, run, "p", 1, synchronous=False).wait()
    s(client.set_tag, run, "t", 1, synchronous=False).wait()
    s(client.log_batch, run, [Metric("m", 2, LONG_AGO, 2)], synchronous=False).wait()
    s(client.get_run, run)


@check
def dataset_inputs(s):
    run = run_in(s)
    dataset = Dataset("iris", "abc123", "local", json.dumps({"uri": "file:///iris.csv"}), json.dumps({"cols": 4}), json.dumps({"rows": 150}))
    s(client.log_inputs, run, [DatasetInput(dataset, [InputTag("mlflow.data.context", "train")])])
    s(client.log_inputs, run, [DatasetInput(dataset, [InputTag("mlflow.data.context", "eval")])])
    s(client.log_inputs, run, [DatasetInput(Dataset("bare", "d1", "code", "{}"), [])])
    read = s(client.get_run, run)
    assert {each.dataset.name for each in read.inputs.dataset_inputs} == {"iris", "bare"}
    s.http("POST", "/ajax-api/2.0/mlflow/experiments/search-datasets", {"experiment_ids": [read.info.experiment_id]}, 200)
    for field, value in (("name", "n" * 501), ("digest", "d" * 37), ("source", "s" * 65_536)):
        bad = {"name": "x", "digest": "y", "source_type": "local", "source": "z", field: value}
        s.http("POST", "/api/2.0/mlflow/runs/log-inputs", {"run_id": run, "datasets": [{"dataset": bad}]}, 400)
    good = {"name": "x", "digest": "y", "source_type": "local", "source": "z"}
    for tag in ({"key": "k" * 256, "value": "v"}, {"key": "k", "value": "v" * 501}):
        s.http("POST", "/api/2.0/mlflow/runs/log-inputs", {"run_id": run, "datasets": [{"dataset": good, "tags": [tag]}]}, 400)


@check
def model_inputs_and_outputs(s):
    experiment = s(client.create_experiment, s.name())
    run = s(client.create_run, experiment, start_time=LONG_AGO).info.run_id
    model = s(client.create_logged_model, experiment, "it", run)
    s(client.log_inputs, run, models=[LoggedModelInput(model.model_id)])
    s(client.log_outputs, run, [LoggedModelOutput(model.model_id, 3)])
    s.refused("BAD_REQUEST", client.log_outputs, run, [LoggedModelOutput(model.model_id, 4)])
    s(client.get_run, run)
    s(client.search_runs, [experiment])


@check
def limits_of_keys(s):
    run = run_in(s)
    for key in ("a#b", "../p", "/a", "a//b", ".", "a/", "", "k" * 251):
        for function in (client.log_param, client.log_metric, client.set_tag):
            s.refused("INVALID_PARAMETER_VALUE", function, run, key, 1)
    for function in (client.log_param, client.log_metric, client.set_tag):
        s(function, run, "k" * 250, 1)
        s(function, run, "ü漢", 1)
    s(client.get_run, run)


@check
def unknown_ones(s):
    unknown = "0" * 32
    s.refused("RESOURCE_DOES_NOT_EXIST", client.get_run, unknown)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.delete_run, unknown)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.restore_run, unknown)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.log_param, unknown, "a", 1)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.log_metric, unknown, "a", 1)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.set_tag, unknown, "a", 1)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.delete_tag, unknown, "a")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.update_run, unknown, status="FINISHED")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.log_batch, unknown, params=[Param("a", "b")])
    s.refused("RESOURCE_DOES_NOT_EXIST", client.log_inputs, unknown, [DatasetInput(Dataset("a", "b", "c", "d"), [])])
    s.refused("RESOURCE_DOES_NOT_EXIST", client.log_outputs, unknown, [LoggedModelOutput("m-" + unknown, 0)])
    s.refused("RESOURCE_DOES_NOT_EXIST", client.create_run, "987654321")
