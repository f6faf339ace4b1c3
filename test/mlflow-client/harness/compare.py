"""Two logs, field by field. What differs and is not listed fails its check; what is listed and never differs fails the run."""

import fnmatch
import pathlib
import re

from .normal import KEYED, Normal

HEAD = "| what | here | MLflow | reason |"


def compare(ours, theirs, listed):
    """Problems of each check by its name. A log is `{server, checks: {name: {folder, hidden, steps, failed}}}`."""
    problems = {}
    for name, check in ours["checks"].items():
        other = theirs["checks"][name]
        found = [f"here: {check['failed']}"] if check["failed"] else []
        found += [f"MLflow: {other['failed']}"] if other["failed"] else []
        mine = Normal(ours["server"], check).steps(check["steps"])
        its = Normal(theirs["server"], other).steps(other["steps"])
        calls = [[step["call"].split("(")[0] for step in steps] for steps in (mine, its)]
        if calls[0] != calls[1]:
            found.append(f"other steps: {_first_other(*calls)}")
        for one, another, name_here, name_there in zip(mine, its, *calls):
            if name_here != name_there:
                break
            for what, here, there in _of_step(one, another):
                if not any([row.covers(what, here, there) for row in listed]):
                    found.append(f"{one['call']}\n    {what}\n    here:   {here}\n    MLflow: {there}")
        problems[name] = found
    return problems


class Listed:
    """A row of the page for users: a request and a field, what is said here and what by MLflow; `*` stands for anything."""

    def __init__(self, what, here, theirs):
        self.what, self.here, self.theirs = what, here, theirs
        self.seen = False

    def covers(self, what, here, theirs):
        fits = all(_like(text, pattern) for text, pattern in ((what, self.what), (here, self.here), (theirs, self.theirs)))
        self.seen = self.seen or fits
        return fits


def listed_in(page):
    """The rows of the tables under the head `what, here, MLflow, reason`."""
    rows, inside = [], False
    for line in pathlib.Path(page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells == [cell.strip() for cell in HEAD.split("|")[1:-1]]:
            inside = True
        elif not cells:
            inside = False
        elif inside and not set(cells[0]) <= set("-: "):
            rows.append(Listed(*(cell.replace("\\|", "|").strip("`") for cell in cells[:3])))
    return rows


def _of_step(one, other):
    calls = [[f"{e['method']} {e['path']}" for e in step["wire"]] for step in (one, other)]
    if calls[0] != calls[1]:
        yield f"{one['call'].split('(')[0]} requests", _said(calls[0]), _said(calls[1])
        return
    found = [each for pair in zip(one["wire"], other["wire"]) for each in _of_exchange(*pair)]
    yield from found
    if found == []:
        # The same answers on the wire: what the client made of them can differ only where it looked elsewhere, e.g. into a file.
        for key in ("error", "answer"):
            yield from _fields(f"{one['call'].split('(')[0]} {key}", one[key], other[key])


def _of_exchange(one, other):
    request = f"{one['method']} {one['path']}"
    if one["status"] != other["status"]:
        yield f"{request} status", _status(one), _status(other)
        return
    for key in ("query", "type", "disposition", "body"):
        yield from _fields(f"{request} {key}", one.get(key), other.get(key))


def _fields(what, here, there):
    if what.endswith(KEYED):
        here, there = ({} if each == "(absent)" else each for each in (here, there))
    if isinstance(here, dict) and isinstance(there, dict):
        for key in sorted({*here, *there}):
            yield from _fields(f"{what}.{key}", here.get(key, "(absent)"), there.get(key, "(absent)"))
    elif isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
        for one, other in zip(here, there):
            yield from _fields(f"{what}[]", one, other)
    elif here != there or isinstance(here, bool) != isinstance(there, bool):
        yield what, _said(here), _said(there)


def _status(exchange):
    code = exchange["body"].get("error_code", "") if isinstance(exchange["body"], dict) else exchange["type"]
    return f"{exchange['status']} {code}".strip()


def _said(value):
    return value if isinstance(value, str) else repr(value)


def _like(text, pattern):
    plain = str.maketrans("[]", "()")  # brackets are no classes of letters here
    return fnmatch.fnmatchcase(text.translate(plain), pattern.translate(plain))


def _first_other(mine, its):
    return next((f"{one} / {other}" for one, other in zip(mine, its) if one != other), f"{len(mine)} / {len(its)} steps")
