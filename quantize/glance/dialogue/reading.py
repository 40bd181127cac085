"""Skills about texts and codes: read all, the nearest, on a side; a price, a time, a number, a name; where it is written.

Long because it is a list: each function is one skill with its phrasings, and none knows another.
"""

# ruff: noqa: E501 - templates read better many to a line
from __future__ import annotations

import re

from edge.reasoning.mentions import COMMON
from edge.reasoning.prompt import Line
from quantize.glance.dialogue import words
from quantize.glance.dialogue.asking import Asking, Example, Skill, escalate, listed, plain, say

SIDES = {"left": "on the left", "right": "on the right", "centre": "straight ahead"}
ON_SIDE = {
    "left": ("on the left", "on my left", "to the left", "to my left", "on the left side", "on the left hand side"),
    "right": ("on the right", "on my right", "to the right", "to my right", "on the right side", "at the right"),
    "centre": ("straight ahead", "in the middle", "in the centre", "in the center", "right in front of me", "ahead"),
}


def read_all(a: Asking) -> Example:
    heard = a.hear(
        (
            "[what's|what is] (all) on [the|this|that] [board|sign|menu|poster|list|wall|screen|blackboard]",
            "[what|which] [things|words|texts|signs|labels] are [written|printed|posted] [here|there|on the wall|around me]",
            "go through [all the signs|everything that's written|the list|the whole menu] (with me)",
            "(can|could) you read (out|me) [the whole thing|the (whole|entire|complete) (menu|list|board)|all of them|every sign|everything]",
            "give me all (the) [text|signs|words|writing]",
            "[all|every] [signs|sign|text|label] please",
            "what [is|does] it all say",
            "what do [the|these|those|all the] [signs|labels|notices|boards|packages|tags|texts] say",
            "what have we got on the [menu|board|list]",
            "what's offered [here|on the menu|today]",
            "what are the [options|choices|offers|dishes|drinks] (on the menu|on the board)",
            "tell me everything [that's written|you can read|it says]",
            "whatever is written [here|there] read it (to me)",
            "i can't read [this|these|that|any of it] what [do they say|does it say]",
            "read (me) everything",
            "read all (of )(the|this) [signs|text|texts]",
            "read (me )all the signs",
            "what [do|did] (all )the signs say",
            "what do they say",
            "what is written here",
            "what's written [here|there]",
            "what text [can|do] you see",
            "what can you read",
            "is there any text",
            "what signs [do you see|are there|can you see]",
            "can you read [everything|all of it|all the signs] (for me|to me)",
            "read out all (the )text",
            "what do the labels say",
            "tell me what the signs say",
            "what does everything say",
            "do you see any [text|writing|signs]",
            "read the whole thing",
            "read what you see",
            "read aloud what you see",
            "what's on the menu",
            "read (me )the menu",
            "list all the signs",
        )
    )
    texts = a.texts[:6]
    if not texts:
        return say("read all", heard, "I don't see any text.")
    if len(texts) == 1:
        return say("read all", heard, f"It says #{texts[0].number}.", texts[0].number)
    return say("read all", heard, f"I can read {listed(f'#{t.number}' for t in texts)}.")


def read_nearest(a: Asking) -> Example:
    heard = a.hear(
        (
            "what does [it|this|that] say",
            "what does [the|this|that] sign say",
            "what [is|stands|have they] (written|printed) [here|there|on it|on this|on that]",
            "what's [it|that|this|the thing|the label|the notice] [saying|telling me|say]",
            "(can|could) you read (out) [what's|what is] [in front of me|on this|right there]",
            "i can't (quite) [read|see|make out] [this|that|the sign|it] (can you)",
            "[read|say] (out) [what it says|what's on it|the text|the words|the writing]",
            "what's the [writing|text|inscription|message|wording] (here|on it|on that)",
            "what [message|words|text] [is|are] on [the|this|that] [sign|door|box|package|screen|plate]",
            "the [sign|label|text|notice] [here|in front of me|right here] what does it say",
            "what do they say [here|there] (on the sign)",
            "what's it say",
            "read the [big|biggest|large|main] [sign|text|one|letters]",
            "what does the [big|biggest|large] [sign|text|one] say",
            "what does the [nearest|closest] [sign|text] say",
            "read the [nearest|closest] [sign|text]",
            "read [this|that|it] (for me|to me|please)",
            "read (me )(the|this|that) sign",
            "can you read [this|that|it] (to me|for me)",
            "what's (written )on [the|this|that] [sign|label|door|board|paper]",
            "what is this sign",
            "please read the sign",
            "what does the sign in front of me say",
            "what does the label say",
            "what am i looking at the sign i mean",
            "could you read (out )the sign",
            "the sign what does it say",
            "what does the [poster|board|note|plate|screen|package] say",
            "tell me what [it|this|the sign] says",
            "what is written on [it|this|that|the sign]",
            "read what's in front of me",
            "what's that sign say",
        )
    )
    near = next((t for t in a.texts if t.depth == "nearest"), None)
    return say(
        "read nearest",
        heard,
        f"It says #{near.number}." if near else "I don't see any text.",
        near.number if near else 0,
    )


