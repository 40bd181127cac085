"""`quantize fit` for GGUF: the best file within a size, a speed, a quality and a memory, measured before it counts.

One pass of the float model gives the importance matrix; a table of what each type costs each tensor is measured in memory
(`sensitivity.py`); a knapsack finds the plan (`budget.py`), which is tried in memory and repaired by exchanges; then
llama.cpp's own quantizer writes it, and the file is loaded again, measured on text that took no part, and timed. All that
was measured is in the journal of the folder: another budget there takes seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from quantize import files, manifest, progress
from quantize.errors import InputError, OptionError
from quantize.gguf import budget, clock, header, imatrix, llama, measure, plan, sensitivity, speed, texts, trial, writer
from quantize.gguf.budget import Plan
from quantize.gguf.evidence import Evidence, Judge
from quantize.gguf.network import Network
from quantize.gguf.passage import room
from quantize.gguf.search import Answer, search
from quantize.gguf.types import BY_NAME, FLOAT
from quantize.gguf.workbench import Workbench
from quantize.journal import Journal
from quantize.results import Fit, Score, Unit

METHOD: Final = 2
"""raised when measurements of an older journal no longer hold"""
CALIBRATION_TOKENS: Final = 32768
JUDGED_TOKENS: Final = 8192
SPEED_RESERVE: Final = 1.04
"""plans are made for so much more speed than was asked, and for more again where the file turns out too slow"""
_TRIES: Final = 3
DEFAULT_KL: Final = 0.01
"""nats, where no bound was asked: about the loss of llama.cpp's Q5_K_M on an 8-billion model (tools/perplexity/README.md)"""


@dataclass(frozen=True, slots=True)
class FitRequest:
    """What was asked."""

    model: Path
    """float GGUF"""
    out: Path
    """folder"""
    calibration: tuple[Path, ...]
    evaluation: Path | None = None
    size_bytes: int | None = None
    tok_s: float | None = None
    max_kl: float | None = None
    memory_bytes: int | None = None
    """of weights and KV cache"""
    context: int | None = None
    """tokens of the KV cache; None: what the model was trained for"""
    device: Any = None
    """`quantize.device.DeviceProfile`; None: this machine"""
    seed: int = 1
    threads: int = 1

    @property
    def memory(self) -> int | None:
        """What was asked, or what the device has."""
        if self.memory_bytes is not None or self.device is None:
            return self.memory_bytes
        return int(self.device.memory_bytes) if self.device.memory_bytes else None

    def bounds(self) -> dict[str, float]:
        """Those that were asked."""
        asked = {
            "size_bytes": self.size_bytes, "tok_s": self.tok_s, "max_kl": self.max_kl, "memory_bytes": self.memory_bytes,
        }  # fmt: skip
        return {k: v for k, v in asked.items() if v is not None}


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
    if request.context is not None and request.memory_bytes is None:
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
        "method": METHOD, "kind": "gguf", "source": checksum, "texts": text.checksum, "seed": request.seed,
        "versions": llama.versions(),
    }  # fmt: skip
    with Journal(request.out, basis) as journal:
        matrix_path, importance = _importance(request, text, journal)
        space = room((*text.calibration, *text.evaluation))
        with Workbench(head, importance, space, request.threads) as bench:
            evidence = _evidence(request, text, journal, bench, repacked)
            source = _Source(checksum, matrix_path, repacked)
            reserve = SPEED_RESERVE
            for _ in range(_TRIES):
                found = _written(request, evidence, search(evidence, request, reserve), source)
                speed_found = None if found.measured is None else found.measured.speed
                if speed_found is None or request.tok_s is None or speed_found >= request.tok_s:
                    break
                reserve *= SPEED_RESERVE * request.tok_s / speed_found
        return found


def read_float(path: Path) -> header.Header:
    """The head of a float model that can be quantized.

    Raises:
        InputError: it is quantized already, one part of several, or has nothing to quantize.
    """
    head = header.read(path)
    parts = head.fields.get("split.count")
    if isinstance(parts, int) and parts > 1:
        raise InputError(f"{path} is one of {parts} parts: merge them first with llama-gguf-split --merge")
    if head.alignment != plan.ALIGNMENT:
        raise InputError(
            f"{path} is aligned to {head.alignment} bytes, llama.cpp quantizes only {plan.ALIGNMENT}: convert it again"
        )
    quantized = [t for t in head.tensors if t.type.name not in FLOAT and t.name.endswith("weight")]
    if quantized:
        name = f"{quantized[0].name} is {quantized[0].type.name}"
        raise InputError(f"{path} is quantized already ({name}): give the float file that it was made of")
    if not plan.quantizable(head):
        raise InputError(f"{path} has no weights that can be quantized: give a language model")
    return head


@dataclass(frozen=True, slots=True)
class _Source:
    checksum: str
    matrix: Path
    repacked: bool


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
        with progress.bar("types timed", None) as bar:
            timing = clock.of_this_machine(
                clock.Timing(bench.header, bench.importance, request.out, request.threads, repacked, journal, bar)
            )
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


