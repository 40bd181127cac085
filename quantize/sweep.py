"""Many fits and measurements as Dask tasks, on this machine or on a cluster by address; a shelf of devices measures itself.

A sweep file says what is wanted:

    out = "out/sweep"
    calibration = ["calibration.txt"]

    [[fit]]                          # for each size and device one `quantize fit`
    model = "glance_f32.gguf"
    sizes = ["3MB", "4MB"]
    devices = ["pi5", "pi4"]         # profiles; left out: the machine that the task runs on
    options = ["--max-kl", "0.02"]   # of `quantize fit`, as on the command line

    [[measure]]                      # `quantize compare`, on workers that are that device
    reference = "glance_f32.gguf"
    files = ["a.gguf", "b.gguf"]
    text = "eval.txt"                # or inputs = "pictures.npz" for ONNX
    devices = ["pi5"]

Each task is one run of this program in a process of its own, so that nothing a model does can take a worker down. To another
machine the files travel with the task. Workers are trusted and so is the network between them: Dask runs what it is sent.
Finished tasks are journalled; a sweep that was interrupted, or in which a worker was lost, goes on where it was.
"""

from __future__ import annotations

import asyncio
import difflib
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from quantize import device, progress
from quantize.errors import OptionError, ToolError
from quantize.files import sha256, written
from quantize.journal import Journal

_TOP: Final = {"out", "calibration", "fit", "measure"}
_FIT: Final = {"model", "sizes", "devices", "options", "calibration"}
_MEASURE: Final = {"reference", "files", "text", "inputs", "devices", "options"}
_RESOURCE: Final = "device-"
"""a worker on a device carries the resource `device-PROFILE`"""
_TAIL: Final = 2000


@dataclass(frozen=True, slots=True)
class Task:
    """One run of `quantize`."""

    name: str
    verb: str
    """fit or compare"""
    words: tuple[str, ...]
    """its arguments; a file is `{0}`, `{1}`… in the order of `files`, the folder for results `{out}`"""
    files: tuple[str, ...]
    runs_on: str | None
    """the profile that a worker must carry; None: any worker"""


def read(path: Path) -> tuple[Path, tuple[Task, ...]]:
    """The folder for results and the tasks of a sweep file.

    Raises:
        OptionError: it is no sweep file; the sentence names the key.
    """
    try:
        given = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OptionError(f"{path} is no sweep file ({error}): see docs/quantize.md for an example") from error
    _known(path, given, _TOP)
    beside = path.parent
    tasks = [*_fits(path, given, beside), *_measures(path, given, beside)]
    if not tasks:
        raise OptionError(f"{path} asks for nothing: give it [[fit]] or [[measure]] tables")
    return beside / str(given.get("out", "out/sweep")), tuple(tasks)


def sweep(path: Path, scheduler: str | None = None, connect_s: float = 10) -> dict[str, Any]:
    """Runs a sweep; one object for each task, in the order of the file.

    Args:
        path: the sweep file.
        scheduler: address of a Dask scheduler (`tcp://HOST:PORT`); None for this machine alone.
        connect_s: how long to wait for the scheduler.

    Raises:
        OptionError: the file is wrong, a file it names is not there, or no worker carries a profile.
        ToolError: Dask is not installed, or the scheduler does not answer.
    """
    out, tasks = read(path)
    distributed = _dask()
    is_remote = scheduler is not None
    sums = {file: _sum(Path(file), is_remote) for task in tasks for file in task.files}
    with Journal(out, {"tasks": [asdict(task) for task in tasks], "files": sums}) as journal:
        left = [task for task in tasks if task.name not in journal or "error" in journal[task.name]]
        with _client(distributed, scheduler, connect_s) as client, progress.bar("sweep", len(tasks)) as bar:
            bar(len(tasks) - len(left))
            _check_workers(client, left, is_remote)
            futures = {}
            for task in left:
                sent = {file: Path(file).read_bytes() for file in task.files} if is_remote else None
                wanted = {f"{_RESOURCE}{task.runs_on}": 1} if task.runs_on and is_remote else None
                folder = None if is_remote else str(out / task.name)
                future = client.submit(run, task, folder, sent, resources=wanted, pure=False, retries=1)
                futures[future] = task
            for future in distributed.as_completed(futures):
                task = futures[future]
                journal.put(task.name, _kept(future, out / task.name))
                bar(says=f"sweep: {task.name}")
        results = [{"task": task.name, "device": task.runs_on, **journal[task.name]} for task in tasks]
    with written(out / "sweep.json") as part:
        part.write_text(json.dumps(results, indent=1) + "\n")
    return {"out": str(out / "sweep.json"), "tasks": results, "failed": sum("error" in r for r in results)}


