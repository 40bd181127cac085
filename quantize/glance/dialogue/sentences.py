"""Sentences, names and places without end, so that copying is learned and not the texts."""

# ruff: noqa: E501, SIM905 - word lists read better without quotes and commas
from __future__ import annotations

from random import Random
from typing import Final

from quantize.glance.dialogue import words

_WHO: Final = (
    "i|we|they|she|he|anna|tom|the kids|my boss|the neighbour|my sister|the doctor|our landlord|the team|grandma|"
    "the plumber|the dog|everyone|uncle joe|the teacher"
).split("|")
_DOES: Final = (
    "need|needs|bought|forgot|found|lost|parked|paid|wants|want|called about|left|fixed|sold|borrowed|moved|ordered|"
    "will bring|will pick up|has to return|have to clean|should check|likes|painted|broke|hid|packed|watered|booked"
).split("|")
_DO: Final = (
    "buy|bring|call|clean|check|cancel|collect|find|fix|feed|water|pack|pay|pick up|return|send|wash|charge|print|order|"
    "renew|sign|move|empty|book|ask about|look at|talk about|write to|prepare|turn off|lock|measure|paint|sell"
).split("|")
_WHAT: Final = (
    "the car|milk|two tickets|the rent|the keys|a new charger|the report|bread and butter|the blue folder|the bike|"
    "the window|the plants|a birthday cake|the invoice|the package|eggs|the garden hose|my passport|the library books|"
    "a red umbrella|the laundry|coffee beans|the spare tyre|dog food|the heating|the contract|four chairs|the tent|"
    "an appointment|the meeting|the stove|the prescription|new shoes|the ladder|some flowers|the train tickets|batteries"
).split("|")
_WHEN: Final = (
    "tomorrow|on monday|before friday|tonight|at noon|at seven|next week|in the morning|after lunch|by the end of june|"
    "at the weekend|when it rains|in ten minutes|on the third of may|every day|right after work|before nine|later"
).split("|")
_WHERE: Final = (
    "near the church|on level three|in the cellar|at the station|under the stairs|behind the door|in room twelve|"
    "at the office|in the green box|on the second floor|next to the bakery|at gate b four|in the glove compartment|"
    "at anna's place|in the top drawer|on the corner of mill street|in section c|by the fountain"
).split("|")
_STATES: Final = (
    "is broken|is late|was great|is on the table|is too small|costs forty euros|is closed on sundays|is number nine|"
    "smells good|is almost empty|works again|needs a new battery|is three years old|starts at eight|was cancelled|is wet|"
    "is in the blue bag|has two keys|was left open|is due on friday|is not mine|looks fine|is ready|is free now"
).split("|")
_SPOKEN: Final = (
    "i'm late|on my way|where are you|happy birthday|call me back|see you tomorrow|i love you|dinner is ready|"
    "can you pick me up|thanks for yesterday|don't wait for me|good luck|i arrived safely|open the door please|"
    "are you home|let's meet at noon|i forgot my keys|what do you want to eat|i'm almost there|the meeting is over|"
    "i can't come today|please bring water|how was your day|stuck in traffic|be there in five|we are outside|"
    "sorry i missed your call|do you need anything|i'm running ten minutes late|good night|it's a boy|yes|no problem"
).split("|")
_PHRASES: Final = (
    "good morning|where is the station|how are you|thank you very much|i am hungry|how much does it cost|i need a doctor|"
    "excuse me|see you later|the bill please|my name is ben|do you speak english|i am lost|a table for two please|"
    "good night|i would like a coffee|where are the toilets|help|what time does it open|i don't understand|cheers|"
    "two beers please|nice to meet you|how far is it|can you help me|is this seat taken|happy new year|"
    "i am allergic to nuts|"
    "the menu please|when does the train leave|it was delicious|one ticket please|call the police|bread|water|tomorrow"
).split("|")
_COMMON: Final = (
    "apple blue river stone paper light seven garden music winter table silver cloud bridge morning yellow coffee train "
    "letter window orange market forest summer bottle pencil circle engine doctor castle rabbit island planet basket "
    "carpet dinner finger ginger hammer jacket kettle ladder mirror needle oyster pepper quarter ribbon saddle ticket "
    "under velvet walnut before after every little green first second third open closed small large old new fast slow "
    "north south east west with from about around between without near over until since because when where why how what "
    "my your our their his her the a this that these some many few all both each no not very too also only just still "
    "is are was were has have had can could will would should must may might do does did make take get give go come see "
    "know think say tell ask need feel try leave call keep let begin help show hear play run move live bring write sit"
).split()
_ROLES: Final = (
    "my wife|my husband|my brother|my sister|my boss|my mother|my father|my doctor|mom|dad|the office|the hotel|a taxi|"
    "the police|my dentist|the landlord|my neighbour|the plumber|my daughter|my son|grandpa|the school|the front desk|"
    "my lawyer|customer service|the vet|the bank|my best friend|the babysitter|aunt mary|uncle bob|my assistant|the team"
).split("|")
_RELATED: Final = (
    "wife|husband|brother|sister|boss|mother|father|cousin|uncle|aunt|girlfriend|boyfriend|grandson|niece|nephew|partner|"
    "flatmate|colleague|coach|teacher|tailor|hairdresser|gardener|accountant|friend|big brother|little sister|team leader|"
    "neighbour|nurse|driver|tax adviser|mechanic|therapist|mum|daughter|son|granny|mother in law|landlady|cleaner"
).split("|")
_WILL: Final = (
    "i will|i'll|can you|could you|please|don't|we have to|i can't|i forgot to|you should|we should|i'm going to|"
    "i'd love to|did you|i have to|do we need to|remember to|i had to|they want to"
).split("|")
_GOALS: Final = (
    "home|work|the nearest bus stop|the train station|the next pharmacy|my hotel|the exit|the closest supermarket|"
    "the central park|the airport|the beach|the car|the parking garage|a gas station|the city centre|the main square|"
    "terminal two|the next subway station|the university|my car|an atm|the old town|the restrooms|the lake|the office|"
    "the emergency room|platform four|the lobby|a coffee shop|the harbour|the zoo|the stadium|the ticket office"
).split("|")
_WHICH: Final = ("nearest", "closest", "next", "old", "new", "big", "italian", "central", "cheapest")
_TOPICS: Final = (
    "the car|the keys|my locker|the meeting|anna|the rent|the dentist|the gate|tom|the garden|milk|the wifi|parking|"
    "the contract|my seat|the plants|the report|the kids|the code|where i parked|the party|my passport|the insurance|"
    "the blue box|my flight|the recipe|the landlord|dinner|the paint|mother's birthday|the spare key|the alarm"
).split("|")


