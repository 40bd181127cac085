"""The vocabulary: byte-level BPE of 3,072 tokens, with the prompt's marks as control tokens in front.

Byte-level means that no character is unknown (llama.cpp aborts on one); digits stand alone, as in llama.cpp's "smollm"
pre-tokenizer, which this one equals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from edge.reasoning.prompt import MARKS, Piece
from quantize.glance.network.marks import split_marks as split_marks

VOCABULARY: Final = 3072
PRE_TOKENIZER: Final = "smollm"
"""What llama.cpp calls the splitting that is used here."""
MARK_IDS: Final = {mark: n for n, mark in enumerate(MARKS)}


def train(texts: Iterable[str], path: Path) -> None:
    """Learns the merges from plain texts and writes them to a file."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(MARKS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.save(str(path))


class Codec:
    """Pieces to token numbers."""

    def __init__(self, path: Path) -> None:
        self.tokenizer: Tokenizer = Tokenizer.from_file(str(path))
        # Marks reach the model by their numbers only, never by their text.
        self.tokenizer.encode_special_tokens = True

    def encode(self, pieces: Sequence[Piece]) -> list[int]:
        """Token numbers of a prompt's pieces."""
        ids: list[int] = []
        for piece in pieces:
            if piece.is_mark:
                ids.append(MARK_IDS[piece.text])
            else:
                ids += self.tokenizer.encode(piece.text).ids
        return ids

    def encode_reply(self, reply: str) -> list[int]:
        """Token numbers of a reply, whose references are marks."""
        return self.encode([Piece(t, t in MARK_IDS) for t in split_marks(reply)])
