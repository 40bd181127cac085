"""How the local model runs best on this machine, by measurement: threads, tokens computed at once, type of the KV cache."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edge.reasoning.llama import Llama
from edge.reasoning.local import Options

STEP_MS: Final = 20.0
"""an interruption waits for one batch at most: no batch may take longer"""
WORTH: Final = 1.03
"""a gain below this is noise: the setting that uses less stays"""
BATCHES: Final = (32, 64, 128, 256)
_PROMPT: Final = 512
_DECODED: Final = 24
_RUNS: Final = 3


@dataclass(frozen=True, slots=True)
class Trial:
    """One way to run the model, measured."""

    options: Options
    prefill_tok_s: float
    decode_tok_s: float

    @property
    def step_ms(self) -> float:
        """How long a whole batch takes."""
        return 1000 * self.options.batch / self.prefill_tok_s


Measure = Callable[[Options], Trial]


def measured(options: Options) -> Trial:
    """Loads the model and times it: medians of three runs.

    Raises:
        ModelError: the model cannot be loaded like this.
    """
    llama = Llama(
        Path(options.model), context=options.context, batch=options.batch, threads=options.threads, kv=options.kv
    )
    ids = [n % 200 + 100 for n in range(min(_PROMPT, options.context // 2))]
    prefill, decode = [], []
    llama.decode(ids[: options.batch])
    for _ in range(_RUNS):
        llama.keep(0)
        begun_s = time.perf_counter()
        llama.decode(ids)
        filled_s = time.perf_counter()
        for token in ids[:_DECODED]:
            llama.decode([token])
        prefill.append(len(ids) / (filled_s - begun_s))
        decode.append(_DECODED / (time.perf_counter() - filled_s))
    llama.close()
    return Trial(options, statistics.median(prefill), statistics.median(decode))


def tuned(options: Options, cores: int, measure: Measure = measured) -> Iterator[Trial]:
    """Every trial as it is done; the last one is the best. One core stays free for hearing, where there are several."""
    best = measure(replace(options, threads=1))
    yield best
    for threads in range(2, max(1, cores - 1) + 1):
        trial = measure(replace(best.options, threads=threads))
        yield trial
        if trial.decode_tok_s > WORTH * best.decode_tok_s:
            best = trial
    tried = [best]
    for batch in BATCHES:
        if batch != best.options.batch:
            tried.append(measure(replace(best.options, batch=batch)))
            yield tried[-1]
    best = _best_batch(tried)
    if options.kv == "f16":
        trial = measure(replace(best.options, kv="q8_0"))
        yield trial
        if min(trial.prefill_tok_s / best.prefill_tok_s, trial.decode_tok_s / best.decode_tok_s) > WORTH:
            best = trial
    yield best


def _best_batch(tried: Sequence[Trial]) -> Trial:
    """The fastest prefill of those whose batch can be waited for; the shortest batch where none can."""
    quick = [t for t in tried if t.step_ms <= STEP_MS]
    if not quick:
        return min(tried, key=lambda t: (t.step_ms, t.options.batch))
    best = max(quick, key=lambda t: t.prefill_tok_s)
    return min((t for t in quick if t.prefill_tok_s * WORTH >= best.prefill_tok_s), key=lambda t: t.options.batch)


def settings(best: Trial) -> dict[str, int | str]:
    """What belongs into `[reasoning.local]`."""
    return {"threads": best.options.threads, "batch": best.options.batch, "kv": best.options.kv}


def with_settings(toml: str, table: str, values: dict[str, int | str]) -> str:
    """A configuration file's text with these keys of a table set; everything else stays as the person wrote it."""
    rows = {
        key: f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}" for key, value in values.items()
    }
    lines = toml.splitlines()
    header = f"[{table}]"
    if header not in (line.split("#")[0].strip() for line in lines):
        return "\n".join([*lines, *([""] if lines else []), header, *rows.values(), ""])
    out: list[str] = []
    inside = False
    for line in lines:
        bare = line.split("#")[0].strip()
        if bare.startswith("["):
            inside = bare == header
            out.append(line)
            if inside:
                out += rows.values()
            continue
        if not (inside and bare.partition("=")[0].strip() in rows):
            out.append(line)
    return "\n".join([*out, ""])
