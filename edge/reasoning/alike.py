"""Words that people use for one another: a sign says "Toilets" and is asked for as the bathroom; pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_PLACES: Final = """
toilet restroom bathroom washroom wc loo lavatory
entrance entry
elevator lift
stair stairs staircase stairway steps
pharmacy chemist drugstore
cashier checkout till register
doctor dr physician
bin trash garbage rubbish litter
cinema movie film
subway metro underground tube
luggage baggage suitcase
taxi cab
hospital clinic
shop store
reception lobby
warning caution danger
fries chips
apartment flat
copier photocopier
atm cashpoint
children kid child
women ladies woman
men gentlemen gents
staff employee personnel
forbidden prohibited
mail post
hairdresser barber salon
medicine pill tablet medication
bike bicycle
car auto vehicle
photo picture
parking park
conference meeting
lecture talk
dinner supper
juice drink
luncheon lunch
sofa couch
"""
_DEEDS: Final = """
flashlight torch lamp light lantern lighting
music song track tune playlist album artist radio
heating heater heat warm warmer cold temperature thermostat degrees cool cooler chilly hot
lock unlock locked
tv television channel
weather forecast rain rainy sunny umbrella snow
alarm wake
calendar appointment meeting schedule agenda event
email mail inbox
shopping buy groceries grocery
taxi cab ride
stop end finish quit halt cancel terminate abort
start begin launch run commence
distance metres meters measure
pulse heartbeat heart
steps step walked
zoom closer magnify enlarge bigger
photo picture snapshot photograph snap shot image selfie
video film record clip recording footage
timer countdown minute second
volume loud louder quiet quieter mute sound silence silent softer audio
brightness bright brighter dim dimmer dark darker dazzling glare
navigate direction route lead bring guide
call phone ring dial
message sms send text
translate language spanish french german italian english dutch polish japanese chinese portuguese russian turkish swedish
note jot write
remember remind forget
meal food ate eat lunch dinner breakfast snack
drink coffee tea espresso latte beverage
slide page presentation
window curtain blind shutter
clean vacuum hoover
speed fast faster slow slower
money pay payment transfer
book reserve reservation
news headline
medicine pill medication dose tablet
exercise workout training jog
subtitle caption
define meaning mean dictionary
wifi internet network
delete remove erase discard
save store archive
share post upload
garage gate door
recipe cook bake
fan ventilation ventilator
wash laundry washing
parcel package delivery shipment
expense receipt spent
weight weigh scale
focus sharp sharpen blurry
emergency sos help
follow track
bin trash garbage rubbish
"""


def _groups(lines: str) -> dict[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    for number, line in enumerate(filter(None, lines.split("\n"))):
        for word in line.split():
            found[word] = found.get(word, frozenset()) | {number}
    return found


_PLACE_GROUPS: Final = _groups(_PLACES)
_DEED_GROUPS: Final = _groups(_DEEDS)


def is_alike(word: str, asked: Iterable[str]) -> bool:
    """Whether a word of a sign stands for one of those that were said; both are stems."""
    groups = _PLACE_GROUPS.get(word, frozenset())
    return any(groups & _PLACE_GROUPS.get(other, frozenset()) for other in asked if other != word)


def others(word: str) -> list[str]:
    """Other words for it, as a sign may have them."""
    groups = _PLACE_GROUPS.get(word, frozenset())
    return [other for other, of in _PLACE_GROUPS.items() if of & groups and other != word]


def deeds(words: Iterable[str]) -> set[int]:
    """What a request or a tool's description is about, as numbers of groups; words are stems."""
    return {group for word in words for group in _DEED_GROUPS.get(word, ())}
