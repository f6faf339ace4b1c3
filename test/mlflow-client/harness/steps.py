"""Checks and their steps. A step is one call whose answer is kept: value or error, and what went over the wire for it."""

import json
import math
import pathlib
import tempfile
import threading

import requests
from mlflow.entities._mlflow_object import _MlflowObject
from mlflow.exceptions import MlflowException

from . import wire

# What the client raises when a server says no: its own error, and for files that of `requests`.
REFUSALS = (MlflowException, requests.HTTPError)

checks = []
# What all checks together have called and asked for.
called = set()
spoken = set()


def check(function):
    """Marks a function as a check. It is given its steps, and must leave alone what other checks make."""
    checks.append(function)
    return function


class Steps:
    def __init__(self, check, server, ours):
        self.check = check
        self.server = server
        # Whether this is Baton's registry: what a check demands of an error is demanded there, and compared with the other.
        self.ours = ours
        # Set by checks of what the client does on threads of its own (it links prompts so): the order of requests means nothing.
        self.threads = False
        self.log = []
        self.wrong = []
        self.hidden = []
        self._folder = tempfile.TemporaryDirectory(prefix="mlflow-client-")
        self.folder = pathlib.Path(self._folder.name)

    def name(self, what="it"):
        """A name that no other check uses, and the same on both servers."""
        return f"{self.check.replace('.', '-').replace('_', '-')}-{what}"

    def __call__(self, function, *arguments, **named):
        """Calls what must succeed; gives its value. The check goes on, so that one run tells all that is wrong."""
        try:
            return self._step(function, arguments, named)
        except REFUSALS as error:
            self.wrong.append(f"{_told(function, arguments, named)}: {_said(error)}")
            return None

    def quietly(self, function, *arguments, **named):
        """Calls what is not compared, as it can't be the same twice."""
        value = function(*arguments, **named)
        wire.taken()
        return value

    def refused(self, error_code, function, *arguments, **named):
        """Calls what the server must refuse with this code."""
        try:
            self._step(function, arguments, named)
        except REFUSALS as error:
            if self.ours:
                told = _said(error)
                self.expect(told["code"] == error_code, f"{_told(function, arguments, named)}: {told}, not {error_code}")
            return
        if self.ours:
            self.expect(False, f"{_told(function, arguments, named)} was not refused with {error_code}")

    def http(self, method, path, body=None, status=None, **options):
        """Speaks to the server without the client. `body` is sent as JSON; gives the JSON of the answer, if it is some."""
        headers = {"content-type": "application/json", **options.pop("headers", {})} if body is not None else options.pop("headers", None)
        data = json.dumps(body) if body is not None else options.pop("data", None)
        call = f"{method} {path} {_short(json.dumps(body)) if body is not None else ''}".strip()
        before = self._begin(call)
        response = requests.request(method, f"{self.server}{path}", data=data, headers=headers, timeout=60, allow_redirects=False, **options)
        self._end(before, answer=None)
        if self.ours and status is not None:
            self.expect(response.status_code == status, f"{call}: {response.status_code}, not {status}: {response.text[:300]}")
        try:
            return response.json() if "json" in response.headers.get("content-type", "") else response
        except ValueError:
            return response

    def hide(self, text, name):
        """A text that is other on each run, e.g. a port, and the name under which it is compared."""
        self.hidden.append((text, name))

    def see(self, what, value):
        """Keeps a value that is no answer, e.g. a prediction or the bytes of a file, to be compared too."""
        self.log.append({"call": what, "answer": plain(value), "wire": wire.taken()})

    def close(self):
        if (left := wire.taken()) != []:
            self.log.append({"call": "(the rest)", "answer": None, "wire": left})
        self._folder.cleanup()

    def expect(self, holds, otherwise):
        if not holds:
            self.wrong.append(otherwise)

    def _step(self, function, arguments, named):
        called.add(getattr(function, "__name__", str(function)))
        step = self._begin(_told(function, arguments, named))
        try:
            value = function(*arguments, **named)
        except REFUSALS as error:
            self._end(step, error=_said(error))
            raise
        _await_threads()
        self._end(step, answer=plain(value))
        return value

    def _begin(self, call):
        if (between := wire.taken()) != []:
            self.log.append({"call": f"(before {call})", "answer": None, "wire": between})
        return {"call": call}

    def _end(self, step, **outcome):
        taken = wire.taken()
        spoken.update((exchange["method"], exchange["path"]) for exchange in taken)
        self.log.append({**step, **outcome, "wire": taken, "unordered": self.threads})


def _await_threads():
    """The client links prompts on threads that nobody awaits."""
    for thread in threading.enumerate():
        if thread.name.startswith("link_prompt"):
            thread.join(10)


def plain(value):
    """A value as JSON can say it, with every field of an entity."""
    if isinstance(value, bool) or value is None or isinstance(value, (int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if hasattr(value, "to_dict") and type(value).__name__ in ("DataFrame", "Series"):
        return plain(value.to_dict("list" if type(value).__name__ == "DataFrame" else dict))
    if isinstance(value, (list, tuple, set)):
        rows = [plain(each) for each in value]
        return rows if getattr(value, "token", None) in (None, "") else {"rows": rows, "token": value.token}
    if isinstance(value, _MlflowObject):
        return {key: plain(each) for key, each in value}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return f"({type(value).__name__})"


def _said(error):
    if isinstance(error, MlflowException):
        return {"code": error.error_code, "message": error.message}
    try:
        return {"code": error.response.json()["error_code"], "message": error.response.json()["message"]}
    except (ValueError, KeyError, AttributeError):
        return {"code": type(error).__name__, "message": str(error).split(". Response text")[0]}


def _told(function, arguments, named):
    given = [_short(repr(each)) for each in arguments] + [f"{key}={_short(repr(each))}" for key, each in named.items()]
    return f"{getattr(function, '__name__', function)}({', '.join(given)})"


def _short(text):
    text = " ".join(text.split())
    return text if len(text) <= 120 else f"{text[:117]}..."
