"""Runs a command under a pseudo terminal.

argv: the command. stdin: one JSON object a line, {"send": base64}, {"resize": [rows, columns]} or
{"signal": name}. stdout: what the terminal shows, as raw bytes. Exit code: the command's, or 128 + signal.
The command is killed when stdin ends.
"""
import base64
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios


def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data):]


def obey(order, pid, terminal):
    if "send" in order:
        write_all(terminal, base64.b64decode(order["send"]))
    if "resize" in order:
        resize(terminal, *order["resize"])
    if "signal" in order:
        os.kill(pid, getattr(signal, order["signal"]))


def main():
    ready, go = os.pipe()
    pid, terminal = pty.fork()
    if pid == 0:
        os.close(go)
        os.read(ready, 1)  # the window has its size before the command looks at it
        os.close(ready)
        os.execvp(sys.argv[1], sys.argv[1:])
    os.close(ready)
    resize(terminal, 24, 80)
    os.close(go)
    pending = b""
    sources = [terminal, 0]
    while True:
        readable, _, _ = select.select(sources, [], [])
        if terminal in readable:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                data = b""
            if not data:
                break
            write_all(1, data)
        if 0 in readable:
            data = os.read(0, 65536)
            if not data:
                os.kill(pid, signal.SIGKILL)
                sources = [terminal]
            pending += data
            *lines, pending = pending.split(b"\n")
            for line in lines:
                obey(json.loads(line), pid, terminal)
    _, status = os.waitpid(pid, 0)
    sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


main()
