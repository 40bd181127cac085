"""Typed parts of a text that was seen (a price, a time, a name…): each exists only where its rule finds it."""

from __future__ import annotations

import re
from typing import Final

_CLOCK: Final = (
    r"\d{1,2}[:.]\d{2}(?:\s?[aApP]\.?[mM]\b\.?|\s?(?:Uhr|h)\b)?|\d{1,2}\s?[aApP]\.?[mM]\b\.?|\d{1,2}h\d{0,2}\b"
    r"|\d{1,2} Uhr\b|\b(?:[Nn]oon|[Mm]idnight)\b"
)
_MONTH: Final = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_SIGN: Final = r"[$€£¥₹₩₺₽]"
_CODE: Final = r"(?:EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK)"
_AMOUNT: Final = r"\d{1,3}(?:[ ,.]\d{3})+(?:[.,]\d{2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
_RULES: Final = {
    "url": re.compile(
        r"(?:https?://|www\.)[^\s;]+"
        r"|(?<![@\w.-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|de|fr|uk|eu|at|ch|it|es|app|info|example)\b(?:/[^\s;]*)?(?!@)",
        re.I,
    ),
    "email": re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    "ssid": re.compile(r"(?<=WIFI:).*?S:([^;]+)"),
    "password": re.compile(r"(?:(?<=;)P:|[Pp](?i:assword|asscode):?\s+)([^;\s]+)"),
    "price": re.compile(
        rf"{_SIGN}\s?(?:{_AMOUNT})|\b{_CODE}\s?(?:{_AMOUNT})"
        rf"|(?<![\d.,])(?:{_AMOUNT})\s?(?:[€£¥₹]|{_CODE}\b|dollars?\b|euros?\b|pounds?\b|kr\b|zł|ct\b|cents?\b|¢)"
        r"|\b\d{1,3}p\b|\b\d+[.,]-"
    ),
    "date": re.compile(
        r"\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b\d{4}-\d\d-\d\d\b|\b\d{2}[./]\d{4}\b"
        rf"|\b\d{{1,2}}(?:st|nd|rd|th|\.)?(?: of)? {_MONTH}(?: \d{{4}}\b)?"
        rf"|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}}\b)?|\b{_MONTH} \d{{4}}\b"
    ),
    "time": re.compile(rf"(?:{_CLOCK})(?:\s?(?:-|–|to)\s?(?:{_CLOCK}))?"),
    "phone": re.compile(r"\+?\(?\d[\d ()/-]{6,}\d"),
    "number": re.compile(r"\b[A-Z]{0,3}-?\d+[A-Za-z]?\b"),
    "person": re.compile(r"\b(?:Dr|Mr|Mrs|Ms|Prof)\.? (?:[A-Z][\w'-]+ ?){1,3}"),
}
_BARE: Final = re.compile(
    r"(?<![\d.,:])\d{1,3}[.,]\d{2}(?![\d.,:]|\s?(?:[aApP]\.?[mM]\b|h\b|Uhr|-|–|to\b|%|[kmc]?[gml]\b|mm\b))"
)
"""An amount without its currency, as menus have it…"""
_HOURS: Final = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tue|wed|thu|fri|sat|sun|open(?:s|ing)?|clos(?:es?|ed|ing)|hours?"
    r"|bus|trains?|tram|line|gate|flight|ferry|platform|track|depart\w*|arriv\w*|starts?|begins?|show|film|boarding|until"
    r"|uhr|level|version)\b",
    re.I,
)
"""…unless a word says that it is a time, or something else that is counted like this."""
_DAY: Final = re.compile(r"(?<!to )(?<!-)\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b(?!\s?(?:-|–|to\b))", re.I)
PARTS: Final = (*(name for name in _RULES if name != "person"), "name")
"""Every part that there is; "name" is what remains of a text when its other parts are taken away."""


def code_parts(label: str) -> dict[str, str]:
    """The typed parts of a code: a link, a Wi-Fi network and its password, or the number of a barcode."""
    if label.isdecimal():
        return {"number": label}
    return {name: text for name, text in parts(label).items() if name in ("url", "email", "ssid", "password")}


def parts(label: str) -> dict[str, str]:
    """The typed parts of a text, each verbatim, in the order of `PARTS`; each character serves one part at most."""
    found: dict[str, str] = {}
    rest = label
    for name, rule in _RULES.items():
        match = rule.search(rest)
        if match is None and name == "price" and not _HOURS.search(rest):
            match = _BARE.search(rest)
        if match is None and name == "date":
            match = _DAY.search(rest)
        if match is None:
            continue
        # "Room 14:30" has a time and no number: a part's characters are taken out before the next rule looks.
        found[name] = (match.group(match.lastindex or 0)).strip()
        if name != "person":
            rest = rest[: match.start()] + " \0 " + rest[match.end() :]
    remains = max(rest.split("\0"), key=lambda piece: sum(map(str.isalpha, piece)), default="").strip(" -–:,;.|/·\t")
    if remains and remains != label and sum(map(str.isalpha, remains)) > 2 and not found.keys() & {"url", "ssid"}:
        found["name"] = found.pop("person") if "person" in found else remains
    elif "person" in found:
        found["name"] = found.pop("person")
    found.pop("person", None)
    return found
