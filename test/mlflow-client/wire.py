"""The contract as foreign clients may use it: spellings, types, unknown fields, both prefixes, and what is not served."""

from mlflow import MlflowClient

from harness.steps import check

client = MlflowClient()
API = "/api/2.0/mlflow"
LONG_AGO = 1_600_000_000_000


@check
def spellings(s):
    made = s.http("POST", f"{API}/experiments/create", {"name": s.name(), "unknown": {"a": [1]}, "artifactLocation": "mlflow-artifacts:/camel"}, 200)["experiment_id"]
    for query in ({"experiment_id": made}, {"experimentId": made}, {"experiment_id": made, "unknown": "x"}):
        s.http("GET", f"{API}/experiments/get", params=query)
    run = s.http("POST", f"{API}/runs/create", {"experimentId": made, "startTime": str(LONG_AGO), "runName": "camel", "userId": "ada", "tags": [{"key": "a", "value": "b", "more": 1}]}, 200)["run"]["info"]["run_id"]
    for body in ({"runId": run, "key": "m", "value": "0.5", "timestamp": "1600000000000", "step": "3"}, {"run_uuid": run, "key": "m", "value": "NaN", "timestamp": LONG_AGO, "step": 4}, {"run_id": run, "key": "m", "value": "-Infinity", "timestamp": LONG_AGO, "step": -9}, {"run_id": run, "key": "big", "value": 1, "timestamp": LONG_AGO, "step": 9007199254740993}):
        s.http("POST", f"{API}/runs/log-metric", body, 200)
    s.http("GET", f"{API}/metrics/get-history", params={"runId": run, "metricKey": "m"}, status=200)
    s.http("GET", f"{API}/metrics/get-history", params={"run_id": run, "metric_key": "big"}, status=200)
    s.http("POST", f"{API}/runs/update", {"run_id": run, "status": "BOGUS"}, 200)
    s.http("POST", f"{API}/runs/update", {"run_id": run, "status": 3, "end_time": str(LONG_AGO + 1)}, 200)
    s.http("POST", f"{API}/experiments/search", {"view_type": "BOGUS", "max_results": "5", "filter": f"name = '{s.name()}'"}, 200)
    s.http("GET", f"{API}/experiments/search", params={"max_results": 5, "filter": f"name LIKE '{s.name()}'", "order_by": ["name", "creation_time DESC"]}, status=200)
    s.http("POST", f"{API}/experiments/search", {})
    s.http("GET", f"{API}/runs/get", params={"run_uuid": run}, status=200)


@check
def both_prefixes(s):
    made = s.http("POST", "/ajax-api/2.0/mlflow/experiments/create", {"name": s.name()}, 200)["experiment_id"]
    s.http("GET", "/ajax-api/2.0/mlflow/experiments/get", params={"experiment_id": made}, status=200)
    s.http("POST", "/ajax-api/2.0/mlflow/registered-models/create", {"name": s.name()}, 200)
    s.http("DELETE", "/ajax-api/2.0/mlflow/registered-models/delete", {"name": s.name()}, 200)
    s.http("GET", "/ajax-api/3.0/mlflow/server-info", status=200)
    s.http("GET", "/api/3.0/mlflow/server-info", status=200)
    s.http("GET", "/version", status=200)
    s.http("GET", "/health", status=200)


@check
def bodies(s):
    path = f"{API}/experiments/create"
    for data in ("", "not json", "null", "[]", "5", '"text"', '"{\\"name\\": \\"%s\\"}"' % s.name("twice"), '{"name": "%s"' % s.name("broken"), '{"name": "nul\\u0000"}', '{"name": "half \\ud800"}'):
        s.http("POST", path, data=data.encode("utf-8", "surrogatepass"), headers={"content-type": "application/json"})
    s.http("POST", path, data=b"{}")
    s.http("POST", path, data=b"{}", headers={"content-type": "text/plain"})
    s.http("POST", path, data=('{"name": "%s"}' % s.name("charset")).encode(), headers={"content-type": "application/json; charset=utf-8"}, status=200)
    for body in ({"name": None}, {"name": s.name("tags"), "tags": "x"}, {"name": s.name("tags"), "tags": [5]}, {"name": s.name("tags"), "tags": [{"value": "x"}]}, {"name": s.name("tags"), "tags": {"a": "b"}}):
        s.http("POST", path, body)


