"""KServe's own clients, over HTTP and gRPC."""

import grpc
import httpx
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

from harness import check, is_iris, np, rows, same, samples

base = "http://{}".format


def over_http():
    return InferenceRESTClient(RESTConfig(protocol="v2"))


def request(model, name, datatype, sample, binary, outputs=None, binary_out=None):
    tensor = InferInput(name, list(sample.shape), datatype)
    tensor.set_data_from_numpy(sample, binary_data=binary)
    parameters = None if binary_out is None else {"binary_data_output": binary_out}
    return InferRequest(
        model_name=model, infer_inputs=[tensor], request_id="42", request_outputs=outputs, parameters=parameters
    )


def output(answer, name):
    return answer.get_output_by_name(name).as_numpy()


@check
async def tells_of_the_server_and_its_models(at):
    async with over_http() as client, InferenceGRPCClient(at.grpc) as other:
        assert await client.is_server_ready(base(at.http)) and await client.is_server_live(base(at.http))
        assert await client.is_model_ready(base(at.http), "iris")
        assert not await client.is_model_ready(base(at.http), "none")
        assert await other.is_server_ready() and await other.is_server_live()
        assert await other.is_model_ready("iris") and not await other.is_model_ready("none")


@check
async def infers_over_http(at):
    async with over_http() as client:
        for binary, binary_out in ((False, None), (True, None), (True, True), (False, True)):
            asked = request("iris", "features", "FP32", rows, binary, binary_out=binary_out)
            headers = {}
            answer = await client.infer(base(at.http), asked, model_name="iris", response_headers=headers)
            # This client does not read the version out of the body.
            assert (answer.id, answer.model_name, headers["x-model-version"]) == ("42", "iris", "1"), answer
            is_iris(output(answer, "label"), output(answer, "probabilities"))
        outputs = [RequestedOutput("probabilities")]
        asked = request("iris", "features", "FP32", rows, True, outputs)
        answer = await client.infer(base(at.http), asked, model_name="iris")
        assert [one.name for one in answer.outputs] == ["probabilities"], answer


@check
async def infers_over_grpc(at):
    async with InferenceGRPCClient(at.grpc) as client:
        for binary in (True, False):
            answer = await client.infer(request("iris", "features", "FP32", rows, binary))
            assert (answer.id, answer.model_name, answer.model_version) == ("42", "iris", "1"), answer
            is_iris(output(answer, "label"), output(answer, "probabilities"))


@check
async def sends_every_type(at):
    async with over_http() as client, InferenceGRPCClient(at.grpc) as other:
        for datatype, sample in samples.items():
            asked = request(f"echo_{datatype}", "x", datatype, sample, True, binary_out=True)
            # This client makes texts of bytes over HTTP, and over gRPC it does not.
            expected = np.vectorize(bytes.decode, otypes=[object])(sample) if datatype == "BYTES" else sample
            same(output(await client.infer(base(at.http), asked, model_name=f"echo_{datatype}"), "x_out"), expected)
            same(output(await other.infer(asked), "x_out"), sample)


@check
async def understands_refusals(at):
    async with over_http() as client, InferenceGRPCClient(at.grpc) as other:
        wide = request("iris", "features", "FP32", np.zeros((1, 3), np.float32), True)
        try:
            await client.infer(base(at.http), wide, model_name="iris")
            raise AssertionError("not refused")
        except httpx.HTTPStatusError as error:
            assert error.response.status_code == 400 and "features" in error.response.json()["error"]
        try:
            await other.infer(wide)
            raise AssertionError("not refused")
        except grpc.aio.AioRpcError as error:
            assert error.code() == grpc.StatusCode.INVALID_ARGUMENT and "features" in error.details()
