"""The cheapest server there is: any bytes in, the same ready answer out. It shows what the load generator can do.

``python responder.py PORT SIZE`` answers a body of SIZE bytes.
"""

from __future__ import annotations

import selectors
import socket
import sys


def _serve(port: int, answer: bytes) -> None:
    ready = selectors.DefaultSelector()
    with socket.create_server(("127.0.0.1", port), backlog=512) as listening:
        ready.register(listening, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is listening:
                    connection, _ = listening.accept()
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    ready.register(connection, selectors.EVENT_READ, connection)
                elif not _answered(key.data, answer):
                    ready.unregister(key.data)
                    key.data.close()


def _answered(connection: socket.socket, answer: bytes) -> bool:
    try:
        if not connection.recv(65536):
            return False
        connection.sendall(answer)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    size = int(sys.argv[2])
    _serve(
        int(sys.argv[1]),
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size,
    )