def read_side(a: Asking) -> Example:
    side = a.rng.choice(("left", "right", "centre"))
    heard = a.hear(
        (
            "what does the [sign|text|one|label] {side} say",
            "what [stands|is there to read|does the writing say] {side}",
            "{side} there is [a sign|something written] what does it say",
            "(can|could) you read (me) [what's|the one|the label|the text] {side}",
            "what's the [text|writing|word|label|sign] {side}",
            "the [sign|one|label|text|notice|board] {side} [please|read it|what does it say|what is it]",
            "[read|say] {side}",
            "(what) does it say anything {side}",
            "which [word|words|text|label] [is|are|stands] {side}",
            "read the [sign|text|one] {side}",
            "what's written {side}",
            "what is written {side}",
            "read what's {side}",
            "what does it say {side}",
            "what sign is {side}",
            "and {side} what does it say",
            "can you read the sign {side}",
            "tell me what the sign {side} says",
            "{side} what does the sign say",
            "which sign is {side}",
            "what text is {side}",
            "read the text {side} (please)",
        ),
        sure=("side",),
        side=a.rng.choice(ON_SIDE[side]),
    )
    texts = [t for t in a.texts if t.side == side][:4]
    if not texts:
        return say("read side", heard, f"I don't see any text {SIDES[side]}.")
    return say("read side", heard, f"It says {listed(f'#{t.number}' for t in texts)}.", texts[0].number)


def read_far(a: Asking) -> Example | None:
    texts = [t for t in a.texts if t.depth == "far"]
    if len(texts) != 1:
        return None
    heard = a.hear(
        (
            "what does the [far|distant] sign say",
            "what does the sign [in the distance|further away|over there|far away] say",
            "read the sign [in the distance|in the back|over there]",
            "what's written over there",
            "what does it say in the distance",
            "read the one further away",
            "can you read the far one",
        )
    )
    return say("read far", heard, f"It says #{texts[0].number}.", texts[0].number)


