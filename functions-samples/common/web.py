# SPDX-License-Identifier: Apache-2.0
"""An HTTP server that answers in JSON: what the samples in Python have in common."""
import http.server
import json
import os
import signal
import sys

from store import StoreError

MAX_BODY = 1 << 20


class Invalid(ValueError):
    """The caller's mistake."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # headers and body are two writes: without this the second waits for the first one's acknowledgement
    disable_nagle_algorithm = True
    timeout = 60  # seconds that a kept connection may be idle
    errors = {Invalid: 400, StoreError: 503}

    def body(self):
        """The request's body; None when it was refused, and the caller has been told."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True
            self.send(413 if length.isdigit() else 411, {"error": f"a Content-Length of at most {MAX_BODY} is needed"})
            return None
        return self.rfile.read(int(length))

    def reply(self, answer):
        """Sends what `answer` gives, or the error that it raises."""
        try:
            self.send(200, answer())
        except tuple(self.errors) as error:
            self.send(self.errors[type(error)], {"error": str(error)})

    def send_no_such_path(self):
        self.send(404, {"error": f"no such path: {self.path}"})

    def send(self, status, answer):
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

    def handle_error(self, request, client_address):
        # a move ends connections to the outside: for the function that is a caller who went away
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def serve(server, name):
    """Serves until the process ends."""
    # the first process of a container has no default handlers: without this it would ignore SIGTERM
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    print(f"{name} listens on {server.server_port}", flush=True)
    server.serve_forever(poll_interval=60)
