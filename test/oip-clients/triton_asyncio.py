"""tritonclient over HTTP on asyncio."""

import asyncio

import tritonclient.http.aio as triton
from tritonclient.http import InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

from harness import check, is_iris, rows, same, samples


def tensor(name, datatype, sample, binary=True):
    made = InferInput(name, list(sample.shape), datatype)
    made.set_data_from_numpy(sample, binary_data=binary)
    return made


@check
async def tells_of_the_server_and_its_models(at):
    async with triton.InferenceServerClient(at.http) as client:
        assert await client.is_server_live() and await client.is_server_ready()
        assert await client.is_model_ready("iris") and not await client.is_model_ready("none")
        assert (await client.get_model_metadata("iris"))["versions"] == ["1"]
        assert (await client.get_model_config("iris"))["name"] == "iris"
        assert any(row["name"] == "iris" for row in await client.get_model_repository_index())
        assert (await client.get_inference_statistics("iris"))["model_stats"][0]["name"] == "iris"


@check
async def infers_many_at_a_time(at):
    async with triton.InferenceServerClient(at.http, conn_limit=32) as client:
        async def one(binary):
            outputs = [InferRequestedOutput(name, binary_data=binary) for name in ("label", "probabilities")]
            answer = await client.infer("iris", [tensor("features", "FP32", rows, binary)], outputs=outputs)
            is_iris(answer.as_numpy("label"), answer.as_numpy("probabilities"))

        await asyncio.gather(*(one(number % 2 == 0) for number in range(300)))


@check
async def sends_every_type(at):
    async with triton.InferenceServerClient(at.http) as client:
        for datatype, sample in samples.items():
            answer = await client.infer(f"echo_{datatype}", [tensor("x", datatype, sample)])
            same(answer.as_numpy("x_out"), sample)


@check
async def understands_refusals(at):
    async with triton.InferenceServerClient(at.http) as client:
        try:
            await client.infer("none", [tensor("features", "FP32", rows)])
        except InferenceServerException as error:
            assert "none" in str(error), error
        else:
            raise AssertionError("not refused")
