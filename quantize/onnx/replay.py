"""Makes a file again from its manifest, bit by bit."""

from __future__ import annotations

from pathlib import Path

from quantize.errors import InputError, ToolError
from quantize.files import sha256, written
from quantize.manifest import Manifest
from quantize.onnx import guard
from quantize.onnx.form import Form
from quantize.onnx.lab import finished
from quantize.onnx.plan import Plan
from quantize.onnx.prepare import prepare
from quantize.onnx.session import VERSION


def replay(manifest: Manifest, manifest_path: Path, out: Path) -> str:
    """Writes `out` from the manifest's source and recipe; its sha256, which is the manifest's.

    The source is looked for where the manifest says, as given and beside the manifest.

    Raises:
        InputError: the source is not there or is another file; the recipe is not known.
        ToolError: another version of a library gave other bytes.
    """
    places = [
        Path(manifest.source),
        manifest_path.parent / manifest.source,
        manifest_path.parent / Path(manifest.source).name,
    ]
    source = next((place for place in places if place.is_file()), None)
    if source is None:
        raise InputError(f"{manifest.source} is not there: put the float model beside {manifest_path}")
    if sha256(source) != manifest.source_sha256:
        raise InputError(f"{source} is another file than the one that {manifest_path} was made of: get that one")
    model = guard.load(source)
    with written(out) as part:
        if manifest.recipe.get("float"):
            part.write_bytes(model.SerializeToString(deterministic=True))
        else:
            part.write_bytes(
                finished(Form(prepare(model, source)), Plan.from_json(manifest.recipe, str(manifest_path)))
            )
        made = sha256(part)
        if made != manifest.out_sha256:
            used = ", ".join(f"{name} {version}" for name, version in manifest.versions.items())
            text = f"{out} came out as {made[:12]}, not {manifest.out_sha256[:12]}: install {used}"
            raise ToolError(f"{text} (onnxruntime is {VERSION} here)")
    return made