def run(task: Task, folder: str | None, sent: Mapping[str, bytes] | None) -> dict[str, Any]:
    """One task, on a worker: the object that the program printed, and the files it made when they must travel back."""
    with tempfile.TemporaryDirectory() as scratch:
        paths = []
        for n, file in enumerate(task.files):
            path = Path(file)
            if sent is not None:
                path = Path(scratch) / str(n) / Path(file).name
                path.parent.mkdir()
                path.write_bytes(sent[file])
            paths.append(str(path))
        out = Path(folder) if folder is not None else Path(scratch) / "out"
        words = [word.format(*paths, out=out) if word.startswith("{") else word for word in task.words]
        done = subprocess.run(
            [sys.executable, "-m", "quantize", task.verb, *words, "--json"], capture_output=True, text=True
        )
        lines = done.stdout.strip().splitlines()
        if done.returncode not in (0, 1) or not lines:  # 1: nothing fits, which is an answer
            said = [line for line in done.stderr.splitlines() if line.startswith("quantize: ")]
            return {"error": (said or done.stderr.splitlines() or [f"ended with {done.returncode}"])[-1][-_TAIL:]}
        made = {}
        if sent is not None and task.verb == "fit" and out.is_dir():
            made = {file.name: file.read_bytes() for file in out.iterdir() if not file.name.startswith("journal")}
        return {"result": json.loads(lines[-1]), "made": made}


def work(scheduler: str, profile: str) -> None:
    """A worker on a device, until it is interrupted: one task at a time, with the device's profile as its resource.

    Raises:
        OptionError: there is no such profile.
        ToolError: Dask is not installed, or the scheduler does not answer.
    """
    carried, distributed = device.load(profile), _dask()

    async def serve() -> None:
        resources = {f"{_RESOURCE}{carried.name}": 1.0}
        async with distributed.Worker(scheduler, nthreads=1, resources=resources, name=carried.name) as worker:
            await worker.finished()

    try:
        asyncio.run(serve())
    except OSError as error:
        raise ToolError(
            f"no Dask scheduler answers at {scheduler} ({error}): start one with `dask scheduler`"
        ) from error


def _dask() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise ToolError("Dask is not installed: pip install glasspath[sweep]") from error
    return distributed


def _sum(path: Path, is_remote: bool) -> str:
    """What the results of a file depend on."""
    if not path.is_dir():
        return sha256(path)
    if is_remote:
        raise OptionError(f"{path} is a folder, which cannot travel to another machine: make it one .npz")
    return ",".join(f"{file.name}:{file.stat().st_size}" for file in sorted(path.iterdir()))


def _client(distributed: Any, scheduler: str | None, connect_s: float) -> Any:
    if scheduler is None:
        # One task at a time: two would measure each other.
        cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)
        return distributed.Client(cluster)
    try:
        return distributed.Client(scheduler, timeout=connect_s)
    except (OSError, ValueError) as error:
        raise ToolError(
            f"no Dask scheduler answers at {scheduler} ({error}): start one with `dask scheduler`"
        ) from error


