"""Memory: how much is used, and an allocator that gives back.

glibc is told what this process is: few long-lived threads that pass large arrays on, on a small board. Without it every
thread gets an arena of its own that keeps what it freed, and what loading the models left stays. Does nothing on other C
libraries.
"""

from __future__ import annotations

import ctypes
import gc
import os
from contextlib import suppress
from typing import Final

M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8
"""numbers from glibc's malloc.h"""
MMAP_BYTES: Final = 512 * 1024
"""a larger array (a colour picture of 640×480, not a grey one) goes back to the system when it is freed; a fixed
threshold also stops glibc from raising it. With 256 kB the gate's grey pictures were mapped anew for each frame, which
cost 1 % of a core."""


def limit_arenas() -> None:
    """Before threads and models."""
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_ARENA_MAX, 2)
        libc.mallopt(M_MMAP_THRESHOLD, MMAP_BYTES)


def give_back() -> None:
    """After the models are loaded."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def resident_mb() -> float:
    """Resident memory now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak_mb() -> float:
    """The most resident memory since the process began. Not getrusage's: a child starts with its parent's."""
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6
