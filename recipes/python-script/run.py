"""Becomes `python scripts/<script> <args…>`, as a shell would start it."""

import json
import os
import sys
from pathlib import Path

given = json.loads(Path(os.environ["TRAINER_INPUT_DIR"], "params.json").read_text())["parameters"]
script = Path(__file__).resolve().parent / "scripts" / given["script"]
if not script.is_file():
    there = ", ".join(sorted(path.name for path in script.parent.glob("*.py"))) or "none"
    print(f"There is no script {given['script']}; there are {there}.", file=sys.stderr)
    sys.exit(64)
os.execv(sys.executable, [sys.executable, str(script), *given["args"]])
