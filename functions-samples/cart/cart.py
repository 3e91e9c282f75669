# SPDX-License-Identifier: Apache-2.0
"""A shopping cart: a local-state function. One process serves one user and keeps the user's cart.

Everything is kept twice, in this process' memory and in the pod's Redis, and compared on every call: if one of the
two is restored wrongly, or executes on its own for a while, the next call says so with status 500.
"""
import http.server
import json
import os
import secrets
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

import ledger
from store import Store, StoreError

MAX_BODY = 1 << 20


class Mismatch(Exception):
    """Memory and Redis disagree: state was lost, doubled or started anew."""


class Invalid(ValueError):
    """The caller's mistake."""


@dataclass
class Cart:
    store: Store
    sequence: int = 0
    hash: str = ledger.START
    items: dict = field(default_factory=dict)
    process: str = field(default_factory=lambda: secrets.token_hex(8))
    started: float = field(default_factory=time.monotonic)
    started_at: str = field(default_factory=lambda: datetime.now(timezone.utc).isoformat(timespec="milliseconds"))
    # None until the store was first read: a process that starts next to a living Redis takes over its cart
    run_id: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, item, quantity):
        _validate(item, quantity)
        with self.lock:
            self._compare()
            sequence = self.sequence + 1
            digest = ledger.next_hash(self.hash, sequence, item, quantity)
            items = ledger.apply(self.items, item, quantity)
            self.store.pipeline(
                ("HSET", "cart", "sequence", sequence, "hash", digest, "items", json.dumps(items)))
            self.sequence, self.hash, self.items = sequence, digest, items
            return self._answer()

    def get(self):
        with self.lock:
            self._compare()
            return self._answer()

    def _compare(self):
        fields, info = self.store.pipeline(("HMGET", "cart", "sequence", "hash", "items"), ("INFO", "server"))
        sequence, digest = int(fields[0] or 0), fields[1] or ledger.START
        if self.run_id is None:
            self.sequence, self.hash, self.items = sequence, digest, json.loads(fields[2] or "{}")
        self.run_id = _run_id(info)
        if (sequence, digest) != (self.sequence, self.hash):
            raise Mismatch(f"memory has update {self.sequence} ({self.hash[:12]}), "
                           f"Redis has update {sequence} ({digest[:12]}): state was lost or doubled, "
                           f"on connection {self.store.connects} to Redis")

    def _answer(self):
        return {
            "sequence": self.sequence,
            "items": self.items,
            "hash": self.hash,
            "connects": self.store.connects,
            "process": self.process,
            "redis": self.run_id,
            "startedAt": self.started_at,
            "uptimeSeconds": round(time.monotonic() - self.started, 6),
        }


def _validate(item, quantity):
    if not isinstance(item, str) or not item:
        raise Invalid(f"item must be a non-empty string, not {json.dumps(item)}")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity == 0:
        raise Invalid(f"quantity must be an integer other than 0, not {json.dumps(quantity)}")


def _run_id(info):
    return next((line.removeprefix("run_id:") for line in info.splitlines() if line.startswith("run_id:")), "unknown")


def _file(path):
    """Files that Kubernetes mounts are read at each call: they are another node's after a move, a cached value is not."""
    try:
        return Path(path).read_text().strip()
    except OSError:
        return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # headers and body are two writes: without this the second waits for the first one's acknowledgement
    disable_nagle_algorithm = True
    timeout = 60  # seconds that a kept connection may be idle

    def do_GET(self):
        match self.path:
            case "/cart":
                self._reply(self.server.cart.get)
            case "/healthz":
                self._send(200, {"status": "ok"})
            case "/readyz":
                self._reply(lambda: {"status": "ok", "sequence": self.server.cart.get()["sequence"]})
            case "/":
                self._send(200, {"greeting": _file("/config/greeting"), "pod": _file("/podinfo/name"),
                                 "startedAs": os.environ.get("POD_NAME")})
            case _:
                self._send(404, {"error": f"no such path: {self.path}"})

    def do_POST(self):
        body = self._body()
        if body is None:
            return
        if self.path != "/items":
            self._send(404, {"error": f"no such path: {self.path}"})
            return
        self._reply(lambda: self._add(body))

    def _add(self, body):
        try:
            update = json.loads(body)
        except ValueError as error:
            raise Invalid(f"the body must be JSON: {error}") from error
        if not isinstance(update, dict):
            raise Invalid('the body must be an object: {"item": "apple", "quantity": 1}')
        return self.server.cart.add(update.get("item"), update.get("quantity", 1))

    def _body(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True
            self._send(413 if length.isdigit() else 411, {"error": f"a Content-Length of at most {MAX_BODY} is needed"})
            return None
        return self.rfile.read(int(length))

    def _reply(self, answer):
        try:
            self._send(200, answer())
        except Invalid as error:
            self._send(400, {"error": str(error)})
        except StoreError as error:
            self._send(503, {"error": str(error)})
        except Mismatch as error:
            self._send(500, {"error": str(error)})

    def _send(self, status, answer):
        body = json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code="-", size="-"):
        # probes call every few seconds: nobody wants to read that
        if self.path not in ("/healthz", "/readyz"):
            super().log_request(code, size)

    def log_message(self, format, *args):
        print(self.address_string(), format % args, flush=True)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address, cart):
        super().__init__(address, Handler)
        self.cart = cart

    def handle_error(self, request, client_address):
        # a move ends connections to the outside: for the function that is a caller who went away
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def main():
    # the first process of a container has no default handlers: without this it would ignore SIGTERM
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    store = Store(port=int(os.environ.get("REDIS_PORT", "6379")))
    server = Server(("0.0.0.0", int(os.environ.get("PORT", "8080"))), Cart(store))
    print(f"cart {server.cart.process} listens on {server.server_port}", flush=True)
    server.serve_forever(poll_interval=60)


if __name__ == "__main__":
    main()
