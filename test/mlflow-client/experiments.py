"""Experiments: make, read, find, tag, rename, delete, restore."""

from mlflow import MlflowClient
from mlflow.entities import ViewType

from harness.steps import check

client = MlflowClient()


@check
def made_and_read(s):
    made = s(client.create_experiment, s.name(), tags={"team": "vision", "size.of it": "12"})
    s(client.get_experiment, made)
    s(client.get_experiment_by_name, s.name())
    assert s(client.get_experiment_by_name, s.name("absent")) is None
    s(client.get_experiment, "0")


@check
def a_location_of_ones_own(s):
    """Any URI is taken by MLflow, and by us none that is a path of somebody's machine."""
    made = s(client.create_experiment, s.name(), artifact_location="mlflow-artifacts:/of-my-own")
    assert s(client.get_experiment, made).artifact_location == "mlflow-artifacts:/of-my-own"
    made = s(client.create_experiment, s.name("local"), artifact_location="file:///mlflow/mlruns/7")
    s(client.get_experiment, made)


@check
def renamed(s):
    made = s(client.create_experiment, s.name())
    s(client.rename_experiment, made, s.name("after"))
    s(client.get_experiment, made)
    assert s(client.get_experiment_by_name, s.name()) is None
    s(client.create_experiment, s.name())
    s.refused("BAD_REQUEST", client.rename_experiment, made, s.name())


@check
def tagged(s):
    made = s(client.create_experiment, s.name())
    s(client.set_experiment_tag, made, "a", 1)
    s(client.set_experiment_tag, made, "a", "2")
    s(client.set_experiment_tag, made, "b c", "ü – 漢字")
    s(client.set_experiment_tag, made, "empty", "")
    s(client.get_experiment, made)
    s(client.delete_experiment_tag, made, "a")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.delete_experiment_tag, made, "a")
    s(client.get_experiment, made)


@check
def deleted_and_restored(s):
    made = s(client.create_experiment, s.name())
    run = s(client.create_run, made, run_name="inside", start_time=1_600_000_000_000)
    s(client.delete_experiment, made)
    s(client.get_experiment, made)
    s(client.get_experiment_by_name, s.name())
    s(client.get_run, run.info.run_id)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.delete_experiment, made)
    s.refused("INVALID_PARAMETER_VALUE", client.create_run, made)
    s.refused("INVALID_PARAMETER_VALUE", client.set_experiment_tag, made, "a", "b")
    s.refused("RESOURCE_ALREADY_EXISTS", client.create_experiment, s.name())
    s(client.restore_experiment, made)
    s(client.get_experiment, made)
    s(client.get_run, run.info.run_id)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.restore_experiment, made)


@check
def renaming_a_deleted_one(s):
    made = s(client.create_experiment, s.name())
    s(client.delete_experiment, made)
    s.refused("INVALID_STATE", client.rename_experiment, made, s.name("after"))


@check
def found(s):
    mine = f"name LIKE '{s.name()}%'"
    for which, team in (("one", "a"), ("two", "b"), ("Three", "a")):
        s(client.create_experiment, s.name(f"it-{which}"), tags={"team": team, "with space": "yes"})
    gone = s(client.create_experiment, s.name("it-gone"))
    s(client.delete_experiment, gone)
    for filter_string in (
        mine,
        f"{mine} AND tags.team = 'a'",
        f"{mine} and tag.team != 'a'",
        f"{mine} AND tags.`with space` = 'yes'",
        f'{mine} AND tags."team" LIKE "%"',
        f"{mine} AND tags.team ILIKE 'B'",
        f"{mine} AND tags.team IS NULL",
        f"{mine} AND tags.team IS NOT NULL",
        f"{mine} AND attribute.name ILIKE '%THREE'",
        f"{mine} AND name != '{s.name('it-one')}'",
        f"name = '{s.name('it-one')}'",
        f"{mine} AND creation_time > 1600000000000",
        f"{mine} AND last_update_time <= 1600000000000",
        f"{mine} AND attribute.creation_time >= 0 AND creation_time != 5 AND last_update_time < 9999999999999",
    ):
        s(client.search_experiments, filter_string=filter_string)
    for view in (ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL):
        s(client.search_experiments, view, filter_string=mine)


@check
def ordered_and_paged(s):
    mine = f"name LIKE '{s.name()}%'"
    for which in range(5):
        s(client.create_experiment, s.name(f"it{(which * 3) % 5}"))
    for order_by in (["name"], ["name DESC"], ["creation_time ASC"], ["experiment_id desc"], ["attribute.last_update_time", "name"]):
        s(client.search_experiments, filter_string=mine, order_by=order_by)
    page, token = [], None
    while True:
        rows = s(client.search_experiments, filter_string=mine, max_results=2, order_by=["name"], page_token=token)
        page += [row.name for row in rows]
        token = rows.token
        if not token:
            break
    assert page == [s.name(f"it{which}") for which in range(5)]


@check
def searches_refused(s):
    for filter_string in ("name = 'a' OR name = 'b'", "(name = 'a')", "name == 'a'", "name > 'a'", "colour = 'red'", "tags.a > 'b'", "name = a", "name", "creation_time = 'x'", "name = 'a';", "'a' = name", "metrics.m > 1"):
        s.refused("INVALID_PARAMETER_VALUE", client.search_experiments, filter_string=filter_string)
    for order_by in (["colour"], ["name UP"], ["tags.a"], ["name DESC ASC"], [""]):
        s.refused("INVALID_PARAMETER_VALUE", client.search_experiments, order_by=order_by)
    for max_results in (0, -1, 50_001):
        s.refused("INVALID_PARAMETER_VALUE", client.search_experiments, max_results=max_results)
    s.refused("INVALID_PARAMETER_VALUE", client.search_experiments, page_token="not a token")


@check
def refused(s):
    s(client.create_experiment, s.name())
    s.refused("RESOURCE_ALREADY_EXISTS", client.create_experiment, s.name())
    s.refused("INVALID_PARAMETER_VALUE", client.create_experiment, "")
    s.refused("INVALID_PARAMETER_VALUE", client.create_experiment, "n" * 501)
    s(client.create_experiment, s.name("n" * (250 - len(s.name()))))
    s.refused("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "987654321")
    for bad in ("abc", "1.5"):
        s.refused("INVALID_PARAMETER_VALUE", client.get_experiment, bad)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "9" * 30)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "-1")
    for function in (client.delete_experiment, client.restore_experiment):
        s.refused("RESOURCE_DOES_NOT_EXIST", function, "987654321")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.rename_experiment, "987654321", "x")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.set_experiment_tag, "987654321", "a", "b")
    made = s(client.create_experiment, s.name("limits"))
    s(client.set_experiment_tag, made, "k" * 250, "v" * 20_000)
    s.refused("INVALID_PARAMETER_VALUE", client.set_experiment_tag, made, "k" * 251, "v")
    s.refused("INVALID_PARAMETER_VALUE", client.set_experiment_tag, made, "k", "v" * 20_001)
    s.refused("INVALID_PARAMETER_VALUE", client.set_experiment_tag, made, "a#b", "v")
    s.refused("INVALID_PARAMETER_VALUE", client.create_experiment, s.name("tags"), tags={"a/../b": "c"})
    s.refused("INVALID_PARAMETER_VALUE", client.create_experiment, s.name("fragment"), artifact_location="mlflow-artifacts:/a#b")
    s.refused("INVALID_PARAMETER_VALUE", client.create_experiment, s.name("long"), artifact_location="mlflow-artifacts:/" + "a" * 2050)
