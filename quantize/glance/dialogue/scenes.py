"""Random scenes: signs, menus, doors, labels, objects, codes and faces, near and far, in view and remembered."""

# ruff: noqa: E501, SIM905 - templates read better many to a line
from __future__ import annotations

import string
from random import Random

from edge.types import Box, Device, Kind, Scene, Seen
from quantize.glance.dialogue import sentences, words

_SECOND = 1_000_000_000


def scene(rng: Random) -> Scene:
    """One scene of a person who looks around."""
    now_ns = rng.randrange(100, 5000) * _SECOND
    size = rng.choice((0, 1, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 8, 9, 10, 12, 15))
    setting = rng.choice(("street", "street", "shop", "menu", "office", "home", "station", "objects", "mixed", "mixed"))
    usual = rng.sample([*words.OBJECTS, *rng.sample(words.OTHER_OBJECTS, 12)], 8)
    has_memory = rng.random() < 0.65
    seen = []
    for n in range(size):
        kind = _kind(rng, setting)
        if kind == "text":
            label = text(rng, setting)
        elif kind == "code":
            label = code(rng)
        elif kind == "face":
            label = "face" if rng.random() < 0.6 else rng.choice(words.NAMES).title()
        else:
            label = "person" if rng.random() < 0.15 else rng.choice(usual[: rng.choice((3, 8))])
        age_s = (
            0.0
            if not has_memory or rng.random() < 0.65
            else rng.choice((5, 8, 12, 20, 35, 60, 100, 300, 900)) * rng.uniform(0.8, 1.2)
        )
        sighted: tuple[float, ...] = (age_s + rng.uniform(0, 1.5),)
        if has_memory and rng.random() < 0.6:
            # Seen before as well: not new.
            sighted = (*sighted, sighted[0] + rng.uniform(8, 40))
        box = _box(rng, kind)
        for s in sighted:
            seen.append(Seen(now_ns - int(s * _SECOND), kind, label, round(rng.uniform(0.3, 0.99), 2), box, n))
    seen.sort(key=lambda s: s.t_ns)
    battery = rng.randrange(1, 101) if rng.random() < 0.75 else None
    time = f"{rng.randrange(24):02}:{rng.randrange(60):02}" if rng.random() < 0.75 else None
    return Scene(now_ns, tuple(seen), Device(battery, time))


def text(rng: Random, setting: str) -> str:
    """What a sign, a menu, a door or a package says."""
    makers = {
        "menu": (_menu, _menu, _menu, _menu, _sign, _notice),
        "shop": (_menu, _goods, _goods, _hours, _sign, _random, _slot, _notice),
        "office": (_room, _person, _sign, _room, _contact, _random, _date, _event, _badge),
        "station": (_gate, _gate, _departure, _sign, _number, _hours, _slot, _clocked),
        "street": (_street, _hours, _sign, _sign, _number, _place, _menu, _event, _notice),
        "home": (_random, _sign, _date, _goods, _contact, _notice, _clocked),
    }
    every = (
        _menu, _goods, _hours, _room, _person, _gate, _departure, _street, _sign, _place, _random, _contact, _date, _number, _wifi, _slot, _event, _clocked, _badge, _notice,
    )  # fmt: skip
    label = rng.choice(makers.get(setting, every) if rng.random() < 0.85 else every)(rng)
    if rng.random() < 0.04:
        label = rng.choice(words.INJECTIONS)
    style = rng.random()
    return label.upper() if style < 0.12 else label.lower() if style < 0.17 else label


def code(rng: Random) -> str:
    """What a QR code or a barcode holds."""
    kind = rng.randrange(5)
    if kind == 0:
        return "".join(rng.choices(string.digits, k=rng.choice((8, 12, 13, 13))))
    if kind == 1:
        return f"WIFI:T:WPA;S:{invented(rng)};P:{_scramble(rng, 8)};;"
    if kind == 2:
        return _scramble(rng, rng.randrange(5, 14))
    path = "/".join(invented(rng).lower() for _ in range(rng.randrange(3)))
    host = f"{invented(rng).lower()}.{rng.choice(('com', 'org', 'net', 'io', 'de', 'example'))}"
    return f"{rng.choice(('https://', 'http://', 'https://www.'))}{host}/{path}"


def invented(rng: Random) -> str:
    """A name that nobody has."""
    return "".join(rng.choices(words.SYLLABLES, k=rng.choice((2, 2, 3)))).title()


