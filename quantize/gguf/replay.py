"""`quantize replay`: makes a quantized GGUF again from its manifest; the bytes depend on nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from quantize import files
from quantize.errors import InputError, ToolError
from quantize.gguf import imatrix, llama, plan, request, writer
from quantize.gguf.types import FTYPES
from quantize.manifest import Manifest


def replay(found: Manifest, path: Path, out: Path, threads: int = 1) -> str:
    """Writes `out` and returns its sha256.

    Args:
        found: the manifest.
        path: where it lies; the importance matrix lies beside it, the float file where it was or beside it too.
        out: the file to write.
        threads: to quantize with; the bytes do not depend on it.

    Raises:
        InputError: the float file or the importance matrix is missing or another one.
        ToolError: the libraries are of another version.
    """
    for name, version in found.versions.items():
        if llama.versions().get(name) != version:
            raise ToolError(
                f"{path} was made with {name} {version}, here is {llama.versions().get(name)}: install that one"
            )
    source = _same(Path(found.source), path, found.source_sha256)
    types, matrix, checksum = (found.recipe.get(key) for key in ("types", "imatrix", "imatrix_sha256"))
    if not isinstance(types, Mapping) or not isinstance(matrix, str) or not isinstance(checksum, str):
        raise InputError(f"{path}: its recipe has no types or no importance matrix: give the manifest that fit wrote")
    beside = _same(path.parent / Path(matrix).name, path, checksum)
    head = request.read_float(source)
    named = {t.name: t for t in plan.quantizable(head)}
    covered = {n: i.mean for n, i in imatrix.load(beside).items() if i.counts.any()}
    for name, kind in types.items():
        if name not in named or kind not in FTYPES or kind not in plan.candidates(named[name], set(covered)):
            raise InputError(f"{path}: {name} cannot be {kind!s:.20}: give the manifest that fit wrote")
    writer.write(head, types, covered, out, threads)
    return files.sha256(out)


def _same(place: Path, manifest: Path, checksum: str) -> Path:
    """The file there or beside the manifest, with this checksum."""
    for path in (place, manifest.parent / place.name):
        if path.is_file() and files.sha256(path) == checksum:
            return path
    raise InputError(f"{place} is not there or not the file that {manifest} was made with: put it beside the manifest")
