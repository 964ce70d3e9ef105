"""The life of containers: run, create, start, exec, logs, archive, stats, top, diff, commit, rename, wait."""

import io
import socket
import tarfile
import threading
import time

import docker
from connect import client, name, tell

c = client()
facts = {}

facts["run"] = c.containers.run("busybox", ["echo", "hello"], remove=True).decode()
facts["run_stderr"] = c.containers.run(
    "busybox", ["sh", "-c", "echo out; echo err >&2"], remove=True, stdout=True, stderr=True
).decode()
try:
    c.containers.run("busybox", ["sh", "-c", "echo bad >&2; exit 7"], remove=True)
except docker.errors.ContainerError as error:
    facts["failed"] = [error.exit_status, error.stderr.decode()]
try:
    c.containers.run("127.0.0.1:5000/no/such:image", "true")
except docker.errors.NotFound as error:
    facts["no_image"] = error.explanation
facts["streamed"] = [
    line.decode()
    for line in c.containers.run(
        "busybox", ["sh", "-c", "for i in 1 2 3; do echo $i; done"], stream=True, name=name("streamed")
    )
]

box = c.containers.create(
    "busybox",
    ["sh", "-c", "trap 'exit 3' TERM; echo started; while :; do sleep 0.1; done"],
    name=name("box"),
    ports={"80/tcp": ("127.0.0.1", None)},
    environment={"A": "b"},
    labels={"k": name("box")},
    mem_limit="64m",
    network_mode="bridge",
    tmpfs={"/scratch": "size=1m"},
    ulimits=[docker.types.Ulimit(name="nofile", soft=64, hard=64)],
    healthcheck={"test": ["CMD", "true"], "interval": 3600 * 10**9},
)
box.start()
box.reload()
facts["status"] = box.status
facts["ports"] = sorted(box.attrs["NetworkSettings"]["Ports"])
facts["listed"] = [x.name == name("box") for x in c.containers.list(filters={"label": "k=" + name("box")})]
facts["low_listed"] = [sorted(x)[0] for x in c.api.containers(quiet=True, all=True, trunc=True, limit=-1,
                                                              filters={"name": [name("box")]})]

code, output = box.exec_run(["sh", "-c", "echo $A; exit 4"])
facts["exec"] = [code, output.decode()]
_, (out, err) = box.exec_run(["sh", "-c", "echo out; echo err >&2"], demux=True)
facts["exec_demux"] = [out.decode(), err.decode()]
facts["exec_stream"] = b"".join(box.exec_run(["sh", "-c", "echo a; sleep 0.2; echo b"], stream=True).output).decode()
facts["exec_tty"] = box.exec_run(["tty"], tty=True).output.decode()
facts["exec_detached"] = box.exec_run(["touch", "/made"], detach=True).exit_code in (0, None)
handle = c.api.exec_create(box.id, ["cat"], stdin=True)
sock = c.api.exec_start(handle, socket=True)
raw = getattr(sock, "_sock", sock)
raw.sendall(b"through the socket\n")
header = sock.read(8)
facts["exec_socket"] = [header[0], sock.read(header[7]).decode()]
raw.shutdown(socket.SHUT_WR)
deadline = time.time() + 10
while c.api.exec_inspect(handle)["Running"] and time.time() < deadline:
    time.sleep(0.05)
facts["exec_code"] = c.api.exec_inspect(handle)["ExitCode"]

facts["top"] = [row[-1][:2] for row in box.top()["Processes"]][:1]
facts["stats"] = box.stats(stream=False)["name"] == "/" + name("box")
live = box.stats(stream=True, decode=True)
facts["stats_stream"] = [next(live)["name"] == "/" + name("box") for _ in range(2)]
live.close()

tar = io.BytesIO()
with tarfile.open(fileobj=tar, mode="w") as archive:
    entry = tarfile.TarInfo("note")
    entry.size = 5
    archive.addfile(entry, io.BytesIO(b"note\n"))
facts["put"] = box.put_archive("/tmp", tar.getvalue())
chunks, stat = box.get_archive("/tmp/note")
with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
    facts["get"] = [stat["name"], archive.extractfile("note").read().decode()]
facts["diff"] = "/made" in [x["Path"] for x in box.diff()]
facts["export"] = sum(len(x) for x in box.export()) > 1000000
image = box.commit(repository=name("committed"), tag="one", message="made by a test", author="me",
                   changes="ENV C=d")
facts["commit"] = image.tags == [name("committed") + ":one"]
box.pause()
box.reload()
facts["paused"] = box.status
box.unpause()
box.rename(name("renamed"))
facts["renamed"] = c.containers.get(name("renamed")).id == box.id
facts["update"] = sorted(box.update(mem_limit="96m", memswap_limit="192m"))
facts["logs"] = box.logs().decode()
facts["logs_tail"] = box.logs(tail=1, timestamps=True, since=1).decode().split(" ", 1)[1]

lines = []
follow = box.logs(stream=True, follow=True)
reader = threading.Thread(target=lambda: lines.extend(x.decode() for x in follow))
reader.start()
waited = []
waiter = threading.Thread(target=lambda: waited.append(box.wait(condition="not-running")["StatusCode"]))
waiter.start()
time.sleep(0.3)
box.stop(timeout=5)
reader.join(10)
waiter.join(10)
facts["follow"] = [lines, reader.is_alive()]
facts["wait"] = waited
box.restart(timeout=1)
box.kill(signal="KILL")
facts["killed"] = box.wait()["StatusCode"]
box.remove(v=True, link=False, force=True)

attached = c.api.create_container(
    "busybox", ["cat"], name=name("attached"), stdin_open=True,
    host_config=c.api.create_host_config(auto_remove=True),
)
sock = c.api.attach_socket(attached, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
c.api.start(attached)
raw = getattr(sock, "_sock", sock)
raw.sendall(b"attached\n")
header = sock.read(8)
facts["attach_socket"] = [header[0], sock.read(header[7]).decode()]
sock.close()
c.api.kill(attached)

stream = c.containers.create("busybox", ["sh", "-c", "echo one; echo two"], name=name("attach"))
output = stream.attach(stream=True, logs=True)
stream.start()
facts["attach"] = b"".join(output).decode()
stream.remove()
tell(facts)
