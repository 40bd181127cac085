"""`quantize fit` for GGUF against llama-quantize with an importance matrix, and what else the quantizer promises.

    python -m benchmarks.quantize_gguf [--quick]

Peers are llama-quantize and llama-imatrix of the installed llama.cpp (`llama_tools.py`). Models are Glance's float file
(GLASSPATH_GLANCE_F32), a second model trained here (`second_llama.py`) and babyllama. For each preset the peer writes its
file; we get the same number of bytes and the same calibration text; both files are loaded as llama.cpp loads them by
default and judged by one evaluator on text that neither saw.

KL: mean over the judged tokens of KL(float ‖ file), nats. "Lower" is 1 − ours / theirs. A request (size, tok/s, KL) is met
when the file, measured again on other text of the same source, keeps all three; called infeasible rightly when no file
that was made here keeps them. Speeds are taken in one run in turn with files of a single type, and multiplied by how much
slower the one of the file's main type is than when the types were timed: bounds are drawn in the speeds of that time.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

import numpy as np

from benchmarks import babyllama, glance_text, llama_tools, quantize_hostile, quantize_killed, second_llama
from benchmarks.claims import DATA, Claim, main
from quantize.gguf import dummy, fit, header, imatrix, plan, sensitivity, speed, texts, writer
from quantize.gguf.fit import FitRequest
from quantize.gguf.measure import Reference, mean_kl, refer
from quantize.gguf.network import Network
from quantize.gguf.passage import Room, room
from quantize.gguf.types import FLOAT
from quantize.gguf.workbench import Workbench
from quantize.journal import Journal
from quantize.results import Fit

PRESETS: Final = ("Q2_K", "Q3_K_M", "IQ4_XS", "Q4_K_M", "Q5_K_M")
_JUDGED: Final = 8192
"""tokens"""
_REQUESTS: Final = 30
_CANDIDATES: Final = 20


@dataclass(frozen=True, slots=True)
class Case:
    """One model and its texts."""

    name: str
    model: Path
    calibration: Path
    """for us"""
    running: Path
    """the same as plain text, for llama-imatrix"""
    evaluation: Path
    fit_evaluation: Path | None = None
    """for a fit to judge by, where there is such a text"""


@dataclass(frozen=True, slots=True)
class Rival:
    """One preset's file and ours of at most its bytes."""

    case: str
    preset: str
    their_bytes: int
    our_bytes: int
    their_kl: float
    our_kl: float


class Evaluator:
    """The float model's word on the evaluation text; every file is held against it in the same way."""

    def __init__(self, case: Case) -> None:
        with Network(case.model) as network:
            passages = texts.spread(texts.passages(network, case.evaluation), _JUDGED)
            self._room: Room = room(passages)
            with network.session(self._room.tokens, sequences=self._room.branches) as session:
                self.reference: Reference = refer(session, passages)

    def kl(self, path: Path) -> float:
        """Mean KL of a file from the float model, loaded as llama.cpp does by default."""
        with Network(path) as network:
            return self.of(network)

    def of(self, network: Network) -> float:
        """The same for a model that is loaded."""
        with network.session(self._room.tokens, sequences=self._room.branches) as session:
            return mean_kl(session, self.reference)


def cases(folder: Path) -> Iterator[Case | str]:
    """The models that are there; for the others, in words, why not."""
    if glance_text.FLOAT.is_file():
        found = glance_text.write(folder / "glance")
        yield Case(
            "Glance", glance_text.FLOAT, found.calibration, found.running, found.evaluation, found.fit_evaluation
        )
    else:
        yield f"Glance: {glance_text.FLOAT} is not there (set GLASSPATH_GLANCE_F32 to its float file)"
    if second_llama.FILE.is_file():
        place = folder / "second"
        place.mkdir(parents=True, exist_ok=True)
        (place / "calibration.txt").write_text(second_llama.texts()[1])
        judged = DATA / "text/wikitext2/test.txt"
        yield Case("second model", second_llama.FILE, place / "calibration.txt", place / "calibration.txt", judged)
    else:
        yield "second model: not trained yet (python -m benchmarks.second_llama)"
    if babyllama.FOLDER.is_dir():
        place = folder / "babyllama"
        model = babyllama.make(place / "babyllama_f32.gguf")
        for name, text in zip(("calibration", "fit_evaluation", "evaluation"), babyllama.texts(), strict=True):
            (place / f"{name}.txt").write_text(text)
        yield Case(
            "babyllama",
            model,
            place / "calibration.txt",
            place / "calibration.txt",
            place / "evaluation.txt",
            place / "fit_evaluation.txt",
        )
    else:
        yield f"babyllama: {babyllama.FOLDER} is not there (set GLASSPATH_DATA)"