_PART_ASKED = {
    "price": (
        "how much is [it|this|that]", "what [do|did|would] [they|you] want for [it|this|that|one]", "what's [it|this|that] going for", "what does it come to", "what are they asking (for it|for this)",
        "how much [would|will|do|does] [that|it|this|one] [be|cost|make|come to|set me back]", "is there a price (on it|on this)", "[what's|what is] the price [tag|here|on it|on the label]", "how much money is [that|it|this]",
        "what [will|would] i pay (for it|for this|here)", "can you see what it costs", "[the|its] price", "what's the [charge|fee|entrance fee|fare|rate|ticket price]", "how many [euros|dollars|pounds] is [it|this|that]",
        "do you see [the|a] price", "what price is [written|shown|given] (here|there)", "cost of [this|that|it]", "for how much (do they sell it|is it)", "how pricey is [it|this|that]", "what must i pay",
        "what does [it|this|that] cost", "what's the price", "what is the price (of this)",
        "how much (does it cost)", "how much do i have to pay", "what do they charge", "what's the cost", "tell me the price",
        "read the price", "how expensive is [it|this|that]", "what price does it say", "how much for [this|that|it]",
        "price please", "what would that cost me",
    ),
    "time": (
        "when does [it|this|the shop|the store|the place] [open|close]", "[at|from|until|since] what time [is it|are they] open", "when [do|can|may] (we|they|i) [board|leave|start|begin|arrive|get in|enter|come]",
        "what's the [departure|arrival|boarding|starting|opening|closing|collection] time", "what time does (the|my) [train|bus|flight|boat|tram|film|movie|show|class|tour|concert|next one] [go|leave|depart|start|begin|arrive|come]",
        "how late is it open", "till when [is it|are they] open", "when [is|was] the [show|film|class|tour|game|next (bus|train)|last bus|meeting]", "what [hours|times] [are|do they have|is it]", "is there a time (on it|written)",
        "what time should i [be there|come|leave]", "when do they [shut|start|finish|have lunch|collect]", "what's the [time|hour] [there|on it|on the board|on the ticket|on the sign]", "tell me [when|what time] it [opens|closes|leaves|starts]",
        "[opening|business|visiting|office] hours", "are they still open when do they close", "when is [it|this] [on|happening|due]", "which time is [given|written|printed]",
        "what are the opening hours", "when do they [open|close]",
        "what time does it [open|close|start|leave|depart]", "when does (the|my) [bus|train|tram|flight|ferry] [leave|depart|go|come]",
        "when is the next [bus|train|tram]", "until when is it open", "how long is it open", "what time is written [here|there]",
        "what time does it say", "when is it open", "at what time does [it|the train|the bus] leave", "what time do they close",
        "when is the departure", "is it open and when", "what are the hours", "what time is on the sign",
    ),
    "phone": (
        "what's the (phone|telephone) number", "[which|what] number [should|do|can] i [ring|dial|call|phone|use]", "is there a [phone|telephone|contact] number (on it|here)", "how do i [reach|call|phone|contact] [them|him|her]",
        "give me [the|their] (phone|telephone|mobile) number", "[phone|telephone|mobile|contact] number (please)", "what's [their|his|her|the] [number|mobile|phone]", "under which number can i [call|reach] them",
        "read me the [number|digits] i have to [call|dial]", "what number do i call", "which number [should|can] i call", "read the phone number",
        "what is their phone number", "tell me the telephone number", "how can i call them", "what phone number is that",
    ),
    "url": (
        "what's the [website|web address|url|link]", "[where|how] can i find them online", "do they have a [website|homepage|web page]", "is there a [website|link|web address] (on it|here)", "what [web page|site|link|homepage] [is|does] (on it|it give|it)",
        "give me the [website|link|web address|homepage]", "what's [their|the] [web page|homepage|site|internet address]", "[website|web address|link] (please)", "which [web page|site|homepage] [do they have|is it|is given]",
        "where on the internet (are they|can i look)", "what website is [that|it|this]", "read the [web address|website]",
        "what is their website", "what's the address of the website", "which link is it", "where does the link [go|lead]",
    ),
    "email": ("what's the (e) mail address", "[which|what] (e) mail (address) [do they have|is given|can i use|should i write to]", "is there an (e) mail (address) (on it|here)", "how do i [email|mail|write to] them", "give me [the|their] (e) mail (address)",
        "(e) mail address (please)", "under what email can i [reach|write to] them", "to which address do i send the email", "what is their email", "read the email (address)", "which email is it", "where can i write an email to"),
    "date": (
        "what's the date on [it|this|the package|the sign]", "[on|by|from|until] [what|which] [day|date] [is it|is that|does it end|does it start|is the concert|is the show|is the event|is the sale]", "is [it|this|that] still good",
        "how long [is it|does it] [good|keep|last] (until)", "when [is|was] [it|that|the event|the concert|the exhibition|the sale|the deadline]", "what day (does it say|is written|is given|is it)", "has it expired", "[expiry|expiration|best before|use by] date",
        "when does it go (bad|off)", "is there a date (on it|anywhere)", "[what|which] date [is|do you see|does it have|stands] (there|here|on it)", "till what date (can i use it|is it valid)", "tell me the date (on it|on the poster|on the letter)",
        "when does [it|this] expire", "what's the expiry date", "what date does it say",
        "what is the best before date", "until when is it good", "which date is written [there|here|on it]", "what day is [it|that] on",
        "is there an expiration date", "what date is [that|this|the concert]",
    ),
    "number": (
        "what number is [it|this|that]", "[what|which] [number|digits|figure] (do you see|is there|is written|is printed|does it have|is on [it|the door|the bus|the house|the box])", "[which|what] [gate|platform|room|floor|bus|seat|line|level|track|house|table|exit|locker|hall|lane|apartment] [is it|is this|do i need|am i at|am i on]",
        "(what's) the number [on it|here|on the door|on the house|on the bus|please]", "number please", "(on) which [floor|level|platform|track] am i", "my [seat|room|gate|table|locker] number", "in which [room|hall|row|seat] am i",
        "which [bus|train|tram|line] is [coming|that|this|it]", "[gate|room|platform|seat|house|line] number", "what's the [number|room number|house number]", "which number is [it|that|this]",
        "what number does it say", "read the number", "what is the number on [it|the sign|the door]", "tell me the number",
        "which [room|gate|platform|track|floor|bus|line] is [it|this|that]", "what [room|gate|platform|floor|track] number is it",
    ),
}  # fmt: skip
_KNOWN_AS = {
    "price": "price",
    "time": "time",
    "phone": "phone number",
    "url": "web address",
    "email": "e-mail address",
    "date": "date",
    "number": "number",
}


