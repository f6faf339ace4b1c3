"""Searching runs: the whole grammar of filters and orders, pages, views, and what is refused."""

import math

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType

from harness.steps import check

client = MlflowClient()
LONG_AGO = 1_600_000_000_000
RUNS = [
    # name, start after, status, metrics, params, tags
    ("alpha", 0, "FINISHED", {"acc": 0.9, "loss": 0.1, "odd.na me": 1}, {"C": "1.0", "kernel": "rbf"}, {"team": "a", "a.b c": "x%y"}),
    ("Beta", 1, "FAILED", {"acc": 0.5, "loss": math.nan}, {"C": "10", "kernel": "RBF"}, {"team": "b"}),
    ("gamma", 2, "RUNNING", {"acc": math.inf, "loss": -math.inf}, {"C": "0.1", "kernel": "lin_ear"}, {"team": "A", "quote": "it's"}),
    ("delta", 5, "KILLED", {"loss": 0.1}, {"kernel": "linXear"}, {}),
    ("100%_sure", 9, "SCHEDULED", {"acc": -1}, {"C": "1.0"}, {"team": "a", "empty": ""}),
]


def experiment_of(s, rows=RUNS):
    experiment = s(client.create_experiment, s.name())
    for name, after, status, metrics, params, tags in rows:
        run = s(client.create_run, experiment, LONG_AGO + after, tags, name).info.run_id
        s(client.log_batch, run, [Metric(k, v, LONG_AGO, 0) for k, v in metrics.items()], [Param(k, v) for k, v in params.items()], [RunTag("all", "yes")])
        if status in ("FINISHED", "FAILED", "KILLED"):
            s(client.set_terminated, run, status, LONG_AGO + after + 10)
        else:
            s(client.update_run, run, status)
    return experiment


FILTERS = [
    "",
    "metrics.acc = 0.9 AND", "AND metrics.acc = 0.9", "metrics.acc = 0.9 metrics.acc = 1",
    "metrics.acc = 0.9", "metric.acc != 0.9", "metrics.acc > 0.5", "metrics.acc >= 0.5", "metrics.acc < 0.9", "metrics.acc <= 0.5", "metrics.acc > -2e0",
    "metrics.`odd.na me` = 1", 'metrics."odd.na me" >= 1', "metrics.loss > 0", "metrics.loss < 0", "metrics.absent != 3",
    "params.C = '1.0'", 'parameter.C = "1.0"', "parameters.C != '1.0'", "params.kernel LIKE 'r%'", "params.kernel ILIKE 'r%'", "params.kernel LIKE 'lin_ear'", "param.kernel LIKE '%'",
    "params.C IS NULL", "params.C IS NOT NULL", "params.absent != 'x'", "params.kernel = 'rbf' and params.C = '1.0'",
    "tags.team = 'a'", "tag.team ilike 'A'", "tags.team != 'a'", "tags.`a.b c` = 'x%y'", "tags.quote = \"it's\"", "tags.empty = ''", "tags.empty IS NULL", "tags.team is not null", "tags.mlflow.runName = 'alpha'", "tags.`mlflow.runName` LIKE 'al%'",
    "attributes.status = 'FINISHED'", "attribute.status != 'FINISHED'", "attr.status = \"KILLED\"", "status LIKE 'F%'", "run.status ILIKE 'f%'",
    "run_name = 'alpha'", "attributes.run_name LIKE '100!%'", "run_name LIKE '100%'", "run_name ILIKE 'BETA'", "attributes.`run name` = 'alpha'", "attributes.`Run name` = 'alpha'", "attributes.`Run Name` = 'alpha'", 'attributes."run_name" = "alpha"',
    f"start_time > {LONG_AGO}", f"attributes.start_time = {LONG_AGO + 1}", f"created >= {LONG_AGO + 5}", f"attributes.end_time < {LONG_AGO + 12}", f"end_time != {LONG_AGO + 10}", f"start_time <= {LONG_AGO + 1} AND metrics.acc > 0.1 AND tags.team = 'b'",
    "user_id != 'nobody'", "attributes.artifact_uri LIKE 'mlflow-artifacts:%'", "metrics.acc > 0 AND params.C != '10' AND tags.team IS NOT NULL AND status = 'FINISHED'",
    "metrics.acc>0.5 AND params.C='10'",
    "run_id IN ('x', 'y')", "attributes.run_id NOT IN ('x')", "run_id != 'x'", "run_id = 'x'", "run_id LIKE '%'",
    "tags.team = 'a' AND tags.team = 'a' AND tags.all = 'yes'", "tags.team = 'AND'", "tags.team != 'x OR y'", "params.kernel != 'it''s'",
]

REFUSED = [
    "  ", "METRICS.acc > 0",
    "metrics.acc = 0.9 OR metrics.acc = 0.5", "(metrics.acc = 0.9)", "NOT metrics.acc = 0.9", "metrics.acc = 0.9; metrics.acc = 1", "metrics.acc", "metrics.acc =", "= 0.9",
    "metrics.acc = 'a'", "metrics.acc LIKE 0.9", "metrics.acc IS NULL", "params.C = 1", "params.C > '1'", "params.C = abc", "tags.team = 5", "tags.team IN ('a')", "params.C IN ('a')",
    "colour = 'red'", "attributes.colour = 'red'", "colours.red = 'x'", "metrics. = 1", "params.C == '1'", "params.C <> '1'", "run_id IN ()", "run_id IN ('a', 1)", "run_id IN 'a'", "status IN ('FINISHED')", "start_time = 'x'", "start_time LIKE 1", "status > 'F'", "status = FINISHED",
    "'rbf' = params.kernel", "params.kernel = 'rbf", "params.kernel = \"rbf'", "params.`kernel = 'rbf'", "datasets.colour = 'x'", "dataset.name > 'x'", "metrics.acc = 0x10", "metrics.acc = 1 -- comment", "metrics.acc BETWEEN 1 AND 2", "tags.team IS 'a'", "tags.team IS NOT 'a'", "metrics.acc = NaN", "status IS NULL", "dataset.name IS NULL",
]