def rivals(case: Case, judge: Evaluator, tools: llama_tools.Tools, presets: Sequence[str]) -> list[Rival]:
    """Each preset against ours."""
    folder = _folder(case)
    matrix = folder / "theirs.imatrix.gguf"
    window = min(512, header.read(case.model).number("context_length") or 512)
    llama_tools.run([
        tools.imatrix, "-m", case.model, "-f", case.running, "-o", matrix, "--parse-special", "--no-ppl",
        "-c", str(window), "-t", "1", "-ngl", "0",
    ])  # fmt: skip
    found = []
    for preset in presets:
        theirs = folder / f"{preset}.gguf"
        llama_tools.run([tools.quantize, "--imatrix", matrix, case.model, theirs, preset, "1"])
        ours = ours_of(case, folder, size_bytes=theirs.stat().st_size)
        if ours.out is None:
            raise SystemExit(f"{case.name} {preset}: nothing of ours fits ({ours.why})")
        row = Rival(
            case.name, preset, theirs.stat().st_size, ours.out.stat().st_size, judge.kl(theirs), judge.kl(ours.out)
        )
        print(
            f"{row.case:<13}{preset:<8}{row.their_bytes:>10,} → {row.our_bytes:>10,} bytes, KL {row.their_kl:.3g} → "
            f"{row.our_kl:.3g} ({100 * (1 - row.our_kl / row.their_kl):+.0f} % lower)",
            file=sys.stderr,
            flush=True,
        )
        found.append(row)
    return found


def ours_of(case: Case, folder: Path, *, evaluation: Path | None = None, **bounds: Any) -> Fit:
    """A fit in the case's folder; its journal serves all of them. The text that judges the result plays no part in it."""
    asked = FitRequest(
        model=case.model, out=folder / "ours", calibration=(case.calibration,), evaluation=evaluation, **bounds
    )
    with quiet():
        return fit.fit(asked)


def requests(case: Case, judge: Evaluator, count: int) -> list[Claim]:
    """Random bounds, asked, and the answers measured again."""
    folder = _folder(case)
    rng = np.random.default_rng(20)
    free = ours_of(case, folder, evaluation=case.fit_evaluation, size_bytes=int(0.3 * case.model.stat().st_size))
    points = [p for p in free.front if p.speed is not None]
    sizes = [p.bytes for p in points]
    speeds = [p.speed for p in points if p.speed is not None]
    answers = []
    for n in range(count):
        bounds: dict[str, float] = {}
        if rng.random() < 0.8:
            bounds["size_bytes"] = int(rng.uniform(0.8 * min(sizes), 0.6 * max(sizes)))
        if rng.random() < 0.6:
            bounds["tok_s"] = round(float(rng.uniform(0.7 * min(speeds), 1.1 * max(speeds))), 1)
        if not bounds or rng.random() < 0.5:
            bounds["max_kl"] = float(f"{np.exp(rng.uniform(np.log(3e-4), np.log(0.1))):.3g}")
        found = ours_of(case, folder, evaluation=case.fit_evaluation, **bounds)
        answers.append((bounds, found))
        print(f"request {n + 1}: {bounds} → {found.why}", file=sys.stderr, flush=True)
    made, slower = _made([found for _, found in answers if found.out is not None], case, judge)
    right = sum(_kept(b, f, made, slower) for b, f in answers)
    raw = sum(_kept(b, f, made, dict.fromkeys(slower, 1.0)) for b, f in answers)
    filled = [
        100 * (1 - made[f.out][0] / b["size_bytes"])
        for b, f in answers
        if f.out is not None and set(b) == {"size_bytes"}
    ]
    answered = sum(f.feasible for _, f in answers)
    low, high = min(slower.values()), max(slower.values())
    detail = (
        f"{answered} answered with a file, {count - answered} called infeasible; the machine is {low:.2f} to {high:.2f} "
        f"times as slow as when the types were timed: uncorrected {100 * raw / count:.0f} %"
    )
    claims = [
        Claim(
            f"{case.name}: of {count} random requests (size, tok/s, KL), met when measured again or rightly infeasible",
            100 * right / count, "%", ">= 95", detail,
        )
    ]  # fmt: skip
    if filled:
        claims.append(
            Claim(
                f"{case.name}: size-only requests, bytes left unused under the cap, worst", max(filled), "%", "<= 0.5"
            )
        )
    return claims