_COOKED: Final = (
    "grilled|fried|cold|homemade|vegan|spicy|large|small|fresh|double|two|half a|smoked|gluten free|hot|extra|some|three"
).split("|")
_MUSIC: Final = (
    "jazz|the beatles|mozart|rock music|abba|something calm|yesterday|my running playlist|old country songs|queen|techno|"
    "bohemian rhapsody|a waltz|some blues|christmas songs|hotel california|bach|music to relax|hip hop from the nineties|"
    "the soundtrack of titanic|a bit of reggae|piano music|adele|metal|the album thriller|salsa|imagine"
).split("|")
_WHERE_SUNG: Final = (
    "in the rain|of my heart|forever|tonight|on fire|blues|without you|and me|in the dark|again|for two".split("|")
)
_WHOSE: Final = ("upper ", "guest ", "back ", "front ", "small ", "big ", "left ", "downstairs ")
_ROOMS: Final = (
    "kitchen|bedroom|living room|bathroom|hall|hallway|garage|cellar|attic|office|study|nursery|dining room|balcony|"
    "garden shed|laundry room|workshop|conservatory|basement|porch|lounge|pantry|meeting room|corridor|store room"
).split("|")
_KINDS: Final = (
    "cheap hotels in|weather in|population of|history of|concerts in|things to do in|flats in|best pizza in|jobs in|mayor of"
).split("|")


def thought(rng: Random) -> str:
    """Something to remember or to note."""
    form = rng.randrange(11)
    if form == 7:
        return f"{_whose(rng)} {item(rng)} {rng.choice(_STATES)}"
    if form == 8:
        return _join(
            "the",
            rng.choice(_COMMON[:49]),
            rng.choice(("code", "password", "number", "word", "shelf", "key", "meeting")),
            rng.choice(("is", "was")),
            salad(rng),
        )
    if form == 9:
        return f"{somebody(rng)} {rng.choice(_DOES)} {rng.choice(_WHAT)}"
    if form == 10:
        return _join(rng.choice(_DO), dish(rng), "for", somebody(rng), _sometimes(rng, (*_WHEN,)))
    if form == 0:
        return _join(rng.choice(_DO), rng.choice(_WHAT), rng.choice(_WHEN) if rng.random() < 0.5 else "")
    if form == 1:
        return _join(rng.choice(_WHO), rng.choice(_DOES), rng.choice(_WHAT), _sometimes(rng, (*_WHEN, *_WHERE)))
    if form == 2:
        return _join(rng.choice(_WHAT), rng.choice(_STATES))
    if form == 3:
        return _join("i parked", rng.choice(_WHERE)) if rng.random() < 0.3 else f"{item(rng)} {rng.choice(_STATES)}"
    if form == 4:
        return salad(rng)
    if form == 5:
        return " and ".join(rng.sample(_WHAT, 2))
    return f"{rng.choice(_DO)} {item(rng)}"


def saying(rng: Random) -> str:
    """Something to tell somebody."""
    form = rng.random()
    if form < 0.35:
        return rng.choice(_SPOKEN)
    if form < 0.55:
        return _join(rng.choice(_WILL), rng.choice(_DO), rng.choice(_WHAT), _sometimes(rng, (*_WHEN,)))
    if form < 0.65:
        return _join(
            rng.choice(("i'm", "we're", "i am", "i'll be", "we'll be", "meet me", "the kids are")),
            rng.choice((*_WHERE, *_WHEN)),
        )
    return thought(rng)


