"""Finds personal data in a text by its form: addresses, numbers with a checksum, phone numbers, passwords, known names.

Checksums keep what only looks like a number of a card or an account (Luhn, ISO 7812; mod 97, ISO 13616). Phone numbers are
found by `phonenumbers` where it is installed, and by their form otherwise. Speech recognition writes digits as words: runs
of seven and more are taken for a number that is somebody's.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import re
from collections.abc import Collection, Iterator
from typing import Final

from edge.fallback.placeholders import Found

_EMAIL: Final = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-zA-Z]{2,24}\b")
_SPOKEN_EMAIL: Final = re.compile(
    r"\b[\w.]+(?: (?:dot|underscore|dash) [\w]+){0,4} at [\w-]+(?: dot [a-z]{2,10}){1,3}\b", re.I
)
_DIGITS: Final = re.compile(r"(?<![\w.])\d(?:[ -]?\d){11,18}(?![\w])")
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_SSN: Final = re.compile(r"\b(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b")
_ADDRESS: Final = re.compile(
    r"(?<![\w.:])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])|(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])"
)
_PLACE: Final = re.compile(r"(?<![\d.])-?\d{1,2}\.\d{3,8}\s*,\s*-?\d{1,3}\.\d{3,8}(?![\d.])")
_SECRET: Final = re.compile(
    r"(?i)\b(?:password|passwort|passcode|passphrase|pin|wi-?fi key|secret|token|api key)\b"
    r"(?: (?:is|ist|lautet)|\s*[:=])\s*(\S{3,64})"
)
_WIFI: Final = re.compile(r"(?i)WIFI:.*?P:((?:\\.|[^;\\])+)")
_LOGIN: Final = re.compile(r"://([^/\s:@]+:[^/\s:@]+)@")
_PHONE: Final = re.compile(r"(?<![\w.])(?:\+|00)?\(?\d{1,4}\)?(?:[ ./-]?\(?\d{2,4}\)?){2,5}(?![\w])")
_SPOKEN: Final = frozenset("zero oh one two three four five six seven eight nine double triple".split())  # noqa: SIM905
_SPOKEN_LEAST: Final = 7
_LONGEST: Final = 20_000
"""characters that are looked at; what is longer is not sent"""


def personal(text: str, names: Collection[str] = (), region: str = "US") -> list[Found]:
    """Every piece, in order; pieces do not overlap, the one that begins first, then the longer one wins.

    Args:
        text: of a question, a sign, an earlier turn.
        names: of people that are known (faces, contacts); each is found as a whole word.
        region: of phone numbers that are written without a country, ISO 3166.
    """
    every = sorted(_every(text[:_LONGEST], names, region), key=lambda f: (f.start, f.start - f.end))
    found: list[Found] = []
    for piece in every:
        if not found or piece.start >= found[-1].end:
            found.append(piece)
    return found


def _every(text: str, names: Collection[str], region: str) -> Iterator[Found]:
    for kind, form in (("EMAIL", _EMAIL), ("EMAIL", _SPOKEN_EMAIL), ("SSN", _SSN), ("PLACE", _PLACE)):
        yield from (Found(m.start(), m.end(), kind) for m in form.finditer(text))
    for kind, form in (("SECRET", _SECRET), ("SECRET", _WIFI), ("SECRET", _LOGIN)):
        yield from (Found(m.start(1), m.end(1), kind) for m in form.finditer(text))
    yield from (Found(m.start(), m.end(), "CARD") for m in _DIGITS.finditer(text) if luhn(m[0]))
    yield from (Found(m.start(), m.end(), "IBAN") for m in _IBAN.finditer(text) if mod_97(m[0]))
    yield from (Found(m.start(), m.end(), "ADDRESS") for m in _ADDRESS.finditer(text) if _is_address(m[0]))
    yield from _phones(text, region)
    yield from _spoken(text)
    for name in names:
        if len(name) > 1:
            yield from (Found(m.start(), m.end(), "NAME") for m in re.finditer(rf"(?i)\b{re.escape(name)}\b", text))


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    numbers = [int(c) for c in digits if c.isdigit()]
    if not 12 <= len(numbers) <= 19 or len(set(numbers)) == 1:
        return False
    doubled = [n if i % 2 == 0 else n * 2 - 9 * (n > 4) for i, n in enumerate(reversed(numbers))]
    return sum(doubled) % 10 == 0


def mod_97(iban: str) -> bool:
    """Whether the check digits are right (ISO 13616-1)."""
    plain = iban.replace(" ", "")
    if not 15 <= len(plain) <= 34:
        return False
    turned = plain[4:] + plain[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return not re.fullmatch(r"[:0-9]{3,5}", text)  # "10:30" and "::" are times and signs


def _phones(text: str, region: str) -> Iterator[Found]:
    if importlib.util.find_spec("phonenumbers") is None:
        long = (m for m in _PHONE.finditer(text) if sum(c.isdigit() for c in m[0]) >= _SPOKEN_LEAST)
        yield from (Found(m.start(), m.end(), "PHONE") for m in long)
        return
    import phonenumbers

    yield from (Found(m.start, m.end, "PHONE") for m in phonenumbers.PhoneNumberMatcher(text, region))


def _spoken(text: str) -> Iterator[Found]:
    """Runs of digits that were spoken as words."""
    run: list[re.Match[str]] = []
    for match in (*re.finditer(r"\w+", text), None):
        if match is not None and match[0].casefold() in _SPOKEN:
            run.append(match)
            continue
        if len(run) >= _SPOKEN_LEAST:
            yield Found(run[0].start(), run[-1].end(), "NUMBER")
        run = []