def part(a: Asking) -> Example:
    """A price, a time… where none, one or several are in view."""
    names = [n for t in a.texts for n in t.parts if n in _PART_ASKED]
    name = a.rng.choice(names if names and a.rng.random() < 0.8 else list(_PART_ASKED))
    heard = a.hear(_PART_ASKED[name])
    having = [t for t in a.texts if name in t.parts]
    if not having:
        return say(f"read {name}", heard, f"I don't see a {_KNOWN_AS[name]}.")
    near = min(having, key=lambda t: ("nearest", "near", "far").index(t.depth))
    return say(f"read {name}", heard, f"It is #{near.number}.{name}.", near.number)


def part_of(a: Asking) -> Example | None:
    """A price, a time or a number of something named."""
    having = [t for t in a.texts if "name" in t.parts and set(t.parts) & {"price", "time", "number"}]
    foreign = a.rng.random() < 0.2
    if not having and not foreign:
        return None
    if foreign:
        name, thing = a.rng.choice(("price", "time")), a.rng.choice((*words.FOODS, *words.PLACES))
        said = {w for t in a.prompt.lines for w in plain(t.label).split()}
        if set(plain(thing).split()) & said:
            return None
        line = None
    else:
        line = a.rng.choice(having)
        name = a.rng.choice([n for n in ("price", "time", "number") if n in line.parts])
        thing = line.parts["name"]
    thing = _short(a, plain(thing))
    if not thing:
        return None
    asked = {
        "price": (
            "how much is (the|a) {thing}", "what [do|did|would] they [want|charge|ask|take] for (the|a|an) {thing}", "what's (the|a) {thing} going for", "(the|a) {thing} [how much|what does it cost|what's the price|costs what]", "{thing} price",
            "how much [would|will|do|does] (a|the|one) {thing} [be|cost|make|come to|set me back]", "what [will|would|do|must] i pay for (the|a|one|an) {thing}", "[price|cost] of (a|the|one) {thing}", "is the {thing} expensive what does it cost",
            "how [expensive|pricey|cheap|dear] is (the|a) {thing}", "i'd like (a|the|some) {thing} how much is [it|that]", "do you see (the|a) price [of|for|on] the {thing}", "what does one {thing} cost", "how many [euros|dollars|pounds] (is|are|for) (the|a) {thing}",
            "what price [is|are|do they have for] (the|a) {thing}", "and (the|a) {thing} [how much|what's the price|what does that cost]", "(can|could) you tell me [the price of|what they charge for|how much they want for] (the|a) {thing}", "tell me what the {thing} [costs|is|goes for]",
            "for the {thing} what do i [pay|owe]", "what does the {thing} cost", "what's the price of (the) {thing}", "how much for (a|the) {thing}",
            "how much does (a|the) {thing} cost", "price of the {thing}", "what do i pay for (a|the) {thing}", "how expensive is the {thing}",
            "the {thing} how much is it", "what is the {thing} (for)", "tell me the price of the {thing}", "how much are the {thing}",
        ),
        "time": (
            "when does (the) {thing} [open|close|leave|start|go]", "[at|until|till|from] what time [is|does] (the) {thing} (open|close|go|leave)", "{thing} [when|what time|at what time|until when]", "what time [do|does|is] (the) (bus|train|flight|tram) to {thing} [leave|go|depart]",
            "when [is|goes] the (next) [bus|train|one|flight|ferry] to {thing}", "how late is (the) {thing} open", "(what are) the hours of the {thing}", "{thing} [opening hours|hours|departure|time]", "is (the) {thing} open when does it close", "when do they [open|close] the {thing}",
            "when can i [get into|visit|see] the {thing}", "the {thing} [at what time|when is that|when does it start|when does it open]", "until when can i go to the {thing}", "what time [should i be at|must i be at|is] the {thing}", "when's (the) {thing}",
            "tell me when (the) {thing} [opens|closes|leaves|starts|goes]", "what are the opening hours of (the) {thing}", "when is (the) {thing} open",
            "what time is (the) {thing}", "what time does (the) {thing} [leave|open|close|depart]", "when does it go to {thing}",
            "{thing} when does it leave", "how long is (the) {thing} open", "when can i go to (the) {thing}", "what's the time for {thing}",
        ),
        "number": (
            "what number is (the) {thing}", "[what|which] number [does|has] the {thing} (have)", "the {thing} [which number|what number|number please]", "[on|at|in] which {thing} [am i|are we|is this]", "my {thing} [number|is which]", "do you see the {thing} number",
            "which {thing} do i [need|have|go to]", "[what|which] {thing} (please)", "{thing} number", "what's my {thing} (number)", "what {thing} do we have (here)", "to which {thing} do i have to go", "which {thing} is [it|this|that]", "what {thing} is [it|this|that]", "what's the {thing} number",
            "what is the number of the {thing}", "which number is the {thing}", "tell me the {thing} number", "what {thing} number is it",
        ),
    }  # fmt: skip
    heard = a.hear(asked[name], thing=thing)
    if line is None:
        return say(f"{name} of", heard, f"I don't see a {_KNOWN_AS[name]} for {heard.slots['thing']}.")
    same = [t for t in having if plain(t.parts["name"]) == plain(line.parts["name"]) and name in t.parts]
    if len(same) > 1:
        return say(f"{name} of", heard, f"I see {listed(f'#{t.number}.{name}' for t in same[:4])}.", line.number)
    return say(f"{name} of", heard, f"It is #{line.number}.{name}.", line.number)


