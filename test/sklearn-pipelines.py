"""
Logs pipelines of scikit-learn over columns of numbers and texts, as people do, each as a version of the model that is its argument; then
tells what MLflow's own client answers on rows: a line of JSON for each version.
"""

import json
import sys

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

rng = np.random.default_rng(0)
table = pd.DataFrame(
    {
        "size": rng.normal(5, 2, 400),
        "rooms": rng.integers(1, 6, 400),
        "colour": rng.choice(["red", "green", "blue"], 400),
        "shop name": rng.choice([f"shop {number}" for number in range(8)], 400),
    }
)
price = table["size"] * 3 + table["rooms"] + (table["colour"] == "red") * 4
dear = np.where((table["colour"] == "red") | (table["size"] > 7), "dear", "cheap")
table.loc[::9, "size"] = np.nan
table.loc[::11, "shop name"] = None

numbers, texts = ["size", "rooms"], ["colour", "shop name"]
words = OneHotEncoder(handle_unknown="ignore")
classifier = make_pipeline(
    ColumnTransformer([("numbers", make_pipeline(SimpleImputer(), StandardScaler()), numbers), ("texts", words, texts)]),
    LogisticRegression(),
)
regressor = make_pipeline(
    ColumnTransformer([("texts", words, texts), ("size", SimpleImputer(), ["size"])], remainder="passthrough"),
    GradientBoostingRegressor(n_estimators=20, random_state=0),
)

name = sys.argv[1]
rows = pd.DataFrame(json.loads(sys.argv[2])).astype({"size": float})
# The two ways to store what holds a ColumnTransformer: MLflow's own refuses it without a word of trust.
ways = [{"skops_trusted_types": ["numpy.dtype"]}, {"serialization_format": "cloudpickle"}]
for version, (model, target, way) in enumerate(zip([classifier, regressor], [dear, price], ways), 1):
    model.fit(table, target)
    with mlflow.start_run():
        mlflow.sklearn.log_model(
            model,
            name="model",
            registered_model_name=name,
            signature=infer_signature(table, model.predict(table)),
            input_example=table.head(20),
            **way,
        )
    answers = mlflow.pyfunc.load_model(f"models:/{name}/{version}").predict(rows)
    print(json.dumps(np.asarray(answers).tolist()))
