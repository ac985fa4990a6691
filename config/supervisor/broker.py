"""Which broker the demo gets: the one it was told, a private Redis or Valkey if the machine has one, else files."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from config.supervisor.children import Program

SERVERS = ("valkey-server", "redis-server")
READY_SECONDS = 5.0
LONGEST_SOCKET_PATH = 100  # the kernel's limit for the address of a unix socket is 108 bytes, on a Mac 104


@dataclass(frozen=True)
class Broker:
    """`redis_url` is empty for files. `program` is set when it has to be kept running."""

    redis_url: str
    says: str
    program: Program | None = None


def choose(redis_url: str, data_dir: Path) -> Broker:
    """The first rung of the ladder that holds."""
    if redis_url:
        return Broker(redis_url, "broker: REDIS_URL")
    for name in SERVERS:
        binary = shutil.which(name)
        if binary and (private := _private(binary, data_dir)):
            return private
    return Broker("", "broker: files in the data folder (no redis-server or valkey-server on this machine)")


def _private(binary: str, data_dir: Path) -> Broker | None:
    """A server that only this installation can reach and that keeps nothing; None when it does not start here."""
    path = _socket_folder(data_dir) / "broker.sock"
    path.unlink(missing_ok=True)  # of a server that was killed
    command = [
        *(binary, "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700", "--daemonize", "no"),
        *("--save", "", "--appendonly", "no", "--maxmemory", "64mb", "--maxmemory-policy", "noeviction", "--loglevel", "warning"),
        *("--dir", str(path.parent)),
    ]
    if not _answers_on(command, path):
        return None
    return Broker(f"unix://{path}", f"broker: a private {Path(binary).name} on a unix socket", Program("broker", command))


def _socket_folder(data_dir: Path) -> Path:
    folder = data_dir.resolve() / "private-broker"
    if len(str(folder)) > LONGEST_SOCKET_PATH - len("/broker.sock"):
        return Path(tempfile.mkdtemp(prefix="rollcall-"))  # 0700
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def _answers_on(command: list[str], path: Path) -> bool:
    """Try the server once before relying on it: it starts in about ten milliseconds where it starts at all."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        return _ping(path, process)
    finally:
        process.terminate()
        process.wait(READY_SECONDS)


def _ping(path: Path, process: subprocess.Popen[bytes]) -> bool:
    ends = time.monotonic() + READY_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(1.0)
                line.connect(str(path))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            time.sleep(0.02)
    return False
