"""The comparison itself: what it must see, and what it must let pass."""

from harness.compare import Listed, compare
from harness.steps import check

RUN, OTHER = "0" * 31 + "1", "f" * 32


def log(server, body, status=200):
    wire = {"method": "GET", "path": f"/api/2.0/mlflow/runs/get/{body.get('run_id', RUN)}", "query": [], "status": status, "type": "application/json", "body": body}
    steps = [{"call": "get_run()", "answer": None, "wire": [wire]}]
    return {"server": server, "checks": {"it": {"folder": "/tmp/x", "hidden": [], "failed": "", "steps": steps}}}


def problems(here, there, listed=(), statuses=(200, 200)):
    return compare(log("http://a:1", here, statuses[0]), log("http://b:2", there, statuses[1]), list(listed))["it"]


@check
def lets_pass_what_is_other_on_each_run(s):
    here = {"run_id": RUN, "time": 1_790_000_000_000, "uri": "http://a:1/x", "tags": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]}
    there = {"run_id": OTHER, "time": 1_790_000_000_999, "uri": "http://b:2/x", "tags": [{"key": "b", "value": "2"}, {"key": "a", "value": "1"}]}
    assert problems(here, there) == []


@check
def sees_every_other_field(s):
    for here, there in (({"a": 1}, {"a": 2}), ({"a": 1}, {}), ({}, {"a": ""}), ({"a": True}, {"a": 1}), ({"a": "1"}, {"a": 1}), ({"a": [1, 2]}, {"a": [2, 1]}), ({"tags": [{"key": "a", "value": "1"}]}, {"tags": []}), ({"time": 1_600_000_000_000}, {"time": 1_600_000_000_001})):
        assert problems(here, there) != [], (here, there)
    assert problems({}, {}, statuses=(400, 404)) != []


@check
def knows_what_is_listed(s):
    row = Listed("* body.a", "1", "*")
    assert problems({"a": 1}, {"a": 2}, [row]) == [] and row.seen
    row = Listed("* body.a", "1", "*")
    assert len(problems({"b": 1}, {"b": 2}, [row])) == 1 and not row.seen
