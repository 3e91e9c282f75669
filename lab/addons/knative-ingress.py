#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The ingress of the lab's Knative: says that each Ingress is served, and serves it by way of the activator.

Usage: knative-ingress.py PKI-FOLDER PORT
"""
import http.client
import http.server
import json
import ssl
import sys
import threading
import time

INGRESSES = "/apis/networking.internal.knative.dev/v1alpha1"
CLASS = "lab.ingress.networking.knative.dev"
HERE = {"ingress": [{"domainInternal": "lab-ingress.knative-serving.svc.cluster.local"}]}


class Api:
    def __init__(self, pki):
        self.tls = ssl.create_default_context(cafile=f"{pki}/ca.crt")
        self.tls.load_cert_chain(f"{pki}/admin.crt", f"{pki}/admin.key")

    def open(self, method, path, body=None):
        connection = http.client.HTTPSConnection("127.0.0.1", 6443, context=self.tls)
        connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/merge-patch+json"})
        response = connection.getresponse()
        if response.status >= 300:
            raise OSError(f"{method} {path}: {response.status} {response.read(500)}")
        return response

    def get(self, path):
        with self.open("GET", path) as response:
            return json.load(response)


class Routes:
    """Headers by host name: what tells the activator which Revision is meant."""

    def __init__(self, api):
        self.api, self.headers = api, {}

    def follow(self):
        while True:
            try:
                self.follow_once()
            except (OSError, http.client.HTTPException, ValueError) as error:
                print(f"ingress: {error}", flush=True)
                time.sleep(1)

    def follow_once(self):
        ingresses = self.api.get(f"{INGRESSES}/ingresses")
        for ingress in ingresses["items"]:
            self.serve(ingress)
        version = ingresses["metadata"]["resourceVersion"]
        with self.api.open("GET", f"{INGRESSES}/ingresses?watch=true&resourceVersion={version}") as events:
            for line in events:
                event = json.loads(line)
                if event["type"] in ("ADDED", "MODIFIED"):
                    self.serve(event["object"])

    def serve(self, ingress):
        meta = ingress["metadata"]
        if meta.get("annotations", {}).get("networking.knative.dev/ingress.class") != CLASS:
            return
        for rule in ingress["spec"]["rules"]:
            # the last path is the one without conditions; the largest part of the traffic gets all of it
            split = max(rule["http"]["paths"][-1]["splits"], key=lambda s: s.get("percent", 100))
            self.headers.update({host: split["appendHeaders"] for host in rule["hosts"]})
        if ingress.get("status", {}).get("observedGeneration") == meta["generation"]:
            return
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        conditions = [{"type": kind, "status": "True", "lastTransitionTime": now}
                      for kind in ("LoadBalancerReady", "NetworkConfigured", "Ready")]
        self.api.open("PATCH", f"{INGRESSES}/namespaces/{meta['namespace']}/ingresses/{meta['name']}/status", {"status": {
            "observedGeneration": meta["generation"], "conditions": conditions,
            "publicLoadBalancer": HERE, "privateLoadBalancer": HERE}}).close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self):
        headers = self.server.routes.headers.get(self.headers.get("Host", "").split(":")[0])
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if headers is None:
            self.send_error(404, "no Ingress has this host name")
            return
        connection = http.client.HTTPConnection(self.server.activator(), 80, timeout=60)
        connection.request(self.command, self.path, body, {**self.headers, **headers})
        with connection.getresponse() as response:
            answer = response.read()
            self.send_response(response.status)
            for name, value in response.getheaders():
                if name.lower() not in ("transfer-encoding", "content-length", "connection", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = forward


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port, routes):
        super().__init__(("", port), Handler)
        self.routes = routes

    def activator(self):
        return self.routes.api.get("/api/v1/namespaces/knative-serving/services/activator-service")["spec"]["clusterIP"]


def main(pki, port):
    routes = Routes(Api(pki))
    threading.Thread(target=routes.follow, daemon=True).start()
    Server(int(port), routes).serve_forever()


main(*sys.argv[1:])
