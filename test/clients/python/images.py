"""Images: list, pull, tag, build, push, save, load, history, search by registry data, remove."""

import io

import docker
from connect import client, name, tell

c = client()
facts = {}
REGISTRY = "127.0.0.1:5000"

facts["listed"] = "busybox:latest" in [tag for image in c.images.list() for tag in image.tags]
facts["filtered"] = [image.tags for image in c.images.list(name="busybox", filters={"dangling": False})]
facts["quiet"] = [x[:7] for x in c.api.images(quiet=True, all=True)][:1]
pulled = c.images.pull(REGISTRY + "/library/busybox", tag="1.35")
facts["pulled"] = pulled.tags
facts["pull_stream"] = [
    x["status"] for x in c.api.pull(REGISTRY + "/library/busybox", tag="1.35", stream=True, decode=True)
][-1]
try:
    c.images.pull(REGISTRY + "/no/such", tag="image")
except docker.errors.NotFound as error:
    facts["pull_missing"] = error.explanation

context = io.BytesIO(b"FROM busybox\nARG WHO\nLABEL who=$WHO\nRUN echo $WHO > /who\nCMD [\"cat\", \"/who\"]\n")
built, log = c.images.build(
    fileobj=context, tag=name("built") + ":one", buildargs={"WHO": "you"}, rm=True, forcerm=True, pull=False,
    nocache=True, labels={"k": "v"}, cache_from=["busybox"], shmsize=67108864, squash=False, network_mode="none",
    container_limits={"memory": 67108864}, extra_hosts={"host": "127.0.0.1"},
)
facts["built"] = [any("Successfully built" in x.get("stream", "") for x in log),
                  built.labels, c.containers.run(name("built") + ":one", remove=True).decode()]
facts["build_low"] = [
    "stream" in x for x in c.api.build(fileobj=io.BytesIO(b"FROM busybox\n"), decode=True, quiet=True)
]
try:
    c.images.build(fileobj=io.BytesIO(b"FROM busybox\nRUN exit 9\n"), rm=True)
except docker.errors.BuildError as error:
    facts["build_error"] = str(error)

target = REGISTRY + "/" + name("pushed")
facts["tag"] = built.tag(target, tag="one")
pushed = c.images.push(target, tag="one", auth_config={"username": "u", "password": "p"}, stream=True, decode=True)
facts["push"] = [x["status"][:11] for x in pushed if "status" in x][-1:]
facts["registry_data"] = c.images.get_registry_data(target + ":one").id[:7]

saved = b"".join(built.save(named=True))
facts["saved"] = len(saved) > 1000000
c.images.remove(name("built") + ":one")
facts["loaded"] = name("built") + ":one" in c.images.load(saved)[0].tags
facts["history"] = len(built.history()) > 1
facts["imported"] = "status" in c.api.import_image_from_data(
    io.BytesIO(b"\0" * 10240).getvalue(), repository=name("imported"), tag="one"
)
c.images.remove(target + ":one", force=True, noprune=False)
facts["login"] = c.login("u", "p", registry="http://" + REGISTRY + "/v2/")["Status"]
tell(facts)
