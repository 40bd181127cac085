"""`edge models`: list, pull and verify the models that are not embedded."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from edge.commands.options import add_config, config_of
from edge.config import cache_folder
from edge.errors import ModelError
from edge.model_store import Model, ModelStore, at_address, catalogue, sha256


def add(commands: Any) -> None:
    parser = commands.add_parser("models", help="list, pull and verify models", description=__doc__)
    parser.add_argument("action", choices=("list", "pull", "verify"))
    parser.add_argument("names", nargs="*", metavar="NAME", help="names from the list, paths, or http(s) addresses")
    add_config(parser)
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    store = ModelStore(cache_folder(config_of(args)) / "models")
    known = catalogue()
    if args.action == "list":
        return _list(store, known, as_json=args.json)
    if args.action == "pull" and not args.names:
        raise ModelError(f"name what to pull: {', '.join(known)}, or an http(s) address")
    rows = []
    for name in args.names or [n for n, m in known.items() if store.path_of(m).is_file()]:
        path = _pull(store, known, name) if args.action == "pull" else _verify(store, known, name)
        rows.append({"name": name, "path": str(path), "sha256": sha256(path)})
        if not args.json:
            print(f"{name}: {path} is {'here' if args.action == 'pull' else 'as it was'}")
    if args.json:
        print(json.dumps(rows))
    return 0


def _list(store: ModelStore, known: dict[str, Model], *, as_json: bool) -> int:
    rows: list[dict[str, Any]] = [
        {"name": m.name, "here": store.path_of(m).is_file(), "bytes": m.bytes, "licence": m.licence,
         "setting": m.setting, "path": str(store.path_of(m)), "note": m.note}
        for m in known.values()
    ]  # fmt: skip
    if as_json:
        print(json.dumps(rows))
        return 0
    table = Table("model", "here", "MB", "licence", "setting", "what")
    for row in rows:
        here = "yes" if row["here"] else "no"
        table.add_row(row["name"], here, f"{row['bytes'] / 1e6:.1f}", row["licence"], row["setting"], row["note"])
    Console().print(table)
    return 0


def _pull(store: ModelStore, known: dict[str, Model], name: str) -> Path:
    model = known.get(name)
    if model is None:
        if not name.startswith(("http://", "https://")):
            raise ModelError(f"there is no model {name!r}: {', '.join(known)}, or an http(s) address")
        model = at_address(name)
    console = Console(stderr=True)
    console.print(f"{model.name}: licence {model.licence}, from {model.source}", highlight=False)
    columns = (TextColumn(model.name), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(model.name, total=model.bytes or None)
        path = store.pull(model, lambda done, total: bar.update(task, completed=done, total=total or None))
    if model.setting:
        console.print(f'use it: {model.setting} = "{path}"', highlight=False)
    return path


def _verify(store: ModelStore, known: dict[str, Model], name: str) -> Path:
    if name in known:
        store.verify(known[name])
        return store.path_of(known[name])
    path = Path(name)
    store.lock(str(path.resolve()), sha256(path))  # reads it, even when size and time are as they were
    return path