def part_on_side(a: Asking) -> Example:
    """A price, a time or a number on a side."""
    side, name = a.rng.choice(("left", "right", "centre")), a.rng.choice(("price", "price", "time", "number"))
    heard = a.hear({
        "price": ("how much is the [one|thing] {side}", "what's the price {side}", "what does the one {side} cost", "which price is {side}", "how much does it cost {side}"),
        "time": ("what time is written {side}", "what's the time {side}", "which time does the sign {side} say", "when does the one {side} open", "what hours are {side}"),
        "number": ("what's the number {side}", "which number is {side}", "what number does the sign {side} say", "read the number {side}"),
    }[name], sure=("side",), side=a.rng.choice(ON_SIDE[side]))  # fmt: skip
    having = [t for t in a.texts if t.side == side and name in t.parts][:4]
    if not having:
        return say(f"{name} on side", heard, f"I don't see a {_KNOWN_AS[name]} {SIDES[side]}.")
    return say(f"{name} on side", heard, f"It is {listed(f'#{t.number}.{name}' for t in having)}.", having[0].number)


def part_remembered(a: Asking) -> Example | None:
    """A price or a time of something that is out of view."""
    having = [
        t for t in a.gone if t.kind == "text" and "name" in t.parts and set(t.parts) & {"price", "time", "number"}
    ]
    if not having:
        return None
    line = a.rng.choice(having)
    name = a.rng.choice([n for n in ("price", "time", "number") if n in line.parts])
    thing = _short(a, plain(line.parts["name"]))
    if not thing or any(
        plain(t.parts.get("name", "")) == plain(line.parts["name"]) for t in a.prompt.lines if t is not line
    ):
        return None
    heard = a.hear({
        "price": ("how much was (the|a) {thing}", "what did the {thing} cost", "what was the price of (the) {thing}", "do you remember the price of the {thing}",
                  "what price did you see for the {thing}", "how expensive was the {thing}"),
        "time": ("when did (the) {thing} say it [opens|leaves|starts]", "what was the time for {thing}", "what time was {thing}", "when was (the) {thing} open",
                 "what time did it say for {thing}"),
        "number": ("what number was (the) {thing}", "which {thing} was it", "what was the {thing} number", "what {thing} did we pass"),
    }[name], thing=thing)  # fmt: skip
    return say("recall part", heard, f"It was #{line.number}.{name}.", line.number)


def who(a: Asking) -> Example | None:
    """Whose name is on a door."""
    named = [t for t in a.texts if re.match(r"(?i)(dr|prof|mr|ms|mrs)\b", t.parts.get("name", ""))]
    heard = a.hear(
        (
            "whose [office|room|desk|door] is [this|that|it]",
            "[who|which person|which doctor] [sits|works|lives|has an office|is] (in) here",
            "who does [this|that|the] [door|office|room|desk|badge|practice] belong to",
            "what's [his|her|the|the person's|their] name (on the badge|on the door|on the tag|on the card)",
            "what is [he|she|this person|the doctor] called",
            "is there a name (on it|on the door|on the tag)",
            "which name is [that|on the card|on the tag|given|there]",
            "name on the [badge|door|tag|card|letter] (please)",
            "read [me|out] the name (on it|on the door)",
            "to whom is [it|the letter|the parcel] addressed",
            "who works here",
            "what's the name on the [door|sign|badge]",
            "which doctor is here",
            "what name does it say",
            "what is the name on it",
            "whose name is [that|there|on the door]",
            "who has [this|that] office",
            "what's the doctor's name",
            "what name is written [here|there]",
        )
    )
    if len(named) > 1:
        return say("read name", heard, f"I see {listed(f'#{t.number}.name' for t in named[:3])}.")
    return say(
        "read name",
        heard,
        f"It is #{named[0].number}.name." if named else "I don't see a name.",
        named[0].number if named else 0,
    )


