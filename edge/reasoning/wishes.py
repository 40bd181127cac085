"""What a person says about who shall answer: "ask the cloud", "keep it here"; pure."""

from __future__ import annotations

import re
from typing import Final, Literal

Wish = Literal["cloud", "local"]

_CLOUD: Final = tuple(
    f"{verb} {the}{what}"
    for verb in ("ask", "use", "try", "check with")
    for the in ("the ", "my ", "")
    for what in ("cloud", "internet", "online model", "big model")
)
_LOCAL: Final = (
    "keep it here", "keep this here", "keep that here", "keep it local", "keep this local", "keep it private",
    "keep this private", "keep it on the device", "keep this on the device", "stay local", "stay offline",
    "stay on the device", "on the device only", "only on the device", "just on the device", "offline only",
    "without the cloud", "without the internet", "don't send it", "don't send this", "do not send it",
    "do not send this", "don't ask the cloud", "do not ask the cloud", "don't use the cloud", "do not use the cloud",
)  # fmt: skip
_BEFORE: Final = ("please", "and", "but", "then", "hey", "okay")
_AFTER: Final = ("please", "and", "for me", "about", "to tell me", "but", "then")


def wish(text: str) -> tuple[Wish | None, str]:
    """The wish at the beginning or the end of a question, and the question without it; where nothing is left, the whole."""
    for name, form in _FORMS:
        found = form.search(text.strip())
        if found is not None:
            rest = (text.strip()[: found.start()] + text.strip()[found.end() :]).strip(" ,:")
            return name, rest or text
    return None, text


def _form(phrases: tuple[str, ...]) -> re.Pattern[str]:
    said = "|".join(sorted((re.escape(p) for p in phrases), key=len, reverse=True))
    before, after = "|".join(_BEFORE), "|".join(_AFTER)
    first = rf"^(?:(?:{before}) )*(?:{said})\b[,:]?(?: (?:{after})\b)*"
    last = rf"[, ]*(?:(?:{before}) )*\b(?:{said})(?: please)?[.!?]?$"
    return re.compile(f"(?:{first})|(?:{last})", re.IGNORECASE)


# A cloud that is refused ("don't ask the cloud") is looked for first: its words hold those that ask for one.
_FORMS: Final[tuple[tuple[Wish, re.Pattern[str]], ...]] = (("local", _form(_LOCAL)), ("cloud", _form(_CLOUD)))