@check
def long_and_odd_values(s):
    run = s(client.create_run, s(client.create_experiment, s.name()), start_time=LONG_AGO).info.run_id
    for path, body in (("runs/log-parameter", {"key": "p", "value": "v" * 10**6}), ("runs/set-tag", {"key": "t", "value": "v" * 10**6}), ("runs/set-tag", {"key": "k" * 10**6, "value": "v"})):
        s.http("POST", f"{API}/{path}", {"run_id": run, **body})
    for value in ("x", [], {}, True, None, "1e999", "0x1"):
        s.http("POST", f"{API}/runs/log-metric", {"run_id": run, "key": "m", "value": value, "timestamp": LONG_AGO})
    for timestamp in ("x", 1.5, -1, 2**63, "9" * 30):
        s.http("POST", f"{API}/runs/log-metric", {"run_id": run, "key": "m", "value": 1, "timestamp": timestamp})
    s.http("POST", f"{API}/runs/log-batch", {"run_id": run, "metrics": [{"key": "m", "value": 1, "timestamp": 1}], "params": "x"})
    s.http("POST", f"{API}/runs/log-batch", {"run_id": run, "params": [{"key": "a"}]})
    s.http("POST", f"{API}/runs/log-batch", {"run_id": run, "tags": [{"key": "a"}]})
    s(client.get_run, run)


@check
def models_logged_into_runs(s):
    run = s(client.create_run, s(client.create_experiment, s.name()), start_time=LONG_AGO).info.run_id
    model = '{"run_id": "%s", "artifact_path": "model", "model_uuid": "0", "utc_time_created": "2020-01-01 00:00:00.000000", "flavors": {"python_function": {}}}'
    s.http("POST", f"{API}/runs/log-model", {"run_id": run, "model_json": model % run}, 200)
    s.http("POST", f"{API}/runs/log-model", {"run_id": run, "model_json": model.replace('"model"', '"other"') % run}, 200)
    s(client.get_run, run)
    for bad in ("", "not json", "[]"):
        s.http("POST", f"{API}/runs/log-model", {"run_id": run, "model_json": bad})


# Not served here: a client that meets such a route is told so in the one way that it understands.
OUTSIDE = [
    ("POST", "/api/2.0/mlflow/traces"), ("GET", "/api/2.0/mlflow/traces"), ("POST", "/api/3.0/mlflow/traces"), ("POST", "/api/3.0/mlflow/traces/search"), ("POST", "/api/2.0/mlflow/traces/delete-traces"), ("POST", "/v1/traces"), ("GET", "/api/3.0/mlflow/traces/tr-1"),
    ("GET", "/api/3.0/mlflow/scorers/list"), ("POST", "/api/3.0/mlflow/scorers/register"), ("GET", "/api/3.0/mlflow/gateway/endpoints/list"), ("POST", "/api/3.0/mlflow/gateway/secrets/create"), ("POST", "/api/3.0/mlflow/issues"), ("POST", "/api/3.0/mlflow/prompt-optimization/jobs"), ("GET", "/api/3.0/mlflow/workspaces"), ("GET", "/api/2.0/mlflow/users/list"), ("POST", "/graphql"), ("GET", "/api/2.0/mlflow/nothing"), ("POST", "/api/2.0/mlflow/experiments"), ("PUT", "/api/2.0/mlflow/runs/create"),
]


@check
def not_served(s):
    for method, path in OUTSIDE:
        answer = s.http(method, path, {} if method == "POST" else None)
        if s.ours and path.startswith("/api/"):
            s.expect(isinstance(answer, dict) and answer["error_code"] == "ENDPOINT_NOT_FOUND", f"{method} {path}: {answer}")
