"""The reader of GGUF heads: what is sound comes through, each bad thing is refused in a sentence."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from quantize.errors import InputError
from quantize.gguf import header
from quantize.gguf.types import BY_ID
from tests.quantize import gguf_models


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def field(key: str, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


ARCHITECTURE = field("general.architecture", 8, text("llama"))


def tensor(name: str, shape: tuple[int, ...] = (32, 2), kind: int = 0, offset: int = 0) -> bytes:
    dims = struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", n) for n in shape)
    return text(name) + dims + struct.pack("<IQ", kind, offset)


def file(
    *tensors: bytes,
    fields: tuple[bytes, ...] = (ARCHITECTURE,),
    data: int = 256,
    count: int | None = None,
    version: int = 3,
) -> bytes:
    said = len(tensors) if count is None else count
    head = b"GGUF" + struct.pack("<IQQ", version, said, len(fields)) + b"".join(fields) + b"".join(tensors)
    return head + bytes(-len(head) % 32 + data)


def read(folder: Path, raw: bytes) -> header.Header:
    path = folder / "file.gguf"
    path.write_bytes(raw)
    return header.read(path)


def test_a_written_file_is_read_as_it_was_meant(tmp_path: Path) -> None:
    head = header.read(gguf_models.make(tmp_path / "m.gguf"))
    assert head.architecture == "llama" and head.number("block_count") == gguf_models.LAYERS
    shapes = {t.name: t.shape for t in head.tensors}
    assert shapes["token_embd.weight"] == (256, 300) and shapes["blk.1.ffn_down.weight"] == (512, 256)
    assert header.strings(head, "tokenizer.ggml.tokens")[3] == "<0x00>"
    last = head.tensors[-1]
    assert last.offset + last.bytes <= head.file_bytes


def test_the_weights_lie_where_the_reader_says(tmp_path: Path) -> None:
    from quantize.gguf import weights

    path = gguf_models.make(tmp_path / "m.gguf")
    head = header.read(path)
    import gguf

    theirs = {t.name: np.array(t.data) for t in gguf.GGUFReader(path).tensors}
    for found in head.tensors:
        assert (weights.as_floats(head, found).reshape(theirs[found.name].shape) == theirs[found.name]).all()


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "too few"),
    "another format": (lambda: b"PK\x03\x04" + bytes(60), "does not begin with the letters GGUF"),
    "big-endian": (lambda: b"GGUF" + struct.pack(">IQQ", 3, 0, 0) + bytes(40), "its version is 50331648"),
    "version 1": (lambda: file(version=1), "its version is 1"),
    "more tensors than bytes": (lambda: file(count=2**40), "the number of tensors"),
    "no architecture": (lambda: file(tensor("a"), fields=()), "does not say its architecture"),
    "architecture is a number": (
        lambda: file(fields=(field("general.architecture", 4, bytes(4)),)),
        "does not say its architecture",
    ),
    "field twice": (lambda: file(fields=(ARCHITECTURE, ARCHITECTURE)), "stands twice"),
    "field without name": (lambda: file(fields=(field("", 4, bytes(4)),)), "has no name"),
    "unknown field type": (lambda: file(fields=(field("x", 13, bytes(8)),)), "unknown type 13"),
    "array of arrays": (lambda: file(fields=(field("x", 9, struct.pack("<IQ", 9, 1)),)), "unknown type 9"),
    "endless array": (lambda: file(fields=(field("x", 9, struct.pack("<IQ", 0, 2**60)),)), "length of the array"),
    "endless array of strings": (
        lambda: file(fields=(field("x", 9, struct.pack("<IQ", 8, 2**60)),)),
        "length of the array",
    ),
    "long string": (lambda: file(fields=(text("x") + struct.pack("<IQ", 8, 2**62),)), "length of the field"),
    "alignment 3": (lambda: file(fields=(field("general.alignment", 4, struct.pack("<I", 3)),)), "alignment is 3"),
    "alignment 0": (lambda: file(fields=(field("general.alignment", 4, bytes(4)),)), "alignment is 0"),
    "alignment text": (lambda: file(fields=(field("general.alignment", 8, text("8")),)), "its alignment"),
    "F64 weights": (lambda: file(tensor("a", kind=28)), "type F64, which llama.cpp cannot run"),
    "removed type": (lambda: file(tensor("a", kind=31)), "Q4_0_4_4"),
    "unknown type": (lambda: file(tensor("a", kind=99)), "unknown type 99"),
    "five dimensions": (lambda: file(tensor("a", (1, 1, 1, 1, 1))), "number of dimensions"),
    "empty dimension": (lambda: file(tensor("a", (32, 0))), "empty dimension"),
    "huge dimension": (lambda: file(tensor("a", (2**62, 2))), "a dimension of a"),
    "rows no whole blocks": (lambda: file(tensor("a", (31, 2), kind=8)), "no whole blocks of Q8_0"),
    "name too long": (lambda: file(tensor("a" * 64)), "tensor's name"),
    "tensor twice": (lambda: file(tensor("a"), tensor("a", offset=256), data=512), "stands twice"),
    "overlap": (lambda: file(tensor("a"), tensor("b", offset=128), data=512), "overlap others or leave a gap"),
    "gap": (lambda: file(tensor("a"), tensor("b", offset=512), data=1024), "overlap others or leave a gap"),
    "weights past the end": (lambda: file(tensor("a", (32, 200))), "reach past the end"),
}


@pytest.mark.parametrize("name", BAD)
def test_each_bad_thing_is_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    make, says = BAD[name]
    with pytest.raises(InputError, match=says) as error:
        read(tmp_path, make())
    assert "\n" not in str(error.value) and str(tmp_path) in str(error.value)


def test_a_good_file_of_the_same_making_is_read(tmp_path: Path) -> None:
    """So that the bad ones are refused for what is bad in them."""
    head = read(tmp_path, file(tensor("a"), tensor("b", offset=256), data=512))
    assert [t.bytes for t in head.tensors] == [256, 256]


def test_every_cut_of_a_file_is_refused(tmp_path: Path) -> None:
    raw = gguf_models.make(tmp_path / "m.gguf").read_bytes()
    head = header.read(tmp_path / "m.gguf")
    for end in [*range(0, head.data_start, 211), head.data_start + 5, len(raw) - 1]:
        with pytest.raises(InputError):
            read(tmp_path, raw[:end])


def test_files_changed_at_random_are_read_or_refused_in_no_time(tmp_path: Path) -> None:
    """A few hundred here; ten thousand in the benchmark."""
    raw = bytearray(gguf_models.make(tmp_path / "m.gguf").read_bytes())
    end = header.read(tmp_path / "m.gguf").data_start
    rng = np.random.default_rng(3)
    path = tmp_path / "changed.gguf"
    slowest, texts = 0.0, []
    for _ in range(300):
        changed = bytearray(raw[:end])
        for _ in range(int(rng.integers(1, 6))):
            at, how = int(rng.integers(4, len(changed) - 8)), int(rng.integers(3))
            if how == 0:
                changed[at] ^= 1 << int(rng.integers(8))
            elif how == 1:
                changed[at : at + 8] = struct.pack("<Q", (0, 2**31, 2**40, 2**63, 2**64 - 1)[int(rng.integers(5))])
            else:
                del changed[at : at + int(rng.integers(1, 64))]
        path.write_bytes(changed)
        os.truncate(path, len(raw))  # zeros for weights, without writing them
        begun = time.process_time()
        try:
            header.read(path)
        except InputError as error:
            texts.append(str(error))
        slowest = max(slowest, time.process_time() - begun)
    assert slowest < 1.0
    assert len(texts) > 100 and not any("\n" in said for said in texts)


def test_a_missing_file_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="could not be read"):
        header.read(tmp_path / "none.gguf")


def test_the_table_of_types_is_that_of_the_library() -> None:
    from quantize.gguf import llama

    for kind in BY_ID.values():
        name, block, block_bytes = llama.type_traits(kind.id)
        assert (name.upper(), block, block_bytes) == (kind.name, kind.block, kind.block_bytes)