def find_text(a: Asking) -> Example:
    """Where something is written, or whether it is."""
    texts = [t for t in a.prompt.lines if t.kind == "text"]
    if texts and a.rng.random() < 0.7:
        line = a.rng.choice(texts)
        thing = _short(a, plain(line.label))
    else:
        line, thing = None, plain(a.rng.choice((*words.SIGNS, *words.PLACES)))
    said = [plain(t.label) for t in a.prompt.lines if t is not line]
    if not thing or any(set(thing.split()) & set(s.split()) for s in said):
        line, thing = None, "zebra crossing" if a.rng.random() < 0.3 else "platform nine and three quarters"
    heard = a.hear(
        (
            "where is the {thing} (sign)",
            "(on) [which|what] side is the [sign (for|that says)|one that says] {thing}",
            "(in) which direction is the {thing}",
            "do you [see|spot|find|read] {thing} [anywhere|somewhere|here|around here]",
            "is there anything [about|saying|that says|for] {thing}",
            "is there a [sign|label|notice|board] [for|with|about|that says] (the) {thing}",
            "does [any|some|one] sign say {thing}",
            "[which|what] sign says {thing}",
            "i need [the|a|to find the] {thing} where is it",
            "how about (a|the) {thing} do you see [it|one]",
            "show me where it says {thing}",
            "have they got a {thing} (here)",
            "point me to the {thing}",
            "where do they have (the) {thing}",
            "can you [see|find|spot] where (the) {thing} is",
            "where's the {thing} (sign)",
            "which side is the {thing} (sign) on",
            "where can i find the {thing}",
            "is there (a|an) {thing} sign",
            "do you see (a|an|the) {thing} (sign)",
            "can you see the {thing} (sign)",
            "find the {thing} (sign)",
            "where does it say {thing}",
            "where do you see {thing}",
            "on which side is the {thing}",
            "is the {thing} [here|around|near]",
            "i'm looking for the {thing}",
            "help me find the {thing}",
            "does it say {thing} anywhere",
            "where is {thing} written",
        ),
        thing=thing,
    )
    if line is None:
        return say("find text", heard, f"I don't see {heard.slots['thing']}.")
    if not line.is_in_view:
        return say("find text", heard, f"I saw #{line.number} #{line.number}.ago, #{line.number}.where.", line.number)
    return say("find text", heard, f"#{line.number} is #{line.number}.where.", line.number)


def codes(a: Asking) -> Example:
    found = [c for c in a.in_view if c.kind == "code"]
    wifi = [c for c in a.in_view if "password" in c.parts]
    if wifi and a.rng.random() < 0.5:
        name = a.rng.choice(("password", "ssid"))
        heard = a.hear({
            "password": ("what's the (wifi|wi fi|wireless) password", "what is the password", "read the wifi password", "tell me the wifi password",
                         "how do i get into the wifi", "which password does the wifi have"),
            "ssid": ("what's the wifi (called|name)", "what's the name of the (wifi|network)", "which wifi is [this|it]", "what network is it",
                     "what is the wifi network", "which network can i use"),
        }[name])  # fmt: skip
        name = name if name in wifi[0].parts else "name"
        if name not in wifi[0].parts:
            return say("codes", heard, f"It says #{wifi[0].number}.", wifi[0].number)
        return say("codes", heard, f"It is #{wifi[0].number}.{name}.", wifi[0].number)
    heard = a.hear(
        (
            "what does the [qr code|code|barcode] say",
            "scan [the|this|that] [code|qr code|barcode]",
            "what's in the [code|qr code]",
            "read the [code|qr code|barcode]",
            "where does the [code|qr code] [lead|go]",
            "what is [this|that] (qr|bar) code",
            "is there a qr code",
            "what's on the barcode",
            "can you scan [this|that|the code]",
            "what does this qr code contain",
            "do you see a [qr code|barcode|code]",
            "decode the qr code",
            "what link is in the qr code",
        )
    )
    if not found:
        return say("codes", heard, "I don't see a code.")
    return say("codes", heard, f"The code says {listed(f'#{c.number}' for c in found[:3])}.", found[0].number)