_Made = dict[Path, tuple[int, float, float]]
"""bytes, KL and tokens a second of each file"""


def _made(answers: Sequence[Fit], case: Case, judge: Evaluator) -> tuple[_Made, dict[Path, float]]:
    """Every file measured again, and how much slower the machine is now for files of its main type."""
    head = header.read(case.model)
    with _journal(_folder(case) / "ours") as journal:
        then: dict[str, float] = journal["uniform/1"]
    main_type = {}
    for found in answers:
        weights: dict[str, int] = {}
        for unit in found.units:
            weights[unit.choice] = weights.get(unit.choice, 0) + unit.weights
        assert found.out is not None
        main_type[found.out] = max((k for k in weights if k in then), key=lambda k: weights[k])
    kinds = sorted(set(main_type.values()))
    with ExitStack() as stack:
        uniform = [stack.enter_context(dummy.made(head, k, _folder(case) / f"uniform-{k}.gguf")) for k in kinds]
        speeds = speed.measure([*main_type, *uniform], 1, rounds=7)
    now = {kind: s.decode_ns for kind, s in zip(kinds, speeds[len(main_type) :], strict=True)}
    made = {
        path: (path.stat().st_size, judge.kl(path), s.decode_tok_s) for path, s in zip(main_type, speeds, strict=False)
    }
    return made, {path: now[kind] / then[kind] for path, kind in main_type.items()}


def _kept(bounds: dict[str, float], found: Fit, made: _Made, slower: dict[Path, float]) -> bool:
    """Whether the answer holds: its file keeps all bounds, or no file that was made does."""

    def keeps(path: Path) -> bool:
        size, kl, tok_s = made[path]
        within = size <= bounds.get("size_bytes", np.inf) and kl <= bounds.get("max_kl", np.inf)
        return bool(within and tok_s * slower[path] >= bounds.get("tok_s", 0))

    if found.feasible and found.out is not None:
        return keeps(found.out)
    return not any(keeps(path) for path in made)


def table_speed(case: Case, judge: Evaluator, count: int) -> list[Claim]:
    """Our table against a file for each candidate, written, loaded and judged on as much text as our table is made of.

    Times are medians of a sample, multiplied by how often each thing is done. The ranking is that of the sample: files
    on the evaluation text, against what our table (made on calibration text) says of the same candidates.
    """
    head = header.read(case.model)
    folder = _folder(case)
    matrix = next((folder / "ours").glob("imatrix-*.gguf"))
    importance = {n: i.mean for n, i in imatrix.load(matrix).items()}
    covered = frozenset(importance)
    rng = np.random.default_rng(3)
    tensors = plan.quantizable(head)
    kinds = {t.name: [k for k in plan.candidates(t, covered) if k not in FLOAT] for t in tensors}
    names = rng.choice(list(kinds), count)
    sample = [(str(name), kinds[name][int(rng.integers(len(kinds[name])))]) for name in names]
    whole, slice_ = (
        judge.reference.part(n) for n in (sensitivity.SLICES * sensitivity.SLICE_TOKENS, sensitivity.SLICE_TOKENS)
    )
    placed, written, said, placed_s, written_s = [], [], [], [], []
    with Workbench(head, importance, room(judge.reference.passages)) as bench, _journal(folder / "ours") as journal:
        runs = len({key for key in journal if key.startswith("kl/")})
        slices = [slice_] * (1 + max(int(key.split("/")[1]) for key in journal if key.startswith("kl/")))
        table = sensitivity.table(sensitivity.Work(bench, slices, journal, covered))
        bench.divergence({}, slice_)
        for name, kind in sample:
            begun = time.perf_counter()
            bench.divergence({name: kind}, slice_)
            placed_s.append(time.perf_counter() - begun)
            path = folder / "candidate.gguf"
            begun = time.perf_counter()
            writer.write(head, {name: kind}, importance, path)
            space = bench.room
            with (
                Network(path, exchangeable=True) as network,
                network.session(space.tokens, sequences=space.branches) as session,
            ):
                written.append(mean_kl(session, whole))
            written_s.append(time.perf_counter() - begun)
            placed.append(bench.divergence({name: kind}, whole))
            said.append(table[name][kind])
    entries = sum(len(k) for k in kinds.values())
    theirs, ours = statistics.median(written_s) * entries, statistics.median(placed_s) * runs
    goal = "" if case.name == "babyllama" else ">= 10"
    return [
        Claim(
            f"{case.name}: sensitivity table of {entries} entries, times as fast as write, quantize, reload for each",
            theirs / ours, "×", goal,
            f"{runs} runs in place of {statistics.median(placed_s):.3g} s; a file each {statistics.median(written_s):.3g} s",
        ),
        Claim(
            f"{case.name}: rank correlation of {count} candidates, our table (other text) against files",
            _ranks(said, written), "", ">= 0.9",
        ),
        Claim("same, run in place on the same text against files", _ranks(placed, written), "", ">= 0.99"),
    ]  # fmt: skip


