"""`quantize fit` for GGUF: the best file within a size, a speed, a quality and a memory, measured before it counts.

One pass of the float model gives the importance matrix; a table of what each type costs each tensor is measured in memory
(`sensitivity.py`); a knapsack finds the plan (`budget.py`), which is tried in memory and repaired by exchanges; then
llama.cpp's own quantizer writes it, and the file is loaded again, measured on text that took no part, and timed. All that
was measured is in the journal of the folder: another budget there takes seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from quantize import files, progress
from quantize.errors import OptionError
from quantize.gguf import (
    budget,
    clock,
    finish,
    imatrix,
    llama,
    measure,
    plan,
    sensitivity,
    texts,
    trial,
)
from quantize.gguf.evidence import Evidence, Judge
from quantize.gguf.network import Network
from quantize.gguf.passage import room
from quantize.gguf.request import FitRequest as FitRequest
from quantize.gguf.request import read_float
from quantize.gguf.search import search
from quantize.gguf.types import BY_NAME
from quantize.gguf.workbench import Workbench
from quantize.journal import Journal
from quantize.results import Fit

METHOD: Final = 4
"""raised when measurements of an older journal no longer hold"""
CALIBRATION_TOKENS: Final = 32768
JUDGED_TOKENS: Final = 8192
SPEED_RESERVE: Final = 1.04
"""plans are made for so much more speed than was asked, and for more again where the file turns out too slow"""
_TRIES: Final = 3


def fit(request: FitRequest) -> Fit:
    """The answer; the file, its manifest and the journal lie in `request.out`.

    Raises:
        InputError: the model or a text is unfit.
        OptionError: bounds that cannot be.
        OutputError: the folder cannot be written.
        ToolError: llama-cpp-python is missing or another version.
    """
    llama.library()
    if not request.calibration:
        raise OptionError("a GGUF model needs text to calibrate with: give --calibration FILE")
    if request.context is not None and request.memory is None:
        raise OptionError("--context matters to the memory only: give --memory too, or leave it out")
    head = read_float(request.model)
    repacked = trial.run(request.model)
    with Network(request.model) as network:
        text = texts.read(
            network,
            request.calibration,
            request.evaluation,
            tokens=CALIBRATION_TOKENS,
            judged=min(JUDGED_TOKENS, measure.most_tokens(network.vocabulary) // 2),
        )
    checksum = files.sha256(request.model)
    basis = {
        "method": METHOD, "kind": "gguf", "source": checksum, "texts": text.checksum,
        "versions": llama.versions(),
    }  # fmt: skip
    with Journal(request.out, basis) as journal:
        matrix_path, importance = _importance(request, text, journal)
        space = room((*text.calibration, *text.evaluation))
        with Workbench(head, importance, space, request.threads) as bench:
            evidence = _evidence(request, text, journal, bench, repacked)
            source = finish.Source(checksum, matrix_path, repacked)
            reserve = SPEED_RESERVE
            for _ in range(_TRIES):
                found = finish.written(request, evidence, search(evidence, request, reserve), source)
                speed_found = None if found.measured is None else found.measured.speed
                if speed_found is None or request.tok_s is None or speed_found >= request.tok_s:
                    break
                reserve *= SPEED_RESERVE * request.tok_s / speed_found
        return found


def _importance(request: FitRequest, text: texts.Texts, journal: Journal) -> tuple[Path, Mapping[str, Any]]:
    """The importance matrix, from the folder where it is there and whole."""
    path = request.out / f"imatrix-{journal.request_id}.gguf"
    if not path.is_file() or journal.get("imatrix") != files.sha256(path):
        with Network(request.model) as network, progress.bar("importance", len(text.calibration)) as bar:
            found = imatrix.collect(network, text.calibration, request.threads, bar)
        names = [p.name for p in request.calibration]
        imatrix.save(path, found, names, texts.WINDOW, len(text.calibration))
        journal.put("imatrix", files.sha256(path))
    # Read back, because the file has float32 sums: replay must see the same numbers.
    return path, {name: i.mean for name, i in imatrix.load(path).items() if i.counts.any()}


def _evidence(request: FitRequest, text: texts.Texts, journal: Journal, bench: Workbench, repacked: bool) -> Evidence:
    """Everything that plans are made of."""
    covered = frozenset(bench.importance)
    most = min(sensitivity.SLICES * sensitivity.SLICE_TOKENS, measure.most_tokens(bench.network.vocabulary) // 2)
    reference = measure.refer(bench.session, texts.spread(text.calibration, most))
    with progress.bar("sensitivity", None) as bar:
        losses = sensitivity.table(sensitivity.Work(bench, sensitivity.sliced(reference), journal, covered, bar))
    if request.device is not None:
        timing = clock.of_device(bench.header, request.device)
    elif request.tok_s is not None or bench.header.file_bytes <= clock.SMALL_BYTES:
        job = clock.Timing(bench.header, bench.importance, request.out, request.threads, repacked, journal)
        timing = clock.of_this_machine(job)
    else:
        timing = clock.Clock({n: dict.fromkeys(BY_NAME, 0.0) for n in losses}, 0.0, is_predicted=False)
    judging = measure.refer(bench.session, text.evaluation)
    units = sensitivity.units(bench, losses, timing.ns)
    movable = sum(plan.tensor_bytes(t, t.type.name) for t in bench.tensors.values())
    fixed = plan.file_bytes(bench.header, {}) - movable
    judge = Judge(bench, journal, reference, judging)
    caches = _caches(request, bench, judge)
    return Evidence(judge, budget.Table(tuple(losses), units, fixed, caches), timing)


def _caches(request: FitRequest, bench: Workbench, judge: Judge) -> tuple[budget.Cache, ...]:
    """Ways to keep the KV cache: the plain one, and smaller ones where memory is bounded."""
    head = bench.header
    context = request.context or head.number("context_length") or 4096
    width = (head.number("embedding_length") or 0) // (head.number("attention.head_count") or 1)
    plain = ("F16", "F16")
    found = [budget.Cache(plain, plan.cache_bytes(head, context, plain), 0.0)]
    if request.memory is None or (head.number("attention.key_length") or width) % 32:
        return tuple(found)
    for kinds in (("Q8_0", "Q8_0"), ("Q8_0", "Q4_0"), ("Q4_0", "Q4_0")):
        loss = judge.cache_loss(kinds, request.threads)
        if loss is not None:
            found.append(budget.Cache(kinds, plan.cache_bytes(head, context, kinds), loss))
    return tuple(found)
