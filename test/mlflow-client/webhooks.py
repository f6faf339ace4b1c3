"""Webhooks: make, read, change, test, delete; what arrives, signed."""

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mlflow import MlflowClient

from harness.sources import versions_of
from harness.steps import check

client = MlflowClient()
API = "/api/2.0/mlflow/webhooks"
ALL = [
    "registered_model.created", "model_version.created", "model_version_tag.set", "model_version_tag.deleted", "model_version_alias.created", "model_version_alias.deleted",
    "prompt.created", "prompt_version.created", "prompt_tag.set", "prompt_tag.deleted", "prompt_version_tag.set", "prompt_version_tag.deleted", "prompt_alias.created", "prompt_alias.deleted",
]


class Receiver:
    """An HTTP server that keeps what it is sent."""

    def __init__(self, s, status=200):
        received = self.received = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                received.append((dict(self.headers), body))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"thank you")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        s.hide(str(self.server.server_port), "<port>")

    def awaits(self, count):
        """What has come as soon as there is that much, or after two minutes: a delivery that failed is tried again."""
        for _ in range(1200):
            if len(self.received) >= count:
                break
            time.sleep(0.1)
        return sorted(self.received, key=lambda each: (json.loads(each[1])["entity"], json.loads(each[1])["action"], each[1]))


@check
def made_changed_and_deleted(s):
    made = s(client.create_webhook, s.name(), "https://example.com/hook", ["registered_model.created", "model_version.created"], "What it is for", "a secret", "DISABLED")
    s(client.get_webhook, made.webhook_id)
    s(client.update_webhook, made.webhook_id, name=s.name("after"), description="Other", url="https://example.com/other", events=["model_version_tag.set"], status="ACTIVE")
    s(client.update_webhook, made.webhook_id, secret="another")
    s(client.get_webhook, made.webhook_id)
    s(client.update_webhook, made.webhook_id)
    s(client.delete_webhook, made.webhook_id)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.get_webhook, made.webhook_id)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.delete_webhook, made.webhook_id)
    s.refused("RESOURCE_DOES_NOT_EXIST", client.update_webhook, made.webhook_id, name="x")
    s.refused("RESOURCE_DOES_NOT_EXIST", client.test_webhook, made.webhook_id)


@check
def listed(s):
    made = [s(client.create_webhook, s.name(str(which)), "https://example.com/hook", ALL[: which + 1], status="DISABLED").webhook_id for which in range(5)]
    s(client.list_webhooks)
    seen, token = [], None
    for _ in range(5):
        page = s(client.list_webhooks, 2, token)
        seen += [each.name for each in page]
        token = page.token
        if not token:
            break
    assert sorted(seen) == sorted(s.name(str(which)) for which in range(5)), seen
    for webhook in made:
        s(client.delete_webhook, webhook)
    for query in ({"max_results": 0}, {"max_results": 1001}, {"page_token": "no token"}):
        s.http("GET", API, params=query)


@check
def refused(s):
    good = {"name": s.name(), "url": "https://example.com/hook", "events": [{"entity": "REGISTERED_MODEL", "action": "CREATED"}]}
    for field, values in {
        "name": ("", "-a", "a-", "a b", "a" * 64, "a/b", 5, None),
        "url": ("", "ftp://example.com", "example.com/hook", "https://", "javascript:alert(1)", 5),
        "events": ([], [{"entity": "REGISTERED_MODEL", "action": "DELETED"}], [{"entity": "MODEL_VERSION_TAG", "action": "CREATED"}], [{"entity": "BOGUS", "action": "CREATED"}], [{}], "x", ["registered_model.created"]),
        "status": ("BOGUS", 7),
        "secret": (5,),
    }.items():
        for value in values:
            answer = s.http("POST", API, {**good, field: value})
            if isinstance(answer, dict) and "webhook" in answer:
                s(client.delete_webhook, answer["webhook"]["webhook_id"])
    s.http("POST", API, {}, 400)
    s.http("PATCH", f"{API}/unknown", {"name": "x"}, 404)
    s.http("GET", f"{API}/unknown", status=404)


@check
def tested(s):
    receiver = Receiver(s)
    hook = s(client.create_webhook, s.name(), receiver.url, ALL, secret="a secret", status="DISABLED").webhook_id
    s(client.test_webhook, hook)
    for event in ALL:
        s(client.test_webhook, hook, event)
    s.see("delivered", [_told(headers, body) for headers, body in receiver.received])
    s(client.delete_webhook, hook)
    broken = Receiver(s, status=418)
    hook = s(client.create_webhook, s.name("broken"), broken.url, ALL[:1], status="DISABLED").webhook_id
    s(client.test_webhook, hook)
    s(client.delete_webhook, hook)


@check
def delivered(s):
    s.threads = True
    receiver = Receiver(s)
    hook = s(client.create_webhook, s.name(), receiver.url, ALL, secret="a secret").webhook_id
    silent = s(client.create_webhook, s.name("silent"), receiver.url, ALL, status="DISABLED").webhook_id
    name = s.name("model")
    s(client.create_registered_model, name, {"a": "b"}, "What it is for")
    versions_of(s, name, 1)
    s(client.set_model_version_tag, name, "1", "c", "d")
    s(client.delete_model_version_tag, name, "1", "c")
    s(client.set_registered_model_alias, name, "best", "1")
    s(client.delete_registered_model_alias, name, "best")
    s(client.set_registered_model_tag, name, "e", "f")
    s(client.update_model_version, name, "1", "Other words")
    prompt = s.name("prompt")
    s(client.create_prompt, prompt, "What it asks", {"a": "b"})
    s(client.create_prompt_version, prompt, "Hello", "The first", {"c": "d"})
    s(client.set_prompt_tag, prompt, "e", "f")
    s(client.delete_prompt_tag, prompt, "e")
    s(client.set_prompt_version_tag, prompt, 1, "g", "h")
    s(client.delete_prompt_version_tag, prompt, 1, "g")
    s(client.set_prompt_alias, prompt, "best", 1)
    s(client.delete_prompt_alias, prompt, "best")
    received = receiver.awaits(len(ALL))
    for headers, body in received:
        _signed(headers, body, "a secret")
    s.see("delivered", [_told(headers, body) for headers, body in received])
    s(client.delete_webhook, hook)
    s(client.delete_webhook, silent)


def _signed(headers, body, secret):
    text = f"{headers['X-MLflow-Delivery-Id']}.{headers['X-MLflow-Timestamp']}.{body}"
    expected = base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()
    assert headers["X-MLflow-Signature"] == f"v1,{expected}", headers


def _told(headers, body):
    return {"headers": sorted(name.lower() for name in headers if name.lower().startswith("x-mlflow")), "type": next(value for name, value in headers.items() if name.lower() == "content-type"), **json.loads(body)}
