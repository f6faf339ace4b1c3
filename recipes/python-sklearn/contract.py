"""What passes between the trainer and a recipe: files, lines and exit codes."""

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

INPUT = Path(os.environ.get("TRAINER_INPUT_DIR", "input"))
OUTPUT = Path(os.environ.get("TRAINER_OUTPUT_DIR", "output"))
EXIT = {"PARAMETER_INVALID": 64, "DATASET_INVALID": 65, "DATASET_TOO_SMALL": 65}


def parameters() -> dict[str, Any]:
    return json.loads((INPUT / "params.json").read_text())["parameters"]


def data() -> dict[str, Any]:
    path = INPUT / "data.json"
    if not path.exists():
        fail("DATASET_INVALID", "The request names no data set, and this recipe has none of its own.")
    return json.loads(path.read_text())


def progress(message: str, step: int | None = None, of: int | None = None) -> None:
    told = {"message": message, **({} if step is None else {"step": step, "of": of})}
    print(f"::progress {json.dumps(told)}", flush=True)


def result(**fields: Any) -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "result.json").write_text(json.dumps(fields))


def fail(code: str, detail: str) -> NoReturn:
    """Ends the recipe with a code of Baton's and a sentence that says what to change."""
    result(error={"code": code, "detail": detail})
    print(f"{code}: {detail}", file=sys.stderr)
    sys.exit(EXIT.get(code, 1))
