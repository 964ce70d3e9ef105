"""Runs a command with a listening TCP socket of the network namespace that this starts in, as systemd hands one over:
   listen.py PORT COMMAND [ARGUMENT...]
A dockerd of another namespace takes it with -H fd://, and so is reached on 127.0.0.1 without being one of this one."""

import os
import socket
import sys

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen(4096)
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ["LISTEN_FDS"] = "1"
os.environ["LISTEN_PID"] = str(os.getpid())
os.execvp(sys.argv[2], sys.argv[2:])
