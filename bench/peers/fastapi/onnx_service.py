"""The fastest service that can reasonably be written in Python: onnxruntime, orjson, and FastAPI's bare request and response."""

import json
import os

import numpy
import onnxruntime
import orjson
from fastapi import FastAPI, Request, Response

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
input_name = session.get_inputs()[0].name
label_name = session.get_outputs()[0].name
columns = json.loads(os.environ["COLUMNS"])
app = FastAPI()


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.post("/predict")
async def predict(request: Request):
    records = orjson.loads(await request.body())
    rows = numpy.array([[record[column] for column in columns] for record in records], dtype=numpy.float32)
    (labels,) = session.run([label_name], {input_name: rows})
    return Response(orjson.dumps({"predictions": labels.tolist()}), media_type="application/json")
