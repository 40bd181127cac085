"""What is wrong with a run: which stage, thread, cache or source is at fault, from its spans and an earlier good run. Pure.

A fault has many victims: what is slow makes all behind it wait. So nothing is blamed for waiting that the trace explains by
the reader's own work or by cores that are all in use, and five causes are looked for where each leaves its own trail:
- lost audio: capture times that leave out samples;
- stalled link: items of a source that are late, come in bursts or stop, and no sound is missing;
- slow stage: processor time per unit of work;
- busy thread: time in which the stage's thread had work and did not do it (a late start, a span longer than its
  processor time, listeners that work in the sender's thread);
- cache miss: tokens of a question computed that were spared before.

What is usual comes from an earlier run (`usual`, kept in the figures of `edge profile --out`). Without one a run is held
against its own medians, which shows what changed while it ran, and not what was bad from its beginning.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, sqrt
from typing import Any, Final, Literal

from edge.clock import MS
from edge.evidence import (
    GAP_MS,
    STEADY,
    Run,
    held_of,
    lost_ms_of,
    missing_ns,
    prefills_of,
    ratios_of,
    source_of,
    steady,
    usual,
    works_of,
)
from edge.trace import percentile

Kind = Literal["lost audio", "stalled link", "slow stage", "busy thread", "cache miss"]
CAUSES: Final[tuple[Kind, ...]] = ("lost audio", "stalled link", "slow stage", "busy thread", "cache miss")
"""from cause to victim: sound that is late or missing delays questions, a stage that is slow computes less ahead"""

SLOWER: Final = 1.25
"""times the usual processor time per unit"""
WINDOWS: Final = (5, 10, 20, 40, 80, 160)
"""works in turn that are looked at: many show a small change, few a short one"""
LEAST_SPREAD: Final = 0.03
"""standard deviation of the logarithm of what a work takes"""
FEW: Final = 4
"""works from which a spread is known within a factor of two"""
SURE: Final = 3.3
"""standard deviations of a window's median, over windows at all times of a run"""
HELD_MS: Final = 12.0
"""of an item; threads of a healthy run are late by less"""
LEAST_HELD_MS: Final = 60.0
LEAST_MS: Final = 40.0
"""in a whole run: less is nobody's trouble"""
LATE_MS: Final = 100.0
LATER: Final = 1.5
"""a source is late by this beyond so many times its usual"""
MINOR: Final = 0.05
"""of the largest cost of a finding: what cost less in a stage is not its cause"""
DIFFUSE: Final = 3
APART: Final = 1.5
"""so many tracks late together, none by so many times the next: the whole machine is busy"""
MISSED: Final = 32
"""tokens computed in place of being spared, all turns together"""
LEAST_TOKENS: Final = 8
"""of one question: the end of one word may be cut into other tokens"""

