"""tritonclient over gRPC: the plain client, its callbacks, asyncio, and the stub that it generates."""

import queue

import tritonclient.grpc as triton
import tritonclient.grpc.aio as triton_aio
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException

from harness import check, is_iris, no_numbers, np, refused, rows, same, samples


def tensor(name, datatype, sample):
    made = triton.InferInput(name, list(sample.shape), datatype)
    made.set_data_from_numpy(sample)
    return made


def features():
    return tensor("features", "FP32", rows)


@check
def tells_of_the_server_and_its_models(at):
    with triton.InferenceServerClient(at.grpc) as client:
        assert client.is_server_live() and client.is_server_ready()
        assert client.is_model_ready("iris") and client.is_model_ready("iris", "1")
        assert not client.is_model_ready("iris", "7") and not client.is_model_ready("none")
        assert "model_repository" in client.get_server_metadata().extensions
        model = client.get_model_metadata("iris")
        assert (model.name, list(model.versions), model.platform) == ("iris", ["1"], "onnx_onnxv1"), model
        assert [list(output.shape) for output in model.outputs] == [[-1], [-1, 2]], model
        index = client.get_model_repository_index(as_json=True)["models"]
        assert {"name": "iris", "version": "1", "state": "READY"} in index, index


@check
def tells_config_and_statistics(at):
    with triton.InferenceServerClient(at.grpc) as client:
        config = client.get_model_config("iris").config
        assert config.name == "iris" and config.max_batch_size > 0, config
        assert [(one.name, one.data_type, list(one.dims)) for one in config.input] == [("features", 11, [2])], config
        scalar = client.get_model_config("echo_scalar").config
        assert scalar.max_batch_size == 0, scalar
        before = client.get_inference_statistics("iris").model_stats[0]
        client.infer("iris", [features()])
        after = client.get_inference_statistics("iris", "1").model_stats[0]
        assert after.inference_count - before.inference_count == len(rows), (before, after)
        assert after.inference_stats.success.count - before.inference_stats.success.count == 1, (before, after)
        assert after.last_inference > 1_600_000_000_000, after
        assert len(client.get_inference_statistics().model_stats) > 10
        refused(InferenceServerException, lambda: client.get_inference_statistics("none"), "none")


@check
def leaves_loading_to_promotions(at):
    with triton.InferenceServerClient(at.grpc) as client:
        refused(InferenceServerException, lambda: client.load_model("iris"), "FAILED_PRECONDITION", "promotion")
        refused(InferenceServerException, lambda: client.unload_model("iris"), "FAILED_PRECONDITION", "promotion")


@check
def infers_with_its_defaults(at):
    with triton.InferenceServerClient(at.grpc) as client:
        answer = client.infer("iris", [features()], request_id="42", client_timeout=60, compression_algorithm="gzip")
        is_iris(answer.as_numpy("label"), answer.as_numpy("probabilities"))
        said = answer.get_response()
        assert (said.id, said.model_name, said.model_version) == ("42", "iris", "1"), said
        outputs = [triton.InferRequestedOutput("probabilities")]
        answer = client.infer("iris", [features()], model_version="1", outputs=outputs, parameters={"own": "a", "n": 1})
        assert [output.name for output in answer.get_response().outputs] == ["probabilities"]


@check
def sends_every_type(at):
    with triton.InferenceServerClient(at.grpc) as client:
        for datatype, sample in samples.items():
            same(client.infer(f"echo_{datatype}", [tensor("x", datatype, sample)]).as_numpy("x_out"), sample)
        for datatype, values in no_numbers.items():
            sample = np.array([values], dtype=samples[datatype].dtype)
            same(client.infer(f"echo_{datatype}", [tensor("x", datatype, sample)]).as_numpy("x_out"), sample)
        inputs = [tensor(datatype, datatype, sample[0]) for datatype, sample in samples.items()]
        answer = client.infer("echo_all", inputs)
        for datatype, sample in samples.items():
            same(answer.as_numpy(f"{datatype}_out"), sample[0])
        none = np.zeros((0, 2), np.float32)
        same(client.infer("echo_FP32", [tensor("x", "FP32", none)]).as_numpy("x_out"), none)


@check
def calls_back(at):
    with triton.InferenceServerClient(at.grpc) as client:
        answers = queue.Queue()
        for _ in range(200):
            client.async_infer("iris", [features()], callback=lambda result, error: answers.put((result, error)))
        for _ in range(200):
            result, error = answers.get(timeout=60)
            assert error is None, error
            is_iris(result.as_numpy("label"), result.as_numpy("probabilities"))


@check
async def infers_on_asyncio(at):
    async with triton_aio.InferenceServerClient(at.grpc) as client:
        assert await client.is_server_ready()
        answer = await client.infer("iris", [features()])
        is_iris(answer.as_numpy("label"), answer.as_numpy("probabilities"))


fields = {
    **{"BOOL": "bool_contents", "INT64": "int64_contents", "UINT64": "uint64_contents"},
    **{datatype: "int_contents" for datatype in ("INT8", "INT16", "INT32")},
    **{datatype: "uint_contents" for datatype in ("UINT8", "UINT16", "UINT32")},
    **{"FP32": "fp32_contents", "FP64": "fp64_contents", "BYTES": "bytes_contents"},
}


@check
def takes_typed_contents(at):
    import grpc

    with grpc.insecure_channel(at.grpc) as channel:
        stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
        for datatype, field in fields.items():
            sample = samples[datatype]
            request = service_pb2.ModelInferRequest(model_name=f"echo_{datatype}")
            made = request.inputs.add(name="x", datatype=datatype, shape=list(sample.shape))
            getattr(made.contents, field).extend(sample.flatten().tolist())
            response, call = stub.ModelInfer.with_call(request, metadata=(("x-request-id", "abc"),))
            same(triton.InferResult(response).as_numpy("x_out"), sample)
            assert dict(call.initial_metadata())["x-model-version"] == "1"
            assert dict(call.initial_metadata())["x-request-id"] == "abc"


@check
def understands_refusals(at):
    with triton.InferenceServerClient(at.grpc) as client:
        wide = tensor("features", "FP32", np.zeros((1, 3), np.float32))
        refused(InferenceServerException, lambda: client.infer("iris", [wide]), "INVALID_ARGUMENT", "features")
        refused(InferenceServerException, lambda: client.infer("none", [features()]), "NOT_FOUND", "none")
        refused(InferenceServerException, lambda: client.infer("iris", [features()], model_version="7"), "NOT_FOUND")
        refused(InferenceServerException, lambda: client.get_model_metadata("none"), "NOT_FOUND", "none")
        refused(
            InferenceServerException,
            lambda: client.infer("iris", [tensor("features", "FP32", np.zeros((400_000, 2), np.float32))]),
            "RESOURCE_EXHAUSTED",
        )
