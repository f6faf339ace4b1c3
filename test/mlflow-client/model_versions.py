"""Model versions: make from every kind of source, read, describe, tag, find, copy, delete."""

from mlflow import MlflowClient

from harness.sources import run_with_model, versions_of
from harness.steps import check

client = MlflowClient()
LONG_AGO = 1_600_000_000_000


@check
def made_and_read(s):
    run, source = run_with_model(s)
    s(client.create_registered_model, s.name())
    s(client.create_model_version, s.name(), source, run, {"a": "b"}, "http://example.com/run", "The first")
    s(client.get_model_version, s.name(), "1")
    s(client.get_model_version_download_uri, s.name(), "1")
    s(client.get_model_version_stages, s.name(), "1")
    s(client.create_model_version, s.name(), source, run)
    s(client.update_model_version, s.name(), "2", "The second")
    s(client.get_model_version, s.name(), "2")
    s(client.get_registered_model, s.name())


@check
def of_logged_models(s):
    experiment = s(client.create_experiment, s.name())
    run = s(client.create_run, experiment, start_time=LONG_AGO).info.run_id
    model = s(client.create_logged_model, experiment, "it", run, params={"C": "1"}).model_id
    s(client.log_metric, run, "acc", 0.5, LONG_AGO, 0, model_id=model)
    s(client.finalize_logged_model, model, "READY")
    s(client.create_registered_model, s.name())
    s(client.create_model_version, s.name(), f"models:/{model}", model_id=model)
    s.refused("INVALID_PARAMETER_VALUE", client.create_model_version, s.name(), f"models:/{model}")
    s(client.get_model_version, s.name(), "1")
    s(client.get_model_version_download_uri, s.name(), "1")
    s(client.get_logged_model, model)
    s(client.search_model_versions, f"name = '{s.name()}'")
    s.refused("INVALID_PARAMETER_VALUE", client.create_model_version, s.name(), "models:/m-" + "0" * 32, model_id="m-" + "0" * 32)


@check
def copied(s):
    run, source = run_with_model(s)
    s(client.create_registered_model, s.name())
    s(client.create_model_version, s.name(), source, run, tags={"a": "b"}, description="The first")
    s(client.copy_model_version, f"models:/{s.name()}/1", s.name("copy"))
    s(client.get_model_version, s.name("copy"), "1")
    s(client.get_model_version_download_uri, s.name("copy"), "1")
    s(client.copy_model_version, f"models:/{s.name('copy')}/1", s.name("copy of copy"))
    s(client.get_model_version_download_uri, s.name("copy of copy"), "1")
    s(client.set_registered_model_alias, s.name(), "best", "1")
    s(client.copy_model_version, f"models:/{s.name()}@best", s.name("copy"))
    s.refused("INTERNAL_ERROR", client.copy_model_version, f"models:/{s.name()}/9", s.name("none"))


@check
def tagged(s):
    s(client.create_registered_model, s.name())
    versions_of(s, s.name(), 1)
    s(client.set_model_version_tag, s.name(), "1", "a", 1)
    s(client.set_model_version_tag, s.name(), "1", "a", "2")
    s(client.transition_model_version_stage, s.name(), "1", "Staging")
    s(client.set_model_version_tag, s.name(), key="by stage", value="yes", stage="Staging")
    s(client.get_model_version, s.name(), "1")
    s(client.delete_model_version_tag, s.name(), "1", "a")
    s(client.delete_model_version_tag, s.name(), "1", "a")
    s(client.delete_model_version_tag, s.name(), key="by stage", stage="Staging")
    s(client.get_model_version, s.name(), "1")
    s(client.set_model_version_tag, s.name(), "1", "k" * 250, "v" * 5000)
    s.refused("INVALID_PARAMETER_VALUE", client.set_model_version_tag, s.name(), "1", "k" * 251, "v")
    s.refused("INVALID_PARAMETER_VALUE", client.set_model_version_tag, s.name(), "1", "a#b", "v")


@check
def deleted(s):
    s(client.create_registered_model, s.name())
    run, source = versions_of(s, s.name(), 3)
    s(client.set_registered_model_alias, s.name(), "best", "3")
    s(client.delete_model_version, s.name(), "3")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.get_model_version, s.name(), "3")
    s.refused("INVALID_PARAMETER_VALUE", client.get_model_version_by_alias, s.name(), "best")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.delete_model_version, s.name(), "3")
    s(client.get_registered_model, s.name())
    assert s(client.create_model_version, s.name(), source, run).version == "4"
    s(client.search_model_versions, f"name = '{s.name()}'")


