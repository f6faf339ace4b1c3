"""Evaluation datasets (API version 3) and their records."""

import json

from mlflow import MlflowClient

from harness.steps import check

client = MlflowClient()
API = "/api/3.0/mlflow/datasets"


@check
def made_and_read(s):
    experiment = s(client.create_experiment, s.name())
    made = s(client.create_dataset, s.name(), experiment, {"team": "a"})
    if made is None:
        return
    s(client.get_dataset, made.dataset_id)
    s(client.set_dataset_tags, made.dataset_id, {"team": "b", "more": "1"})
    s(client.delete_dataset_tag, made.dataset_id, "more")
    s(client.get_dataset, made.dataset_id)
    other = s(client.create_experiment, s.name("other"))
    s(client.add_dataset_to_experiments, made.dataset_id, [other])
    s.http("GET", f"{API}/{made.dataset_id}/experiment-ids", status=200)
    s(client.remove_dataset_from_experiments, made.dataset_id, [experiment])
    s.http("GET", f"{API}/{made.dataset_id}/experiment-ids", status=200)
    s(client.create_dataset, s.name("alone"))
    s(client.delete_dataset, made.dataset_id)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.get_dataset, made.dataset_id)


@check
def records(s):
    made = s(client.create_dataset, s.name(), s(client.create_experiment, s.name())).dataset_id
    rows = [{"inputs": {"q": "one"}, "expectations": {"a": 1}, "tags": {"t": "x"}}, {"inputs": {"q": "two"}}]
    for row in rows:  # one by one: those of one request are of one moment, and their order is that of random ids
        s.http("POST", f"{API}/{made}/records", {"records": json.dumps([row])}, 200)
    s.http("GET", f"{API}/{made}/records", status=200)
    s.http("POST", f"{API}/{made}/records", {"records": json.dumps([{"inputs": {"q": "one"}, "expectations": {"b": 2}}, {"inputs": {"q": "three"}}]), "updated_by": "ada"}, 200)
    page = s.http("GET", f"{API}/{made}/records", params={"max_results": 2}, status=200)
    s.http("GET", f"{API}/{made}/records", params={"max_results": 2, "page_token": page.get("next_page_token")}, status=200)
    s.http("GET", f"{API}/{made}", status=200)
    one = sorted((json.loads(page["records"])), key=lambda row: row["inputs"]["q"])[0]["dataset_record_id"]
    s.http("DELETE", f"{API}/{made}/records", {"dataset_record_ids": [one]}, 200)
    s.http("DELETE", f"{API}/{made}/records", {"dataset_record_ids": [one]}, 200)
    s.http("POST", f"{API}/{made}/records", {"records": "not json"}, 400)
    s.http("POST", f"{API}/{made}/records", {"records": json.dumps({"inputs": {}})}, 400)
    s.http("POST", f"{API}/{made}/records", {}, 400)


@check
def found(s):
    experiment = s(client.create_experiment, s.name())
    for which, team in (("one", "a"), ("two", "b"), ("Three", "a")):
        s(client.create_dataset, s.name(which), experiment, {"team": team})
    for filter_string in (None, f"name = '{s.name('one')}'", "name LIKE '%o%'", "name ILIKE '%THREE'", "tags.team = 'a'", "tags.team != 'a'", "created_time > 5", "last_update_time <= 5", "name != 'x' AND tags.team = 'b'"):
        s(client.search_datasets, [experiment], filter_string, order_by=["name ASC"])
    for order_by in (["name DESC"], ["created_time ASC"], ["last_update_time DESC"]):
        s(client.search_datasets, [experiment], order_by=order_by)
    page = s(client.search_datasets, [experiment], max_results=2, order_by=["name ASC"])
    s(client.search_datasets, [experiment], max_results=2, order_by=["name ASC"], page_token=page.token)
    s.http("GET", f"{API}/search", params={"experiment_ids": [experiment], "order_by": "name"}, status=200)
    for filter_string in ("colour = 'x'", "name = 'a' OR name = 'b'"):
        s.refused("INVALID_PARAMETER_VALUE", client.search_datasets, [experiment], filter_string)


@check
def refused(s):
    unknown = "d-" + "0" * 32
    s.refused("RESOURCE_DOES_NOT_EXIST", client.get_dataset, unknown)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.set_dataset_tags, unknown, {"a": "b"})
    s.http("DELETE", f"{API}/{unknown}")
    s.http("POST", f"{API}/{unknown}/records", {"records": "[]"})
    s.http("GET", f"{API}/{unknown}/records")
    s.http("GET", f"{API}/{unknown}/experiment-ids")
    s.http("POST", f"{API}/{unknown}/add-experiments", {"experiment_ids": ["0"]})
    s.http("POST", f"{API}/create", {}, 400)
    s.http("POST", f"{API}/create", {"name": ""}, 400)
    s.http("POST", f"{API}/create", {"name": 5}, 400)
