"""The file of a plan: written, loaded again, judged, timed, described in its manifest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from quantize import files, manifest
from quantize.gguf import clock, dummy, llama, measure, plan, speed, throughout, writer
from quantize.gguf.budget import Plan
from quantize.gguf.evidence import Evidence
from quantize.gguf.network import Network
from quantize.gguf.passage import room
from quantize.gguf.request import FitRequest, label
from quantize.gguf.search import Answer
from quantize.gguf.types import BY_NAME
from quantize.results import Fit, Score, Unit


@dataclass(frozen=True, slots=True)
class Source:
    """What the file is made of."""

    checksum: str
    """of the float file"""
    matrix: Path
    """importance"""
    repacked: bool
    """it runs with weights laid out for this processor"""


def written(request: FitRequest, evidence: Evidence, answer: Answer, source: Source) -> Fit:
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
    here, drift = _timed(out, request, evidence, choice, source.repacked)
    tok_s = evidence.clock.tok_s(choice) if evidence.clock.is_predicted else here.decode_tok_s * drift
    prefill = here.prefill_tok_s if request.device is None else clock.prefill_of_device(head, request.device, choice)
    more = divergence.figures() | {"prefill_tok_s": prefill, "machine_slower": drift}
    more["kl_in_memory"] = evidence.judge.judged(choice)[0]
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
        beside=throughout.scores(evidence),
        manifest=described,
    )


def _timed(
    out: Path, request: FitRequest, evidence: Evidence, choice: plan.Choice, repacked: bool
) -> tuple[speed.Speed, float]:
    """The file's speed, and how much slower the machine is now than when the types were timed: 1.1 for a tenth.

    The plan was made by those times; a neighbour who is busy now is not the plan's fault. A file that has the plan's main
    type throughout is timed again, in turn with the plan's, and tells them apart.
    """
    kind = evidence.clock.main_type(choice)
    if kind is None:
        return speed.measure([out], request.threads, repacked=repacked)[0], 1.0
    with dummy.made(evidence.judge.bench_header, kind, request.out / f".beside-{kind}.gguf") as uniform:
        here, beside = speed.measure([out, uniform], request.threads, repacked=repacked)
    return here, beside.decode_ns / evidence.clock.uniform_ns[kind]


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


def _describe(
    path: Path,
    request: FitRequest,
    evidence: Evidence,
    found: Plan,
    measured: Score,
    source: Source,
    out: Path,
) -> None:
    """The manifest beside the file."""
    recipe = {
        "types": evidence.table.choice(found.solution),
        "imatrix": source.matrix.name,
        "imatrix_sha256": files.sha256(source.matrix),
    }
    facts = {
        "request": request.bounds() | {"context": request.context},
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
