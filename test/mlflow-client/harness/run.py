"""Runs the checks of the named files against one server: `python -m harness.run --server URL --log FILE [--ours] experiments runs …`"""

import argparse
import importlib
import json
import os
import sys
import time
import traceback
import warnings


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--ours", action="store_true")
    parser.add_argument("files", nargs="+")
    given = parser.parse_args()
    os.environ.update(
        MLFLOW_TRACKING_URI=given.server,
        MLFLOW_DISABLE_TELEMETRY="true",
        DO_NOT_TRACK="1",
        MLFLOW_ENABLE_ASYNC_LOGGING="false",
        MLFLOW_ALIAS_PROMPT_CACHE_TTL_SECONDS="0",
        MLFLOW_VERSION_PROMPT_CACHE_TTL_SECONDS="0",
        TQDM_DISABLE="1",
        GIT_PYTHON_REFRESH="quiet",
    )
    warnings.filterwarnings("ignore")
    from . import steps, wire

    wire.record()
    log = {"server": given.server, "checks": {}}
    for file in given.files:
        steps.checks.clear()
        importlib.import_module(file)
        for check in steps.checks:
            name = f"{file}.{check.__name__}"
            log["checks"][name] = _ran(steps.Steps(name, given.server, given.ours), check)
    with open(given.log, "w", encoding="utf-8") as out:
        json.dump(log, out)


def _ran(steps, check):
    began = time.monotonic()
    try:
        check(steps)
    except Exception:
        steps.wrong.append("".join(traceback.format_exception(*sys.exc_info())[-3:])[-1500:])
    steps.close()
    failed = "\n".join(steps.wrong)
    print(f"{steps.check} {time.monotonic() - began:.1f} s{' FAILED' if failed else ''}", flush=True)
    return {"folder": str(steps.folder), "hidden": steps.hidden, "steps": steps.log, "failed": failed}


if __name__ == "__main__":
    main()
