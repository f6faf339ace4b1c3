"""Prompts, which are registered models with tags and are kept apart from models."""

from mlflow import MlflowClient

from harness.steps import check

client = MlflowClient()


@check
def registered_and_loaded(s):
    s.threads = True
    s(client.register_prompt, s.name(), "Hello {{name}}", "The first", {"a": "b"})
    s(client.register_prompt, s.name(), "Good day {{name}}", "The second")
    s(client.get_prompt, s.name())
    s(client.get_prompt_version, s.name(), 1)
    s(client.load_prompt, s.name())
    s(client.load_prompt, s.name(), 1)
    s(client.load_prompt, f"prompts:/{s.name()}/2")
    assert s(client.load_prompt, s.name("absent"), allow_missing=True) is None
    s(client.register_prompt, s.name("chat"), [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "{{question}}"}], response_format={"type": "object"})
    s(client.load_prompt, s.name("chat"))


@check
def made_by_parts(s):
    s.threads = True
    s(client.create_prompt, s.name(), "What it asks", {"a": "b"})
    s(client.create_prompt_version, s.name(), "Hello", "The first", {"c": "d"})
    s(client.get_prompt, s.name())
    s(client.set_prompt_tag, s.name(), "e", "f")
    s(client.delete_prompt_tag, s.name(), "a")
    s(client.set_prompt_version_tag, s.name(), 1, "g", "h")
    s(client.delete_prompt_version_tag, s.name(), 1, "c")
    s(client.set_prompt_alias, s.name(), "best", 1)
    s(client.get_prompt_version_by_alias, s.name(), "best")
    s(client.load_prompt, f"prompts:/{s.name()}@best")
    s(client.parse_prompt_uri, f"prompts:/{s.name()}/1")
    s(client.delete_prompt_alias, s.name(), "best")
    s(client.get_prompt_version, s.name(), 1)
    s(client.delete_prompt_version, s.name(), "1")
    s(client.delete_prompt, s.name())
    assert s(client.get_prompt, s.name()) is None


@check
def kept_apart_from_models(s):
    s.threads = True
    s(client.register_prompt, s.name("prompt"), "Hello")
    s(client.create_registered_model, s.name("model"))
    s(client.search_prompts, f"name LIKE '{s.name('')}%'")
    s(client.search_registered_models, f"name LIKE '{s.name('')}%'")
    s(client.search_model_versions, f"name LIKE '{s.name('')}%'")
    s.http("GET", "/api/2.0/mlflow/registered-models/search", params={"filter": f"name LIKE '{s.name('')}%'"}, status=200)
    s.http("GET", "/api/2.0/mlflow/model-versions/search", params={"filter": f"name LIKE '{s.name('')}%'"}, status=200)
    for function, arguments in ((client.get_registered_model, ()), (client.update_registered_model, ("x",)), (client.delete_registered_model, ()), (client.set_registered_model_tag, ("a", "b"))):
        s.refused("RESOURCE_DOES_NOT_EXIST", function, s.name("prompt"), *arguments)
    s.refused("RESOURCE_ALREADY_EXISTS", client.create_registered_model, s.name("prompt"))
    s.refused("INVALID_PARAMETER_VALUE", client.register_prompt, s.name("model"), "Hello")
    s.refused("INVALID_PARAMETER_VALUE", client.register_prompt, "a/b", "Hello")


@check
def linked_to_runs_and_models(s):
    s.threads = True
    experiment = s(client.create_experiment, s.name())
    run = s(client.create_run, experiment, start_time=1_600_000_000_000).info.run_id
    model = s(client.create_logged_model, experiment, "it", run).model_id
    prompt = s(client.register_prompt, s.name(), "Hello")
    s(client.link_prompt_version_to_run, run, prompt)
    s(client.list_logged_prompts, run)
    s(client.get_run, run)
    s.refused("INVALID_PARAMETER_VALUE", client.detach_prompt_from_run, run, f"prompts:/{s.name()}/1")  # it looks for a tag of older links
    s(client.link_prompt_version_to_model, s.name(), "1", model)
    s(client.get_logged_model, model)
    s(client.get_prompt_version, s.name(), 1)
