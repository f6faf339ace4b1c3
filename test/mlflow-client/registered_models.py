"""Registered models: make, read, rename, describe, tag, find, delete."""

from mlflow import MlflowClient

from harness.sources import versions_of
from harness.steps import check

client = MlflowClient()


@check
def made_and_read(s):
    s(client.create_registered_model, s.name(), {"a": "b"}, "What it is for")
    s(client.get_registered_model, s.name())
    s(client.create_registered_model, s.name("bare"))
    s(client.create_registered_model, s.name("empty"), description="")
    s(client.update_registered_model, s.name("bare"), "Now it has one")
    s(client.get_registered_model, s.name("bare"))
    s(client.update_registered_model, s.name("bare"), "")
    s(client.create_registered_model, s.name("odd name (1) ü & +%"), deployment_job_id="job 1")
    s(client.get_registered_model, s.name("odd name (1) ü & +%"))


@check
def renamed(s):
    s(client.create_registered_model, s.name(), {"a": "b"})
    versions_of(s, s.name(), 1)
    s(client.set_registered_model_alias, s.name(), "best", "1")
    s(client.rename_registered_model, s.name(), s.name("after"))
    s(client.get_registered_model, s.name("after"))
    s(client.get_model_version, s.name("after"), "1")
    s(client.get_model_version_by_alias, s.name("after"), "best")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, s.name())
    s(client.create_registered_model, s.name())
    s.refused("RESOURCE_ALREADY_EXISTS", client.rename_registered_model, s.name("after"), s.name())
    s.refused("INVALID_PARAMETER_VALUE", client.rename_registered_model, s.name(), "a/b")
    s.refused("INTERNAL_ERROR", client.rename_registered_model, s.name(), "")  # by the client itself


@check
def tagged(s):
    s(client.create_registered_model, s.name())
    s(client.set_registered_model_tag, s.name(), "a", 1)
    s(client.set_registered_model_tag, s.name(), "a", "2")
    s(client.set_registered_model_tag, s.name(), "b c", "ü")
    s(client.get_registered_model, s.name())
    s(client.delete_registered_model_tag, s.name(), "a")
    s(client.delete_registered_model_tag, s.name(), "a")
    s(client.get_registered_model, s.name())
    s.refused("INVALID_PARAMETER_VALUE", client.set_registered_model_tag, s.name(), "a#b", "c")
    s.refused("INVALID_PARAMETER_VALUE", client.set_registered_model_tag, s.name(), "k" * 251, "c")
    s(client.set_registered_model_tag, s.name(), "k" * 250, "v" * 5000)


@check
def deleted(s):
    s(client.create_registered_model, s.name())
    versions_of(s, s.name(), 1)
    s(client.delete_registered_model, s.name())
    s.refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, s.name())
    s.refused("RESOURCE_DOES_NOT_EXIST", client.get_model_version, s.name(), "1")
    s(client.create_registered_model, s.name())
    s(client.get_registered_model, s.name())


@check
def refused(s):
    s(client.create_registered_model, s.name())
    s.refused("RESOURCE_ALREADY_EXISTS", client.create_registered_model, s.name())
    for name in ("", "a/b", "a:b", "..", "."):
        s.refused("INVALID_PARAMETER_VALUE", client.create_registered_model, name)
    unknown = s.name("unknown")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, unknown)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.update_registered_model, unknown, "x")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.rename_registered_model, unknown, "x")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.delete_registered_model, unknown)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.set_registered_model_tag, unknown, "a", "b")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.delete_registered_model_tag, unknown, "a")
    for method, path, body in (
        ("POST", "rename", {"name": unknown, "new_name": "x"}), ("PATCH", "update", {"name": unknown}), ("DELETE", "delete", {"name": unknown}), ("POST", "set-tag", {"name": unknown, "key": "a", "value": "b"}), ("DELETE", "delete-tag", {"name": unknown, "key": "a"}),
        ("POST", "alias", {"name": unknown, "alias": "a", "version": "1"}), ("DELETE", "alias", {"name": unknown, "alias": "a"}), ("POST", "get-latest-versions", {"name": unknown}),
    ):
        s.http(method, f"/api/2.0/mlflow/registered-models/{path}", body, 404)


@check
def found(s):
    mine = f"name LIKE '{s.name()}%'"
    for which, team in (("-one", "a"), ("-two", "b"), ("-Three", "a"), ("", "it's")):
        s(client.create_registered_model, s.name() + which, {"team": team})
    for filter_string in (mine, f"name = '{s.name()}-one'", f"{mine} AND tags.team = 'a'", f"{mine} and tag.`team` != 'a'", f"{mine} AND name ILIKE '%THREE'", f"{mine} AND name != '{s.name()}-one'", f'{mine} AND tags.team = "it\'s"', f"{mine} AND tags.team LIKE 'a%'", f"{mine} AND tags.team ILIKE 'A'", f"{mine} AND tags.absent != 'x'"):
        s(client.search_registered_models, filter_string, order_by=["name"])
        s.http("GET", "/api/2.0/mlflow/registered-models/search", params={"filter": filter_string}, status=200)
    for order_by in (["name"], ["name DESC"], ["last_updated_timestamp ASC"], ["timestamp", "name"], ["last_updated_timestamp DESC", "name ASC"]):
        s(client.search_registered_models, mine, order_by=order_by)
    names, token = [], None
    for _ in range(6):
        page = s(client.search_registered_models, mine, 2, ["name DESC"], token)
        names += [each.name for each in page or []]
        token = page.token if page is not None else None
        if not token:
            break
    assert len(names) == 4, names
    for filter_string in ("name = 'a' OR name = 'b'", "colour = 'x'", "name > 'a'", "name = a", "tags.a > 'b'", "name", "run_id = 'x'", "version = 'x'"):
        s.refused("INVALID_PARAMETER_VALUE", client.search_registered_models, filter_string)
    for order_by in (["colour"], ["name UP"], ["tags.a"], [""]):
        s.refused("INVALID_PARAMETER_VALUE", client.search_registered_models, order_by=order_by)
    for max_results in (0, -1, 1001):
        s.refused("INVALID_PARAMETER_VALUE", client.search_registered_models, max_results=max_results)
    s.refused("INVALID_PARAMETER_VALUE", client.search_registered_models, page_token="no token")
