"""Logged models: make, finish, read, tag, find, delete; their files."""

from mlflow import MlflowClient
from mlflow.entities import LoggedModelOutput

from harness.steps import check

client = MlflowClient()
LONG_AGO = 1_600_000_000_000


@check
def made_and_finished(s):
    experiment = s(client.create_experiment, s.name())
    run = s(client.create_run, experiment, start_time=LONG_AGO).info.run_id
    model = s(client.create_logged_model, experiment, "it", run, {"a": "b"}, {"p": "1", "long": "v" * 6000}, "classifier").model_id
    s(client.get_logged_model, model)
    s(client.finalize_logged_model, model, "READY")
    s(client.get_logged_model, model)
    failed = s(client.create_logged_model, experiment, "failed").model_id
    s(client.finalize_logged_model, failed, "FAILED")
    s(client.get_logged_model, failed)
    unnamed = s(client.create_logged_model, experiment)
    assert unnamed.name
    s(client.log_model_params, model, {"q": "2"})
    s(client.get_logged_model, model)
    s(client.log_outputs, run, [LoggedModelOutput(model, 0)])
    s(client.get_run, run)


@check
def tagged(s):
    model = s(client.create_logged_model, s(client.create_experiment, s.name()), "it", tags={"a": "b"}).model_id
    s(client.set_logged_model_tags, model, {"a": "c", "d": "1"})
    s(client.get_logged_model, model)
    s(client.delete_logged_model_tag, model, "a")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.delete_logged_model_tag, model, "a")
    s(client.get_logged_model, model)
    s.http("DELETE", f"/api/2.0/mlflow/logged-models/{model}/tags/absent", status=404)


@check
def deleted(s):
    experiment = s(client.create_experiment, s.name())
    model = s(client.create_logged_model, experiment, "it").model_id
    s(client.delete_logged_model, model)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.get_logged_model, model)
    s(client.delete_logged_model, model)
    s.refused("INVALID_PARAMETER_VALUE", client.set_logged_model_tags, model, {"a": "b"})
    s(client.finalize_logged_model, model, "READY")
    s(client.search_logged_models, [experiment])


@check
def files(s):
    model = s(client.create_logged_model, s(client.create_experiment, s.name()), "it").model_id
    folder = s.folder / "model"
    (folder / "deep").mkdir(parents=True)
    (folder / "MLmodel").write_text("flavors: {}\n")
    (folder / "deep" / "a.txt").write_text("a")
    s(client.log_model_artifacts, model, str(folder))
    s(client.log_model_artifact, model, str(folder / "deep" / "a.txt"), "extra")
    s(client.list_logged_model_artifacts, model)
    s(client.list_logged_model_artifacts, model, "deep")
    listing = f"/api/2.0/mlflow/logged-models/{model}/artifacts/directories"
    for path in ("", "deep", "absent"):
        s.http("GET", listing, params={"artifact_directory_path": path} if path else None, status=200)
    s.http("GET", listing, params={"artifact_directory_path": "../x"}, status=400)
    page = f"/ajax-api/2.0/mlflow/logged-models/{model}/artifacts/files"
    s.http("GET", page, params={"artifact_file_path": "deep/a.txt"}, status=200)
    s.http("GET", page, params={"artifact_file_path": "../a.txt"}, status=400)
    s.http("GET", page, status=400)


@check
def refused(s):
    experiment = s(client.create_experiment, s.name())
    for name in ("a/b", "a:b", "a.b", "a%b", 'a"b', "a'b"):
        s.refused("INVALID_PARAMETER_VALUE", client.create_logged_model, experiment, name)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.create_logged_model, "987654321", "it")
    unknown = "m-" + "0" * 32
    s.refused("RESOURCE_DOES_NOT_EXIST", client.get_logged_model, unknown)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.finalize_logged_model, unknown, "READY")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.delete_logged_model, unknown)
    s.refused("INVALID_PARAMETER_VALUE", client.set_logged_model_tags, unknown, {"a": "b"})  # the client looks first, in its own words
    s.refused("INVALID_PARAMETER_VALUE", client.log_model_params, unknown, {"a": "b"})
    model = s(client.create_logged_model, experiment, "it").model_id
    s.http("PATCH", f"/api/2.0/mlflow/logged-models/{model}", {"status": "LOGGED_MODEL_READY"}, 200)
    s.http("PATCH", f"/api/2.0/mlflow/logged-models/{model}", {"status": 2}, 200)
    s.http("PATCH", f"/api/2.0/mlflow/logged-models/{model}", {"status": "BOGUS"})
    s.http("PATCH", f"/api/2.0/mlflow/logged-models/{model}", {})
    s.http("POST", "/api/2.0/mlflow/logged-models", {"name": "x"}, 400)


