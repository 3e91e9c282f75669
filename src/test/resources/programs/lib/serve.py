# SPDX-License-Identifier: Apache-2.0
"""The HTTP server of the programs. A route is a function without arguments that says whether all is well, or gives what is not."""
import json
import os
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

calls = 0
counting = threading.Lock()


def serve(check, host="0.0.0.0", **routes):
    """`/` is `check` and counts calls; other routes are named by their function."""
    ThreadingHTTPServer.daemon_threads = True
    ThreadingHTTPServer((host, int(os.environ.get("PORT", 8080))), handler({"": check, **routes})).serve_forever()


def handler(routes):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = json.dumps(answer(routes, self.path[1:])).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


def answer(routes, name):
    global calls
    if name == "readyz":
        return {"ready": True}
    with counting:
        calls += name == ""
        count = calls
    try:
        said = routes[name]()
    except Exception:
        said = traceback.format_exc()
    return {"ok": said is True, "calls": count, "said": said}