@check
def refused(s):
    s(client.create_registered_model, s.name())
    for source in ("/etc/passwd", "file:///etc/passwd", "mlflow-artifacts:/../x", "mlflow-artifacts:/a/%2e%2e/b", "mlflow-artifacts:/a/..", "runs:/x", "relative/path", "C:\\models", "mlflow-artifacts:/a%00b", "http://example.com/../x", "https://example.com/a?b=../c", "mlflow-artifacts://host/a#b", "models:/", "models:/a", "models:/a/b/c", "models:/absent/1"):
        s.http("POST", "/api/2.0/mlflow/model-versions/create", {"name": s.name(), "source": source})
    run, source = run_with_model(s)
    s.refused("INVALID_PARAMETER_VALUE", client.create_model_version, s.name(), source)
    s.refused("INVALID_PARAMETER_VALUE", client.create_model_version, s.name(), "mlflow-artifacts:/1/models/x/artifacts", run)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.create_model_version, s.name("unknown"), source, run)
    s.refused("INVALID_PARAMETER_VALUE", client.create_model_version, s.name(), "")
    for function, arguments in ((client.get_model_version, ()), (client.delete_model_version, ()), (client.update_model_version, ("x",)), (client.set_model_version_tag, ("a", "b")), (client.delete_model_version_tag, ("a",)), (client.get_model_version_download_uri, ()), (client.transition_model_version_stage, ("Staging",))):
        s.refused("RESOURCE_DOES_NOT_EXIST", function, s.name(), "9", *arguments)
    for version in ("x", "1.5", "", "-1", "99999999999"):
        s.http("GET", "/api/2.0/mlflow/model-versions/get", params={"name": s.name(), "version": version})


@check
def found(s):
    for which in ("one", "two"):
        s(client.create_registered_model, s.name(which))
    run, source = run_with_model(s)
    another, elsewhere = run_with_model(s, "elsewhere")
    for number in range(3):
        s(client.create_model_version, s.name("one"), source if number else f"{elsewhere}/deep", run if number else another, {"n": str(number)})
    s(client.create_model_version, s.name("two"), source, run, tags={"team": "a"})
    mine = f"name LIKE '{s.name('')}%'"
    order = ["name", "version_number"]
    for filter_string in (
        mine, f"name = '{s.name('one')}'", f"{mine} AND version_number > 1", f"{mine} AND version_number = 2", f"{mine} AND version_number != 2", f"{mine} AND run_id = '{run}'", f"{mine} AND run_id IN ('{run}')", f"{mine} AND source_path = '{source}'", f"{mine} AND source_path LIKE '%deep'", f"{mine} AND tags.n = '1'", f"{mine} AND tag.n != '1'", f"{mine} AND tags.team ILIKE 'A'", f"{mine} AND name ILIKE '%TWO'", f"{mine} AND name != '{s.name('one')}'", f"{mine} AND tags.n LIKE '%' AND version_number <= 2",
    ):
        s(client.search_model_versions, filter_string, order_by=order)
    for order_by in (["name DESC", "version_number ASC"], ["version_number DESC", "name"], ["creation_timestamp", "name", "version_number"], ["last_updated_timestamp DESC"]):
        s(client.search_model_versions, mine, order_by=order_by)
    seen, token = [], None
    for _ in range(6):
        page = s(client.search_model_versions, mine, 3, order, token)
        seen += [(each.name, each.version) for each in page or []]
        token = page.token if page is not None else None
        if not token:
            break
    assert len(seen) == 4, seen
    for filter_string in ("name = 'a' OR name = 'b'", "colour = 'x'", "name > 'a'", "version_number = 'x'", "version_number LIKE '1'", "run_id IN (1)", "run_id IN ()", "source_path IN ('a')", "tags.a > 'b'", "name", "current_stage = 'None'"):
        s.refused("INVALID_PARAMETER_VALUE", client.search_model_versions, filter_string)
    for order_by in (["colour"], ["name UP"], ["run_id"], [""]):
        s.refused("INVALID_PARAMETER_VALUE", client.search_model_versions, order_by=order_by)
    for max_results in (0, 200_001):
        s.refused("INVALID_PARAMETER_VALUE", client.search_model_versions, max_results=max_results)