def last_text(a: Asking) -> Example:
    heard = a.hear(
        (
            "what did the last sign say",
            "what [was|did] (on) the [sign|text|one] [before|earlier|we just passed|back there|i just saw] (say)",
            "(the) last sign [what did it say|again|please|what was it]",
            "what did i [see|read] [last|just now|before|a moment ago]",
            "which sign was [that|it|the last one|before this]",
            "what stood on the (last) sign",
            "i missed [the sign|that|it] what did it say",
            "what did that [say|sign say|board say|text say] [before|just now|again|back there]",
            "the sign [we passed|from before|earlier] what did it say",
            "can you remember the last [sign|text|thing i read]",
            "what was written there [before|just now|a moment ago]",
            "what was the last sign",
            "what did [it|that sign|the sign] say",
            "what sign did [we|i] just pass",
            "what was written [there|on the last sign|on that sign]",
            "what was on the sign",
            "what did the sign before say",
            "which sign did i see last",
            "what was the text i just saw",
            "what did the previous sign say",
            "remind me what the last sign said",
            "what was that sign",
            "what sign did we pass",
            "repeat the last sign",
            "tell me again what the last sign said",
            "what did i just read",
        )
    )
    line = next((t for t in a.gone if t.kind == "text"), None) or next(
        (t for t in a.texts if t.depth == "nearest"), None
    )
    return say(
        "last text", heard, f"It said #{line.number}." if line else "I haven't seen a sign.", line.number if line else 0
    )


def about_topic(a: Asking) -> Example | None:
    """A follow-up about the text of the turn before."""
    if a.topic is None or a.topic.kind != "text":
        return None
    n = a.topic.number
    kinds = [k for k in ("price", "time", "number", "phone") if k in a.topic.parts]
    if kinds and a.rng.random() < 0.6:
        name = a.rng.choice(kinds)
        return say("follow-up", a.hear({
            "price": ("how much is it", "and the price", "and how much", "what does it cost", "and what does it cost", "how much is that one"),
            "time": ("when does it open", "and when does it close", "and the time", "what time", "when", "until when"),
            "number": ("what number", "and the number", "which number was that", "what number is it", "just the number"),
            "phone": ("and the phone number", "what's the number", "just the number", "which number was it"),
        }[name]), f"It is #{n}.{name}.", n)  # fmt: skip
    if a.rng.random() < 0.5:
        heard = a.hear(
            (
                "where is it",
                "where is that",
                "and where is it",
                "which side is it on",
                "where exactly",
                "on which side",
                "where was that",
            )
        )
        text = f"It is #{n}.where." if a.topic.is_in_view else f"I saw it #{n}.ago, #{n}.where."
        return say("follow-up", heard, text, n)
    heard = a.hear(
        (
            "say that again",
            "repeat that",
            "again please",
            "what was that",
            "can you repeat that",
            "once more",
            "sorry what",
            "read it again",
        )
    )
    return say("follow-up", heard, f"It says #{n}.", n)


def _short(a: Asking, thing: str) -> str:
    """What a person would say of a longer text: its first words."""
    kept = [w for w in thing.split() if not re.search(r"\d", w)]
    return " ".join(kept[: a.rng.choice((1, 2, 3, 4))] if a.rng.random() < 0.3 else kept[:5])


def read_named(a: Asking) -> Example | None:
    """The whole of a text of which a word was said: "what does the bakery sign say"."""
    texts = [t for t in a.texts if len(plain(t.label).split()) > 1]
    if texts and a.rng.random() < 0.8:
        line = a.rng.choice(texts)
        said = [w for w in plain(line.label).split() if len(w) > 3 and not re.search(r"\d", w) and w not in COMMON]
        if not said:
            return None
        thing = a.rng.choice(said)
        if any(thing in plain(t.label).split() for t in a.prompt.lines if t is not line):
            return None
    else:
        line, thing = None, plain(a.rng.choice(words.PLACES))
        if any(set(thing.split()) & set(plain(t.label).split()) for t in a.prompt.lines):
            return None
    heard = a.hear(
        (
            "what does the {thing} sign say",
            "read (me )the {thing} [sign|text|label|notice]",
            "what's on the {thing} [sign|label|board]",
            "what does it say about (the) {thing}",
            "read the one [with|about] {thing}",
            "what is written on the {thing} sign",
            "the {thing} sign what does it say",
            "the sign with {thing} read it",
            "what exactly does the {thing} [sign|label] say",
            "the full text of the {thing} sign please",
        ),
        thing=thing,
    )
    if line is None:
        return say("read named", heard, f"I don't see {heard.slots['thing']}.")
    return say("read named", heard, f"It says #{line.number}.", line.number)