def price(rng: Random) -> str:
    """A price in one of the ways that shops write it."""
    n = f"{rng.choice((rng.randrange(1, 10), rng.randrange(1, 40), rng.randrange(40, 500)))}"
    cents = rng.choice((".50", ".99", ".00", ".20", ".95", f".{rng.randrange(10, 99)}", ""))
    amount = n + cents
    comma = amount.replace(".", ",")
    bare = amount if cents else f"{n}.-"
    return rng.choice((f"${amount}", f"${amount}", f"€{amount}", f"{comma} €", f"£{amount}", f"{amount} EUR", f"EUR {comma}", f"CHF {amount}", bare,
                       bare.replace(".", ",") if cents else bare, f"{amount} kr", f"{rng.randrange(10, 99)}p"))  # fmt: skip


def _kind(rng: Random, setting: str) -> Kind:
    weights = {"objects": (1, 8, 0.5, 1), "menu": (8, 2, 0.5, 0.5), "home": (2, 6, 0.5, 0.5)}.get(
        setting, (5, 4, 0.7, 0.5)
    )
    return rng.choices(("text", "object", "code", "face"), weights)[0]


def _box(rng: Random, kind: Kind) -> Box:
    height = rng.uniform(0.02, 0.2) if kind == "text" else rng.uniform(0.05, 0.8)
    width = min(0.6, height * rng.uniform(0.5, 5 if kind == "text" else 1.5))
    x, y = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    return (round(x, 3), round(y, 3), round(x + width, 3), round(y + height, 3))


def _scramble(rng: Random, n: int) -> str:
    return "".join(rng.choices(string.ascii_letters + string.digits, k=n))


def _clock(rng: Random) -> str:
    h, m = rng.randrange(24), rng.choice((0, 0, 15, 30, 45, rng.randrange(60)))
    form = rng.randrange(4)
    if form == 0:
        return f"{h % 12 or 12}{'' if not m else f':{m:02}'} {'am' if h < 12 else 'pm'}"
    return f"{h:02}:{m:02}" if form < 3 else f"{h % 12 or 12}:{m:02}{'AM' if h < 12 else 'PM'}"


def _menu(rng: Random) -> str:
    food = rng.choice(words.FOODS) if rng.random() < 0.8 else f"{invented(rng)} {rng.choice(words.FOODS)}"
    return f"{food}{rng.choice((' ', '  ', ' - ', ': ', ' ... '))}{price(rng)}"


def _goods(rng: Random) -> str:
    goods = rng.choice(words.GOODS) if rng.random() < 0.7 else invented(rng)
    return f"{goods} {price(rng)}" if rng.random() < 0.8 else price(rng)


def _hours(rng: Random) -> str:
    days = rng.choice(("", "Mon-Fri ", "Mon - Sat ", "Daily ", "Open ", "Sunday ", "Opening hours ", "Sat "))
    place = f"{_place(rng)} " if rng.random() < 0.5 else ""
    return f"{place}{days}{_clock(rng)}{rng.choice((' - ', '-', ' to '))}{_clock(rng)}"


def _room(rng: Random) -> str:
    number = f"{rng.choice(('', '', 'A', 'B', 'C'))}{rng.randrange(1, 600)}{rng.choice(('', '', '', 'a', 'B'))}"
    return f"{rng.choice(('Room', 'Office', 'Suite', 'Lab', 'Floor', 'Apartment', 'Meeting Room', 'Level', 'Hall'))} {number}"


def _person(rng: Random) -> str:
    title = rng.choice(("Dr.", "Prof.", "Mr.", "Ms.", "Mrs.", "Dr."))
    first = f"{rng.choice(words.NAMES[:-4]).title()} " if rng.random() < 0.7 else ""
    return f"{title} {first}{rng.choice(words.SURNAMES)}"


def _gate(rng: Random) -> str:
    letter = rng.choice(("", "A", "B", "C", "D"))
    return f"{rng.choice(('Gate', 'Platform', 'Track', 'Terminal', 'Line', 'Counter', 'Exit', 'Bay'))} {letter}{rng.randrange(1, 60)}"


def _departure(rng: Random) -> str:
    what = rng.choice(
        (f"Bus {rng.randrange(1, 300)}", f"Train {rng.randrange(10, 999)}", "Tram 4", "", "Ferry", "Flight LH")
    )
    return f"{what} {rng.choice(words.TOWNS)} {_clock(rng)}".strip()


def _street(rng: Random) -> str:
    name = rng.choice(words.STREETS) if rng.random() < 0.7 else invented(rng)
    street = f"{name} {rng.choice(('Street', 'St', 'Avenue', 'Ave', 'Road', 'Lane', 'Square', 'Drive'))}"
    return f"{rng.randrange(1, 300)} {street}" if rng.random() < 0.3 else street


def _sign(rng: Random) -> str:
    return rng.choice(words.SIGNS)


