"""Damaged packets against both decoders of the glasses link, and whole firmware against a hostile host under sanitizers.

`accepted wrongly`: a packet that nobody sent passed COBS, CRC and seal. Frames are damaged on the wire (bits, bytes,
zeros inserted or lost, frames cut off and joined) by `firmware/boards/native/corrupt.c`; a frame that comes through
unharmed is no damage and not counted. By chance one in 2³² would pass a CRC of 32 bits. `judged differently`: C and
Python do not give the same packets, the same refusals and the same counts for one stream; half of these streams are
damaged before they are sealed, so that the parsers behind the CRC are reached. The fuzzer (`fuzz.c`; libFuzzer where
there is clang) plays a host that knows the protocol and lies: it runs with address and undefined-behaviour sanitizers
and ends at the first error. Needs a C compiler and make.

    python -m benchmarks.link_fuzz [--quick]
"""

from __future__ import annotations

import json
import random
import subprocess
import time
from pathlib import Path
from typing import Any

from benchmarks.claims import Claim, main
from tests.firmware_bridge import c_vectors, make_vectors
from tests.firmware_bridge.c_device import make


def ran(command: list[str], timeout_s: float) -> tuple[dict[str, Any], int, float]:
    """The JSON that a program prints, its status, and how long it took."""
    start_s = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s)
    lines = done.stdout.splitlines()
    if done.returncode and done.stderr:
        print(done.stderr[-2000:])
    return (json.loads(lines[-1]) if lines else {}), done.returncode, time.monotonic() - start_s


def fuzzed(build: Path, seconds: int, seeds: int) -> tuple[int, int]:
    """Pieces of input, and runs that ended with an error."""
    pieces = crashes = 0
    for seed in range(1, seeds + 1):
        found, status, _ = ran([str(build / "fuzz"), str(seconds), str(seed)], seconds * 60 + 60)
        pieces += found.get("pieces", 0)
        crashes += status != 0
    return pieces, crashes


def differing(count: int) -> tuple[int, int]:
    """Streams and messages that C and Python judge differently."""
    streams = len(c_vectors.differing_streams(0, count))
    draw = random.Random(1)
    originals = [bytes.fromhex(v["bytes"]) for v in make_vectors.vectors()["messages"]]
    messages = 0
    for _ in range(count // 10):
        raw = bytearray(draw.choice(originals))
        for _ in range(draw.randrange(4)):
            raw[draw.randrange(len(raw))] = draw.choice((0, 1, 255, draw.randrange(256)))
        messages += not c_vectors.message_verdicts_agree(bytes(raw[: draw.randrange(1, len(raw) + 1)]))
    return streams, messages


def measure(quick: bool) -> list[Claim]:
    """All of it."""
    build = make("native", "fuzz")
    count, alike, seconds, seeds = (2_000_000, 20_000, 5, 1) if quick else (100_000_000, 1_000_000, 60, 3)
    wire, status, took_s = ran([str(build / "corrupt"), str(count), "1"], 3600)
    streams, messages = differing(alike)
    pieces, crashes = fuzzed(build, seconds, seeds)
    return [
        Claim("damaged frames given to the C decoder", wire["corrupted"], "frames", f">= {count}"),
        Claim("packets accepted wrongly by the C decoder", wire["accepted_wrongly"], "packets", "= 0",
              f"by chance {count / 2**32:.2g} of a CRC of 32 bits"),
        Claim("crashes of the C decoder", float(status not in (0, 1)), "crashes", "= 0"),
        Claim("rate of the C decoder, damaging included", wire["bytes"] / took_s / 1e6, "MB/s", ""),
        Claim(f"damaged streams judged differently by C and Python, of {alike}", streams, "streams", "= 0"),
        Claim(f"damaged messages judged differently by C and Python, of {alike // 10}", messages, "messages", "= 0"),
        Claim(f"errors under sanitizers in {seconds * seeds} s of processor time", crashes, "errors", "= 0",
              f"{pieces} pieces of input"),
    ]  # fmt: skip


if __name__ == "__main__":
    main("link_fuzz", __doc__, measure)
