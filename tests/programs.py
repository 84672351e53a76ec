"""Server programs under test: found, started on a free port, and ended for sure."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 20
SYSTEM_PROGRAMS = "/usr/sbin"

# Below the ports that Linux hands to outgoing connections, so that a port stays ours over a
# restart; 10000 lower still, as SeaweedFS wants each port plus 10000 as well. Test workers that
# start together begin far apart, and a port is locked by the process that gave it, as another one
# may ask before the server listens.
_FIRST_PORT = 12_000
_PORTS = 10_000
_next_port = os.getpid() * 1_009 % _PORTS
_locks: list[int] = []


def free_port() -> int:
    """Give a loopback port that is free, as is the one 10000 above it."""
    global _next_port  # noqa: PLW0603 - one process must not give the same port twice
    for _ in range(_PORTS):
        port = _FIRST_PORT + _next_port % _PORTS
        _next_port += 1
        if _is_free(port) and _is_free(port + 10_000) and _is_locked(port):
            return port
    raise RuntimeError("no free loopback port for a server under test")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _is_locked(port: int) -> bool:
    """Lock a port until this process ends; tell whether nobody else had."""
    folder = Path(tempfile.gettempdir()) / f"cxport-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    lock = os.open(folder / str(port), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    _locks.append(lock)
    return True


def program(name: str, package: str, *folders: Path) -> Path:
    """Find a server program, or say which package brings it."""
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", ""), SYSTEM_PROGRAMS])
    found = shutil.which(name, path=path)
    if found is None:
        raise RuntimeError(f"the tests need the program {name}: install {package}")
    return Path(found)


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom a database server runs as when we are root, which both refuse to run as."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _wrapped(command: Sequence[str | Path], *, drop: bool, death: signal.Signals) -> list[str]:
    """Let a command die with us, and (with `drop`) run without our privileges."""
    user = _unprivileged() if drop else None
    ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"] if user else []
    return ["setpriv", *ids, f"--pdeathsig={death.name[3:]}", "--", *map(str, command)]


class Server:
    """A server program of one's own; `with` starts it, stops it and removes its data."""

    #: A signal that ends the program at once and cleanly.
    stop_signal = signal.SIGTERM
    #: A signal that ends it as a crash would.
    kill_signal = signal.SIGKILL
    #: Whether the program refuses to run as root.
    drop = True

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cxport-server-", dir="/tmp"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        if self.drop and (user := _unprivileged()):
            os.chown(self.folder, user.pw_uid, user.pw_gid)

    def start(self) -> None:
        """Start the program on its port and wait until it answers; data is kept over a stop.

        The program ends with the thread that calls this.
        """
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                _wrapped(self._command(), drop=self.drop, death=self.stop_signal),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **self._environment()},
            )
        self._wait_until(self._answers)

    @property
    def pid(self) -> int:
        """The process of the program."""
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        """End the program and wait for it; calling it again does nothing."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """End the program as a crash would."""
        self._end(self.kill_signal)

    def restart(self) -> None:
        """Stop and start: connections break, data and port stay."""
        self.stop()
        self.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let a program of a single process neither answer nor hang up."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Stop, and remove the data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self._prepare()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def coordinates(self) -> dict[str, str]:
        """Tell a program of another process how to reach something fresh on this server."""
        raise NotImplementedError

    def _prepare(self) -> None:
        """Make what the program needs before its first start."""

    def _command(self) -> list[str | Path]:
        raise NotImplementedError

    def _environment(self) -> Mapping[str, str]:
        return {}

    def _answers(self) -> bool:
        raise NotImplementedError

    def _run(self, command: Sequence[str | Path]) -> None:
        """Run a command that prepares the server, or raise with what it printed."""
        done = subprocess.run(
            _wrapped(command, drop=self.drop, death=signal.SIGKILL),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stdout.decode(errors='replace')}")

    def _wait_until(self, answers: Callable[[], bool]) -> None:
        process, deadline = self._process, time.monotonic() + START_SECONDS
        while process is not None and process.poll() is None and time.monotonic() < deadline:
            if answers():
                return
            time.sleep(0.05)
        log = (self.folder / "log").read_text(errors="replace")[-2000:]
        self.kill()
        raise RuntimeError(f"{type(self).__name__} did not start: {log}")

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
