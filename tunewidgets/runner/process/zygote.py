"""The zygote: a process that has imported what trials need, and is forked for each leg.

A leg then starts in milliseconds instead of the seconds that importing a framework takes. The zygote does nothing but
import: it never unpickles anything and runs none of the user's functions, because a framework that has begun to work
(TensorFlow, once its context exists) is broken in a forked process. Where importing alone begins that work, it says so
and forks nothing.

It talks with the executor over a pair of sockets, one JSON text a packet. It is told ``{"job": 7}`` with two pipe ends
beside it, and tells ``{"ready": …, "unfit": …}`` once, ``{"job": 7, "pid": 123}`` when the process is
there, ``{"job": 7, "status": -9}`` when it has ended, ``{"job": 7, "error": "…"}`` when it could not be made.
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys
import time
import traceback
import warnings
from multiprocessing.connection import wait
from typing import Any, NoReturn

from tunewidgets.runner import platform
from tunewidgets.runner.process import leg
from tunewidgets.runner.process.settings import Settings
from tunewidgets.runner.process.threads import limit_libraries

_PACKET = 4096


def main(settings: dict[str, Any], handle: int) -> NoReturn:
    """Import, then fork on request until the executor's end of the socket closes."""
    began = time.monotonic()
    known = Settings.from_json(settings)
    line = socket.socket(fileno=handle)
    line.set_inheritable(False)
    known.enter()
    preload(known.preload)
    limit_libraries(known.threads)
    unfit = why_unfit()
    # What is there now is never freed: kept out of the collector's way, it stays shared with the forked processes.
    gc.collect()
    gc.freeze()
    zygote = _Zygote(known, line)
    zygote.tell(ready=time.monotonic() - began, unfit=unfit)
    if unfit is None:
        zygote.serve()
    os._exit(0)


def preload(modules: tuple[str, ...]) -> None:
    """Import modules; what goes wrong stands in the log, and the leg that needs the module will say so itself."""
    for name in modules:
        try:
            importlib.import_module(name)
        except (Exception, SystemExit):  # noqa: BLE001 - importing runs anybody's code
            traceback.print_exc()


def why_unfit() -> str | None:
    """Return why this process must not be forked, or None where nothing speaks against it.

    Only what has been imported is looked at, and nothing is woken by looking.
    """
    for name, has_begun in {"TensorFlow": _tensorflow_works, "PyTorch": _torch_works, "JAX": _jax_works}.items():
        if has_begun():
            return f"importing began {name}'s own work, which a forked process cannot go on with"
    if platform.gpu_visible() and _uses_gpu():
        return "there is a GPU, which a forked process cannot use"
    return None


def _tensorflow_works() -> bool:
    eager = sys.modules.get("tensorflow.python.eager.context")
    context = eager.context_safe() if eager and hasattr(eager, "context_safe") else None
    return getattr(context, "_context_handle", None) is not None


def _torch_works() -> bool:
    torch = sys.modules.get("torch")
    return bool(torch and hasattr(torch, "cuda") and torch.cuda.is_initialized())


def _jax_works() -> bool:
    bridge = sys.modules.get("jax._src.xla_bridge")
    return bool(getattr(bridge, "_backends", None))


def _uses_gpu() -> bool:
    build = sys.modules.get("tensorflow.python.platform.build_info")
    if getattr(build, "build_info", {}).get("is_cuda_build") or getattr(build, "build_info", {}).get("is_rocm_build"):
        return True
    version = getattr(sys.modules.get("torch"), "version", None)
    if getattr(version, "cuda", None) or getattr(version, "hip", None):
        return True
    return any(name in sys.modules for name in ("jax", "cupy"))


class _Zygote:
    """Forks on request and tells how its children end."""

    def __init__(self, settings: Settings, line: socket.socket) -> None:
        self._settings, self._line = settings, line
        self._jobs: dict[int, int] = {}
        self._bell, self._ring = os.pipe()
        os.set_blocking(self._ring, False)
        os.set_blocking(self._bell, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._ring, warn_on_full_buffer=False)

    def tell(self, **message: object) -> None:
        try:
            self._line.send(json.dumps(message).encode())
        except OSError:
            os._exit(0)  # nobody is left to listen

    def serve(self) -> None:
        while True:
            ready = wait([self._line, self._bell])
            if self._bell in ready:
                os.read(self._bell, _PACKET)
            # After every request too: a bell that rang while a process was being forked is heard at the latest here.
            if self._line in ready:
                packet, handles, _, _ = socket.recv_fds(self._line, _PACKET, 2)
                if not packet:
                    return
                self._fork(json.loads(packet)["job"], handles)
            self._reap()

    def _fork(self, job: int, handles: list[int]) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            with warnings.catch_warnings():
                # Newer Pythons warn where the process has threads: a framework's own sleep and hold no locks.
                warnings.simplefilter("ignore", DeprecationWarning)
                pid = os.fork()
        except OSError as error:
            self.tell(job=job, error=str(error))
        else:
            if pid == 0:
                self._become_leg(handles)
            self._jobs[pid] = job
            self.tell(job=job, pid=pid)
        finally:
            for handle in handles:
                os.close(handle)

    def _become_leg(self, handles: list[int]) -> NoReturn:
        try:
            platform.default_signals()
            self._line.close()
            os.close(self._bell)
            os.close(self._ring)
            orders, reports = handles
            leg.lead(
                self._settings,
                platform.handed_down(orders, readable=True),
                platform.handed_down(reports, readable=False),
            )
        except BaseException:  # noqa: BLE001 - it must not come out into the zygote's own loop
            traceback.print_exc()
        finally:
            os._exit(1)

    def _reap(self) -> None:
        for pid, job in list(self._jobs.items()):
            status = platform.exit_status(pid)
            if status is not None:
                del self._jobs[pid]
                self.tell(job=job, status=status)
