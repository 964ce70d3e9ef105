"""What systemd does for quaywarden.socket: listens, hands the socket over as descriptor 3, and starts the service anew on
   it whenever a line comes on standard input; a last line ends it.
     hand-over.py NOTIFY-SOCKET COMMAND [ARGUMENT...]
   Says the port it listens on, then every state that the service notifies of and how each ended."""

import array
import os
import socket
import subprocess
import sys
import threading

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(4096)
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)

notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notified.bind(sys.argv[1])
ready = threading.Event()


def say(line):
    print(line, flush=True)


def take_notice():
    while True:
        data, ancillary, _, _ = notified.recvmsg(4096, socket.CMSG_SPACE(64))
        for _, kind, descriptors in ancillary:
            if kind == socket.SCM_RIGHTS:
                for descriptor in array.array("i", descriptors):
                    os.close(descriptor)  # the barrier of systemd-notify
        for line in data.decode().splitlines():
            if line == "BARRIER=1":
                continue
            say(line)
            if line == "READY=1":
                ready.set()


def begin():
    ready.clear()
    script = 'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=tls NOTIFY_SOCKET=%s exec "$@"' % sys.argv[1]
    return subprocess.Popen(["/bin/sh", "-c", script, "sh", *sys.argv[2:]], close_fds=False, stdin=subprocess.DEVNULL, stdout=sys.stderr)


threading.Thread(target=take_notice, daemon=True).start()
say("port %d" % listener.getsockname()[1])
service = begin()
for order in sys.stdin:
    service.terminate()
    say("ended %d" % service.wait())
    if order.strip() == "end":
        break
    service = begin()
    ready.wait(30)
    say("again")
else:
    service.kill()
