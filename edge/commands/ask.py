"""`edge ask`: one question, or a file of them, about scenes described in JSON."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, TextIO

from edge import live, scene_file
from edge.commands.options import add_config, config_of
from edge.config import options_of, plugin_module
from edge.errors import ConfigError
from edge.graph import with_model
from edge.reasoning.router import Router
from edge.reasoning.tools import TOOLS, Tool
from edge.settings import Config
from edge.types import Answer, Notice, Query, Token


def add(commands: Any) -> None:
    parser = commands.add_parser("ask", help="a question about a described scene", description=__doc__)
    parser.add_argument("question", nargs="?")
    parser.add_argument("--scene", type=Path, metavar="FILE.json", help="the scene (see docs/ask.md)")
    parser.add_argument("--batch", type=Path, metavar="FILE.jsonl", help='lines {"scene": …, "text": …}')
    add_config(parser)
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    if (args.question is None) == (args.batch is None):
        raise ConfigError("nothing to ask: give one question, or --batch FILE.jsonl with many")
    config = config_of(args)
    if args.batch is not None:
        _batch(config, list(scene_file.batch(args.batch)))
        return 0
    query = scene_file.query(args.scene, args.question)
    cloud = live.cloud(config)
    try:
        later: list[Notice] = []
        if cloud is not None:
            cloud.listen(later.append)
        answer = _asked(Router(_local(config), cloud, time.monotonic_ns), query, None if args.json else sys.stdout)
        if cloud is not None:
            cloud.settle()
    finally:
        if cloud is not None:
            cloud.close()
    if later and not args.json:
        print("\n".join(notice.text for notice in later))
    if later:
        answer["later"] = [{"row": notice.row, "text": notice.text} for notice in later]
    if args.json:
        print(json.dumps(answer, ensure_ascii=False))
    return 0


def _batch(config: Config, rows: Sequence[scene_file.Row]) -> None:
    """A line for each; the model is loaded again where other tools are offered, because they begin its prompt."""
    if config.fallback.mode == "refine":  # what comes later would belong to no line
        config = replace(config, fallback=replace(config.fallback, mode="local-first"))
    cloud = live.cloud(config)
    try:
        for tools, same in groupby(rows, lambda row: row.tools):
            local = _local(config, tools)
            router = Router(local, cloud, time.monotonic_ns)
            for row in same:
                print(json.dumps(_asked(router, row.query, None), ensure_ascii=False), flush=True)
            if local is not None:
                local.close()
    finally:
        if cloud is not None:
            cloud.close()


def _local(config: Config, tools: Sequence[Tool] = ()) -> Any:
    """The local model, or None where the configuration has none."""
    plugin = with_model(config, config.reasoning.local)
    if plugin.kind == "none":
        return None
    build, options = plugin_module("reasoning.local", plugin).build, options_of("reasoning.local", plugin)
    return build(options, (*TOOLS, *tools), keeps=live.keeps(config))


def _asked(router: Router, query: Query, out: TextIO | None) -> dict[str, Any]:
    """Ask, show the words as they come, and give the answer as plain values."""
    answer: Answer | None = None
    for event in _stream(router, query):
        if isinstance(event, Token) and out is not None:
            out.write(event.text)
            out.flush()
        elif isinstance(event, Answer):
            answer = event
    if out is not None:
        out.write("\n")
    assert answer is not None  # nobody interrupts here
    call = answer.tool_call
    return {
        "answer": answer.text,
        "source": answer.source,
        **({"row": answer.row} if answer.row else {}),
        "escalate": answer.escalate,
        "tool_call": None if call is None else {"name": call.name, "arguments": dict(call.arguments)},
        "confidence": round(answer.confidence, 4),
        "ttft_ms": round(answer.ttft_ns / 1e6, 3),
        "total_ms": round(answer.total_ns / 1e6, 3),
    }


def _stream(router: Router, query: Query) -> Iterator[Token | Answer]:
    for event in router.process(query):
        if isinstance(event, Token | Answer):
            yield event
