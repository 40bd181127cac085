"""A loaded model on the bench: weights are exchanged in place, restored bit by bit, and quantized as the file would be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from quantize.errors import InputError, ToolError
from quantize.gguf import header, imatrix, llama, measure, plan, texts, trial, weights, writer
from quantize.gguf.header import Header
from quantize.gguf.network import Network
from quantize.gguf.passage import Passage, plain, room
from quantize.gguf.types import NEEDS_IMATRIX
from quantize.gguf.workbench import Workbench
from tests.quantize import gguf_models

KINDS = ("Q2_K", "IQ4_NL", "Q4_0", "Q4_K", "Q5_1", "Q6_K", "Q8_0", "F16")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Header:
    return header.read(gguf_models.make(tmp_path_factory.mktemp("network") / "m.gguf"))


@pytest.fixture(scope="module")
def passages() -> list[Passage]:
    rng = np.random.default_rng(7)
    return [plain(rng.integers(3, gguf_models.VOCABULARY, 40).astype(np.int32)) for _ in range(4)]


@pytest.fixture(scope="module")
def matrix(model: Header, passages: list[Passage]) -> imatrix.Imatrix:
    with Network(model.path) as network:
        return imatrix.collect(network, passages)


@pytest.fixture(scope="module")
def bench(model: Header, passages: list[Passage], matrix: imatrix.Imatrix) -> Iterator[Workbench]:
    with Workbench(model, {n: i.mean for n, i in matrix.items()}, room(passages)) as bench:
        yield bench


def test_a_model_diverges_from_itself_by_nothing(bench: Workbench, passages: list[Passage]) -> None:
    reference = measure.refer(bench.session, passages)
    assert bench.divergence({}, reference) == 0.0
    found = measure.diverge(bench.session, reference)
    assert found.mean == 0.0 and found.flip_rate == 0.0 and found.interval() == (0.0, 0.0)


def test_an_exchanged_weight_changes_the_output_and_restored_leaves_no_trace(
    bench: Workbench, passages: list[Passage]
) -> None:
    bench.apply({})
    before = bench.session.logits(passages[0]).copy()
    for kind in KINDS:
        bench.apply({"blk.0.ffn_up.weight": kind, "token_embd.weight": kind, "output.weight": kind})
        assert np.abs(bench.session.logits(passages[0]) - before).max() > 0
        bench.apply({})
        assert (bench.session.logits(passages[0]) == before).all()


@pytest.mark.parametrize("kind", ["Q2_K", "Q4_0", "Q8_0"])
def test_a_plan_in_memory_runs_as_the_file_of_it(
    bench: Workbench, model: Header, passages: list[Passage], tmp_path: Path, kind: str
) -> None:
    """Same bytes, same kernels, same logits: what is measured in memory is what the file will do."""
    choice = dict.fromkeys(bench.tensors, kind)
    writer.write(model, choice, bench.importance, tmp_path / "q.gguf")
    written = header.read(tmp_path / "q.gguf")
    for tensor in written.tensors:
        if tensor.name in choice:
            assert (weights.raw(written, tensor) == bench.quantized(tensor.name, kind)).all()
    bench.apply(choice)
    ours = bench.session.logits(passages[0]).copy()
    with Network(written.path, exchangeable=True) as network, network.session(bench.room.tokens) as session:
        assert (session.logits(passages[0]) == ours).all()


def test_more_threads_make_the_same_bytes(model: Header, bench: Workbench, tmp_path: Path) -> None:
    choice = {n: "Q4_K" if k % 2 else "Q3_K" for k, n in enumerate(bench.tensors)}
    for threads in (1, 2):
        writer.write(model, choice, bench.importance, tmp_path / f"{threads}.gguf", threads)
    assert (tmp_path / "1.gguf").read_bytes() == (tmp_path / "2.gguf").read_bytes()
    values = weights.as_floats(model, bench.tensors["blk.0.ffn_up.weight"])
    assert (weights.quantize(values, "Q4_K", None, 2) == weights.quantize(values, "Q4_K", None, 1)).all()


def test_sizes_are_known_to_the_byte_before_a_file_is_written(model: Header, bench: Workbench, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    quick = {"Q2_K", "Q4_0", "Q4_K", "Q5_1", "Q8_0", "F16", "F32"}  # IQ types take seconds
    for n in range(2):
        choice = {
            t.name: str(rng.choice([k for k in plan.candidates(t, ()) if k in quick])) for t in bench.tensors.values()
        }
        writer.rehearse(model, choice, bench.importance)
        writer.write(model, choice, bench.importance, tmp_path / f"{n}.gguf")
        assert (tmp_path / f"{n}.gguf").stat().st_size == plan.file_bytes(model, choice)


def test_rows_of_no_whole_superblocks_get_the_types_they_can_have(tmp_path: Path) -> None:
    """288 numbers a row: what llama.cpp would replace is never offered."""
    head = header.read(gguf_models.make(tmp_path / "m.gguf", width=288, hidden=576))
    for tensor in plan.quantizable(head):
        kinds = plan.candidates(tensor, {t.name for t in head.tensors})
        assert kinds == ["Q4_0", "IQ4_NL", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "F16", "F32"]
    choice = {t.name: "Q5_0" for t in plan.quantizable(head)}
    writer.write(head, choice, {}, tmp_path / "q.gguf")
    assert {t.type.name for t in header.read(tmp_path / "q.gguf").tensors} == {"Q5_0", "F32"}


def test_branches_see_the_trunk_and_not_each_other(bench: Workbench) -> None:
    rng = np.random.default_rng(5)
    trunk, one, two = (rng.integers(3, 300, n).astype(np.int32) for n in (12, 5, 7))
    branch = np.repeat(np.array([0, 1, 2], np.int32), (12, 5, 7))
    both = Passage(np.concatenate((trunk, one, two)), branch, branch > 0)
    alone = Passage(np.concatenate((trunk, two)), np.zeros(19, np.int32), np.arange(19) >= 12)
    bench.apply({})
    with bench.network.session(32, sequences=2) as session:
        found = session.logits(both)[5:].copy()
        assert np.abs(found - session.logits(alone)).max() < 1e-2
    assert both.followers().tolist() == [*one[1:], -1, *two[1:], -1]


def test_the_importance_matrix_is_the_mean_square_of_what_goes_in(
    model: Header, matrix: imatrix.Imatrix, passages: list[Passage]
) -> None:
    """The first layer's input is the normed embedding, which can be computed by hand."""
    table = weights.as_floats(model, next(t for t in model.tensors if t.name == "token_embd.weight"))
    rows = table[np.concatenate([p.tokens for p in passages])].astype(np.float64)
    normed = rows / np.sqrt((rows**2).mean(1, keepdims=True) + 1e-5)
    assert np.allclose(matrix["blk.0.attn_q.weight"].mean, (normed**2).mean(0), rtol=1e-4)
    assert set(matrix) == {t.name for t in plan.quantizable(model)} - {"token_embd.weight"}
    covered = imatrix.coverage(model, matrix, 160)
    assert covered.uncovered == ("token_embd.weight",) and "160 tokens reached 15 of 16 weights" in covered.sentence()


