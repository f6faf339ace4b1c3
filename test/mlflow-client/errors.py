"""The texts by which callers know an error: one row of the contract after the other, word for word."""

from mlflow import MlflowClient

from harness.sources import versions_of
from harness.steps import check

client = MlflowClient()
API = "/api/2.0/mlflow"
LONG_AGO = 1_600_000_000_000


def says(s, status, code, text, method, path, body=None, **options):
    """Both servers must say this."""
    answer = s.http(method, f"{API}/{path}", body, status, **options)
    s.expect(isinstance(answer, dict) and answer.get("error_code") == code and text in answer["message"], f"{path} {str(body)[:200]}: {str(answer)[:500]}, not {code}: {text}")


def run_in(s):
    return s(client.create_run, s(client.create_experiment, s.name()), start_time=LONG_AGO).info.run_id


@check
def missing_values_and_wrong_types(s):
    missing = "Missing value for required parameter '{}'. See the API docs for more information about request parameters."
    run = run_in(s)
    for path, body, field in (
        ("experiments/create", {}, "name"), ("experiments/create", {"name": ""}, "name"), ("experiments/delete", {}, "experiment_id"), ("experiments/update", {}, "experiment_id"), ("experiments/set-experiment-tag", {"experiment_id": "0"}, "key"),
        ("runs/log-metric", {"run_id": run, "value": 1, "timestamp": 1}, "key"), ("runs/log-metric", {"run_id": run, "key": "a", "timestamp": 1}, "value"), ("runs/log-metric", {"run_id": run, "key": "a", "value": 1}, "timestamp"), ("runs/log-parameter", {"run_id": run}, "key"), ("runs/set-tag", {"run_id": run}, "key"), ("runs/delete", {}, "run_id"), ("runs/delete-tag", {"run_id": run}, "key"),
        ("registered-models/create", {}, "name"), ("registered-models/rename", {}, "name"), ("model-versions/create", {"name": "a"}, "source"), ("model-versions/transition-stage", {"name": "a", "version": "1"}, "stage"), ("registered-models/alias", {"name": "a", "alias": "b"}, "version"),
    ):
        says(s, 400, "INVALID_PARAMETER_VALUE", missing.format(field), "POST", path, body)
    says(s, 400, "INVALID_PARAMETER_VALUE", missing.format("metrics[0].timestamp"), "POST", "runs/log-batch", {"run_id": run, "metrics": [{"key": "a", "value": 1}]})
    says(s, 400, "INVALID_PARAMETER_VALUE", missing.format("experiment_id"), "GET", "experiments/get")
    wrong = "Invalid value {} for parameter '{}' supplied:  Hint: Value was of type '{}'. See the API docs"
    for path, body, value, field, kind in (
        ("experiments/create", {"name": 123}, "123", "name", "int"), ("experiments/create", {"name": ["a"]}, '["a"]', "name", "list"), ("experiments/create", {"name": {"a": 1}}, '{"a":1}', "name", "dict"), ("experiments/create", {"name": True}, "true", "name", "bool"), ("experiments/create", {"name": 1.5}, "1.5", "name", "float"),
        ("runs/search", {"experiment_ids": ["0"], "max_results": 50001}, "50001", "max_results", "int"), ("runs/search", {"experiment_ids": "0"}, '"0"', "experiment_ids", "str"),
    ):
        says(s, 400, "INVALID_PARAMETER_VALUE", wrong.format(value, field, kind), "POST", path, body)
    says(s, 400, "INVALID_PARAMETER_VALUE", "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer", "POST", "runs/search", {"experiment_ids": ["0"], "max_results": 0})
    answer = s.http("POST", f"{API}/experiments/create", data="name=a", headers={"content-type": "application/x-www-form-urlencoded"}, status=400)
    assert "Bad Request. Content-Type must be one of ['application/json']." in answer["message"], answer


@check
def keys_and_values(s):
    run = run_in(s)
    for key, text in (("a#b", "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/)."), ("../p", "must not resolve to other names when treated as such. This name would resolve to '../p'")):
        says(s, 400, "INVALID_PARAMETER_VALUE", text, "POST", "runs/log-parameter", {"run_id": run, "key": key, "value": "1"})
        says(s, 400, "INVALID_PARAMETER_VALUE", text, "POST", "runs/set-tag", {"run_id": run, "key": key, "value": "1"})
        says(s, 400, "INVALID_PARAMETER_VALUE", text, "POST", "runs/log-metric", {"run_id": run, "key": key, "value": 1, "timestamp": 1})
    says(s, 400, "INVALID_PARAMETER_VALUE", "'Param key' exceeds the maximum length of 250 characters", "POST", "runs/log-parameter", {"run_id": run, "key": "k" * 251, "value": "1"})
    s(client.log_param, run, "p", "1")
    says(s, 400, "INVALID_PARAMETER_VALUE", f"Changing param values is not allowed. Param with key='p' was already logged with value='1' for run ID='{run}'. Attempted logging new value '2'.", "POST", "runs/log-parameter", {"run_id": run, "key": "p", "value": "2"})
    says(s, 400, "INVALID_PARAMETER_VALUE", "Changing param values is not allowed. Params were already logged='[{'key': 'p', 'old_value': '1', 'new_value': '9'}]' for run ID=" + f"'{run}'.", "POST", "runs/log-batch", {"run_id": run, "params": [{"key": "p", "value": "9"}]})
    says(s, 400, "INVALID_PARAMETER_VALUE", "Duplicate parameter keys have been submitted: ['d']. Please ensure the request contains only one param value per param key.", "POST", "runs/log-batch", {"run_id": run, "params": [{"key": "d", "value": "1"}, {"key": "d", "value": "2"}]})
    says(s, 400, "INVALID_PARAMETER_VALUE", "A batch logging request can contain at most 1000 metrics. Got 1001 metrics. Please split up metrics across multiple requests and try again.", "POST", "runs/log-batch", {"run_id": run, "metrics": [{"key": "a", "value": 1, "timestamp": 1}] * 1001})
    says(s, 400, "INVALID_PARAMETER_VALUE", "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values", "POST", "runs/create", {"experiment_id": "0", "run_name": "a", "tags": [{"key": "mlflow.runName", "value": "b"}]})


