"""Stages and aliases: moves, archiving, latest versions, and what is refused."""

from mlflow import MlflowClient

from harness.sources import versions_of
from harness.steps import check

client = MlflowClient()


def model_of(s, versions):
    s(client.create_registered_model, s.name())
    versions_of(s, s.name(), versions)
    return s.name()


@check
def stages(s):
    name = model_of(s, 3)
    s(client.get_latest_versions, name)
    s(client.get_latest_versions, name, ["None"])
    s(client.transition_model_version_stage, name, "1", "production")
    s(client.transition_model_version_stage, name, "2", "Staging")
    s(client.get_registered_model, name)
    s(client.get_latest_versions, name)
    s(client.get_latest_versions, name, ["Production", "staging"])
    s(client.transition_model_version_stage, name, "2", "Production")
    s(client.get_latest_versions, name, ["Production"])
    s(client.transition_model_version_stage, name, "3", "Production", archive_existing_versions=True)
    for version in ("1", "2", "3"):
        s(client.get_model_version, name, version)
    s(client.transition_model_version_stage, name, "3", "Archived")
    s(client.transition_model_version_stage, name, "3", "None")
    s(client.get_latest_versions, name)
    s(client.get_latest_versions, name, ["Archived"])


@check
def stages_refused(s):
    name = model_of(s, 1)
    s.refused("INVALID_PARAMETER_VALUE", client.transition_model_version_stage, name, "1", "Live")
    s.refused("INTERNAL_ERROR", client.transition_model_version_stage, name, "1", "")  # by the client itself
    s.refused("INVALID_PARAMETER_VALUE", client.get_latest_versions, name, ["Live"])
    s.refused("INVALID_PARAMETER_VALUE", client.transition_model_version_stage, name, "1", "None", True)
    s.refused("INVALID_PARAMETER_VALUE", client.transition_model_version_stage, name, "1", "Archived", True)
    s.http("POST", "/api/2.0/mlflow/model-versions/transition-stage", {"name": name, "version": "1", "stage": "Staging"})
    s.http("GET", "/api/2.0/mlflow/registered-models/get-latest-versions", params={"name": name}, status=200)


@check
def aliases(s):
    name = model_of(s, 2)
    s(client.set_registered_model_alias, name, "best", "1")
    s(client.set_registered_model_alias, name, "Other_one-2", "1")
    s(client.get_registered_model, name)
    s(client.get_model_version, name, "1")
    s(client.get_model_version_by_alias, name, "best")
    s(client.set_registered_model_alias, name, "best", "2")
    s(client.get_model_version_by_alias, name, "best")
    s(client.search_model_versions, f"name = '{name}'", order_by=["version_number"])
    s(client.delete_registered_model_alias, name, "best")
    s(client.delete_registered_model_alias, name, "best")
    s(client.get_registered_model, name)


@check
def aliases_refused(s):
    name = model_of(s, 1)
    s.refused("INVALID_PARAMETER_VALUE", client.get_model_version_by_alias, name, "absent")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.set_registered_model_alias, name, "best", "9")
    for alias in ("latest", "LATEST", "v1", "V22", "a b", "a/b", "a" * 256, ""):
        s.refused("INVALID_PARAMETER_VALUE", client.set_registered_model_alias, name, alias, "1")
    s(client.set_registered_model_alias, name, "a" * 255, "1")
    s(client.set_registered_model_alias, name, "vx1", "1")
