"""How well a question's own words tell whether a cloud model is worth it: RouteLLM's files, RouteLLM's protocol.

APGR (average performance gap recovered, arXiv 2406.18665, section 2.3): accuracy of Mixtral-8x7B and GPT-4-1106 mixed by
a router, at ten shares of calls to the strong model (quantiles of its score), area under the recovered part of the gap.
CPT50 and CPT80: the share of calls, in per cent, that recovers 50 and 80 % of it. Prompts that RouteLLM lists as
contaminated are taken out. The router learns from at most 1,000 judged questions of `--train`, whose other questions it sees
without judgement.

    python -m benchmarks.router_tables --train DIR --test DIR --json     # both laid out like routing/routellm

Without them one half of the shared data is learned from and the other tested, ten times over. The baseline that each
published router must beat and often does not is the length of the prompt.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.claims import DATA, Claim, main
from edge.fallback.learned import learn

WEAK: Final = "mistralai/Mixtral-8x7B-Instruct-v0.1"
STRONG: Final = "gpt-4-1106-preview"
LABELS: Final = 1000
PUBLISHED: Final = {"mmlu": 0.603, "gsm8k": 0.622}
"""best of RouteLLM's table 1 to 3"""
GOALS: Final = {"mmlu": 0.62, "gsm8k": 0.65}
SPLITS: Final = 10


@dataclass(frozen=True, slots=True)
class Table:
    """One set of questions with the judgement of both models."""

    questions: tuple[str, ...]
    weak: NDArray[np.float64]
    strong: NDArray[np.float64]

    def part(self, index: NDArray[np.int64]) -> Table:
        return Table(tuple(self.questions[i] for i in index), self.weak[index], self.strong[index])


def read(folder: Path) -> dict[str, Table]:
    """The sets of a folder."""
    csv.field_size_limit(sys.maxsize)
    files = {
        "mmlu": sorted((folder / "mmlu" / "responses").glob("*.csv")),
        "gsm8k": sorted((folder / "gsm8k").glob("*responses.csv")),
    }
    tables = {}
    for name, paths in files.items():
        listed = folder / name / "contaminated_prompts.jsonl"
        lines = listed.read_text().splitlines() if listed.is_file() else []
        bad = {value for line in lines for value in json.loads(line).values() if isinstance(value, str)}
        rows = [row for path in paths for row in csv.DictReader(path.open(newline=""))]
        rows = [row for row in rows if row["prompt"] not in bad]
        if rows:
            judged = [np.array([row[model] == "True" for row in rows], np.float64) for model in (WEAK, STRONG)]
            tables[name] = Table(tuple(row["prompt"] for row in rows), *judged)
    return tables


def scored(score: NDArray[np.floating], table: Table) -> dict[str, float]:
    """What a router with these scores recovers."""
    order = np.argsort(-score, kind="stable")
    count = len(order)
    weak, strong = table.weak.mean(), table.strong.mean()
    gains = np.concatenate([[0.0], np.cumsum((table.strong - table.weak)[order])]) / count / (strong - weak)
    shares = np.linspace(0, 1, 11)
    recovered = gains[np.round(shares * count).astype(int)]
    return {
        "apgr": float(np.trapezoid(recovered, shares)),
        "cpt50": 100 * float(np.argmax(gains >= 0.5)) / count,
        "cpt80": 100 * float(np.argmax(gains >= 0.8)) / count,
        "n": count,
    }


def routed(train: Table, test: Table, seed: int) -> tuple[dict[str, float], float, int]:
    """The learned router's figures, milliseconds a prompt, bytes."""
    shuffled = np.random.default_rng(seed).permutation(len(train.questions))
    judged, rest = train.part(shuffled[:LABELS]), train.part(shuffled[LABELS:])
    learned = learn(judged.questions, list(judged.strong - judged.weak), rest.questions, seed)
    score = learned.gains(test.questions)
    begun_s = time.process_time()
    for question in test.questions[:50]:
        learned.gain(question)
    cost_ms = 1000 * (time.process_time() - begun_s) / 50
    size = sum(part.nbytes for name in learned.__slots__ if isinstance(part := getattr(learned, name), np.ndarray))
    return scored(score, test), cost_ms, size


def length(test: Table) -> dict[str, float]:
    """The baseline: longer prompts go to the strong model."""
    return scored(np.array([len(q) for q in test.questions], np.float64), test)


def given(train: Path, test: Path) -> dict[str, dict[str, float]]:
    """The tables of one split that is given."""
    learned_from, tested = read(train), read(test)
    return {name: routed(learned_from[name], table, 0)[0] for name, table in tested.items() if name in learned_from}


def measure(quick: bool) -> list[Claim]:
    """Ten splits of the shared data."""
    folder = DATA / "routing" / "routellm"
    tables = read(folder)
    if not tables:
        return [Claim(f"not measured: {folder} is not there", None, "", "")]
    claims, costs, sizes = [], [], []
    for name, table in tables.items():
        found: list[dict[str, float]] = []
        base: list[dict[str, float]] = []
        for seed in range(2 if quick else SPLITS):
            order = np.random.default_rng(100 + seed).permutation(len(table.questions))
            cut = len(order) // 2 if len(order) > 2 * LABELS else int(len(order) * 0.75)
            train, test = table.part(order[:cut]), table.part(order[cut : cut + (1500 if quick else 4000)])
            figures, cost_ms, size = routed(train, test, seed)
            found.append(figures)
            base.append(length(test))
            costs.append(cost_ms)
            sizes.append(size)
        peer = f"RouteLLM {PUBLISHED[name]}, prompt length {_mean(base, 'apgr'):.3f}"
        n = f"{len(found)} splits, {int(_mean(found, 'n'))} questions each, at most {LABELS} judged"
        claims += [
            Claim(f"{name}: APGR, {n}", _mean(found, "apgr"), "", f">= {GOALS[name]}", peer),
            Claim(f"{name}: CPT50", _mean(found, "cpt50"), "%", "", f"prompt length {_mean(base, 'cpt50'):.1f}"),
            Claim(f"{name}: CPT80", _mean(found, "cpt80"), "%", "", f"prompt length {_mean(base, 'cpt80'):.1f}"),
        ]
    return [
        *claims,
        Claim("to score a prompt", float(np.median(costs)), "ms", "<= 3"),
        Claim("what was learned", max(sizes) / 1e6, "MB", "<= 5"),
    ]


def _mean(figures: Sequence[dict[str, float]], name: str) -> float:
    return float(np.mean([f[name] for f in figures]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--train", type=Path)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--json", action="store_true")
    asked, rest = parser.parse_known_args()
    if asked.train is not None and asked.test is not None:
        print(json.dumps({"tables": given(asked.train, asked.test)}))
    else:
        sys.argv[1:] = rest
        main("router_tables", __doc__, measure)