def test_an_importance_matrix_comes_back_and_a_model_is_none(
    model: Header, matrix: imatrix.Imatrix, tmp_path: Path
) -> None:
    imatrix.save(tmp_path / "i.gguf", matrix, ["text"], 40, 4)
    found = imatrix.load(tmp_path / "i.gguf")
    assert found.keys() == matrix.keys()
    assert all(np.allclose(found[n].mean, matrix[n].mean) for n in matrix)
    with pytest.raises(InputError, match="is a model, not an importance matrix"):
        imatrix.load(model.path)


def test_what_no_token_reached_gets_types_that_need_no_importance(model: Header) -> None:
    tensor = plan.quantizable(model)[0]
    assert not NEEDS_IMATRIX & set(plan.candidates(tensor, set()))
    assert set(plan.candidates(tensor, {tensor.name})) >= NEEDS_IMATRIX - {"IQ1_S", "IQ1_M"}


def test_a_quantized_file_is_not_quantized_again(model: Header, bench: Workbench, tmp_path: Path) -> None:
    from quantize.gguf import request

    writer.write(model, dict.fromkeys(bench.tensors, "Q4_0"), {}, tmp_path / "q.gguf")
    with pytest.raises(InputError, match="is quantized already"):
        request.read_float(tmp_path / "q.gguf")


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path, model: Header) -> None:
    tensor = model.tensors[-1]
    raw = bytearray(model.path.read_bytes())
    tensor = plan.quantizable(model)[-1]
    raw[tensor.offset : tensor.offset + 4] = np.float32(np.nan).tobytes()
    (tmp_path / "nan.gguf").write_bytes(raw)
    with pytest.raises(InputError, match="not finite"):
        weights.as_floats(header.read(tmp_path / "nan.gguf"), tensor)


