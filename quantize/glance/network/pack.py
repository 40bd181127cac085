"""Dialogues as rows of numbers: tools, scene and questions in one row, each question blind to the others.

A row holds one list of tools, then scenes, each followed by its questions. `scene` and `ask` say what a token belongs
to (0: shared), and `position` restarts after the shared part, so a question sees exactly what it sees at run time and
a scene is computed once for all its questions: four times as many answers from the same number of tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.reasoning.prompt import END, Piece, question_cues, question_pieces
from quantize.glance.dialogue.dialogues import Dialogue, Dialogues, some_tools
from quantize.glance.network.tokenizer import Codec

LENGTH: Final = 640
FIELDS: Final = ("token", "position", "scene", "ask", "target")
"""target: the token that must follow, or 0xFFFF where nothing is learned."""
IGNORED: Final = 0xFFFF


class Row:
    """One row while it is filled."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self.fields: dict[str, list[int]] = {name: [] for name in FIELDS}
        self._shared = 0
        self._scenes = 0

    def share(self, tools: list[int]) -> None:
        """Begins with the tools."""
        self._extend(tools, 0, 0, 0)
        self._shared = len(tools)

    def add(self, dialogue: Dialogue) -> bool:
        """Adds a scene and as many of its questions as fit; False when not even one does."""
        prompt = dialogue.prompt
        head = self._codec.encode((*prompt.scene, *prompt.turns))
        room = LENGTH - len(self.fields["token"]) - len(head)
        asked = []
        for example in dialogue.examples:
            question = self._codec.encode(self._question(example.question, dialogue))
            reply = self._codec.encode_reply(example.reply)
            reply = reply if example.is_partial else [*reply, self._codec.encode((Piece(END, True),))[0]]
            if room >= len(question) + len(reply):
                room -= len(question) + len(reply)
                asked.append((question, reply))
        if not asked:
            return False
        self._scenes += 1
        self._extend(head, self._shared, self._scenes, 0)
        for n, (question, reply) in enumerate(asked, start=1):
            tokens = question + reply[:-1]
            targets = [IGNORED] * (len(question) - 1) + reply
            self._extend(tokens, self._shared + len(head), self._scenes, n, targets)
        return True

    @staticmethod
    def _question(text: str, dialogue: Dialogue) -> tuple[Piece, ...]:
        words, prompt = text.split(), dialogue.prompt
        return question_pieces(
            words, question_cues(words, prompt.lines, dialogue.device, dialogue.tools, dialogue.earlier)
        )

    def _extend(self, tokens: list[int], start: int, scene: int, ask: int, targets: list[int] | None = None) -> None:
        fields = self.fields
        fields["token"] += tokens
        fields["position"] += range(start, start + len(tokens))
        fields["scene"] += [scene] * len(tokens)
        fields["ask"] += [ask] * len(tokens)
        fields["target"] += targets or [IGNORED] * len(tokens)

    def array(self) -> NDArray[np.uint16]:
        """uint16[len(FIELDS), LENGTH]; what is left over belongs to a scene of its own and is not learned."""
        out = np.zeros((len(FIELDS), LENGTH), np.uint16)
        out[FIELDS.index("target")] = IGNORED
        out[FIELDS.index("scene")] = 0xFFFF
        for n, name in enumerate(FIELDS):
            out[n, : len(self.fields[name])] = self.fields[name]
        return out


def rows(seed: int, codec: Codec, data: Path) -> Iterator[NDArray[np.uint16]]:
    """Packed rows without end."""
    rng = Random(seed)
    dialogues = Dialogues(seed, data)
    while True:
        tools = some_tools(rng)
        row = Row(codec)
        for _ in range(12):
            dialogue = dialogues.next(tools)
            if not row.fields["token"]:
                row.share(codec.encode(dialogue.prompt.tools))
            if not row.add(dialogue):
                break
        yield row.array()


@dataclass(frozen=True, slots=True)
class Shards:
    """Files of packed rows, each made from its own seed, so that they can be made side by side."""

    folder: Path
    vocabulary: Path
    data: Path
    """human questions"""
    seed: int
    rows: int
    """per file"""

    def write(self, count: int, workers: int) -> Iterator[Path]:
        """Makes the first `count` files in parallel; those that exist are left as they are."""
        with ProcessPoolExecutor(workers) as pool:
            wanted = [n for n in range(count) if not self._path(n).exists()]
            yield from pool.map(self.write_one, wanted)

    def write_one(self, n: int) -> Path:
        """One file uint16[rows, fields, LENGTH]; written aside and renamed, so that a reader never sees half of one."""
        supply = rows(self.seed * 100_000 + n, Codec(self.vocabulary), self.data)
        part = self._path(n).with_suffix(".part.npy")
        np.save(part, np.stack([next(supply) for _ in range(self.rows)]))
        return part.rename(self._path(n))

    def _path(self, n: int) -> Path:
        return self.folder / f"shard_{n:04}.npy"
