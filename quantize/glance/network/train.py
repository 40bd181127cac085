"""Trains the network on packed rows: Muon for the matrices, AdamW for the rest, bf16, steady rate with a linear end.

A checkpoint is written every few minutes, at the end, and when a file `stop` appears in the folder; the same command
goes on from it. The rate is steady until the
last third, so a run can be made longer afterwards without having been for nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor
from torch.nn import functional

from quantize.glance.network.model import Glance, Shape, row_mask
from quantize.glance.network.pack import FIELDS, IGNORED

_WARM_UP: Final = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """One training run."""

    folder: Path
    """Holds the shards; gets the checkpoints."""
    steps: int = 2000
    cooldown: float = 0.33
    """Fraction of the steps, at the end, over which the rate falls to zero."""
    batch: int = 12
    """rows"""
    rate: float = 0.004
    first_weight: float = 2.0
    """How much more a reply's first token counts: it decides between saying, acting and escalating."""
    checkpoint_s: float = 180.0
    seed: int = 1
    compiled: bool = True
    start: Path | None = None
    """A checkpoint whose weights a new run begins with; None for random ones."""


def train(plan: Plan) -> Path:
    """Runs or goes on with a run; returns the checkpoint."""
    torch.manual_seed(plan.seed)
    model = Glance(Shape())
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embd" not in n]
    others = [p for n, p in model.named_parameters() if p.ndim != 2 or "embd" in n]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.Muon(matrices, lr=plan.rate, momentum=0.95, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True),
    ]
    path = plan.folder / "checkpoint.pt"
    first = _resume(path, model, optimizers) if path.exists() else 0
    if first == 0 and plan.start is not None:
        model.load_state_dict(load(plan.start).state_dict())
    trunk = torch.compile(model.trunk) if plan.compiled else model.trunk
    supply = _batches(plan, first)
    saved_s = time.monotonic()
    stop = plan.folder / "stop"
    log = (plan.folder / "loss.tsv").open("a")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, refresh_per_second=0.5) as progress, log:
        task = progress.add_task("training", total=plan.steps, completed=first)
        for step in range(first, plan.steps):
            rate = plan.rate * min(1.0, (step + 1) / _WARM_UP, (plan.steps - step) / max(1, plan.steps * plan.cooldown))
            started_s = time.monotonic()
            loss = _step(model, trunk, next(supply), plan.first_weight)
            for optimizer in optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = rate
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            if step % 20 == 0:
                took_s = time.monotonic() - started_s
                print(step, f"{loss:.4f}", f"{rate:.5f}", f"{took_s:.2f}", sep="\t", file=log, flush=True)
                progress.update(task, description=f"loss {loss:.3f}")
            progress.advance(task)
            is_stopped = stop.exists()
            if time.monotonic() - saved_s > plan.checkpoint_s or step + 1 == plan.steps or is_stopped:
                _save(path, model, optimizers, step + 1)
                saved_s = time.monotonic()
            if is_stopped:
                stop.unlink()
                break
    return path


def _step(model: Glance, trunk: Any, batch: dict[str, Tensor], first_weight: float) -> float:
    """One forward and backward pass; the loss is over replies only."""
    with torch.autocast("cpu", torch.bfloat16):
        hidden = trunk(batch["token"], batch["position"], row_mask(batch["scene"], batch["ask"]))
        wanted = batch["target"] != IGNORED
        logits = model.logits(hidden[wanted]).float()
    losses = functional.cross_entropy(logits, batch["target"][wanted], reduction="none")
    before = functional.pad(wanted, (1, 0))[:, :-1]
    weights = torch.where((wanted & ~before)[wanted], first_weight, 1.0)
    loss = (losses * weights).sum() / weights.sum()
    loss.backward()  # type: ignore[no-untyped-call]  # torch has no type for it
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    return float(loss.detach())


def _batches(plan: Plan, first: int) -> Iterator[dict[str, Tensor]]:
    """Batches in an order that depends on the seed and the step alone; each pass over the shards is shuffled anew."""
    shards = sorted(plan.folder.glob("shard_????.npy"))
    rows = [(path, n) for path in shards for n in range(len(np.load(path, mmap_mode="r")))]
    per_pass = len(rows) // plan.batch
    step = first
    while True:
        order = np.random.default_rng((plan.seed, step // per_pass)).permutation(len(rows))
        for at in range(step % per_pass, per_pass):
            chosen = [rows[i] for i in order[at * plan.batch : (at + 1) * plan.batch]]
            block = np.stack([np.load(path, mmap_mode="r")[n] for path, n in chosen]).astype(np.int64)
            yield {name: torch.from_numpy(block[:, i]) for i, name in enumerate(FIELDS)}
            step += 1


def _save(path: Path, model: Glance, optimizers: list[torch.optim.Optimizer], step: int) -> None:
    part = path.with_suffix(".part")
    state = {"step": step, "shape": model.shape.record(), "model": model.state_dict()}
    torch.save(state | {"optimizers": [o.state_dict() for o in optimizers]}, part)
    part.rename(path)


def _resume(path: Path, model: Glance, optimizers: list[torch.optim.Optimizer]) -> int:
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, kept in zip(optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(kept)
    return int(state["step"])


def load(path: Path) -> Glance:
    """The network of a checkpoint."""
    state = torch.load(path, weights_only=True)
    model = Glance(Shape(**state["shape"]))
    model.load_state_dict(state["model"])
    return model.eval()