def _check_workers(client: Any, tasks: Sequence[Task], is_remote: bool) -> None:
    """A task that no worker may run would wait for ever."""
    if not is_remote:
        return
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    carried = {name for worker in workers for name in worker["resources"]}
    for task in tasks:
        if task.runs_on and f"{_RESOURCE}{task.runs_on}" not in carried:
            raise OptionError(
                f"no worker is a {task.runs_on}: start one there with `quantize worker ADDRESS --device {task.runs_on}`"
            )
    if not workers:
        raise OptionError("the scheduler has no workers: start one with `quantize worker ADDRESS --device PROFILE`")


def _kept(future: Any, folder: Path) -> dict[str, Any]:
    """What is journalled of a finished task; its files are put into their folder."""
    try:
        done: dict[str, Any] = future.result()
    except Exception as error:  # a worker died, or the task could not be sent: the others go on
        return {"error": f"the worker was lost ({error})"[:_TAIL]}
    for name, data in done.pop("made", {}).items():
        with written(folder / Path(name).name) as part:
            part.write_bytes(data)
    return done


def _fits(path: Path, given: Mapping[str, Any], beside: Path) -> Iterator[Task]:
    for n, table in enumerate(_tables(path, given, "fit")):
        _known(path, table, _FIT)
        model = _file(path, beside, table, "model")
        calibration = [_there(path, beside, name) for name in table.get("calibration", given.get("calibration", []))]
        if not calibration:
            raise OptionError(f"{path}: fit {n + 1} has no calibration: name files, for it or for all at the top")
        for size in table.get("sizes", [None]):
            for profile in table.get("devices", [None]):
                bounds = [*(["--size", size] if size else []), *(["--device", profile] if profile else [])]
                if profile:
                    device.load(profile)
                files = (model, *calibration)
                told = [word for m in range(len(calibration)) for word in ("--calibration", f"{{{m + 1}}}")]
                words = ("{0}", *told, "--out", "{out}", *bounds, *map(str, table.get("options", [])))
                name = "-".join(str(w) for w in ("fit", n + 1, Path(model).stem, size, profile) if w)
                yield Task(name, "fit", words, files, None)


def _measures(path: Path, given: Mapping[str, Any], beside: Path) -> Iterator[Task]:
    for n, table in enumerate(_tables(path, given, "measure")):
        _known(path, table, _MEASURE)
        files = [_file(path, beside, table, "reference"), *(_there(path, beside, f) for f in table.get("files", []))]
        kind = "text" if "text" in table else "inputs"
        files.append(_file(path, beside, table, kind))
        slots = [f"{{{m}}}" for m in range(len(files))]
        for profile in table.get("devices", [None]):
            words = (*slots[:-1], f"--{kind}", slots[-1], *map(str, table.get("options", [])))
            name = "-".join(str(w) for w in ("measure", n + 1, Path(files[0]).stem, profile) if w)
            yield Task(name, "compare", words, tuple(files), profile)


def _tables(path: Path, given: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    tables = given.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise OptionError(f"{path}: {key} must be tables, [[{key}]]")
    return tables


def _known(path: Path, given: Mapping[str, Any], keys: set[str]) -> None:
    for key, value in given.items():
        if key not in keys:
            close = difflib.get_close_matches(key, keys, 1)
            raise OptionError(f"{path}: there is no {key!r}" + (f", did you mean {close[0]!r}?" if close else ""))
        if key in ("sizes", "devices", "options", "files", "calibration") and not (
            isinstance(value, list) and all(isinstance(v, str) for v in value)
        ):
            raise OptionError(f"{path}: {key} must be a list of texts")


def _file(path: Path, beside: Path, table: Mapping[str, Any], key: str) -> str:
    if not isinstance(table.get(key), str):
        raise OptionError(f"{path}: a table names no {key}")
    return _there(path, beside, table[key])


def _there(path: Path, beside: Path, name: str) -> str:
    file = beside / os.path.expanduser(name)
    if not file.exists():
        raise OptionError(f"{path} names {name}, which is not there")
    return str(file)