def which(a: Asking) -> Example | None:
    """ "Which street is this": the text that ends in the word."""
    ends: dict[str, list[Line]] = {}
    for t in a.prompt.lines:
        said = plain(t.label).split()
        if t.kind == "text" and len(said) > 1 and said[-1].isalpha() and len(said[-1]) > 3:
            ends.setdefault(said[-1], []).append(t)
    if not ends:
        return None
    thing, lines = a.rng.choice(list(ends.items()))
    if len(lines) > 1:
        return None
    line = lines[0]
    if line.is_in_view:
        heard = a.hear(("which {thing} is [this|that|it]", "what {thing} is [this|that]", "what's this {thing} called", "the name of [this|the] {thing}", "what's the {thing} called",
                        "what {thing} am i [at|on|in front of|looking at]", "at which {thing} am i", "which {thing} do you see", "name of the {thing} please"), thing=thing)  # fmt: skip
        return say("which", heard, f"It is #{line.number}.", line.number)
    heard = a.hear(("which {thing} [did we|did i|have we] [(just) pass|come through|see]", "what {thing} was that", "which {thing} was [it|that]", "what was the name of the {thing}",
                    "what {thing} did we just pass", "what was the {thing} called"), thing=thing)  # fmt: skip
    return say("which", heard, f"It was #{line.number}.", line.number)


def unknowable_text(a: Asking) -> Example:
    """About texts, but not to be known from them."""
    labels = [_short(a, plain(t.parts.get("name", t.label))) for t in a.prompt.lines if t.kind == "text"]
    text = a.rng.choice([t for t in labels if t] or ["the shop"])
    heard = a.hear(
        (
            "is that a good price", "is this [restaurant|cafe|shop] any good", "what does [this|that] [word|sign] mean", "why is it closed", "what font is [this|that]", "who wrote [this|that]",
            "is it [healthy|vegan|gluten free]", "which one do you recommend", "what should i order", "is [this|that] cheaper than elsewhere",
            "what's the history of [this|that] [place|street|building]", "how do i get there by bus", "summarize the article", "explain [this|the] sign", "what colour is the sign",
            "are there any reviews (of this place)", "which [one|thing|drink|ticket] is the [cheapest|most expensive]", "what's the cheapest", "how many calories does it have",
            "what is the total of everything", "what language is [this|that]",
            "is (the) {text} [good|worth it|any good|safe|healthy|vegan|vegetarian|organic|popular|famous|old|far|expensive for what it is]", "when was (the) {text} [built|founded|opened|invented|made]",
            "who [built|founded|invented|owns|runs|made|designed] (the) {text}", "what is (the) {text} [famous|known|good|used] for", "how long does it take to get to (the) {text}",
            "how long is the [ride|walk|trip|way] to (the) {text}", "how far is (it to) (the) {text}", "tell me (something|more) about (the) {text}", "what do people say about (the) {text}",
            "how many people [work at|live in|visit] (the) {text}", "is (the) {text} a good [company|place|choice|restaurant|school]", "why is it called {text}", "who is {text}",
            "what kind of [place|food|company|thing] is (the) {text}", "how do i [make|cook|prepare|repair|use] (a|the) {text}", "how many calories are in (a|the) {text}",
            "should i [go to|buy|try|take|eat] (the) {text}", "what's better than (the) {text}", "is there something cheaper than (the) {text}", "what goes well with (the) {text}",
            "can i [park|swim|eat|sleep|smoke] [here|there|at the {text}]", "do they [take cards|have a toilet|serve breakfast|speak english]", "what does {text} mean",
            "what's the population of {text}", "what ingredients are in (the) {text}", "can children [use|eat|visit] (the) {text}", "how is the weather [at|in] (the) {text}",
            "write a [review|poem|story|text] about (the) {text}", "compare (the) {text} with the others", "what is the difference between these", "do i need a [ticket|reservation|key] for (the) {text}",
            "which one [is better|should i take|has more sugar|is faster|is healthier|is closer to the station]", "what is it made of", "how do you pronounce {text}", "what is {text} in general",
            "does (the) {text} [hurt|work|help|taste good|contain nuts]", "will (the) {text} be [late|full|crowded|open on christmas]", "how often does [it|the bus|the train] run",
            "what's (the) {text}'s [history|boss|website password|stock price]", "add up the prices", "what would two of them cost", "convert the price to [dollars|euros|pounds]",
            "how much is that in [dollars|euros|yen]", "is it a holiday today", "how much [do i save|is the tax|is the tip]", "who is the [owner|boss|mayor|director] (of {text})",
        ),
        text=text,
    )  # fmt: skip
    return escalate("escalate scene", heard)


SKILLS: tuple[tuple[float, Skill], ...] = (
    (2.0, read_all), (2.0, read_nearest), (2.0, read_side), (0.5, read_far), (3.0, part), (3.0, part_of), (1.0, part_on_side), (1.2, part_remembered), (0.7, who),
    (2.0, find_text), (1.4, codes), (1.2, last_text), (1.0, read_named), (0.8, which), (2.6, unknowable_text),
)  # fmt: skip
