"""Puts seen text in the place of references (`#2`, `#2.price`) while an answer streams: verbatim by construction."""

from __future__ import annotations

import re
from collections.abc import Mapping

_VOWEL = "aeiouAEIOU"


class References:
    """One answer's resolver: feed it the model's pieces, get text that is ready to be shown.

    A reference may be split across pieces, so text that could still grow into a longer reference waits for the next
    piece (`#2.` may become `#2.price`); `flush` gives what waited. The model always writes "a"; "an" is made here,
    because only the resolver knows the word that follows.
    """

    def __init__(self, targets: Mapping[str, str]) -> None:
        self._targets = targets
        self._waiting = ""

    def feed(self, piece: str) -> str:
        """Text that is sure after this piece; empty while a reference is still open."""
        return self._release(self._waiting + piece, is_last=False)

    def flush(self) -> str:
        """What waited, at the end of the answer."""
        return self._release(self._waiting, is_last=True)

    def _release(self, text: str, *, is_last: bool) -> str:
        out: list[str] = []
        while text:
            start = text.find("#")
            article = re.search(r"(?:^|(?<=\s))[Aa] ?$", text if start < 0 else text[:start])
            if start < 0:
                keep = 0 if is_last or article is None else len(text) - article.start()
                out.append(text[: len(text) - keep])
                text = text[len(text) - keep :]
                break
            if not is_last and any(key.startswith(text[start:]) for key in self._targets):
                keep_from = article.start() if article else start
                out.append(text[:keep_from])
                text = text[keep_from:]
                break
            key = max((key for key in self._targets if text.startswith(key, start)), key=len, default="")
            # A mark without a target is never shown: it would mean nothing to a person.
            shown = self._targets.get(key, "")
            before = text[:start]
            if article and shown[:1] in _VOWEL and shown:
                before = before[: article.start()] + before[article.start()] + "n "
            out.append(before + shown)
            text = text[start + len(key) :] if key else re.sub(r"^#\w*(?:\.\w+)?", "", text[start:])
        else:
            text = ""
        self._waiting = text
        return "".join(out)


def resolve(text: str, targets: Mapping[str, str]) -> str:
    """A finished answer with all its references filled in."""
    references = References(targets)
    return references.feed(text) + references.flush()