def phrase(rng: Random) -> str:
    """Something to translate."""
    return (
        rng.choice(_PHRASES)
        if rng.random() < 0.7
        else rng.choice((*_SPOKEN, *_WHAT))
        if rng.random() < 0.7
        else salad(rng)
    )


def topic(rng: Random) -> str:
    """What a note was about."""
    return (
        rng.choice(_TOPICS)
        if rng.random() < 0.45
        else rng.choice(
            (
                f"the {item(rng)}",
                rng.choice(_WHAT),
                item(rng),
                f"{_whose(rng)} {item(rng)}",
                somebody(rng),
                f"{somebody(rng)}'s {item(rng)}",
            )
        )
    )


def somebody(rng: Random) -> str:
    """Whom to call or write to."""
    form = rng.random()
    name = rng.choice(words.NAMES) if rng.random() < 0.75 else invented(rng)
    if form < 0.5:
        return name
    if form < 0.65:
        return f"{name} {rng.choice(words.SURNAMES).lower() if rng.random() < 0.6 else invented(rng)}"
    if form < 0.75:
        return f"{_whose(rng)} {rng.choice(_RELATED)}"
    return rng.choice(_ROLES) if form < 0.94 else f"doctor {rng.choice(words.SURNAMES).lower()}"


def goal(rng: Random) -> str:
    """Where to go."""
    street = rng.choice(words.STREETS) if rng.random() < 0.6 else invented(rng)
    return rng.choice((
        rng.choice(_GOALS), f"{_whose(rng)} {rng.choice(_RELATED)}'s {rng.choice(('place', 'house', 'office', 'flat'))}",
        f"the {rng.choice(_WHICH)} {rng.choice(words.PLACES)}", f"the {rng.choice(words.PLACES)} on {street} street", f"a {rng.choice(words.PLACES)}",
        rng.choice(_GOALS), f"the {rng.choice(words.PLACES)}", rng.choice(words.PLACES),
        f"{street} street",
        f"{rng.randrange(1, 99)} {street} street", rng.choice(words.TOWNS), f"{rng.choice(words.TOWNS)} airport",
        f"{street} station", f"{rng.choice(words.NAMES)}'s house", f"{invented(rng)} square", f"the {invented(rng)} museum",
    ))  # fmt: skip


def dish(rng: Random) -> str:
    """Something to eat or drink."""
    food = rng.choice(words.FOODS).lower()
    form = rng.random()
    if form < 0.5:
        return food
    if form < 0.8:
        return f"{rng.choice(_COOKED)} {food}"
    return f"{food} with {rng.choice(words.FOODS).lower()}" if form < 0.95 else invented(rng)


def song(rng: Random) -> str:
    """A song, an artist or a kind of music."""
    form = rng.random()
    if form < 0.3:
        return rng.choice(_MUSIC)
    if form < 0.5:
        return f"the {rng.choice(_COMMON[:49])} {plural_of(rng.choice(_COMMON[:49]))}"
    if form < 0.7:
        return f"{rng.choice(_COMMON[:49])} {rng.choice(_WHERE_SUNG)}"
    return f"{rng.choice(words.NAMES)} {rng.choice(words.SURNAMES).lower()}" if form < 0.9 else salad(rng)


def plural_of(word: str) -> str:
    """Several of a plain word."""
    return word if word.endswith("s") else f"{word}s"


def room(rng: Random) -> str:
    """A room or a door of a house."""
    if rng.random() < 0.12:
        return f"{invented(rng)} room"
    return f"{rng.choice(_WHOSE)}{rng.choice(_ROOMS)}" if rng.random() < 0.3 else rng.choice(_ROOMS)


def query(rng: Random) -> str:
    """Something to search for."""
    form = rng.random()
    if form < 0.3:
        return item(rng)
    if form < 0.6:
        return f"{rng.choice(_KINDS)} {rng.choice(words.TOWNS).lower()}"
    return f"{rng.choice(_COMMON[:49])} {item(rng)}" if form < 0.8 else rng.choice((dish, song, salad))(rng)


def _whose(rng: Random) -> str:
    return rng.choice(("my", "my", "our", f"{rng.choice(words.NAMES)}'s"))


def item(rng: Random) -> str:
    """A thing, without its article."""
    return rng.choice(words.OBJECTS if rng.random() < 0.6 else words.OTHER_OBJECTS)


def salad(rng: Random) -> str:
    """Words that mean nothing: they can only be copied."""
    made = [rng.choice(_COMMON) if rng.random() < 0.85 else invented(rng) for _ in range(rng.randrange(2, 9))]
    return " ".join(made)


def invented(rng: Random) -> str:
    """A word that nobody has."""
    return "".join(rng.choices(words.SYLLABLES, k=rng.choice((2, 2, 3))))


def _sometimes(rng: Random, choices: tuple[str, ...]) -> str:
    return rng.choice(choices) if rng.random() < 0.4 else ""


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)
