"""The web server: one process, uvicorn with httptools and uvloop, quiet unless something is wrong."""

import errno
import socket
import sys
from contextlib import suppress
from typing import Any

from errors import LaurelsError
from process import terminating, tune
from settings import Settings

GRACE_SECONDS = 5  # for requests under way when the server is stopped


class AddressUnusable(LaurelsError):
    """The host and port of the settings cannot be served on."""


class Server:
    """Takes its address when made, so that a port in use is known before anything else is done."""

    def __init__(self, settings: Settings) -> None:
        self._socket = _bound(settings.host, settings.port)
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self.url = f"http://{host}:{settings.port}"

    def run(self, application: Any) -> int:
        """Serve until stopped by Ctrl+C or a signal. Returns what the process exits with."""
        import uvicorn

        config = uvicorn.Config(
            application,
            http="httptools",
            loop="auto" if sys.platform == "win32" else "uvloop",
            ws="none",
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        config.load()
        tune()
        server = uvicorn.Server(config)
        # uvicorn itself heeds no SIGHUP, and raises again in the end what it heeded.
        with terminating(lambda number: server.handle_exit(number, None)), suppress(KeyboardInterrupt):
            server.run(sockets=[self._socket])
        if server.started:
            print("Stopped.", file=sys.stderr)
        return 0 if server.started else 1


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} of {host} is in use: stop what uses it, or choose another with PORT={port + 1}"
        else:
            message = f"cannot serve on {host}, port {port}: {error.strerror}; set LAURELS_HOST and PORT"
        raise AddressUnusable(message) from None
    return bound