@check
def unknown_and_deleted(s):
    unknown = "0" * 32
    s(client.create_registered_model, s.name())
    for text, method, path, more in (
        (f"Run with id={unknown} not found", "GET", "runs/get", {"run_id": unknown}), ("No Experiment with id=987654321 exists", "GET", "experiments/get", {"experiment_id": "987654321"}), ("Could not find experiment with name 'absent'", "GET", "experiments/get-by-name", {"experiment_name": "absent"}),
        ("Registered Model with name=absent not found", "GET", "registered-models/get", {"name": "absent"}), (f"Model Version (name={s.name()}, version=9) not found", "GET", "model-versions/get", {"name": s.name(), "version": "9"}), (f"Logged model with ID 'm-{unknown}' not found.", "GET", f"logged-models/m-{unknown}", {}),
    ):
        says(s, 404, "RESOURCE_DOES_NOT_EXIST", text, method, path, params=more)
    run = run_in(s)
    says(s, 404, "RESOURCE_DOES_NOT_EXIST", f"No tag with name: k in run with id {run}", "POST", "runs/delete-tag", {"run_id": run, "key": "k"})
    s(client.delete_run, run)
    says(s, 400, "INVALID_PARAMETER_VALUE", f"The run {run} must be in the 'active' state. Current state is deleted.", "POST", "runs/log-parameter", {"run_id": run, "key": "a", "value": "b"})
    gone = s(client.create_experiment, s.name("gone"))
    s(client.delete_experiment, gone)
    says(s, 400, "INVALID_PARAMETER_VALUE", f"The experiment {gone} must be in the 'active' state. Current state is deleted.", "POST", "runs/create", {"experiment_id": gone})
    says(s, 400, "RESOURCE_ALREADY_EXISTS", f"Experiment(name={s.name('gone')}) already exists.", "POST", "experiments/create", {"name": s.name("gone")})
    says(s, 400, "RESOURCE_ALREADY_EXISTS", f"Registered Model (name={s.name()}) already exists.", "POST", "registered-models/create", {"name": s.name()})


@check
def registry(s):
    s(client.create_registered_model, s.name())
    versions_of(s, s.name(), 1)
    says(s, 400, "INVALID_PARAMETER_VALUE", "Registered model alias absent not found.", "GET", "registered-models/alias", params={"name": s.name(), "alias": "absent"})
    says(s, 404, "RESOURCE_DOES_NOT_EXIST", "", "POST", "registered-models/alias", {"name": s.name(), "alias": "a", "version": "9"})
    says(s, 400, "INVALID_PARAMETER_VALUE", "Invalid Model Version stage: Live. Value must be one of None, Staging, Production, Archived.", "POST", "model-versions/transition-stage", {"name": s.name(), "version": "1", "stage": "Live", "archive_existing_versions": False})
    says(s, 400, "INVALID_PARAMETER_VALUE", "Invalid model version source: '/etc/passwd'. To use a local path ", "POST", "model-versions/create", {"name": s.name(), "source": "/etc/passwd"})
    for source in ("mlflow-artifacts:/a/../b", "mlflow-artifacts:/a/%2e%2e/b", "mlflow-artifacts:/a%00b"):
        says(s, 400, "INVALID_PARAMETER_VALUE", f"Invalid model version source: '{source}'. If supplying a source as an http, https, local file path, ", "POST", "model-versions/create", {"name": s.name(), "source": source})
    for path, body in (("registered-models/delete-tag", {"name": s.name(), "key": "absent"}), ("model-versions/delete-tag", {"name": s.name(), "version": "1", "key": "absent"}), ("registered-models/alias", {"name": s.name(), "alias": "absent"})):
        assert s.http("DELETE", f"{API}/{path}", body, 200) == {}


@check
def searches(s):
    for filter_string in ("metrics.a = 1 OR metrics.b = 2", "(metrics.a = 1)"):
        says(s, 400, "INVALID_PARAMETER_VALUE", "Invalid clause(s) in filter string: ", "POST", "runs/search", {"experiment_ids": ["0"], "filter": filter_string})
    says(s, 400, "INVALID_PARAMETER_VALUE", "Invalid page token, could not base64-decode", "POST", "runs/search", {"experiment_ids": ["0"], "page_token": "abc"})
    assert s.http("POST", f"{API}/runs/search", {"experiment_ids": []}, 200) == {}
    assert s.http("GET", f"{API}/metrics/get-history", params={"run_id": "0" * 32, "metric_key": "m"}, status=200) == {}
