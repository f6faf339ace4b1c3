"""Artifacts of runs: texts, folders, odd names, downloads, the proxy's own answers, and what is outside."""

import io

import mlflow
import numpy
import requests
from mlflow import MlflowClient

from harness.steps import check

client = MlflowClient()
LONG_AGO = 1_600_000_000_000
PROXY = "/api/2.0/mlflow-artifacts/artifacts"


def run_in(s):
    return s(client.create_run, s(client.create_experiment, s.name()), start_time=LONG_AGO).info.run_id


@check
def logged_and_read(s):
    run = run_in(s)
    file = s.folder / "notes.txt"
    file.write_text("one line\n")
    folder = s.folder / "many"
    (folder / "deep" / "deeper").mkdir(parents=True)
    for each in ("a.json", "b.csv", "deep/c.png", "deep/deeper/d.onnx"):
        (folder / each).write_bytes(each.encode() * 3)
    s(client.log_artifact, run, str(file))
    s(client.log_artifact, run, str(file), "some/where")
    s(client.log_artifacts, run, str(folder), "many")
    s(client.log_text, run, "<h1>hello</h1>", "page.html")
    s(client.log_dict, run, {"a": [1, 2]}, "said.json")
    s(client.log_dict, run, {"a": [1, 2]}, "said.yaml")
    s(client.log_stream, run, io.BytesIO(b"streamed"), "bytes.bin")
    for path in (None, "many", "many/deep", "some", "some/where/notes.txt", "absent"):
        s(client.list_artifacts, run, path)
    there = s.folder / "there"
    there.mkdir()
    for path in ("notes.txt", "many", "some/where", "bytes.bin", ""):
        s(client.download_artifacts, run, path, str(there))
    s.see("files", sorted((str(each.relative_to(there)), each.read_text()) for each in there.rglob("*") if each.is_file()))
    s.refused("RESOURCE_DOES_NOT_EXIST", client.download_artifacts, run, "absent.txt", str(there))


@check
def tables_images_and_figures(s):
    run = run_in(s)
    s(client.log_table, run, {"q": ["a", "b"], "n": [1, 2]}, "table.json")
    s(client.log_table, run, {"q": ["c"], "n": [3]}, "table.json")
    experiment = s(client.get_run, run).info.experiment_id
    s(client.load_table, experiment, "table.json", [run], ["run_id"])
    s(client.log_image, run, numpy.zeros((4, 4, 3), dtype=numpy.uint8), "black.png")
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    axes.plot([1, 2])
    s(client.log_figure, run, figure, "figure.png")
    s(client.list_artifacts, run)


@check
def odd_names(s):
    run = run_in(s)
    there = s.folder / "there"
    there.mkdir()
    names = ["with space.txt", "ümläut.txt", "漢字.txt", "per%20cent.txt", "plus+plus.txt", "a&b=c?d.txt", "semi;colon,comma.txt", "quote'quote\".txt", "(brackets)[more]{x}.txt", "..dots..txt", "-dash", "no-extension", ".hidden", "star*.txt", "emoji😀.txt", "colon:colon.txt", "very" + "y" * 180 + ".txt"]
    for name in names:
        file = s.folder / name
        file.write_text(name)
        s(client.log_artifact, run, str(file), "odd")
    s(client.list_artifacts, run, "odd")
    for name in names:
        s(client.download_artifacts, run, f"odd/{name}", str(there))
    s.see("files", sorted(each.read_text() for each in there.rglob("*") if each.is_file()))
    s(client.log_text, run, "x", "folder with space/ü/file.txt")
    s(client.list_artifacts, run, "folder with space")
    s(client.list_artifacts, run, "folder with space/ü")


@check
def refused_names(s):
    run = run_in(s)
    for name in ("per%cent.txt", "tab\tbed.txt"):  # the first is %ce to the client, which is no letter
        (s.folder / name).write_text("x")
        s.refused("INVALID_PARAMETER_VALUE", client.log_artifact, run, str(s.folder / name))
    for path in ("../up", "a/../../b", "/absolute"):
        s.refused("INTERNAL_ERROR", client.log_text, run, "x", path)  # by the client itself
        s.refused("INVALID_PARAMETER_VALUE", client.list_artifacts, run, path)


