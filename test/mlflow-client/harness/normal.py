"""What two right servers answer differently, taken out of a log: ids, moments, hosts, tokens, and the order of what has none."""

import json
import re

ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
MILLISECONDS = re.compile(r"(?<!\d)1[789]\d{11}(?!\d)")
RUN_NAME = re.compile(r"^[a-z]+-[a-z]+-\d{1,4}$")
EXPERIMENT_PLACES = [
    r"(mlflow-artifacts:/){}(?=/|$)",
    r"(mlflow-artifacts/(?:artifacts|mpu/\w+|presigned)/){}(?=/|$)",
    r"^(){}(?=/)",
    r"(id[= ']+){}(?=['.\s]|$)",
    r"(experiment ){}(?= )",
    r"(experiment_ids? ?[=:] ?['\[\"]*){}(?=\D|$)",
    r"(experiments/){}(?=/|$)",
]
# The size of a file that names ids, versions or moments is not a field of the contract.
VOLATILE_FILES = ("MLmodel", "model.pkl", "model.skops", "registered_model_meta", "estimator.html", "conda.yaml", "requirements.txt", "python_env.yaml")


# Sets in MLflow, read back as the database likes: told apart by their keys, so that a difference is one of a key.
KEYED = ("tags", "params", "metrics", "model_params", "model_metrics")
UNORDERED = (*KEYED, "aliases", "events", "latest_versions", "dataset_inputs", "model_inputs", "model_outputs", "registrations", "dataset_summaries")


class Normal:
    """Of one check on one server; names ids by the order in which they are seen."""

    def __init__(self, server, check):
        self.texts = [(server, "<server>"), (server.removeprefix("http://"), "<server>"), (check["folder"], "<folder>"), *check["hidden"]]
        self.ids = {}
        self.experiments = {}
        self.ordered = False

    def steps(self, steps):
        for step in steps:
            self._learn(step)
        return [self._step(step) for step in steps]

    def _learn(self, value, key=""):
        if isinstance(value, dict):
            for name, each in value.items():
                self._learn(each, name)
        elif isinstance(value, list):
            if len(value) == 2 and value[0] in ("experiment_id", "experiment_ids"):
                self._learn(value[1], value[0])
            for each in value:
                self._learn(each, key)
        elif key in ("experiment_id", "experiment_ids") and str(value).isdigit() and str(value) != "0":
            self.experiments.setdefault(str(value), f"<experiment {len(self.experiments) + 1}>")

    def _step(self, step):
        if "server-info" not in step["call"]:
            # Asked for by the client's downloads once a minute, so before this one or that.
            step = {**step, "wire": [each for each in step["wire"] if not each["path"].endswith("/server-info")]}
        exchanges = _in_order([self._exchange(each) for each in step["wire"]])
        if step.get("unordered"):
            exchanges.sort(key=lambda each: (each["method"], each["path"], repr(each["query"]), each["status"]))
        self.ordered = False
        answer = step.get("answer")
        answer = self.experiments.get(answer, answer) if isinstance(answer, str) else answer
        return {**step, "call": self._text(step["call"]), "answer": self._value(answer), "error": self._value(step.get("error")), "wire": exchanges}

    def _exchange(self, exchange):
        self.ordered = "get-history" in exchange["path"]
        told = {**exchange, "path": self._text(exchange["path"])}
        told["query"] = sorted([name, self._value(value, name)] for name, value in exchange["query"])
        told["body"] = self._value(exchange.get("body"))
        if "disposition" in told:
            told["disposition"] = self._text(told["disposition"])
        return told

    def _value(self, value, key=""):
        if isinstance(value, dict):
            told = {name: self._value(each, name) for name, each in value.items()}
            if told.get("file_size") is not None and str(told.get("path", "")).endswith(VOLATILE_FILES):
                told["file_size"] = "<size>"
            return told
        if isinstance(value, list):
            rows = [self._value(each, key) for each in value]
            if key in KEYED and not self.ordered and all(isinstance(row, dict) and "key" in row for row in rows) and len({row["key"] for row in rows}) == len(rows):
                return {row["key"]: row.get("value") if set(row) <= {"key", "value"} else {name: each for name, each in row.items() if name != "key"} for row in rows}
            if key == "files" and all(isinstance(row, dict) for row in rows):
                return {row.pop("path"): row for row in rows}
            return sorted(rows, key=_rank) if not self.ordered and all(_unordered(row, key) for row in rows) else rows
        if key in ("model_size_bytes", "modelSizeBytes"):
            return "<size>"
        if key in ("next_page_token", "page_token", "token") and value not in (None, ""):
            return "<token>"
        if key in ("experiment_id", "experiment_ids") and str(value) in self.experiments:
            return self.experiments[str(value)]
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return "<moment>" if 1.7e12 <= value < 2e12 else value
        if isinstance(value, str) and value[:1] in ("{", "["):
            return self._json(value, key)
        return self._text(value, key) if isinstance(value, str) else value

    def _json(self, text, key):
        """JSON in a string, as tags and records have it: the order of its fields means nothing."""
        try:
            return json.dumps(self._value(json.loads(text), key), sort_keys=True, ensure_ascii=False)
        except ValueError:
            return self._text(text, key)

    def _text(self, text, key=""):
        for literal, name in self.texts:
            text = text.replace(literal, name)
        text = ID.sub(lambda found: self.ids.setdefault(found.group(), f"<id {len(self.ids) + 1}>"), text)
        text = MILLISECONDS.sub("<moment>", MOMENT.sub("<moment>", text))
        if RUN_NAME.match(text) and (key in ("run_name", "name", "value", "mlflow.runName") or "runName" in key):
            return "<run name>"
        for number, name in self.experiments.items():
            for place in EXPERIMENT_PLACES:
                if number in text:
                    text = re.sub(place.format(number), lambda found, name=name: f"{found.group(1)}{name}", text)
        return text


def _in_order(exchanges):
    """Files go up and down on several threads: their order means nothing."""
    ordered, batch = [], []
    for exchange in [*exchanges, None]:
        if exchange is not None and "/mlflow-artifacts/" in exchange["path"]:
            batch.append(exchange)
            continue
        ordered += sorted(batch, key=lambda each: (each["method"], each["path"], each["query"]))
        batch = []
        ordered += [] if exchange is None else [exchange]
    return ordered


def _unordered(row, key):
    return key in (UNORDERED if isinstance(row, dict) else ("aliases", "experiment_ids"))


def _rank(row):
    return repr(sorted(row.items(), key=lambda pair: pair[0])) if isinstance(row, dict) else repr(row)
