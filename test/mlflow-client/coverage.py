"""That nothing of the client, and no route of its API, was forgotten."""

import inspect

from mlflow import MlflowClient
from mlflow.server.handlers import get_endpoints

from harness import steps
from harness.steps import check

# Not served here, with the reason; the page for users says the same.
OUTSIDE = {
    "tracing": ("trace", "span"),
    "MCP servers": ("mcp_",),
    "workspaces": ("workspace",),
    "answered without the server": ("tracking_uri",),
    "Databricks only: an MLflow server refuses it": ("search_prompt_versions",),
}


@check
def every_method_was_called(s):
    methods = {name for name, _ in inspect.getmembers(MlflowClient) if not name.startswith("_")}
    outside = {name for name in methods for parts in OUTSIDE.values() if any(part in name for part in parts)}
    assert methods - outside - steps.called == set(), sorted(methods - outside - steps.called)


SERVED = ("experiments", "runs", "metrics", "artifacts", "logged-models", "registered-models", "model-versions", "webhooks", "datasets", "mlflow-artifacts", "server-info")


@check
def every_route_was_asked_for(s):
    asked = {(method, _shape(path)) for method, path in steps.spoken}
    wanted = set()
    for path, _, methods in get_endpoints():
        rest = path.split("/mlflow/")[-1] if "/mlflow/" in path else path.split("/2.0/")[-1]
        if path.startswith("/api/") and rest.split("/")[0] in SERVED:
            wanted |= {(method, path) for method in methods}
    missed = sorted(f"{method} {path}" for method, path in wanted if not any(method == one and _fits(path, other) for one, other in asked))
    assert missed == [], missed


def _shape(path):
    return tuple(path.replace("/ajax-api/", "/api/").rstrip("/").split("/"))


def _fits(route, asked):
    parts = route.rstrip("/").split("/")
    if parts[-1].startswith("<path:"):
        return len(asked) >= len(parts) and list(asked[: len(parts) - 1]) == parts[:-1]
    return len(parts) == len(asked) and all(part.startswith("<") or part == one for part, one in zip(parts, asked))
