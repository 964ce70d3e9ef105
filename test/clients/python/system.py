"""ping, version, info, df, events, networks, volumes, prune and lists with filters."""

import threading
import time

import docker
from connect import client, name, tell

c = client()
facts = {}

facts["ping"] = c.ping()
facts["api"] = [c.api._version, c.version()["ApiVersion"]]
facts["server"] = c.version()["Version"]
facts["info"] = c.info()["OSType"]
facts["df"] = sorted(c.df())

seen = []
since = int(time.time()) - 1
stream = c.events(decode=True, since=since, filters={"label": name("watched")})
reader = threading.Thread(target=lambda: seen.extend(e["Action"] for e in stream), daemon=True)
reader.start()
watched = c.containers.run("busybox", "true", name=name("watched"), labels=[name("watched")], detach=True)
watched.wait()
watched.remove()
deadline = time.time() + 20
while "destroy" not in seen and time.time() < deadline:
    time.sleep(0.05)
stream.close()
reader.join(10)
facts["events"] = seen
facts["events_closed"] = not reader.is_alive()

pool = docker.types.IPAMPool(subnet="172.31.199.0/24")
net = c.networks.create(
    name("net"), driver="bridge", labels={"k": "v"}, ipam=docker.types.IPAMConfig(pool_configs=[pool])
)
box = c.containers.run("busybox", "sleep 60", name=name("box"), detach=True, init=True)
net.connect(box, aliases=["alias"])
net.reload()
facts["net_members"] = [x.name == name("box") for x in net.containers]
net.disconnect(box)
facts["net_list"] = [n.name == name("net") for n in c.networks.list(names=[name("net")])]
box.remove(force=True)
net.remove()

vol = c.volumes.create(name=name("vol"), labels={"k": "v"})
facts["vol"] = c.volumes.get(name("vol")).attrs["Driver"]
facts["vol_list"] = [v.name == name("vol") for v in c.volumes.list(filters={"name": name("vol")})]
writer = c.containers.run("busybox", "sh -c 'echo kept > /v/f'", volumes={name("vol"): {"bind": "/v", "mode": "rw"}})
facts["vol_read"] = c.containers.run("busybox", "cat /v/f", volumes=[name("vol") + ":/v:ro"], remove=True).decode()
for each in c.containers.list(all=True, filters={"volume": name("vol")}):
    each.remove()
vol.remove()

none = {"label": [name("nothing")]}
facts["prunes"] = {
    "containers": c.containers.prune(filters=none)["SpaceReclaimed"],
    "images": c.images.prune(filters=none)["SpaceReclaimed"],
    "networks": c.networks.prune(filters=none)["NetworksDeleted"],
    "volumes": c.volumes.prune(filters=none)["SpaceReclaimed"],
    "builds": sorted(c.api.prune_builds()),
}

try:
    c.containers.get(name("missing"))
except docker.errors.NotFound as error:
    facts["missing"] = [error.status_code, error.explanation]
tell(facts)
