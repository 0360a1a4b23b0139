"""Import many modules at once, as a worker has to when it starts."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import ray


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile; in a worker, never again among what is there by then.

    Modules make objects by the hundred thousand, all of which stay. Python looks through them for
    garbage again and again while more come in: a quarter of the time that imports take.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if ray.is_initialized() and ray.get_runtime_context().worker.mode == ray.WORKER_MODE:
            gc.freeze()  # in a driver it would keep what a program around us drops
        if collects:
            gc.enable()
