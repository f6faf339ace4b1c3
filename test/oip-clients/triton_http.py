"""tritonclient over HTTP. Its defaults are binary tensors both ways."""

import json

import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from harness import check, is_iris, no_numbers, np, refused, rows, same, samples


def features(binary=True, of=rows):
    tensor = triton.InferInput("features", list(of.shape), "FP32")
    tensor.set_data_from_numpy(of, binary_data=binary)
    return tensor


def echo(client, datatype, sample, binary, binary_out):
    tensor = triton.InferInput("x", list(sample.shape), datatype)
    tensor.set_data_from_numpy(sample, binary_data=binary)
    outputs = None if binary_out is None else [triton.InferRequestedOutput("x_out", binary_data=binary_out)]
    return client.infer(f"echo_{datatype}", [tensor], outputs=outputs).as_numpy("x_out")


@check
def tells_of_the_server_and_its_models(at):
    with triton.InferenceServerClient(at.http) as client:
        assert client.is_server_live() and client.is_server_ready()
        assert client.is_model_ready("iris") and client.is_model_ready("iris", "1")
        assert not client.is_model_ready("iris", "7") and not client.is_model_ready("none")
        server = client.get_server_metadata()
        assert server["name"] and "binary_tensor_data" in server["extensions"], server
        model = client.get_model_metadata("iris")
        assert (model["name"], model["versions"], model["platform"]) == ("iris", ["1"], "onnx_onnxv1"), model
        assert model["inputs"] == [{"name": "features", "datatype": "FP32", "shape": [-1, 2]}], model
        index = client.get_model_repository_index()
        assert {"name": "iris", "version": "1", "state": "READY", "reason": ""} in index, index


@check
def tells_config_and_statistics(at):
    with triton.InferenceServerClient(at.http) as client:
        config = client.get_model_config("iris")
        assert config["input"][0]["data_type"] == "TYPE_FP32" and config["max_batch_size"] > 0, config
        before = client.get_inference_statistics("iris")["model_stats"][0]
        client.infer("iris", [features()])
        after = client.get_inference_statistics("iris", "1")["model_stats"][0]
        assert after["inference_count"] - before["inference_count"] == len(rows), (before, after)
        assert after["inference_stats"]["success"]["count"] > 0, after
        assert any(stats["name"] == "echo_FP16" for stats in client.get_inference_statistics()["model_stats"])


@check
def leaves_loading_to_promotions(at):
    with triton.InferenceServerClient(at.http) as client:
        refused(InferenceServerException, lambda: client.load_model("iris"), "promotion")
        refused(InferenceServerException, lambda: client.unload_model("iris"), "promotion")


@check
def infers_with_its_defaults(at):
    with triton.InferenceServerClient(at.http) as client:
        answer = client.infer("iris", [features()], request_id="42")
        is_iris(answer.as_numpy("label"), answer.as_numpy("probabilities"))
        said = answer.get_response()
        assert (said["id"], said["model_name"], said["model_version"]) == ("42", "iris", "1"), said


@check
def infers_in_json_and_in_mixtures(at):
    with triton.InferenceServerClient(at.http) as client:
        for binary in (True, False):
            for label, probabilities in ((True, False), (False, True), (False, False)):
                outputs = [
                    triton.InferRequestedOutput("label", binary_data=label),
                    triton.InferRequestedOutput("probabilities", binary_data=probabilities),
                ]
                answer = client.infer("iris", [features(binary)], outputs=outputs, model_version="1")
                is_iris(answer.as_numpy("label"), answer.as_numpy("probabilities"))


@check
def selects_outputs(at):
    with triton.InferenceServerClient(at.http) as client:
        answer = client.infer("iris", [features()], outputs=[triton.InferRequestedOutput("probabilities")])
        assert [output["name"] for output in answer.get_response()["outputs"]] == ["probabilities"]
        assert answer.as_numpy("label") is None


@check
def sends_every_type_in_binary(at):
    with triton.InferenceServerClient(at.http) as client:
        for datatype, sample in samples.items():
            same(echo(client, datatype, sample, binary=True, binary_out=None), sample)
        for datatype, values in no_numbers.items():
            sample = np.array([values], dtype=samples[datatype].dtype)
            same(echo(client, datatype, sample, binary=True, binary_out=None), sample)


@check
def sends_every_type_in_json_but_half_floats(at):
    with triton.InferenceServerClient(at.http) as client:
        for datatype, sample in samples.items():
            if datatype != "FP16":
                found = echo(client, datatype, sample, binary=False, binary_out=False)
                expected = np.vectorize(bytes.decode, otypes=[object])(sample) if datatype == "BYTES" else sample
                same(found, expected)


@check
def sends_many_inputs_and_no_rows(at):
    with triton.InferenceServerClient(at.http) as client:
        inputs = []
        for datatype, sample in samples.items():
            tensor = triton.InferInput(datatype, [2], datatype)
            tensor.set_data_from_numpy(sample[0])
            inputs.append(tensor)
        answer = client.infer("echo_all", inputs)
        for datatype, sample in samples.items():
            same(answer.as_numpy(f"{datatype}_out"), sample[0])
        same(echo(client, "FP32", np.zeros((0, 2), np.float32), True, None), np.zeros((0, 2), np.float32))


@check
def asks_on_many_connections(at):
    with triton.InferenceServerClient(at.http, concurrency=8) as client:
        for answer in [client.async_infer("iris", [features()]) for _ in range(200)]:
            result = answer.get_result()
            is_iris(result.as_numpy("label"), result.as_numpy("probabilities"))


@check
def compresses(at):
    with triton.InferenceServerClient(at.http) as client:
        for algorithm in ("gzip", "deflate"):
            answer = client.infer(
                "iris",
                [features()],
                request_compression_algorithm=algorithm,
                response_compression_algorithm=algorithm,
            )
            is_iris(answer.as_numpy("label"), answer.as_numpy("probabilities"))


@check
def makes_and_reads_bodies_for_others(at):
    import urllib.request

    body, json_size = triton.InferenceServerClient.generate_request_body([features()])
    headers = {"Inference-Header-Content-Length": str(json_size), "x-request-id": "abc"}
    request = urllib.request.Request(f"http://{at.http}/v2/models/iris/infer", data=bytes(body), headers=headers)
    with urllib.request.urlopen(request) as response:
        size = response.headers.get("Inference-Header-Content-Length")
        assert response.headers["x-model-version"] == "1" and response.headers["x-request-id"] == "abc"
        answer = triton.InferenceServerClient.parse_response_body(
            response.read(), header_length=None if size is None else int(size)
        )
    is_iris(answer.as_numpy("label"), answer.as_numpy("probabilities"))


@check
def understands_refusals(at):
    with triton.InferenceServerClient(at.http) as client:
        wide = features(of=np.zeros((1, 3), np.float32))
        error = refused(InferenceServerException, lambda: client.infer("iris", [wide]), "features")
        assert error.status() == "400", error.status()
        error = refused(InferenceServerException, lambda: client.infer("none", [features()]), "none")
        assert error.status() == "404", error.status()
        refused(InferenceServerException, lambda: client.infer("iris", [features()], model_version="7"), "7")
        wrong = triton.InferInput("features", [1, 2], "FP64")
        wrong.set_data_from_numpy(np.zeros((1, 2)))
        refused(InferenceServerException, lambda: client.infer("iris", [wrong]), "FP64", "FP32")
        shared = triton.InferInput("features", [1, 2], "FP32")
        shared.set_shared_memory("region", 8)
        refused(InferenceServerException, lambda: client.infer("iris", [shared]))
        assert json.loads(json.dumps(client.get_server_metadata()))