@check
def filters(s):
    experiment = experiment_of(s)
    for filter_string in FILTERS:
        s(client.search_runs, [experiment], filter_string, order_by=["attributes.run_name"])


@check
def filters_refused(s):
    experiment = experiment_of(s, RUNS[:1])
    for filter_string in REFUSED:
        s.refused("INVALID_PARAMETER_VALUE", client.search_runs, [experiment], filter_string)


@check
def by_ids(s):
    experiment = experiment_of(s, RUNS[:3])
    runs = [run.info.run_id for run in s(client.search_runs, [experiment], order_by=["run_name"])]
    s(client.search_runs, [experiment], f"run_id = '{runs[0]}'")
    s(client.search_runs, [experiment], f"attributes.run_id IN ('{runs[0]}', '{runs[1]}')", order_by=["run_name"])
    s(client.search_runs, [experiment], f"attributes.run_id NOT IN ('{runs[0]}')", order_by=["run_name"])
    s(client.search_runs, [experiment], f"run_id IN (\"{runs[2]}\")")


@check
def by_datasets(s):
    experiment = experiment_of(s, RUNS[:3])
    runs = s(client.search_runs, [experiment], order_by=["run_name"])
    for run, (name, digest, context) in zip(runs, (("iris", "d1", "train"), ("iris", "d2", "eval"), ("wine", "d1", "train"))):
        s(client.log_inputs, run.info.run_id, [DatasetInput(Dataset(name, digest, "local", "{}"), [InputTag("mlflow.data.context", context)])])
    for filter_string in (
        "dataset.name = 'iris'", "datasets.name != 'iris'", "dataset.name LIKE 'i%'", "dataset.name ILIKE 'I%'", "dataset.digest = 'd1'", "dataset.context = 'train'", "dataset.context LIKE 'e%'",
        "dataset.name IN ('iris', 'wine')", "dataset.name NOT IN ('iris')", "dataset.digest IN ('d2')", "dataset.context IN ('train')", "dataset.name = 'iris' AND dataset.context = 'train'", "dataset.name = 'iris' AND dataset.digest = 'd1' AND metrics.acc > 0.1",
    ):
        s(client.search_runs, [experiment], filter_string, order_by=["run_name"])


@check
def orders(s):
    experiment = experiment_of(s)
    for order_by in (
        [], ["metrics.acc"], ["metrics.acc DESC"], ["metrics.loss asc"], ["metrics.loss DESC"], ["metrics.`odd.na me` DESC"], ["params.C"], ["params.C DESC"], ["params.kernel"], ["tags.team"], ["tag.team DESC"],
        ["attributes.start_time"], ["start_time DESC"], ["attributes.end_time DESC"], ["status", "run_name"], ["attributes.status DESC", "metrics.loss"], ["run_name"], ["attributes.run_name DESC"], ["created"], ["user_id", "run_name"], ["metrics.absent", "run_name"], ["params.absent DESC"],
        ["metrics.acc", "params.C DESC", "tags.team", "start_time"], ["attribute.`start_time` DESC"], ['"start_time" DESC'],
    ):
        s(client.search_runs, [experiment], order_by=order_by)
    for order_by in (["attributes.`Run Name`"], ["metrics.acc UP"], ["colour"], ["metrics.acc", "metrics.acc DESC"], ["metrics.acc DESC ASC"], [""], ["metrics"], ["dataset.name"], ["metrics.acc DESC, params.C"], ["DESC"]):
        s.refused("INVALID_PARAMETER_VALUE", client.search_runs, [experiment], order_by=order_by)


@check
def pages_and_views(s):
    experiment = experiment_of(s)
    other = s(client.create_experiment, s.name("other"))
    s(client.create_run, other, LONG_AGO + 3, run_name="in another")
    gone = s(client.create_run, experiment, LONG_AGO + 7, run_name="gone").info.run_id
    s(client.delete_run, gone)
    for view in (ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL):
        s(client.search_runs, [experiment, other], run_view_type=view, order_by=["run_name"])
    for order_by in (["run_name"], ["metrics.acc DESC"], ["params.C"], []):
        names, token = [], None
        for _ in range(9):
            page = s(client.search_runs, [experiment, other], max_results=2, order_by=order_by, page_token=token)
            if page is None:
                break
            names += [run.info.run_name for run in page]
            token = page.token
            if not token:
                break
        assert len(names) == len(set(names)) == 6, names
    s(client.search_runs, [])
    s(client.search_runs, ["987654321"])
    for max_results in (0, -5, 50_001):
        s.refused("INVALID_PARAMETER_VALUE", client.search_runs, [experiment], max_results=max_results)
    s.refused("INVALID_PARAMETER_VALUE", client.search_runs, [experiment], page_token="%%%")
    s.http("POST", "/api/2.0/mlflow/runs/search", {"experiment_ids": [experiment], "run_view_type": "DELETED_ONLY"}, 200)
    s.http("POST", "/ajax-api/2.0/mlflow/runs/search", {"experimentIds": [experiment], "runViewType": "ALL", "maxResults": "3", "orderBy": ["run_name"]}, 200)
