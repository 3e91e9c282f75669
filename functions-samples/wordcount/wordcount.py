# SPDX-License-Identifier: Apache-2.0
"""Counts words: a remote-state function. What a user has counted is in a Redis elsewhere, and nothing of it in this process,
so that every copy of the function, at whatever site, answers the same.
"""
import collections
import os
import re
import socket
import threading
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import web
from store import Store
from web import Invalid

WORD = re.compile(r"\w+(?:['’]\w+)*")
USER = re.compile(r"[A-Za-z0-9._@-]{1,64}")
MAX_TOP = 1000


@dataclass
class Words:
    store: Store
    # many callers, one connection
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, user, text):
        """Counts the words of a text, all of them or none; which, the caller does not know if there is no answer."""
        counts = collections.Counter(WORD.findall(text.casefold()))
        if not counts:
            raise Invalid("the body must be a text with at least one word")
        replies = self._transaction(
            ("HINCRBY", f"totals:{user}", "texts", 1),
            ("HINCRBY", f"totals:{user}", "words", counts.total()),
            *(("ZINCRBY", f"words:{user}", count, word) for word, count in counts.items()))
        return {"texts": replies[0], "words": replies[1], "added": counts.total()}

    def top(self, user, number):
        """The most frequent words."""
        totals, ranked = self._transaction(
            ("HMGET", f"totals:{user}", "texts", "words"),
            ("ZRANGE", f"words:{user}", 0, number - 1, "REV", "WITHSCORES"))
        top = [{"word": word, "count": int(count)} for word, count in zip(ranked[::2], ranked[1::2])]
        return {"texts": int(totals[0] or 0), "words": int(totals[1] or 0), "top": top}

    def ping(self):
        with self.lock:
            self.store.pipeline(("PING",))

    def _transaction(self, *commands):
        """Executes the commands as one: no other copy sees, or comes between, a part of them."""
        with self.lock:
            return self.store.pipeline(("MULTI",), *commands, ("EXEC",))[-1]


class Handler(web.Handler):
    def do_GET(self):
        url = urlsplit(self.path)
        match url.path:
            case "/words":
                self.reply(lambda: self._answer(self.server.words.top(self._user(), _top(url.query))))
            case "/healthz":
                self.send(200, {"status": "ok"})
            case "/readyz":
                self.reply(self._ready)
            case _:
                self.send_no_such_path()

    def do_POST(self):
        body = self.body()
        if body is None:
            return
        if self.path != "/words":
            self.send_no_such_path()
            return
        self.reply(lambda: self._answer(self.server.words.add(self._user(), _text(body))))

    def _answer(self, counted):
        return {"user": self._user(), **counted, "pod": self.server.pod}

    def _ready(self):
        self.server.words.ping()
        return {"status": "ok"}

    def _user(self):
        user = self.headers.get("X-User", "")
        if not USER.fullmatch(user):
            raise Invalid(f"header X-User must be 1 to 64 letters, digits, '.', '_', '@' or '-', not {user!r}")
        return user


class Server(web.Server):
    def __init__(self, address, words):
        super().__init__(address, Handler)
        self.words, self.pod = words, socket.gethostname()


def _top(query):
    value = parse_qs(query, keep_blank_values=True).get("top", ["10"])[-1]
    if not re.fullmatch("[0-9]{1,4}", value) or not 1 <= int(value) <= MAX_TOP:
        raise Invalid(f"top must be a whole number from 1 to {MAX_TOP}, not {value!r}")
    return int(value)


def _text(body):
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Invalid(f"the body must be text in UTF-8: {error}") from error


def main():
    store = Store(os.environ.get("REDIS_HOST", "127.0.0.1"), int(os.environ.get("REDIS_PORT", "6379")))
    server = Server(("0.0.0.0", int(os.environ.get("PORT", "8080"))), Words(store))
    web.serve(server, f"wordcount on Redis at {store.address[0]}:{store.address[1]}")


if __name__ == "__main__":
    main()