def _ranks(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's rank correlation."""
    return float(np.corrcoef(np.array([np.argsort(np.argsort(v)) for v in (one, other)]))[0, 1])


def _folder(case: Case) -> Path:
    """Where the case's files are made."""
    return case.calibration.parent


def _journal(folder: Path) -> Journal:
    """The journal of the fits in a folder."""
    first = next(folder.glob("journal-*.jsonl")).read_text().splitlines()[0]
    return Journal(folder, json.loads(first[9:])[1])


@contextmanager
def quiet() -> Iterator[None]:
    """Progress bars would bury the table."""
    kept = os.environ.get("TERM")
    stderr = sys.stderr
    with open(os.devnull, "w") as sink:
        sys.stderr = sink
        try:
            yield
        finally:
            sys.stderr = stderr
            if kept is not None:
                os.environ["TERM"] = kept


def compared(rows: Sequence[Rival]) -> list[Claim]:
    """The figures of one model."""
    name = rows[0].case
    lower = [100 * (1 - r.our_kl / r.their_kl) for r in rows]
    detail = "; ".join(f"{r.preset} {r.their_kl:.2g}→{r.our_kl:.2g}" for r in rows)
    goal = "" if name == "babyllama" else ">= 30"
    return [
        Claim(
            f"{name}: held-out KL lower than llama-quantize with imatrix at ≤ its bytes, median of presets",
            statistics.median(lower), "%", goal, detail,
        ),
        Claim(f"{name}: the least of them", min(lower), "%", "" if name == "babyllama" else ">= 0", "never higher"),
        Claim(f"{name}: our bytes over theirs, the most", max(r.our_bytes / r.their_bytes for r in rows), "×", "<= 1"),
    ]  # fmt: skip


def measure(quick: bool) -> list[Claim]:
    """All claims."""
    claims: list[Claim] = []
    tools = llama_tools.tools() if not quick else "quick"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        claims += quantize_hostile.claims(folder / "hostile", 1000 if quick else 10_000)
        if quick:
            found = [c for c in cases(folder) if isinstance(c, Case) and c.name == "babyllama"]
        else:
            found = []
            for case in cases(folder):
                if isinstance(case, str):
                    claims.append(Claim(case, None, "", ""))
                else:
                    found.append(case)
        for case in found:
            judge = Evaluator(case)
            if isinstance(tools, str):
                if not quick:
                    claims.append(Claim(f"{case.name} against llama-quantize: {tools}", None, "", ""))
                ours_of(case, case.calibration.parent, size_bytes=int(0.2 * case.model.stat().st_size))
            else:
                claims += compared(rivals(case, judge, tools, PRESETS))
            claims += table_speed(case, judge, 4 if quick else _CANDIDATES)
            if case.fit_evaluation is not None and not quick:
                claims += requests(case, judge, _REQUESTS)
            if case.name == "babyllama" and not quick:
                claims += quantize_killed.claims(case.model, case.calibration, folder / "killed", 20)
            del judge
            gc.collect()
        shutil.rmtree(folder / "killed", ignore_errors=True)
    return claims


if __name__ == "__main__":
    main("quantize_gguf", __doc__, measure)
