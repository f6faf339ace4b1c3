"""Runs the checks of one file against a predictor: `python harness.py FILE --http HOST:PORT --grpc HOST:PORT` prints what is wrong with each.

One process a file: the gRPC messages of tritonclient and kserve have the same names, and no process takes both.
"""

import argparse
import asyncio
import importlib
import inspect
import json
import sys
import traceback
from types import SimpleNamespace

import numpy as np

checks = []


def check(function):
    checks.append(function)
    return function


# What each type of the protocol is in numpy, with values at its edges.
samples = {
    "BOOL": np.array([[True, False], [False, True]], dtype=bool),
    "UINT8": np.array([[0, 255], [1, 2]], dtype=np.uint8),
    "UINT16": np.array([[0, 65535], [1, 2]], dtype=np.uint16),
    "UINT32": np.array([[0, 2**32 - 1], [1, 2]], dtype=np.uint32),
    "UINT64": np.array([[0, 2**64 - 1], [2**53 + 1, 2]], dtype=np.uint64),
    "INT8": np.array([[-128, 127], [0, 1]], dtype=np.int8),
    "INT16": np.array([[-(2**15), 2**15 - 1], [0, 1]], dtype=np.int16),
    "INT32": np.array([[-(2**31), 2**31 - 1], [0, 1]], dtype=np.int32),
    "INT64": np.array([[-(2**63), 2**63 - 1], [2**53 + 1, -1]], dtype=np.int64),
    "FP16": np.array([[1.5, -65504], [6e-8, 0]], dtype=np.float16),
    "FP32": np.array([[1.5, -3.4e38], [1e-45, 0]], dtype=np.float32),
    "FP64": np.array([[0.1, -1.7e308], [5e-324, 0]], dtype=np.float64),
    "BYTES": np.array([[b"", "grün".encode()], [b"a" * 300, b"x"]], dtype=np.object_),
}
no_numbers = {"FP16": [np.nan, np.inf], "FP32": [np.nan, -np.inf], "FP64": [np.nan, np.inf]}

rows = np.array([[1, 2], [3, 0.25], [-1, 1]], dtype=np.float32)


def probabilities(of):
    """What version 1 of iris answers."""
    powers = np.exp(of.astype(np.float64))
    return powers / powers.sum(axis=1, keepdims=True)


def same(found, expected):
    assert found.shape == expected.shape, f"shape {found.shape} instead of {expected.shape}"
    if expected.dtype == np.object_:
        assert found.tolist() == expected.tolist(), f"{found.tolist()} instead of {expected.tolist()}"
    else:
        assert found.dtype == expected.dtype, f"{found.dtype} instead of {expected.dtype}"
        assert found.tobytes() == expected.tobytes(), f"{found} instead of {expected}"


def is_iris(found_label, found_probabilities):
    same(found_label, probabilities(rows).argmax(axis=1).astype(np.int64))
    np.testing.assert_allclose(found_probabilities, probabilities(rows), rtol=1e-6)
    assert found_probabilities.dtype == np.float32


def refused(kind, work, *words):
    """The client's own error, which says each of the words."""
    try:
        work()
    except kind as error:
        missing = [word for word in words if word not in str(error)]
        assert not missing, f"{error!r} does not say {missing}"
        return error
    raise AssertionError(f"not refused; expected {words}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--http", required=True)
    parser.add_argument("--grpc", required=True)
    given = parser.parse_args()
    at = SimpleNamespace(http=given.http, grpc=given.grpc)
    # kserve reads the command line of whoever imports it.
    sys.argv = sys.argv[:1]
    importlib.import_module(given.file)
    results = {}
    # Run as a program, this file is another module than the one that the checks import.
    for function in importlib.import_module("harness").checks:
        try:
            made = function(at)
            if inspect.iscoroutine(made):
                asyncio.run(made)
            results[f"{given.file}.{function.__name__}"] = ""
        except Exception:
            results[f"{given.file}.{function.__name__}"] = traceback.format_exc()[-3000:]
    print(json.dumps(results))


if __name__ == "__main__":
    main()
