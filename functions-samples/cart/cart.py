# SPDX-License-Identifier: Apache-2.0
"""A shopping cart: a local-state function. One process serves one user and keeps the user's cart.

Everything is kept twice, in this process' memory and in the pod's Redis, and compared on every call: if one of the
two is restored wrongly, or executes on its own for a while, the next call says so with status 500.
"""
import json
import os
import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

import ledger
import web
from store import Store
from web import Invalid


class Mismatch(Exception):
    """Memory and Redis disagree: state was lost, doubled or started anew."""


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
            digest = ledger.next_hash(self.hash, sequence, item=item, quantity=quantity)
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


class Handler(web.Handler):
    errors = {**web.Handler.errors, Mismatch: 500}

    def do_GET(self):
        match self.path:
            case "/cart":
                self.reply(self.server.cart.get)
            case "/healthz":
                self.send(200, {"status": "ok"})
            case "/readyz":
                self.reply(lambda: {"status": "ok", "sequence": self.server.cart.get()["sequence"]})
            case "/":
                self.send(200, {"greeting": _file("/config/greeting"), "pod": _file("/podinfo/name"),
                                "startedAs": os.environ.get("POD_NAME")})
            case _:
                self.send_no_such_path()

    def do_POST(self):
        body = self.body()
        if body is None:
            return
        if self.path != "/items":
            self.send_no_such_path()
            return
        self.reply(lambda: self._add(body))

    def _add(self, body):
        try:
            update = json.loads(body)
        except ValueError as error:
            raise Invalid(f"the body must be JSON: {error}") from error
        if not isinstance(update, dict):
            raise Invalid('the body must be an object: {"item": "apple", "quantity": 1}')
        return self.server.cart.add(update.get("item"), update.get("quantity", 1))


class Server(web.Server):
    def __init__(self, address, cart):
        super().__init__(address, Handler)
        self.cart = cart


def main():
    store = Store(port=int(os.environ.get("REDIS_PORT", "6379")))
    server = Server(("0.0.0.0", int(os.environ.get("PORT", "8080"))), Cart(store))
    web.serve(server, f"cart {server.cart.process}")


if __name__ == "__main__":
    main()
