"""`edge cloud judge` and `calibrate`: the owner says which answers were right, and the router learns what to keep."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

from edge.config import options_of
from edge.errors import ConfigError
from edge.fallback import calibration, gate, owner
from edge.fallback.turns import FILE, Turns
from edge.settings import Config


def judge(config: Config, args: argparse.Namespace) -> int:
    """Each local answer that has no judgement yet; what was judged is kept after each."""
    log = Turns(owner.folder(config.fallback))
    turns = log.read()
    open_ones = [n for n, turn in enumerate(turns) if turn.right is None and turn.source == "local"]
    if not turns:
        raise ConfigError(f"{log.path} has no turns: set fallback.log = true and use it for a while")
    judged = 0
    for n in open_ones:
        if not args.json:
            print(f"\n{turns[n].question}\n  → {turns[n].answer}")
            print("right? y or n, the right answer after it if you like, s skip, q end: ", end="", flush=True)
        said, _, correct = (sys.stdin.readline() or "q").strip().partition(" ")
        if said == "q":
            break
        if said in ("y", "n"):
            turns[n] = replace(turns[n], right=said == "y", correct=correct)
            log.replace(turns)
            judged += 1
    left = sum(turn.right is None and turn.source == "local" for turn in turns)
    print(json.dumps({"judged": judged, "left": left}) if args.json else f"\n{judged} judged, {left} left")
    return 0


def calibrate(config: Config, args: argparse.Namespace) -> int:
    """Learns which questions the local model keeps, and keeps the rule for `edge run` and `edge ask`."""
    folder = owner.folder(config.fallback)
    share, path = args.words[-1], Path(args.words[0]) if len(args.words) == 2 else folder / FILE
    try:
        alpha = float(share)
    except ValueError:
        alpha = 0.0
    if not 0 < alpha < 1:
        raise ConfigError(f"{share} is no share of turns: give a number between 0 and 1, such as 0.1")
    local = options_of("reasoning.local", config.reasoning.local)
    if local is None:
        raise ConfigError("there is no local model to calibrate: set reasoning.local.kind")
    if len(args.words) == 1 and not path.is_file():
        raise ConfigError(f"{path} has no turns: set fallback.log = true, use it for a while, then edge cloud judge")
    turns = calibration.read(path)
    made = gate.calibrate(turns, alpha, local.model)
    kept_at = gate.save(made, folder)
    promise = made.promise
    if args.json:
        told = asdict(promise) | {"alpha": alpha, "turns": len(turns), "learned": made.learned is not None}
        print(json.dumps(told | {"file": str(kept_at)}))
        return 0
    what = "its sureness and the words of the question" if made.learned is not None else "its sureness alone"
    print(
        f"of {len(turns)} judged turns; the local model keeps a question by {what}: {promise.kept:.0%} of them, and "
        f"{promise.wrong:.1%} are kept and wrong, at most {promise.bound:.1%} with 95 % certainty\n"
        f"from now on edge run and edge ask go by it; delete {kept_at} to go back"
    )
    return 0