def _place(rng: Random) -> str:
    if rng.random() < 0.6:
        return rng.choice(words.PLACES)
    return f"{rng.choice(('Café', 'Hotel', 'Bar', 'Restaurant', 'Bistro', 'Villa', 'Studio'))} {invented(rng)}"


def _random(rng: Random) -> str:
    made = [
        invented(rng) if rng.random() < 0.7 else _scramble(rng, rng.randrange(3, 9))
        for _ in range(rng.choice((1, 2, 2, 3)))
    ]
    return " ".join(made)


def _contact(rng: Random) -> str:
    form = rng.randrange(4)
    if form == 0:
        return f"{rng.choice(('Tel. ', 'Call ', 'Phone: ', ''))}+{rng.randrange(1, 99)} {rng.randrange(100, 999)} {rng.randrange(1000000, 9999999)}"
    if form == 1:
        return f"{rng.choice(('', 'Call ', 'Tel '))}{rng.randrange(200, 999)}-{rng.randrange(100, 999)}-{rng.randrange(1000, 9999)}"
    if form == 2:
        return f"{rng.choice(('info', 'hello', 'office'))}@{invented(rng).lower()}.com"
    return f"www.{invented(rng).lower()}.{rng.choice(('com', 'org', 'net'))}"


def _wifi(rng: Random) -> str:
    return f"{rng.choice(('WiFi', 'Wi-Fi', 'WLAN', 'Guest WiFi', 'Network'))}{rng.choice((': ', ' '))}{invented(rng)} Password: {_scramble(rng, rng.randrange(6, 11))}"


def _date(rng: Random) -> str:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "September", "Oct", "November", "Dec")
    form = rng.randrange(3)
    day = rng.randrange(1, 29)
    if form == 0:
        date = f"{day:02}.{rng.randrange(1, 13):02}.{rng.randrange(2025, 2030)}"
    else:
        date = f"{day} {rng.choice(months)}" if form == 1 else f"{rng.choice(months)} {day}"
    return f"{rng.choice(('Best before ', 'Use by ', 'EXP ', 'Concert ', 'Closed on ', 'Sale ends ', ''))}{date}"


def _slot(rng: Random) -> str:
    """What is numbered: a seat, a table, an aisle."""
    what = rng.choice(
        "Seat Table Locker Row Aisle Exit Platform Bay Counter Queue Box Pier Desk Ward Stop Lane Bus Line Berth Cabin".split()
    )
    return f"{what} {rng.choice(('', '', '', 'A', 'B', 'C', 'K'))}{rng.randrange(1, 99)}{rng.choice(('', '', '', 'A', 'F'))}"


def _clocked(rng: Random) -> str:
    """What has a time of its own: last entry, pick-up."""
    what = rng.choice((
        "Last entry", "Boarding", "Check-in", "Pick up", "Next show", "Arrival", "Departure", "Collection", "Breakfast from", "Doors open", "Kick-off", "Lunch", "Meeting", "Return by",
        "Visiting hours", "Next tour", "Yoga class", "Swimming lesson", "Film starts", "Closing time", f"Class {invented(rng)}",
    ))  # fmt: skip
    return f"{what} {_clock(rng)}"


def _event(rng: Random) -> str:
    """A poster: what, when, perhaps how much."""
    what = rng.choice(("Concert", "Flea Market", "Exhibition", "Jazz Night", "Reading", "Marathon", "Open Day", "Book Fair", "Town Hall Meeting", "Street Party", f"{invented(rng)} Festival",
                       f"{invented(rng)} live"))  # fmt: skip
    day = rng.choice(
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", _date(rng).split(" ", 2)[-1])
    )
    return f"{what} {day}{rng.choice(('', ' ' + _clock(rng), ' ' + price(rng)))}"


def _badge(rng: Random) -> str:
    """A name without a title, and perhaps what the person does."""
    name = f"{rng.choice(words.NAMES).title()} {rng.choice(words.SURNAMES) if rng.random() < 0.7 else invented(rng)}"
    return name + rng.choice(
        ("", "", " Manager", " Reception", ", Sales", " - Nurse", " Security", " PhD", ", Engineer")
    )


def _notice(rng: Random) -> str:
    """A sentence on a sheet of paper."""
    text = rng.choice(
        (
            sentences.thought(rng),
            sentences.saying(rng),
            f"please do not {sentences.thought(rng)}",
            f"no {sentences.item(rng)}s",
            f"keep the {sentences.item(rng)} closed",
        )
    )
    return text[0].upper() + text[1:]


def _number(rng: Random) -> str:
    return rng.choice(
        (f"{rng.randrange(1, 400)}", f"No. {rng.randrange(1, 200)}", f"{rng.choice('ABCDEFG')}{rng.randrange(1, 99)}")
    )
