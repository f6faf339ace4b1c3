"""Promotes the version that has no stage yet: the second script that people write."""

from mlflow.tracking import MlflowClient

client = MlflowClient()
latest = client.get_latest_versions("IrisModel", stages=["None"])[0]
client.transition_model_version_stage(name="IrisModel", version=latest.version, stage="Production")
print(f"version {latest.version} is in Production")
