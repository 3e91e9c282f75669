# SPDX-License-Identifier: Apache-2.0
"""The part of the OCI distribution protocol that pushing an image needs, over plain HTTP."""
import http.client
from urllib.parse import urlsplit

from oci import archive


class RegistryError(Exception):
    pass


class Registry:
    def __init__(self, address):
        self.address = address
        self.connection = http.client.HTTPConnection(address, timeout=120)

    def push(self, image, name, tag="latest"):
        """Pushes an Archive, except the blobs that the registry has; returns the reference by digest."""
        for blob in image.blobs():
            if self._request("HEAD", f"/v2/{name}/blobs/{blob['digest']}", (200, 404)).status == 404:
                self._upload(image, name, blob)
        headers = {"Content-Type": archive.MANIFEST}
        self._request("PUT", f"/v2/{name}/manifests/{tag}", (201,), image.manifest_json, headers)
        return f"{self.address}/{name}@{image.digest}"

    def _upload(self, image, name, blob):
        location = urlsplit(self._request("POST", f"/v2/{name}/blobs/uploads/", (202,)).getheader("Location"))
        target = f"{location.path}?{location.query}{'&' if location.query else ''}digest={blob['digest']}"
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(blob["size"])}
        with image.open(blob["digest"]) as content:
            self._request("PUT", target, (201,), content, headers)

    def _request(self, method, path, expected, body=None, headers=None):
        self.connection.request(method, path, body, headers or {})
        response = self.connection.getresponse()
        text = response.read()
        if response.status not in expected:
            raise RegistryError(f"{method} {path}: {response.status} {text.decode(errors='replace')}")
        return response
