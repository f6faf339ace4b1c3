"""Metrics: latest values, history, odd numbers, datasets and models of a point, histories of many runs."""

import math

from mlflow import MlflowClient
from mlflow.entities import Metric

from harness.steps import check

client = MlflowClient()
LONG_AGO = 1_600_000_000_000


def run_in(s):
    return s(client.create_run, s(client.create_experiment, s.name()), start_time=LONG_AGO).info.run_id


@check
def history_and_latest(s):
    run = run_in(s)
    for value, timestamp, step in ((1, 5, 0), (2, 4, 2), (3, 9, 1), (4, 4, 2), (2, 4, 2), (-1.5, 0, -3), (0.1, 7, None)):
        s(client.log_metric, run, "m", value, LONG_AGO + timestamp, step)
    s(client.get_metric_history, run, "m")
    assert s(client.get_run, run).data.metrics["m"] == 4
    assert s(client.get_metric_history, run, "absent") == []
    assert s(client.get_metric_history, "0" * 32, "m") == []


@check
def odd_numbers(s):
    run = run_in(s)
    for key, value in (("nan", math.nan), ("inf", math.inf), ("-inf", -math.inf), ("tiny", 5e-324), ("huge", 1.7976931348623157e308), ("int", 2**53), ("zero", -0.0), ("third", 1 / 3)):
        s(client.log_metric, run, key, value, LONG_AGO, 2**62 if key == "int" else 0)
        s(client.get_metric_history, run, key)
    s(client.get_run, run)
    s(client.log_metric, run, "nan", 1, LONG_AGO, 0)
    s(client.log_metric, run, "nan", math.nan, LONG_AGO, 0)
    s(client.get_metric_history, run, "nan")
    s(client.get_run, run)


@check
def of_datasets_and_models(s):
    experiment = s(client.create_experiment, s.name())
    run = s(client.create_run, experiment, start_time=LONG_AGO).info.run_id
    model = s(client.create_logged_model, experiment, "it", run).model_id
    s(client.log_metric, run, "m", 1, LONG_AGO, 1, dataset_name="iris", dataset_digest="abc", model_id=model)
    s(client.log_metric, run, "m", 2, LONG_AGO, 2, model_id=model)
    s(client.log_metric, run, "m", 3, LONG_AGO, 3)
    s(client.get_metric_history, run, "m")
    s(client.get_run, run)
    s(client.get_logged_model, model)


@check
def history_by_pages(s):
    run = run_in(s)
    batch = [{"key": "m", "value": i, "timestamp": LONG_AGO + i // 2, "step": 30 - i} for i in range(31)]
    s.http("POST", "/api/2.0/mlflow/runs/log-batch", {"run_id": run, "metrics": batch}, 200)
    query = {"run_id": run, "metric_key": "m"}
    s.http("GET", "/api/2.0/mlflow/metrics/get-history", params=query, status=200)
    token, pages = None, 0
    while token is not None or pages == 0:
        page = s.http("GET", "/api/2.0/mlflow/metrics/get-history", params={**query, "max_results": 10, **({"page_token": token} if token else {})}, status=200)
        token, pages = page.get("next_page_token"), pages + 1
    assert pages == 4
    s.http("GET", "/api/2.0/mlflow/metrics/get-history", params={"run_uuid": run, "metric_key": "m", "max_results": 3}, status=200)
    for bad in ({"metric_key": "m"}, {"run_id": run}, {**query, "page_token": "?"}):
        s.http("GET", "/api/2.0/mlflow/metrics/get-history", params=bad, status=400)


@check
def history_of_many_runs(s):
    runs = runs_of(s, 3)
    bulk = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"
    s.http("GET", bulk, params={"run_id": runs, "metric_key": "m"}, status=200)
    s.http("GET", bulk, params={"run_id": runs[:1], "metric_key": "m", "max_results": 2}, status=200)
    s.http("GET", bulk, params={"run_id": runs, "metric_key": "absent"}, status=200)
    for bad in ({"run_id": runs}, {"metric_key": "m"}, {"run_id": ["0" * 32] * 101, "metric_key": "m"}):
        s.http("GET", bulk, params=bad, status=400)


@check
def history_by_intervals(s):
    runs = runs_of(s, 2)
    interval = "/api/2.0/mlflow/metrics/get-history-bulk-interval"
    query = {"run_ids": runs, "metric_key": "m"}
    for more in ({}, {"max_results": 4}, {"start_step": 2, "end_step": 9}, {"start_step": 2, "end_step": 15, "max_results": 3}, {"max_results": 2500}):
        s.http("GET", interval, params={**query, **more}, status=200)
    s.http("GET", interval.replace("/api/", "/ajax-api/"), params=query, status=200)
    for bad in ({"start_step": 1}, {"start_step": 5, "end_step": 1}, {"max_results": 0}, {"max_results": 2501}, {"metric_key": ""}, {"run_ids": ["0" * 32] * 101}, {"run_ids": []}):
        s.http("GET", interval, params={**query, **bad}, status=400)


def runs_of(s, count):
    """Runs with the same points, in the order of their ids, which is that of the answers."""
    runs = []
    for which in range(count):
        runs.append(s.quietly(client.create_run, s(client.create_experiment, s.name(str(which))), start_time=LONG_AGO).info.run_id)
        batch = [{"key": "m", "value": i, "timestamp": LONG_AGO + i, "step": i} for i in range(20)]
        s.quietly(client.log_batch, runs[-1], [Metric(**point) for point in batch])
    for place, run in enumerate(sorted(runs)):
        s.hide(run, f"<run {place + 1}>")
    return sorted(runs)
