"""Personal data is found by its form, and what only looks like it is left alone."""

from __future__ import annotations

import pytest

from edge.fallback.personal import luhn, mod_97, personal
from edge.fallback.placeholders import Placeholders


def hidden(text: str, **options: object) -> str:
    return Placeholders().hide(text, personal(text, **options))  # type: ignore[arg-type]  # names of its fields


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("write to ann.lee+x@mail.example.org now", "write to [EMAIL_1] now"),
        ("write to ann dot lee at example dot org now", "write to [EMAIL_1] now"),
        ("my card is 4111 1111 1111 1111 ok", "my card is [CARD_1] ok"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [IBAN_1] please"),
        ("ssn 219-09-9999", "ssn [SSN_1]"),
        ("server 192.168.1.17 and fe80::1ff:fe23:4567:890a", "server [ADDRESS_1] and [ADDRESS_2]"),
        ("i am at 52.51628, 13.37771 now", "i am at [PLACE_1] now"),
        ("the password is hunter22 okay", "the password is [SECRET_1] okay"),
        ("WIFI:T:WPA;S:Home;P:s3cret;;", "WIFI:T:WPA;S:Home;P:[SECRET_1];;"),
        ("https://ann:pw1@example.org/x", "https://[SECRET_1]@example.org/x"),
        ("call +49 30 901820 today", "call [PHONE_1] today"),
        ("dial four one five five five five two six seven one please", "dial [NUMBER_1] please"),
    ],
)
def test_it_is_found_and_hidden(text: str, wanted: str) -> None:
    assert hidden(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Platform 7, train 1842 leaves at 10:30 on 22.11.2026",
        "Open Mon-Fri 9:00-18:00, Sat 10-16",
        "Cappuccino $4.50, Espresso 2,50 €",
        "ISBN 978-3-16-148410-0 is a book",
        "order number 1234 5678 9012 3456",
        "count one two three four five six",
        "the pin board is full",
        "version 1.2.3 of build 20261122",
        "gate B42 and seat 17A",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert hidden(text) == text


def test_known_names_are_hidden_as_whole_words() -> None:
    assert hidden("is Ann next to anna", names=("ann",)) == "is [NAME_1] next to anna"


def test_checksums_are_those_of_the_standards() -> None:
    assert luhn("5500 0000 0000 0004") and not luhn("5500 0000 0000 0005") and not luhn("0000 0000 0000 0000")
    assert mod_97("GB82 WEST 1234 5698 7654 32") and not mod_97("GB83 WEST 1234 5698 7654 32")


def test_a_long_text_of_one_kind_takes_no_time() -> None:
    for text in ("1 " * 9000, "a.b@" * 4000, "at dot " * 2500, "A1" * 9000, "::" * 9000, "pin is " * 2500):
        personal(text)