@check
def found(s):
    experiment = s(client.create_experiment, s.name())
    run = s(client.create_run, experiment, start_time=LONG_AGO).info.run_id
    for name, params, tags, kind, value in (("one", {"C": "1"}, {"team": "a"}, "tree", 0.5), ("two", {"C": "2"}, {"team": "b"}, "", 0.7), ("three", {}, {"team": "a"}, "tree", None)):
        model = s(client.create_logged_model, experiment, name, run, tags, params, kind).model_id
        if value is not None:
            s(client.log_metric, run, "acc", value, LONG_AGO, 0, dataset_name="iris", dataset_digest="d1", model_id=model)
        if name != "three":
            s(client.finalize_logged_model, model, "READY")
    by_name = [{"field_name": "name"}]
    for filter_string in (
        "name = 'one'", "name != 'one'", "attributes.name LIKE 't%'", "name ILIKE 'T%'", "name IN ('one', 'two')", "name NOT IN ('one')", "model_type = 'tree'", f"source_run_id = '{run}'",
        "creation_timestamp > 5", "last_updated_timestamp >= 5 AND creation_timestamp != 7", "metrics.acc > 0.6", "metrics.acc <= 0.5", "params.C = '1'", "params.C != '1'", "params.C LIKE '%'", "tags.team = 'a'", "tags.team IN ('a', 'b')", "tags.team != 'a'", "name = 'one' AND params.C = '1' AND metrics.acc = 0.5", "model_id != 'x'",
    ):
        s(client.search_logged_models, [experiment], filter_string, order_by=by_name)
    s(client.search_logged_models, [experiment], "metrics.acc > 0.6", datasets=[{"dataset_name": "iris"}], order_by=by_name)
    s(client.search_logged_models, [experiment], "metrics.acc > 0.1", datasets=[{"dataset_name": "iris", "dataset_digest": "other"}], order_by=by_name)
    for order_by in (
        None, [{"field_name": "creation_timestamp"}], [{"field_name": "name", "ascending": False}], [{"field_name": "metrics.acc", "ascending": False}], [{"field_name": "metrics.acc", "dataset_name": "iris", "dataset_digest": "d1"}], [{"field_name": "model_type"}, {"field_name": "name"}], [{"field_name": "last_updated_timestamp"}],
    ):
        s(client.search_logged_models, [experiment], order_by=order_by)
    names, token = [], None
    for _ in range(5):
        page = s(client.search_logged_models, [experiment], max_results=2, order_by=by_name, page_token=token)
        names += [each.name for each in page or []]
        token = page.token if page is not None else None
        if not token:
            break
    assert names == ["one", "three", "two"], names
    for filter_string in ("name = 'a' OR name = 'b'", "name > 'a'", "params.C > '1'", "metrics.acc = 'x'", "metrics.acc LIKE 'x'", "tag.team = 'a'", "dataset.name = 'x'", "creation_timestamp LIKE 'x'", "name", "name ="):
        s.refused("INVALID_PARAMETER_VALUE", client.search_logged_models, [experiment], filter_string)
    s.refused("INVALID_PARAMETER_VALUE", client.search_logged_models, [experiment], "colour = 'red'")
    for order_by in ([{"field_name": "colour"}], [{"field_name": "params.C"}], [{"field_name": "tags.team"}]):
        s.refused("INVALID_PARAMETER_VALUE", client.search_logged_models, [experiment], order_by=order_by)
    s.refused("INVALID_PARAMETER_VALUE", client.search_logged_models, [experiment], page_token="no token")