def _written(request: FitRequest, evidence: Evidence, answer: Answer, source: _Source) -> Fit:
    """The file, measured as it lies on the disk; or why there is none."""
    head = evidence.judge.bench_header
    front = evidence.front()
    device = request.device.name if request.device is not None else "this machine"
    empty = Fit(
        kind="gguf", model=request.model, float_bytes=head.file_bytes, device=device, request=request.bounds(),
        feasible=False, why=answer.why, out=None, predicted=None, measured=None,
        speed_is_predicted=evidence.clock.is_predicted, front=front, units=(),
    )  # fmt: skip
    if answer.plan is None:
        return empty
    choice = evidence.table.choice(answer.plan.solution)
    out = request.out / f"{request.model.stem}-{label(request)}.gguf"
    writer.rehearse(head, choice, evidence.judge.importance)
    writer.write(head, choice, evidence.judge.importance, out, request.threads)
    with Network(out, repacked=source.repacked) as network:
        space = room(evidence.judge.judging.passages)
        kinds = answer.plan.cache.kinds
        with network.session(space.tokens, request.threads, kinds, sequences=space.branches) as session:
            divergence = measure.diverge(session, evidence.judge.judging)
    here = speed.measure([out], request.threads, repacked=source.repacked, rounds=3)[0]
    tok_s = evidence.clock.tok_s(choice) if evidence.clock.is_predicted else here.decode_tok_s
    more = divergence.figures() | {"prefill_tok_s": here.prefill_tok_s}
    measured = Score(out.stat().st_size, divergence.mean, tok_s, more)
    predicted = Score(evidence.table.bytes(answer.plan.solution), answer.plan.loss, evidence.speed(choice))
    feasible, why = _verdict(request, answer, measured)
    described = Path(out).with_suffix(".json")
    _describe(described, request, evidence, answer.plan, measured, source, out)
    losses = {n: {o.name: o.loss for o in u} for n, u in zip(evidence.table.names, evidence.table.units, strict=True)}
    units = tuple(
        Unit(
            t.name,
            plan.layer(t.name),
            t.weights,
            BY_NAME[choice[t.name]].bits,
            choice[t.name],
            losses[t.name][choice[t.name]],
        )
        for t in plan.quantizable(head)
    )
    return replace(
        empty,
        feasible=feasible,
        why=why,
        out=out,
        predicted=predicted,
        measured=measured,
        units=units,
        manifest=described,
    )


def _verdict(request: FitRequest, answer: Answer, measured: Score) -> tuple[bool, str]:
    """What the measurement of the written file says."""
    if request.max_kl is not None and measured.loss > request.max_kl:
        return False, f"{answer.why}; but the written file loses {measured.loss:.4g} nats, more than {request.max_kl:g}"
    too_slow = request.tok_s is not None and measured.speed is not None and measured.speed < request.tok_s
    if too_slow:
        return (
            False,
            f"{answer.why}; but the written file makes {measured.speed:.4g} tokens a second, not {request.tok_s:g}",
        )
    return True, answer.why


def label(request: FitRequest) -> str:
    """The bounds, for a file's name: "4.5MB-20tok_s"."""
    parts = []
    if request.size_bytes is not None:
        parts.append(f"{request.size_bytes / 1e6:.6g}MB")
    if request.tok_s is not None:
        parts.append(f"{request.tok_s:g}tok_s")
    if request.max_kl is not None:
        parts.append(f"kl{request.max_kl:g}")
    if request.memory_bytes is not None:
        parts.append(f"{request.memory_bytes / 1e6:.6g}MB_memory")
    if request.device is not None:
        parts.append(str(request.device.name))
    return "-".join(parts) or "fitted"


def _describe(
    path: Path,
    request: FitRequest,
    evidence: Evidence,
    found: Plan,
    measured: Score,
    source: _Source,
    out: Path,
) -> None:
    """The manifest beside the file."""
    recipe = {
        "types": evidence.table.choice(found.solution),
        "imatrix": source.matrix.name,
        "imatrix_sha256": files.sha256(source.matrix),
    }
    facts = {
        "request": request.bounds() | {"context": request.context, "seed": request.seed},
        "device": request.device.name if request.device is not None else "this machine",
        "kv_cache": found.cache.name,
        "calibration": {str(p): files.sha256(p) for p in request.calibration},
        "evaluation": None
        if request.evaluation is None
        else {str(request.evaluation): files.sha256(request.evaluation)},
        "measured": {
            "bytes": measured.bytes,
            "kl_mean": measured.loss,
            "decode_tok_s": measured.speed,
            **measured.more,
        },
        "speed_is_predicted": evidence.clock.is_predicted,
    }
    manifest.write(
        path,
        manifest.Manifest(
            kind="gguf", source=str(request.model), source_sha256=source.checksum, out=out.name,
            out_sha256=files.sha256(out), recipe=recipe, versions=llama.versions(), facts=facts,
        ),
    )  # fmt: skip