Usual = Mapping[str, Any]
"""What a run was like, as plain values: `work`, `held`, `sources` and `turns`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    kind: Kind
    where: str
    """the stage or the source at fault; "machine" when it is no single one"""
    cost_ms: float
    """time that it took from the run, or sound that it took from the recogniser"""
    evidence: str
    """in numbers with units"""
    advice: str


def diagnose(run: Run, before: Usual | None = None) -> list[Finding]:
    """What is wrong, causes before victims, the costliest first. `before`: what is usual, of an earlier run."""
    base = before if before is not None else _own_medians(run)
    found = [*_lost(run, base), *_stalled(run, base), *_slow(run, base), *_busy(run, base), *_missed(run, base)]
    most_ms = max((f.cost_ms for f in found), default=0.0)

    def rank(one: Finding) -> tuple[bool, bool, int, float]:
        # what a busy machine does to all is no reason for tokens that are computed twice, and little is none for much
        order = CAUSES.index(one.kind)
        explains = order < CAUSES.index("slow stage") or one.cost_ms >= MINOR * most_ms
        return one.where == MACHINE, not explains, order, -one.cost_ms

    return sorted(found, key=rank)


def _own_medians(run: Run) -> Usual:
    """A run held against itself: what most of it was like."""
    own = usual(run)
    for row in own["work"].values():
        row["spread"] = max(row["spread"], 0.1)
    for row in own["sources"].values():
        row |= {"longest_gap_ms": 2 * row["gap_ms"], "late_ms": row["age_ms"], "lost_ms": 0.0, "tail_ms": 3_500.0}
    return own | {"held": {}, "turns": []}


def _lost(run: Run, base: Usual) -> Iterable[Finding]:
    for name, items in run.arrivals.items():
        lost_ms = lost_ms_of(items) - base["sources"].get(name, {}).get("lost_ms", 0.0)
        if lost_ms < GAP_MS:
            continue
        gaps = [(missing_ns(a, b) / MS, b.t_ns) for a, b in pairwise(items)]
        longest_ms, at_ns = max(gaps)
        yield Finding(
            "lost audio", name, lost_ms,
            f"{lost_ms:.0f} ms of sound never came, {longest_ms:.0f} ms of it before {at_ns / 1e9:.1f} s",
            "a device buffer ran over or a packet was lost: raise microphone.block_ms, or turn off what keeps the "
            "system busy",
        )  # fmt: skip


def _stalled(run: Run, base: Usual) -> Iterable[Finding]:
    for name, items in run.arrivals.items():
        was = base["sources"].get(name)
        if was is None or not items:
            continue
        now = source_of(run, items)
        signs = [
            (now["longest_gap_ms"] - LATER * was["longest_gap_ms"], f"nothing came for {now['longest_gap_ms']:.0f} ms "
             f"(before at most {was['longest_gap_ms']:.0f} ms)"),
            (now["late_ms"] - LATER * was["late_ms"], f"items came {now['late_ms']:.0f} ms after their capture "
             f"(before at most {was['late_ms']:.0f} ms)"),
            (now["tail_ms"] - was["tail_ms"], f"it was silent for the last {now['tail_ms']:.0f} ms "
             f"(before {was['tail_ms']:.0f} ms)"),
        ]  # fmt: skip
        over_ms, text = max(signs)
        if over_ms >= LATE_MS:
            yield Finding(
                "stalled link", name, over_ms, text,
                f"look at how the {name} is connected: cable, radio, power saving; the stages had nothing to do",
            )  # fmt: skip


def _slow(run: Run, base: Usual) -> Iterable[Finding]:
    """The costliest work of each stage whose processor time per unit grew."""
    by_track: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for (track, name), works in works_of(run.spans).items():
        was = base["work"].get(name)
        if was is None:
            continue
        ratios = ratios_of(works, was["cost_ms"])
        within = _slow_works(ratios, was["spread"], was["n"])
        slow = [(ratios[i], works[i].cpu_ns / MS) for i in sorted(within) if ratios[i] > 1]
        excess_ms = sum(ms * (1 - 1 / ratio) for ratio, ms in slow)
        if excess_ms >= LEAST_MS:
            times, ms = sorted(slow)[len(slow) // 2]
            text = (f"{name} took {ms:.3g} ms of processor time, {times:.1f} × the {ms / times:.3g} ms that such work "
                    f"took before, {len(slow)} times")  # fmt: skip
            by_track[track].append((excess_ms, text))
    for track, works_found in by_track.items():
        excess_ms, text = max(works_found)
        yield Finding(
            "slow stage", track, sum(ms for ms, _ in works_found), text,
            f"look at what {track} computes: another model, larger input, or fewer threads than before",
        )  # fmt: skip


def _slow_works(ratios: Sequence[float], spread: float, known: int) -> set[int]:
    """Which works lie in a stretch whose median is more out of the usual than chance makes it, where the usual is known
    from `known` works.
    """
    sd = 1.25 * max(spread, LEAST_SPREAD) * (1 + FEW / known)
    found: set[int] = set()
    for count in WINDOWS:
        if count <= len(ratios):
            limit = SLOWER * exp(SURE * sd * sqrt(1 / count + 1 / known))
            found |= _out_of_usual(ratios, limit, count)
    return found


MACHINE: Final = "machine"
HELD: Final = {
    "late": "started {:.0f} ms late though something waited and a core was free",
    "stolen": "was held for {:.0f} ms within its own work, without processor time",
    "publish": "waited {:.0f} ms for others that listen in its thread",
}


def _busy(run: Run, base: Usual) -> Iterable[Finding]:
    found = []
    for track, series in held_of(run).items():
        was = base["held"].get(track, {})
        signs = []
        for how, values in series.items():
            before_ms = was.get(how, 0.0)
            within = _out_of_usual(values, HELD_MS + 2 * before_ms)
            held = [values[i] for i in sorted(within) if values[i] > before_ms]
            if len(held) >= min(STEADY, len(values)) and sum(held) >= LEAST_HELD_MS:
                text = HELD[how].format(percentile(held, 50))
                signs.append((sum(held), f"its thread {text}, {len(held)} times (before at most {before_ms:.1f} ms)"))
        if signs:
            found.append((*max(signs), track))
    found.sort(reverse=True)
    if len(found) >= DIFFUSE and found[0][0] < APART * found[1][0]:
        tracks = ", ".join(track for _, _, track in found)
        text = f"threads of {tracks} were late together, most of all {found[0][2]}: {found[0][1]}"
        yield Finding("busy thread", MACHINE, found[0][0], text, "turn off what else runs here, and measure again")
        return
    for held_ms, text, track in found:
        yield Finding(
            "busy thread", track, held_ms, text,
            f"find what else runs in {track}'s thread or on its core: a listener of its events, another program, "
            "Python code that keeps the lock",
        )  # fmt: skip


def _out_of_usual(values: Sequence[float], limit: float, count: int = STEADY) -> set[int]:
    """Which values lie in a stretch of `count` whose median reaches the limit."""
    found: set[int] = set()
    for i, median in enumerate(steady(values, count)):
        if median >= limit:
            found.update(range(i, min(i + count, len(values))))
    return found


def _missed(run: Run, base: Usual) -> Iterable[Finding]:
    """Tokens of questions that were computed ahead and not kept, that lie in the beginning which all prompts share, or
    that were not computed ahead though they were before. A question whose scene changed at its end computes much, too,
    and misses nothing.
    """
    known = base["turns"]
    shared = min((t["spared"] for t in known), default=0.0)
    once = percentile([t["ahead"] for t in known if t["ahead"]], 50)
    missed: list[tuple[float, float, str]] = []
    for turn, work, ahead in prefills_of(run):
        if work is None:
            continue
        lost = max(work.missed, shared - work.spared)
        if not ahead and once:
            was = [t["computed"] for t in known if t["heard"] == turn.heard] or [t["computed"] for t in known]
            lost = max(lost, work.units - max(was))
        if lost > LEAST_TOKENS:
            missed.append((min(lost, work.units), work.units, turn.heard))
    if (lost := sum(tokens for tokens, _, _ in missed)) < MISSED:
        return
    token_ms = base["work"].get("prefill", {"cost_ms": (0.0, 0.0)})["cost_ms"][1]
    worst, units, heard = max(missed)
    yield Finding(
        "cache miss", "answer", lost * token_ms,
        f"{lost:.0f} tokens of {len(missed)} questions were computed that a cache should have spared: {worst:.0f} of the "
        f"{units:.0f} for {heard!r}",
        "see whether tools, template or context size changed, whether drafts are computed while the person speaks, and "
        "whether something else empties the model's cache",
    )  # fmt: skip


def verdict(findings: Sequence[Finding], *, compared: bool) -> list[str]:
    """One sentence a finding for people, the culprit first; one that says so when nothing is wrong."""
    if not findings:
        against = "the earlier run" if compared else "the run's own medians"
        return [f"Nothing is wrong that this trace shows, held against {against}."]
    lines = []
    for i, found in enumerate(findings):
        head = "Culprit" if i == 0 else "Also, perhaps only its victim"
        lines.append(f"{head}: {found.kind}, {found.where}: {found.evidence}. What to do: {found.advice}.")
    return lines