def test_a_file_that_kills_llama_cpp_kills_only_the_trial(tmp_path: Path) -> None:
    """More heads than the width has room for: well formed, and an abort or a refusal in llama.cpp."""
    path = gguf_models.make(tmp_path / "m.gguf")
    raw = bytearray(path.read_bytes())
    key = b"llama.attention.head_count"
    at = raw.index(key + b"\x04\x00\x00\x00") + len(key) + 4
    raw[at : at + 4] = (2**31 - 1).to_bytes(4, "little")
    (tmp_path / "hostile.gguf").write_bytes(raw)
    header.read(tmp_path / "hostile.gguf")
    with pytest.raises(InputError, match="llama.cpp cannot run it"):
        trial.run(tmp_path / "hostile.gguf")
    assert trial.run(path)


def test_another_version_of_the_library_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The standard library's answer is replaced, not our code."""
    import importlib.metadata

    monkeypatch.setattr(importlib.metadata, "version", lambda name: "0.4.0")
    llama.library.cache_clear()
    try:
        with pytest.raises(ToolError, match=r"is version 0\.4\.0, this works with 0\.3\.36 only"):
            llama.library()
    finally:
        llama.library.cache_clear()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 1: no document"),
        ("3", "neither text nor tokens"),
        ('{"tokens": [1, 999]}', "token numbers go from 0 to 299"),
        ('{"tokens": [1, "a"]}', "no document"),
        ('{"tokens": [[1, 2]]}', "no document"),
        ('{"tokens": [1, 2], "from": 9}', '"from" is 9'),
        ('{"tokens": [99999999999]}', "no document"),
    ],
)
def test_a_line_that_is_no_document_is_refused_with_its_number(
    model: Header, tmp_path: Path, line: str, says: str
) -> None:
    path = tmp_path / "text.jsonl"
    path.write_text(line + "\n")
    with Network(model.path) as network, pytest.raises(InputError, match=says):
        texts.passages(network, path)


def test_calibration_and_evaluation_never_share_a_passage(model: Header, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("some words and more words " * 200)
    documents = gguf_models.documents(tmp_path / "b.jsonl")
    with Network(model.path) as network:
        for evaluation in (None, documents):
            given = [tmp_path / "a.txt"] if evaluation else [tmp_path / "a.txt", documents]
            found = texts.read(network, given, evaluation, tokens=10**6, judged=10**6)
            kept = {p.tokens.tobytes() for p in found.calibration}
            assert kept and found.evaluation and not kept & {p.tokens.tobytes() for p in found.evaluation}
        (tmp_path / "short.txt").write_text("a b")
        with pytest.raises(InputError, match="too little text"):
            texts.read(network, [tmp_path / "short.txt"], None, tokens=100, judged=100)