@check
def by_the_proxy(s):
    root = s.name()
    for name, sent in (("a.txt", b"hello"), ("b.json", b'{"a": 1}'), ("c.html", b"<b>"), ("d.bin", bytes(range(256))), ("MLmodel", b"x: 1"), ("e.csv", b""), ("f.yaml", b"a: b"), ("g.png", b"png"), ("h.onnx", b"o"), ("deep/i.txt", b"deep")):
        s.http("PUT", f"{PROXY}/{root}/{name}", data=sent, headers={"content-type": "application/octet-stream"}, status=200)
        answer = s.http("GET", f"{PROXY}/{root}/{name}", status=200)
        if isinstance(answer, requests.Response):
            assert answer.content == sent
            s.see("headers", [answer.headers.get(each) for each in ("content-type", "content-disposition", "x-content-type-options")])
    s.http("PUT", f"{PROXY}/{root}/a.txt", data=b"replaced", status=200)
    assert s.http("GET", f"{PROXY}/{root}/a.txt", status=200).text == "replaced"
    for path in (root, f"{root}/deep", f"{root}/a.txt", f"{root}/absent", f"{root}/"):
        s.http("GET", PROXY, params={"path": path}, status=200)
    s.http("GET", f"{PROXY}/{root}/absent", status=404)
    s.http("GET", f"{PROXY}/{root}/deep", status=400)
    s.http("GET", f"/ajax-api/2.0/mlflow-artifacts/artifacts/{root}/a.txt", status=200)
    s.http("DELETE", f"{PROXY}/{root}/a.txt", status=200)
    s.http("DELETE", f"{PROXY}/{root}/a.txt", status=200)
    s.http("DELETE", f"{PROXY}/{root}/deep", status=200)
    s.http("GET", PROXY, params={"path": root}, status=200)


@check
def by_run(s):
    run = run_in(s)
    s(client.log_text, run, "deep", "a/b.txt")
    s(client.log_text, run, "flat", "c.txt")
    list_of = "/api/2.0/mlflow/artifacts/list"
    for query in ({}, {"path": "a"}, {"path": "a/b.txt"}, {"path": "absent"}):
        s.http("GET", list_of, params={"run_id": run, **query}, status=200)
        s.http("GET", list_of, params={"run_uuid": run, **query}, status=200)
    s.http("GET", list_of, params={"run_id": run, "path": "../x"}, status=400)
    s.http("GET", list_of, params={"run_id": "0" * 32}, status=404)
    s.http("GET", "/get-artifact", params={"run_id": run, "path": "a/b.txt"}, status=200)
    s.http("GET", "/get-artifact", params={"run_uuid": run, "path": "c.txt"}, status=200)
    s.http("GET", "/get-artifact", params={"run_id": run, "path": "absent"}, status=404)
    s.http("GET", "/get-artifact", params={"run_id": run, "path": "../../x"}, status=400)
    upload = "/ajax-api/2.0/mlflow/upload-artifact"
    s.http("POST", upload, params={"run_uuid": run, "path": "up/loaded.txt"}, data=b"from a page", status=200)
    s.http("GET", "/get-artifact", params={"run_id": run, "path": "up/loaded.txt"}, status=200)
    for query in ({"path": "x"}, {"run_uuid": run}, {"run_uuid": run, "path": "../x"}):
        s.http("POST", upload, params=query, data=b"x", status=400)
    s.http("POST", upload, params={"run_uuid": run, "path": "none"}, data=b"", status=400)


@check
def outside(s):
    for path in ("..", "../x", "a/../../x", "%2e%2e/x", "%252e%252e/x", "a%2f..%2f..%2fx", "..%5cx", "%5c..%5cx", "/etc/passwd", "%2fetc%2fpasswd", "a%23b", "a%00b", "a//b"):
        url = f"{s.server}{PROXY}/{path}"
        for method in ("GET", "PUT", "DELETE"):
            prepared = requests.Request(method, url, data=b"x" if method == "PUT" else None).prepare()
            prepared.url = url  # as written: requests would tidy it up
            s(probe, method, prepared)
        s.http("GET", f"{PROXY}?path={path}")


def probe(_method, prepared):
    return requests.Session().send(prepared, timeout=30, allow_redirects=False).status_code


@check
def multipart_and_presigned_are_off(s):
    root = s.name()
    s.http("POST", f"/api/2.0/mlflow-artifacts/mpu/create/{root}", {"path": "file.bin", "num_parts": 2}, 501)
    s.http("POST", f"/api/2.0/mlflow-artifacts/mpu/complete/{root}", {"path": "file.bin", "upload_id": "x", "parts": []}, 501)
    s.http("POST", f"/api/2.0/mlflow-artifacts/mpu/abort/{root}", {"path": "file.bin", "upload_id": "x"}, 501)
    s.http("GET", f"/api/2.0/mlflow-artifacts/presigned/{root}/file.bin", status=501)
    run = run_in(s)
    for what in ("upload", "download"):
        s.http("POST", f"/api/2.0/mlflow/artifacts/presigned-{what}-url", {"run_id": run, "path": "file.bin"}, 400)


@check
def by_the_fluent_api(s):
    run = run_in(s)
    s(client.log_text, run, "hello", "greetings/en.txt")
    uri = s(client.get_run, run).info.artifact_uri
    s(mlflow.artifacts.list_artifacts, run_id=run, artifact_path="greetings")
    s(mlflow.artifacts.list_artifacts, f"{uri}/greetings")
    s(mlflow.artifacts.load_text, f"{uri}/greetings/en.txt")
    s(mlflow.artifacts.download_artifacts, f"runs:/{run}/greetings", dst_path=str(s.folder))
    s(mlflow.artifacts.load_text, f"runs:/{run}/greetings/en.txt")
