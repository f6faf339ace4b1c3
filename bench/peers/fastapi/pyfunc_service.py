"""The service that people write by hand around a model of MLflow's: FastAPI, pandas, mlflow.pyfunc."""

import os
from typing import Dict, List

import mlflow.pyfunc
import pandas
from fastapi import FastAPI

model = mlflow.pyfunc.load_model(os.environ["MODEL"])
app = FastAPI()


@app.get("/health")
async def health():
    return {"status": "ok"}


# `async`, which is the faster form here: a plain `def` pays for a thread at each request.
@app.post("/predict")
async def predict(records: List[Dict[str, float]]):
    return {"predictions": model.predict(pandas.DataFrame(records)).tolist()}
