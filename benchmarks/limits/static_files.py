"""A static file server: a path's last segment names a file, which the kernel sends from its page cache.

``python static_files.py PORT FOLDER`` serves one client at a time. It was measured beside reading a file and sending
it, whole or in chunks, and beside mapping it; the kernel's own way was the fastest.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path


def _serve(port: int, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", port)) as listening:
        while True:
            connection, _ = listening.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection:
                while request := connection.recv(65536):
                    _answer(connection, folder / request.split(b" ", 2)[1].rpartition(b"/")[2].decode())


def _answer(connection: socket.socket, path: Path) -> None:
    """Send a file; head and body leave together."""
    with path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % size
        connection.sendall(head, socket.MSG_MORE)
        connection.sendfile(file)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), Path(sys.argv[2]))
