"""Hostile GGUF files: thousands of changed heads, our reader against gguf-py, and llama.cpp in a process of its own.

python -m benchmarks.quantize_hostile FOLDER COUNT    prints one JSON object: what our reader did with them
"""

from __future__ import annotations

import contextlib
import json
import resource
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.claims import Claim
from quantize.errors import InputError
from quantize.gguf import header, trial

_PEER_S: Final = 5.0
_TRIED: Final = 12
"""files that pass our reader and are given to llama.cpp"""
_EXTREME: Final = (0, 1, 2**16, 2**31, 2**32 - 1, 2**40, 2**61, 2**63, 2**64 - 1)
_PEER: Final = "import sys, gguf; gguf.GGUFReader(sys.argv[1])"


def claims(folder: Path, count: int) -> list[Claim]:
    """What holds of `count` changed files."""
    folder.mkdir(parents=True, exist_ok=True)
    seed_file(folder / "sound.gguf")
    words = [sys.executable, "-m", "benchmarks.quantize_hostile", str(folder), str(count)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return [
            Claim(f"{count} changed GGUF heads: our reader ended with code {done.returncode}", 1, "crashes", "<= 0")
        ]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    survived = sum(_survives(Path(path)) for path in found["passed"])
    hung = _peer_hangs(folder)
    return [
        Claim(f"{count} changed GGUF heads: crashes", found["crashes"], "", "= 0", f"{found['refused']} refused"),
        Claim("slowest of them", found["slowest_s"], "s", "<= 1", f"gguf-py 0.19 on 49 bytes: {hung}"),
        Claim("memory at most", found["peak_mb"], "MB", "<= 300"),
        Claim(
            f"of {len(found['passed'])} that pass the reader, tried in a process of their own: ours still alive",
            survived, "", f"= {len(found['passed'])}",
        ),
    ]  # fmt: skip


def seed_file(path: Path) -> None:
    """A sound file with every kind of field, small, so that thousands of copies are quick."""
    import gguf

    rng = np.random.default_rng(1)
    writer = gguf.GGUFWriter(str(path), "llama")
    for key, value in (
        ("context_length", 64),
        ("embedding_length", 64),
        ("block_count", 1),
        ("feed_forward_length", 64),
    ):
        writer.add_uint32(f"llama.{key}", value)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_rope_dimension_count(32)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(264)
    writer.add_array("some.numbers", [1.5, 2.5, 3.5])
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{n:02X}>" for n in range(256)), *"abcde"]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(pieces)
    writer.add_token_scores([0.0] * len(pieces))
    writer.add_token_types([2, 3, 3, *([6] * 256), *([1] * 5)])
    shapes = {
        "token_embd": (264, 64), "output_norm": (64,), "blk.0.attn_norm": (64,), "blk.0.ffn_norm": (64,),
        **{f"blk.0.{n}": (64, 64) for n in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")},
    }  # fmt: skip
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", rng.standard_normal(shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def changed(raw: bytes, head: int, rng: np.random.Generator) -> bytes:
    """One to six changes in the head: bits, extreme numbers, parts cut out, doubled or noise, the end cut off."""
    out = bytearray(raw)
    for _ in range(int(rng.integers(1, 7))):
        at, how = int(rng.integers(4, head)), int(rng.integers(6))
        length = int(rng.integers(1, 40))
        if how == 0:
            out[at % len(out)] ^= 1 << int(rng.integers(8))
        elif how == 1:
            out[at : at + 8] = struct.pack("<Q", _EXTREME[int(rng.integers(len(_EXTREME)))])
        elif how == 2:
            out[at : at + 4] = struct.pack("<I", _EXTREME[int(rng.integers(5))])
        elif how == 3:
            del out[at : at + length]
        elif how == 4:
            out[at:at] = out[at : at + length]
        elif rng.random() < 0.2:
            del out[at:]
        else:
            out[at : at + length] = rng.bytes(length)
    return bytes(out)


def read_all(folder: Path, count: int) -> dict[str, Any]:
    """Runs our reader over the corpus, in this process."""
    raw = (folder / "sound.gguf").read_bytes()
    head = header.read(folder / "sound.gguf").data_start
    rng = np.random.default_rng(4)
    crashes = refused = 0
    slowest = 0.0
    passed: list[str] = []
    path = folder / "changed.gguf"
    for n in range(count):
        path.write_bytes(changed(raw, head, rng))
        begun = time.process_time()
        try:
            header.read(path)
            if len(passed) < _TRIED:
                kept = folder / f"passed-{n}.gguf"
                kept.write_bytes(path.read_bytes())
                passed.append(str(kept))
        except InputError:
            refused += 1
        except Exception:  # whatever is not our own refusal counts as a crash
            crashes += 1
        slowest = max(slowest, time.process_time() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"crashes": crashes, "refused": refused, "slowest_s": slowest, "peak_mb": peak, "passed": passed}


def _survives(path: Path) -> bool:
    """Whatever llama.cpp does with it, we come back with an answer."""
    with contextlib.suppress(InputError):
        trial.run(path)
    return True


def _peer_hangs(folder: Path) -> str:
    """gguf-py on a file of 49 bytes whose one array claims 2⁶⁰ empty arrays' worth of elements."""
    path = folder / "tiny.gguf"
    key = b"a"
    path.write_bytes(
        b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", len(key)) + key + struct.pack("<IIQ", 9, 0, 2**60)
    )
    begun = time.perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PEER, str(path)], timeout=_PEER_S, capture_output=True, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {_PEER_S:.0f} s, stopped"
    return f"code {done.returncode} after {time.perf_counter() - begun:.2f} s"


if __name__ == "__main__":
    print(json.dumps(read_all(Path(sys.argv[1]), int(sys.argv[2]))))
