# SPDX-License-Identifier: Apache-2.0
"""Pods of the benchmark's function, and how to call them."""
import http.client
import json
import socket
import time

PORT = 8080


def containers(count, state_mib, images):
    """Container specs: each has `state_mib` MiB and a connection to the next one. `images`: one, or one for each."""
    images = [images] * count if isinstance(images, str) else images
    return [{
        "name": f"state-{number}",
        "image": images[number],
        "imagePullPolicy": "IfNotPresent",
        "env": [
            {"name": "PORT", "value": str(PORT + number)},
            {"name": "MIB", "value": str(state_mib)},
            {"name": "NEIGHBOUR", "value": str(PORT + number + 1 if number + 1 < count else "")},
        ],
        "resources": {"requests": {"cpu": "10m", "memory": "8Mi"}},
    } for number in range(count)]


def pod_spec(count, state_mib, images):
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 0,
        "containers": containers(count, state_mib, images),
    }


def call(address, port=PORT, timeout=1.0):
    """What one container answers, which asked all those after it; None when nobody answers."""
    # a packet to a pod that is frozen or held is lost: a short wait for the connection, then another one
    try:
        with socket.create_connection((address, port), 0.02) as connection:
            connection.settimeout(timeout)
            connection.sendall(b"GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
            response = http.client.HTTPResponse(connection)
            response.begin()
            return json.loads(response.read())
    except (OSError, http.client.HTTPException):
        return None


def call_all(address, count, timeout=1.0):
    """What the first container answers, when all of them do.

    The last one is asked alone first. Kubelet restores one container after another, and a call down the chain that
    meets one which is not there yet loses a packet and waits hundreds of milliseconds for TCP to send it again.
    """
    return call(address, PORT + count - 1, timeout) and call(address, PORT, timeout)


def first_answer(address, count, seconds=120):
    """Calls until all containers answer; gives the answer with the time at which it was complete."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := call_all(address, count, 30):
            return answer, time.monotonic()
        time.sleep(0.002)
    raise TimeoutError(f"no answer from {address} within {seconds} s")
