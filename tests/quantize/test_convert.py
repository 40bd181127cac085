"""Converting a Hugging Face directory: what is refused before a converter sees it, and that the numbers arrive."""

from __future__ import annotations

import importlib.util
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from quantize.errors import InputError, OptionError, ToolError
from quantize.gguf import convert, safetensors
from tests.shared_data import shared


def write(path: Path, tensors: dict[str, NDArray[np.float32]]) -> None:
    """A safetensors file."""
    header: dict[str, Any] = {}
    end = 0
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [end, end + values.nbytes]}
        end += values.nbytes
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(v.tobytes() for v in tensors.values()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"architectures": ["LlamaForCausalLM"]}))
    write(folder / "model.safetensors", {"a": np.ones((2, 3), np.float32), "b": np.zeros(4, np.float32)})
    return folder


def test_a_whole_directory_is_counted(folder: Path) -> None:
    files, count = safetensors.check_directory(folder)
    assert [path.name for path in files] == ["config.json", "model.safetensors"] and count == 2


def test_a_pickle_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(InputError, match="pickle, which can run code"):
        safetensors.check_directory(folder)


def test_a_pickle_beside_safetensors_is_not_shown_to_the_converter(folder: Path) -> None:
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    files, _ = safetensors.check_directory(folder)
    assert "pytorch_model.bin" not in {path.name for path in files}


def test_a_model_that_brings_its_own_code_is_refused(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({"auto_map": {"AutoModel": "modeling.Evil"}}))
    with pytest.raises(InputError, match="own code"):
        safetensors.check_directory(folder)


def test_a_file_that_leads_out_of_its_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}")
    (folder / "vocab.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(InputError, match="leads out of its folder"):
        safetensors.check_directory(folder)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "no safetensors file"),
        (struct.pack("<Q", 1 << 60) + b"{}", "longer than the file"),
        (struct.pack("<Q", 2) + b"[]", "no object"),
        (struct.pack("<Q", 4) + b"{{{{", "no safetensors file"),
        (struct.pack("<Q", 10) + b'{"a":null}', "no type, shape and place"),
    ],
)
def test_a_corrupt_header_is_refused_in_a_sentence(folder: Path, body: bytes, says: str) -> None:
    (folder / "model.safetensors").write_bytes(body)
    with pytest.raises(InputError, match=says):
        safetensors.check_directory(folder)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"data_offsets": [0, 20]}, "not what its shape says"),
        ({"shape": [2, -3]}, "cannot be"),
        ({"dtype": "OBJECT"}, "cannot be"),
        ({"shape": [2, True]}, "cannot be"),
        ({"data_offsets": [24, 48]}, "cut off, or its tensors lie over each other"),
    ],
)
def test_a_tensor_that_cannot_be_is_refused(folder: Path, change: dict[str, Any], says: str) -> None:
    entry = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]} | change
    text = json.dumps({"a": entry}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + bytes(24))
    with pytest.raises(InputError, match=says):
        safetensors.check_directory(folder)


def test_a_type_that_is_not_float_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="no float type"):
        convert.convert(folder, tmp_path / "out.gguf", "q4_0")


def test_a_source_package_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Path
) -> None:
    (tmp_path / "sdist.tar.gz").write_bytes(b"no archive")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LLAMA_SDIST", str(tmp_path / "sdist.tar.gz"))
    with pytest.raises(ToolError, match="no source package"):
        convert.convert(folder, tmp_path / "out.gguf")
    assert not (tmp_path / "out.gguf").exists()


def test_a_real_llama_arrives_number_by_number(tmp_path: Path) -> None:
    """babyllama, from its own format into a Hugging Face directory, through llama.cpp's converter."""
    if missing := [
        n for n in ("torch", "transformers", "sentencepiece", "gguf") if importlib.util.find_spec(n) is None
    ]:
        pytest.skip(f"{missing[0]} is not installed (pip install glasspath[convert])")
    if not convert.is_there():
        pytest.skip("the converter is not in the cache: run quantize convert once")
    source = shared("llm/babyllama_tok105")
    shape, tensors = llama2c(source / "model5000.bin")
    folder = tmp_path / "babyllama"
    folder.mkdir()
    write(folder / "model.safetensors", tensors)
    (folder / "config.json").write_text(json.dumps(shape))
    (folder / "tokenizer.model").write_bytes((source / "tok105.model").read_bytes())
    out = convert.convert(folder, tmp_path / "babyllama.gguf")
    import gguf

    arrived = {t.name: t.data for t in gguf.GGUFReader(out).tensors}
    assert len(arrived) == len(tensors)
    for theirs, ours in (
        ("ffn_gate", "mlp.gate_proj"),
        ("attn_v", "self_attn.v_proj"),
        ("attn_norm", "input_layernorm"),
    ):
        np.testing.assert_array_equal(arrived[f"blk.1.{theirs}.weight"], tensors[f"model.layers.1.{ours}.weight"])
    halves = tensors["model.layers.0.self_attn.q_proj.weight"]
    np.testing.assert_array_equal(arrived["blk.0.attn_q.weight"], turned_back(halves, shape["num_attention_heads"]))


def turned(values: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Rows of a projection from pairs beside each other to halves, as Hugging Face's rotation wants them."""
    rows, columns = values.shape
    return np.ascontiguousarray(
        values.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)
    )


def turned_back(values: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """The other way, as llama.cpp wants them."""
    rows, columns = values.shape
    return values.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def llama2c(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[np.float32]]]:
    """A llama2.c file as a Hugging Face configuration and tensors (github.com/karpathy/llama2.c, export.py)."""
    raw = path.read_bytes()
    width, hidden, layers, heads, kv_heads, words, context = struct.unpack("<7i", raw[:28])
    numbers = np.frombuffer(raw, np.float32, offset=28)
    at = 0

    def take(*shape: int) -> NDArray[np.float32]:
        nonlocal at
        at += int(np.prod(shape))
        return numbers[at - int(np.prod(shape)) : at].reshape(shape)

    kv = width * kv_heads // heads
    tensors = {"model.embed_tokens.weight": take(abs(words), width)}
    for name, shape in (
        ("input_layernorm", (width,)), ("self_attn.q_proj", (width, width)), ("self_attn.k_proj", (kv, width)),
        ("self_attn.v_proj", (kv, width)), ("self_attn.o_proj", (width, width)), ("post_attention_layernorm", (width,)),
        ("mlp.gate_proj", (hidden, width)), ("mlp.down_proj", (width, hidden)), ("mlp.up_proj", (hidden, width)),
    ):  # fmt: skip
        for n, values in enumerate(take(layers, *shape)):
            if name in ("self_attn.q_proj", "self_attn.k_proj"):
                values = turned(values, heads if "q_proj" in name else kv_heads)
            tensors[f"model.layers.{n}.{name}.weight"] = values
    tensors["model.norm.weight"] = take(width)
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": width, "intermediate_size": hidden,
        "num_hidden_layers": layers, "num_attention_heads": heads, "num_key_value_heads": kv_heads,
        "vocab_size": abs(words), "max_position_embeddings": context, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
        "tie_word_embeddings": True, "hidden_act": "silu", "torch_dtype": "float32",
    }  # fmt: skip
    return config, tensors
