"""A developer's day under the profile baseline, and what is refused there."""

import io

import docker
from connect import client, name, tell

c = client()
facts = {"refused": {}}

c.containers.run("busybox", ["sh", "-c", "echo kept > /data/note"], remove=True, volumes={name("data"): {"bind": "/data"}})
facts["ran"] = c.containers.run(
    "busybox", ["cat", "/data/note"], remove=True, volumes={name("data"): {"bind": "/data", "mode": "ro"}}
).decode()

box = c.containers.run(
    "busybox", ["sleep", "60"], name=name("box"), detach=True, mem_limit="64m", pids_limit=50, cap_drop=["ALL"],
    cap_add=["CHOWN"], ports={"80/tcp": ("127.0.0.1", None)}, tmpfs={"/scratch": "size=1m"}, read_only=True,
    environment={"A": "b"}, labels={"k": "v"}, restart_policy={"Name": "on-failure", "MaximumRetryCount": 1},
)
host = c.api.inspect_container(box.id)["HostConfig"]
facts["limits"] = [host["Memory"], host["PidsLimit"], host["CapDrop"], host["CapAdd"]]
code, output = box.exec_run(["id", "-u"], user="1000")
facts["exec"] = [code, output.decode()]

network = c.networks.create(name("net"), driver="bridge", labels={"k": "v"})
network.connect(box, aliases=["box"])
network.reload()
facts["network"] = network.containers == [box]
box.remove(force=True)

c.images.build(fileobj=io.BytesIO(b"FROM busybox\nARG WHO\nCMD echo built\n"), tag=name("built"), buildargs={"WHO": "me"})
facts["built"] = c.containers.run(name("built"), remove=True).decode()


def refused(what, call):
    try:
        call()
    except docker.errors.APIError as error:
        facts["refused"][what] = [error.status_code, error.explanation]


def create(**options):
    return lambda: c.containers.create("busybox", **options)


refused("privileged", create(privileged=True))
refused("bind", create(volumes={"/etc": {"bind": "/h"}}))
refused("capability", create(cap_add=["SYS_ADMIN"]))
refused("host", create(network_mode="host"))
refused("volume", lambda: c.volumes.create(driver_opts={"type": "none", "o": "bind", "device": "/"}))
tell(facts)
