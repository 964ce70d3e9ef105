"""How the scripts reach the gateway: as docker.from_env() does, or with a token and no client certificate."""

import json
import os
import ssl
import sys

import docker


def client():
    """from_env() speaks TLS 1.2 and nothing else; with a token the script asks for the newest there is."""
    token = os.environ.get("TOKEN")
    if token is None:
        return docker.from_env(timeout=60)
    tls = docker.tls.TLSConfig(
        ca_cert=os.environ["DOCKER_CERT_PATH"] + "/ca.pem", verify=True, ssl_version=ssl.PROTOCOL_TLS
    )
    url = "https://" + os.environ["DOCKER_HOST"].removeprefix("tcp://")
    made = docker.DockerClient(base_url=url, tls=tls, timeout=60, version="1.41")
    made.api.headers["Authorization"] = "Bearer " + token
    return made


def name(what):
    """A name that the test removes afterwards."""
    return what + "-" + os.environ["ID"]


def tell(facts):
    """Prints what the test asserts on."""
    json.dump(facts, sys.stdout, indent=1, sort_keys=True)
    print()
