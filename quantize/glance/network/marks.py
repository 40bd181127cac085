"""Parts a reply into marks and plain text; apart from the tokenizer, so that data and scores are made without it."""

from __future__ import annotations

import re
from typing import Final

from edge.reasoning.prompt import MARKS

_MARK_IN_REPLY: Final = re.compile("(" + "|".join(re.escape(m) for m in sorted(MARKS, key=len, reverse=True)) + ")")


def split_marks(reply: str) -> list[str]:
    """A reply parted into marks and plain text."""
    return [text for text in _MARK_IN_REPLY.split(reply) if text]
