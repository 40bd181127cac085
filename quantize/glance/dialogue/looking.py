"""Skills about things: what, where, how many, is there; beside what; what changed; what was seen and when; the device.

Long because it is a list: each function is one skill with its phrasings, and none knows another.
"""

# ruff: noqa: E501 - templates read better many to a line
from __future__ import annotations

from collections import Counter

from edge.reasoning.mentions import GROUPS
from edge.reasoning.prompt import Line
from quantize.glance.dialogue import words
from quantize.glance.dialogue.asking import Asking, Example, Skill, called, escalate, listed, missing, plural, say
from quantize.glance.dialogue.reading import ON_SIDE, SIDES


def _name(line: Line) -> str:
    """How an answer names a thing it has seen."""
    return f"#{line.number}.thing"


def _distinct(lines: list[Line]) -> list[Line]:
    kept: dict[tuple[str, str], Line] = {}
    for line in lines:
        kept.setdefault((line.kind, line.label), line)
    return list(kept.values())


def what(a: Asking) -> Example:
    heard = a.hear(
        (
            "what do you see",
            "what can you see",
            "[what's|what is] [around|near|before|close to] (me|us)",
            "what (all|else) [is|do you see|can you see|have we got|do we have] [here|there|around here|in the room|in front of me]",
            "[tell|give] me [an overview|a description|an idea of what's here]",
            "(can|could|would) you [describe|tell me] [the scene|what's around me|what is here|what there is to see|what you're seeing]",
            "which [things|objects|items] [are|do you see|can you see] (here|there|around me|in view|in front of me)",
            "what [things|objects|items|stuff] [do i have|is there|are] (around me|in front of me|here)",
            "what [is|am i] (standing) [in front of|looking at|facing]",
            "name (everything|all the things) you see",
            "i can't see what's [there|here|in front of me|around]",
            "[fill|clue] me in on [my surroundings|what's around me|what is here]",
            "what's [out there|up ahead|before my eyes|all here|within reach|visible|in sight|on the table|in this place]",
            "give me a [quick|short|full|brief] [rundown|overview|description|summary|list] (of what [you see|is here|is around me])",
            "[anything|something] [interesting|worth knowing|around|in sight|in front of me]",
            "i'm [blind|lost|new here|just walking in] what's [around me|here|in the room|in front of me]",
            "what would i see if i [looked up|opened my eyes|could see]",
            "take a look and tell me what you see",
            "[run|walk|talk] me through [what you see|the room|what's here|the scene]",
            "what [have|do] we have here",
            "[scan|check] the [room|area|surroundings|place|table|desk]",
            "what kind of [things|stuff|objects|items] [is|are] [here|there|around me|on the table|on the desk]",
            "let me know what's [here|there|around|in front of me]",
            "what [all|things] can you [make out|spot|recognize|identify|pick up]",
            "what does the camera [see|show|pick up]",
            "paint me a picture of [what's here|the room|the place]",
            "what am i [facing|walking towards|standing before|sitting in front of]",
            "could you say what's [here|there|in front of us]",
            "[items|objects|things] in [view|front of me|the room] (please)",
            "what is [it|that thing|this thing] (in front of me|there|here)",
            "identify [this|that|the object|what's in front of me]",
            "what do i have [here|there|before me|on my desk|on the table]",
            "where am i what's around (me)",
            "have a look [around|what's here]",
            "what all is [here|there|lying around|standing around]",
            "(so) what have we [here|got here|got]",
            "anything in [view|front of me|sight] (at all)",
            "tell me about [my surroundings|what's around|this place|the room]",
            "do you see anything (at all|here|in front of me)",
            "what's the [scene|view|situation] (here|like)",
            "everything you see please",
            "what have you got [in view|in sight|there]",
            "what does it look like (here|around me)",
            "what's in front of me",
            "what is (here|there|around me)",
            "describe [the scene|what you see]",
            "what's around (me)",
            "tell me what you see",
            "what am i looking at",
            "what is in front of me",
            "look around",
            "what's going on [here|around me]",
            "what things are [here|there]",
            "what objects [do you see|are there|can you see]",
            "what's in the picture",
            "describe my surroundings",
            "what is in [this|the] room",
            "what do you notice",
            "what's this",
            "what is [this|that]",
            "what do i have in front of me",
            "can you describe what's in front of me",
            "list what you see",
            "what's there",
        )
    )
    seen = _distinct(a.in_view)[:6]
    return say("what", heard, f"I see {listed(_name(s) for s in seen)}." if seen else "I don't see anything.")


def on_side(a: Asking) -> Example:
    side = a.rng.choice(("left", "right", "centre"))
    heard = a.hear(
        (
            "what's {side}",
            "what is {side}",
            "what [stands|lies|sits|hangs|have we|have we got|can be seen|is there to see] {side}",
            "{side} what [do you see|is it|have we got|is that]",
            "(is there|do you see|can you see) (something|anything|a thing|an obstacle) {side}",
            "[which|what] [things|object|objects|item|items] [is|are|do you see] {side}",
            "(can|could) you tell me what's {side}",
            "describe [what|the things|everything] {side}",
            "what about {side}",
            "who or what is {side}",
            "{side} [anything|something] (there|interesting)",
            "who's or what's {side}",
            "[check|look|have a look|glance] {side} [for me|and tell me what you see|what is there|please]",
            "what would be {side}",
            "can you [see|spot|make out] [anything|something] {side}",
            "do i have [anything|something] {side}",
            "i can't see what's {side}",
            "i hear something {side} what is it",
            "what [thing|object|stuff] is [that|it|there] {side}",
            "tell me [what|which things] you [see|have|spot] {side}",
            "{side} of me what's there",
            "{side} please",
            "name the things {side}",
            "is there [anything|something|an object|an obstacle] {side} of me",
            "what kind of [thing|object] is {side}",
            "is it [free|clear|empty] {side}",
            "list everything {side}",
            "and {side} what do you see",
            "if i turn {side} what do i see",
            "what will i find {side}",
            "what's going on {side}",
            "the thing {side} what is it",
            "the [object|things|items] {side}",
            "give me what's {side}",
            "i want to know what's {side}",
            "what do you see {side}",
            "what can you see {side}",
            "is there anything {side}",
            "what's there {side}",
            "tell me what's {side}",
            "look {side}",
            "what do i have {side}",
            "what objects are {side}",
            "{side} what is there",
            "describe what's {side}",
            "anything {side}",
            "what is that {side}",
            "what's the thing {side}",
        ),
        sure=("side",),
        side=a.rng.choice(ON_SIDE[side]),
    )
    return _side_answer(a, "on side", heard.text, side)


def _side_answer(a: Asking, skill: str, heard: str, side: str) -> Example:
    seen = [s for s in _distinct(a.in_view) if s.side == side][:6]
    if not seen:
        return say(skill, heard, f"I don't see anything {SIDES[side]}.")
    return say(skill, heard, f"I see {listed(_name(s) for s in seen)}.")


_WHERE = (
    "where is (the|my) {thing}",
    "where's (the|my) {thing}",
    "(on) [which|what] [side|hand] (of me) is (the|my) {thing}",
    "(in) [which|what] direction [is|do i go for|to] (the|my) {thing}",
    "(can|could) you [see|spot|find] (where) (the|my) {thing} (is)",
    "i need (the|my) {thing} where is it",
    "[is|are] (the|my) {thing} (on the) left or right",
    "point me to (the|my) {thing}",
    "do you know where (the|my) {thing} is",
    "where about is (the|my) {thing}",
    "tell me the place of (the|my) {thing}",
    "the {thing} where is it",
    "{thing} where",
    "which way to (the|my) {thing}",
    "where [stands|lies|hangs|sits] (the|my) {thing}",
    "[any idea|do you have an idea|got any clue] where (the|my) {thing} [is|went|could be|might be]",
    "i (just) put (the|my) {thing} down [somewhere|here] where is it",
    "where did (the|my) {thing} go",
    "where would i find [the|my|a] {thing}",
    "which side's the {thing}",
    "{thing} [left or right|where is it|which side|location|position]",
    "[is|are] [the|my] {thing} [in front of me|on the left|on the right|left|right|near|far|close]",
    "[guide|direct|lead|take] me to (the|my) {thing}",
    "where do i [reach|turn|look|go] for (the|my) {thing}",
    "i'm trying to find (the|my) {thing}",
    "where's that {thing} (at|gone|of mine)",
    "someone [moved|took] my {thing} where is it",
    "can you tell me where (the|my) {thing} [is|are|lies|stands]",
    "i want (to sit on|to use|to get|to reach|to grab) the {thing} where is it",
    "what's the [position|location|direction] of (the|my) {thing}",
    "how do i get to the {thing}",
    "how far left or right is the {thing}",
    "in what direction do i [look|turn] for the {thing}",
    "do you know the whereabouts of my {thing}",
    "give me the direction of the {thing}",
    "the {thing} is where",
    "where the {thing}",
    "my {thing} where is it",
    "where might (the|my) {thing} be",
    "i need to sit down where is the {thing}",
    "whereabouts is (the|my) {thing}",
    "at which side do you see the {thing}",
    "is my {thing} near me or far away",
    "i dropped my {thing} where is it",
    "seen my {thing}",
    "have you got my {thing} in view",
    "spot the {thing} for me",
    "search for (the|my) {thing}",
    "i lost my {thing} do you see it",
    "looking for (the|my) {thing}",
    "where do you see the {thing}",
    "which side is the {thing} on",
    "find (the|my) {thing}",
    "where can i find the {thing}",
    "on which side is the {thing}",
    "can you find the {thing}",
    "help me find my {thing}",
    "show me where the {thing} is",
    "in which direction is the {thing}",
    "i can't find my {thing}",
    "locate the {thing}",
    "i'm looking for my {thing}",
    "tell me where the {thing} is",
    "where did you see the {thing}",
    "where are my {thing}",
)


def where(a: Asking) -> Example:
    return _where(a, _thing(a), _WHERE, "where")


_RECALL = (
    "where did [i|you] (last) see (the|my|a) {thing}",
    "(how) long (ago) [was|since|is it since] (the|my|a) {thing} (there|here|seen)",
    "[when|where|at what point] [was|were] (the|my) {thing} (last) (seen|here|there)",
    "(have|did) you (by any chance) [see|seen|spot|notice|noticed|come across] (a|the|my|any) {thing} (somewhere|lately|earlier|before|anywhere)",
    "what happened to (the|my) {thing}",
    "i (must have) [left|forgot|lost|put] my {thing} somewhere [where|when] was [it|that]",
    "where [have|had] (i|we) [put|left|seen] (the|my) {thing}",
    "didn't i have (a|my) {thing} (here)",
    "was there (not) (a|any) {thing} (before|earlier|around|here|somewhere)",
    "when did (the|that|a) {thing} [go by|disappear|pass|leave|come past]",
    "is it long since you saw (the|my) {thing}",
    "remind me where (the|my) {thing} [is|was]",
    "i had (a|my) {thing} [earlier|before|a minute ago|just now] where [is|was] it",
    "where [did|have] i [drop|misplace|forget|leave behind|last have|last seen] my {thing}",
    "[any|a] {thing} [earlier|before|on the way|behind us]",
    "how long since [you saw|i saw|we passed|there was] [a|the|my] {thing}",
    "at [what|which] [place|side|spot] [was|did you see|did i leave] [the|my] {thing}",
    "did (we|i) [walk past|go past|come across|drive past|leave behind|miss] (a|the|my) {thing}",
    "you saw (a|my|the) {thing} [before|earlier] [where|when] was that",
    "when [did|was] the {thing} last [show up|in view|around|visible|here]",
    "there was a {thing} [earlier|before|a moment ago] where is it now",
    "the {thing} we [passed|saw|walked by] [when was that|where was it|how long ago was that]",
    "have [i|we|you] (ever|already) [passed|come across|seen|noticed] a {thing}",
    "think back did you see a {thing}",
    "what about the {thing} from [before|earlier]",
    "which side was the {thing} on [before|earlier|when you saw it]",
    "tell me when you last saw (the|my) {thing}",
    "last time you saw (the|my) {thing}",
    "did a {thing} [go by|pass|drive by|walk past]",
    "was a {thing} [here|there|around] [before|earlier|a while ago|just now]",
    "where [is|are] the {thing} [i|we] saw [before|earlier]",
    "can you remember [a|the|my] {thing}",
    "have you noticed a {thing} [before|earlier|on the way]",
    "did you happen to see my {thing}",
    "i saw a {thing} (before) when was (it|that)",
    "my {thing} is gone where was it",
    "my {thing} disappeared where did you last see it",
    "where was it that i left my {thing}",
    "where did i [leave|put] [my|the] {thing}",
    "when did [i|you] (last) see (the|a|my) {thing}",
    "have you seen [my|a|the] {thing}",
    "did [you|i|we] see (a|the|my) {thing}",
    "was there a {thing}",
    "when was the {thing} there",
    "how long ago did [i|you] see the {thing}",
    "did we pass a {thing}",
    "have i seen a {thing} (before|today)",
    "where was the {thing}",
    "do you remember (seeing) a {thing}",
    "when did we pass the {thing}",
    "where have i left my {thing}",
    "where did my {thing} go",
)


def recall(a: Asking) -> Example:
    """Of something seen before, and when."""
    remembered = [g for g in a.gone if g.kind == "object"]
    line = a.rng.choice(remembered) if remembered and a.rng.random() < 0.75 else None
    return _where(a, called(a.rng, line.label) if line else _thing(a), _RECALL, "recall")


def _thing(a: Asking) -> str:
    things = [s for s in a.prompt.lines if s.kind == "object"]
    if things and a.rng.random() < 0.72:
        return called(a.rng, a.rng.choice(things).label)
    return called(a.rng, missing(a))


def _meant(a: Asking, name: str) -> list[Line]:
    """The lines that a word may mean, those in view first; exact names before other names."""
    things = [s for s in a.prompt.lines if s.kind == "object"]
    exact = [s for s in things if s.label.lower() == name]
    return exact or [s for s in things if name in words.SYNONYMS.get(s.label.lower(), ())]


def _where(a: Asking, name: str, templates: tuple[str, ...], skill: str) -> Example:
    heard = a.hear(templates, thing=name)
    meant = _meant(a, name)
    in_view = [s for s in meant if s.is_in_view]
    if len(in_view) > 1:
        n, m = in_view[0].number, in_view[1].number
        return say(skill, heard, f"One is #{n}.where, another #{m}.where.", n)
    if in_view:
        n = in_view[0].number
        return say(skill, heard, f"The #{n} is #{n}.where.", n)
    if meant:
        n = meant[0].number
        return say(skill, heard, f"I saw the #{n} #{n}.ago, #{n}.where.", n)
    verb = "don't see" if skill != "recall" else "haven't seen"
    return say(skill, heard, f"I {verb} a {heard.slots['thing']}.")


def how_many(a: Asking) -> Example:
    counted = Counter(s.label for s in a.objects)
    is_there = bool(counted) and a.rng.random() < 0.75
    label = a.rng.choice(list(counted)) if is_there else missing(a)
    name = called(a.rng, label) if label != "person" else "person"
    if len({s.label for s in _meant(a, name)}) > 1:
        name = label.lower()
    heard = a.hear(
        (
            "how many {things} (are there)",
            "how many {things} [have we|do we have|have i got|do i have|stand here|can be seen|are around]",
            "[what|which] number of {things} [is there|do you see]",
            "{things} how many",
            "(can|could) you [count|tell me how many] {things} (there are|you see)",
            "the {things} how many (are there|is that)",
            "count (all) (the|these|those) {things} (for me|please)",
            "are there many {things} how many",
            "give me [the|a] [count|number|total] of (the) {things}",
            "[any|are there any] {things} and how many",
            "how many {things} [exactly|in total|altogether|all together|overall]",
            "{things} [count|in total|number]",
            "is it one or two {things}",
            "how many of [these|those|them] are {things}",
            "are there more than one {things}",
            "would you count the {things}",
            "what's the [count|total|amount] of {things}",
            "i count the {things} how many do you get",
            "how many {things} did you [see|spot|count|find]",
            "the number of {things} please",
            "how many {things} in [view|front of me|sight|the room|this room|the picture]",
            "do you know how many {things} [are here|there are|i have]",
            "i need to know how many {things} there are",
            "many {things} how many",
            "so how many {things}",
            "how many {things} [stand|lie|sit|hang|are] [there|here|around|on the table|in front of us]",
            "how many {things} are [left|right|there left|still here]",
            "how many {things} would you say there are",
            "how many {things} do you see",
            "how many {things} can you see",
            "count the {things}",
            "how many {things} are [here|in front of me|in view]",
            "number of {things}",
            "can you count the {things}",
            "how many {things} [now|are in the room]",
            "tell me how many {things} there are",
            "what's the number of {things}",
        ),
        things=plural(name),
    )
    n = counted.get(label, 0)
    faces = sum(s.kind == "face" for s in a.in_view)
    if label == "person" and n == 0 and faces:
        n = faces
    return say("how many", heard, f"I see {words.COUNTS[n]}." if n else f"I don't see any {heard.slots['things']}.")


def how_many_texts(a: Asking) -> Example:
    heard = a.hear((
        "how many [signs|texts|labels] (are there|do you see|can you see)", "count the [signs|texts]", "number of signs", "how many signs are [here|in view]",
    ))  # fmt: skip
    n = len(a.texts)
    return say("how many", heard, f"I see {words.COUNTS[n]}." if n else "I don't see any text.")


def is_there(a: Asking) -> Example:
    name = _thing(a)
    heard = a.hear(
        (
            "is there (a|an) {thing} (here)",
            "is there (somewhere|anywhere) (a|an|any) {thing}",
            "(do|can) you (also) [see|spot|find|notice] (a|an|the|any|some) {thing} (here|there|anywhere|somewhere|around|close by)",
            "(have we|do we have|has it) (got) (a|an|any) {thing} (here)",
            "any {thing} (here|there|around|in sight)",
            "[is|are] (the|my|any|some) {thing} [in view|in sight|around|with me|there|still there|nearby]",
            "{thing} here",
            "[have|did] you [got|see|spot|find|notice] (a|an|any|the|my) {thing}",
            "is [that|this|it] a {thing} (there|over there|i see)",
            "would there be a {thing} [here|nearby|around]",
            "[check|see|look] [if|whether] [there is|there's|you see|i have] (a|an|any|my) {thing}",
            "a {thing} [is here|somewhere|anywhere|maybe|around here]",
            "i [need|want|could use|would like] a {thing} is there one",
            "do we have {things} here",
            "there is (a|no) {thing} (here) right",
            "am i [near|next to|in front of|close to] a {thing}",
            "did i [bring|take] my {thing}",
            "is [my|the] {thing} [on the table|with me|lying here|standing here|still here]",
            "does this [room|place] have a {thing}",
            "do i see a {thing}",
            "[one|some] {thing} here",
            "have they got a {thing}",
            "there must be a {thing} [here|somewhere] do you see it",
            "any sign of a {thing}",
            "any chance there's a {thing} (here|around)",
            "is there such a thing as a {thing} here",
            "watch out for a {thing} do you see one",
            "{thing} yes or no",
            "{things} anywhere",
            "are {things} [here|around|in view|present]",
            "are you seeing (a|any) {thing}",
            "is the {thing} there",
            "can i [find|get|use] a {thing} here",
            "is there maybe a {thing}",
            "see a {thing}",
            "see any {things}",
            "got a {thing} [there|here|in view]",
            "would you say there's a {thing}",
            "do you by any chance see a {thing}",
            "could there be a {thing} (here)",
            "i wonder if there's (a|an) {thing} (here|around)",
            "tell me if [there is|you see] (a|an|any|the) {thing}",
            "are there (any) {things} (here|there|around|in front of me)",
            "no {things} (here)",
            "do you see (a|an|the|any) {thing}",
            "can you see (a|an|the|my) {thing}",
            "is there (a|any) {thing} in front of me",
            "is (a|the|my) {thing} here",
            "are there any {things}",
            "do you see any {things}",
            "is there a {thing} [around|nearby|near me]",
            "any {things} [here|around]",
            "can you spot a {thing}",
            "is that a {thing}",
            "do i have a {thing} in front of me",
            "are there {things}",
        ),
        thing=name,
        things=plural(name),
    )
    meant = [s for s in _meant(a, name) if s.is_in_view]
    if meant:
        return say("is there", heard, f"Yes, #{meant[0].number}.where.", meant[0].number)
    absent = f"a {heard.slots['thing']}" if "thing" in heard.slots else f"any {heard.slots['things']}"
    return say("is there", heard, f"No, I don't see {absent}.")


def beside(a: Asking) -> Example | None:
    """Left of, right of, next to, between: the lines are sorted from left to right."""
    seen = a.in_view
    unique = [s for s in a.objects if sum(o.label == s.label for o in seen) == 1]
    if not unique or a.rng.random() < 0.12:
        heard = a.hear(
            (
                "what's [left of|right of|next to|behind|on|under|near|beside] the {thing}",
                "what is [next to|near|left of|right of|beside] the {thing}",
                "what do you see [next to|near|by|beside|close to] the {thing}",
                "what stands [next to|near|by|beside|close to] the {thing}",
                "is there [something|anything] [next to|near|by|beside|close to] the {thing}",
                "what [comes|is] [before|after|past] the {thing}",
                "[next to|beside|left of|right of|near] the {thing} what is [there|that]",
                "tell me what's [next to|left of|right of|near] the {thing}",
            ),
            thing=called(a.rng, missing(a)),
        )
        return say("relation", heard, f"I don't see a {heard.slots['thing']}.")
    one = a.rng.choice(unique)
    at = seen.index(one)
    form = a.rng.randrange(5)
    thing = called(a.rng, one.label)
    if len(_meant(a, thing)) != 1:
        thing = one.label.lower()
    if form == 0:
        heard = a.hear(("what's (to the) left of the {thing}", "[what|which thing] [stands|lies|sits|is|do you see] (to the) left of the {thing}", "left of the {thing} what is [there|it]", "the {thing} what's on its left",
                        "who or what is left of the {thing}", "is there [anything|something] (to the) left of the {thing}",  "what is left of the {thing}", "what do you see to the left of the {thing}",
                        "what's on the left side of the {thing}", "(to the) left of the {thing} (what|anything|please)", "what comes (to the) left of the {thing}", "what's on the {thing}'s left (side|hand side)", "what left of the {thing}", "[can|could|do] you [see|spot|make out] [something|anything|what] (to the) left of the {thing}", "tell me what [is|stands|you see] left of the {thing}", "what [thing|object|item] (is it that) [is|lies|stands] (just|directly|right) left of the {thing}", "what's (just|directly|right|immediately) (to the) left of the {thing}", "if i look left of the {thing} what do i see", "look left of the {thing}", "on the left of the {thing} what is that", "what do i find left of the {thing}", "left from the {thing} what is there", "what is left from the {thing}", "the thing left of the {thing}",
 "which thing is left of the {thing}"), thing=thing)  # fmt: skip
        return say("relation", heard, f"I see {_name(seen[at - 1])}." if at else "I don't see anything there.")
    if form == 1:
        heard = a.hear(("what's (to the) right of the {thing}", "[what|which thing] [stands|lies|sits|is|do you see] (to the) right of the {thing}", "right of the {thing} what is [there|it]", "the {thing} what's on its right",
                        "who or what is right of the {thing}", "is there [anything|something] (to the) right of the {thing}",  "what is right of the {thing}", "what do you see to the right of the {thing}",
                        "what's on the right side of the {thing}", "(to the) right of the {thing} (what|anything|please)", "what comes (to the) right of the {thing}", "what's on the {thing}'s right (side|hand side)", "what right of the {thing}", "[can|could|do] you [see|spot|make out] [something|anything|what] (to the) right of the {thing}", "tell me what [is|stands|you see] right of the {thing}", "what [thing|object|item] (is it that) [is|lies|stands] (just|directly|right) right of the {thing}", "what's (just|directly|right|immediately) (to the) right of the {thing}", "if i look right of the {thing} what do i see", "look right of the {thing}", "on the right of the {thing} what is that", "what do i find right of the {thing}", "right from the {thing} what is there", "what is right from the {thing}", "the thing right of the {thing}",
 "which thing is right of the {thing}"), thing=thing)  # fmt: skip
        return say(
            "relation", heard, f"I see {_name(seen[at + 1])}." if at + 1 < len(seen) else "I don't see anything there."
        )
    if form == 2:
        heard = a.hear(("what's next to the {thing}", "[what|which thing|who] [stands|lies|sits|is|do you see|can you see] [next to|beside|near|by|close to|alongside] the {thing}", "next to the {thing} what is there", "is there [anything|something] [next to|beside|near|close to] the {thing}",
                        "what [things|objects] are [near|beside|next to|close to] the {thing}",  "what is beside the {thing}", "what's near the {thing}", "what is by the {thing}",
                        "what's close to the {thing}", "what do you see next to the {thing}", "what's [around|by|at|near] the {thing}", "what [is|are|stands|lies] (right|directly|just) [next to|beside|by|near|alongside|around|adjacent to] the {thing}", "the {thing} what's [next to|beside|near|by] it", "[beside|near|by|close to] the {thing} what do you see", "what are the {thing}'s neighbours", "what [surrounds|neighbours|is close by] the {thing}", "can you tell me what's [beside|next to|near] the {thing}", "on either side of the {thing} what is there", "what's on both sides of the {thing}", "what do i find [near|next to|beside] the {thing}", "anything [next to|near|beside|by] the {thing}", "what thing do you see [near|next to|beside|close to] the {thing}", "which objects [touch|stand by|surround|are beside] the {thing}", "who or what is [next to|beside|near] the {thing}",
 "what stands beside the {thing}"), thing=thing)  # fmt: skip
        near = [seen[i] for i in (at - 1, at + 1) if 0 <= i < len(seen)]
        return say(
            "relation", heard, f"I see {listed(_name(s) for s in near)}." if near else "I don't see anything there."
        )
    others = [s for s in unique if s is not one]
    if not others:
        return None
    other = a.rng.choice(others)
    if form == 3:
        heard = a.hear(("what's between the {one} and the {two}", "[what|which thing] [stands|lies|sits|is] (in) between (the) {one} and (the) {two}", "between the {one} and the {two} what is there", "do you see [anything|something] between the {one} and the {two}",
                        "which things are between {one} and {two}",  "anything between (the) {one} and (the) {two}", "what [separates|divides] the {one} and the {two}", "from the {one} to the {two} what is in between", "in the middle between {one} and {two} what do you see", "tell me what's between the {one} and the {two}", "what lies between the {one} and the {two}", "the thing between (the) {one} and (the) {two}", "what do i find between the {one} and the {two}", "can you see what's between the {one} and the {two}", "in between (the) {one} and (the) {two}", "is something [standing|lying|hidden] between the {one} and the {two}",
 "what is in between the {one} and the {two}", "what do you see between the {one} and the {two}",
                        "is there anything between the {one} and the {two}"), one=one.label, two=other.label)  # fmt: skip
        low, high = sorted((at, seen.index(other)))
        inside = seen[low + 1 : high][:4]
        return say(
            "relation", heard, f"I see {listed(_name(s) for s in inside)}." if inside else "I don't see anything there."
        )
    side = a.rng.choice(("left", "right"))
    heard = a.hear(("is the {one} (to the) {side} of the {two}", "is the {one} on the {side} of the {two}", "the {one} is it {side} of the {two}",
                    "is the {one} {side} of the {two} (or not)", "[does|do] the {one} [stand|lie|sit] (to the) {side} of the {two}", "would you say the {one} is {side} of the {two}", "am i right that the {one} is {side} of the {two}", "the {one} is {side} of the {two} right", "is the {one} on the {two}'s {side} (side)", "tell me if the {one} is {side} of the {two}", "do i find the {one} {side} of the {two}", "check if the {one} is {side} of the {two}",
 "is the {one} more to the {side} than the {two}"), sure=("side", "one", "two"), side=side, one=one.label, two=other.label)  # fmt: skip
    is_left = at < seen.index(other)
    return say(
        "relation",
        heard,
        f"{'Yes' if is_left == (side == 'left') else 'No'}, it is {'left' if is_left else 'right'} of it.",
    )


def nearest(a: Asking) -> Example:
    heard = a.hear(
        (
            "what's [closest|nearest] (to me)",
            "[what|which thing|which object] is [right next to|nearest to|closest to|near] me",
            "what's [within|in] (arm's) reach",
            "what is [right|directly|immediately] [here|before me|by me|at my feet|in front of me]",
            "what's the [first|closest|nearest] [thing|object] [in front of me|ahead|i'd hit|i would reach]",
            "[closest|nearest] [object|thing|item] (please)",
            "what can i [touch|grab|reach|hit]",
            "what's the least far away",
            "what stands closest (to me)",
            "tell me the [closest|nearest] [thing|object] (to me)",
            "which thing is the least far",
            "name the [nearest|closest] (thing|object)",
            "the [thing|object|one] closest [to me|to us|by] what is it",
            "what am i about to [bump into|walk into|hit]",
            "what is [closest|nearest] (now|here|by)",
            "is there something [right in front of me|very close] what is it",
            "what's [nearby|close by|at hand|close]",
            "what would i [bump into|reach|touch] first",
            "the [nearest|closest] [thing|object|item] (please|what is it|to me)",
            "which of [these|the things] is [closest|nearest]",
            "what thing is [closest|nearest]",
            "what is the [nearest|closest] [thing|object]",
            "which [thing|object] is [closest|nearest]",
            "what's right in front of my nose",
            "what's the thing closest to me",
            "what object is nearest to me",
            "what is near me",
            "which one is the closest",
        )
    )
    order = ("object", "text", "code", "face")
    nearest_ones = [s for s in a.in_view if s.depth == "nearest"]
    near = min(nearest_ones, key=lambda s: order.index(s.kind), default=None)
    return say(
        "nearest",
        heard,
        f"It is {_name(near)}, #{near.number}.where." if near else "I don't see anything.",
        near.number if near else 0,
    )


def changed(a: Asking) -> Example:
    heard = a.hear(
        (
            "what changed",
            "what has changed",
            "[is|are|was] (there) [anything|something] (else) [new|different|gone|missing|changed]",
            "what [is|was|do you see] (that's) [new|different] (here|now|since before)",
            "(has|did) [something|anything|anyone] [appear|come|gone|disappear|leave|left|moved] (just now)",
            "what [is not|isn't] there any more",
            "any [changes|news|difference]",
            "compared to before what's different",
            "[what|anything] [happened|moved|changed|is new] [since (then|before|last time)|in the last minute|while i was away|meanwhile|just now]",
            "did [something|anything|someone|anyone] [show up|go away|vanish|come in|walk in|arrive|drive off]",
            "what is it that [changed|moved|vanished|appeared]",
            "i [heard|felt] something [did anything change|what changed]",
            "is everything [the same|as before|still there|as it was]",
            "what [came in|showed up|went away|vanished|left|is not here any more|popped up]",
            "[spot|find|name|list] the [difference|differences|changes]",
            "is [anything|something] not [there|here] (any more|anymore|now)",
            "what's [missing|no longer here|no longer there|not there any more|changed here]",
            "update me (on what changed)",
            "has the [scene|room|picture|view] changed",
            "any [difference|change] (to before|since before|now)",
            "what moved",
            "who or what [left|came|disappeared|appeared]",
            "is [anything|something] [new|different] (to see|around)",
            "what's [the change|the difference] (now|from before)",
            "what do you see now that wasn't there before",
            "what was here [a moment ago|earlier] and is gone now",
            "did something [leave|go|arrive|come|change|move]",
            "what just [came|appeared|left|disappeared]",
            "does it look [different|the same] (now|as before)",
            "what's new",
            "what's different (now)",
            "did anything change",
            "has anything changed",
            "is there anything new",
            "what is new here",
            "what appeared",
            "what disappeared",
            "is anything missing",
            "what's gone",
            "tell me what changed",
            "anything new",
            "what is different from before",
            "what was here before",
            "is something gone",
        )
    )
    new = _distinct([s for s in a.in_view if s.age == "new"])[:3]
    lost = _distinct([s for s in a.gone if s.age in ("5s", "10s", "20s", "30s")])[:2]
    told = ([f"Now I see {listed(_name(s) for s in new)}."] if new else []) + (
        [f"I don't see {listed(f'#{s.number}' for s in lost)} now."] if lost else []
    )
    return say("changed", heard, " ".join(told) or "Nothing changed.")


def faces(a: Asking) -> Example:
    heard = a.hear(
        (
            "who is [this|that|there|here]",
            "[is|are] (there) [anyone|anybody|someone|somebody|people] [here|there|in front of me|around|in the room|near me|with me]",
            "(do|can) you (see|recognise|recognize|know) [anyone|anybody|someone|a person|this person|him|her|them]",
            "who (is it that) i [see|have] (in front of me|here)",
            "am i alone",
            "who [stands|sits|is standing|is sitting] [here|there|in front of me|before me]",
            "whom do you see",
            "[is|are] [any|some] [people|persons|friends|faces|humans] [here|around|near|about]",
            "who is [with me|around|near me|next to me|standing there|sitting there|coming|at the door|in the room]",
            "who's [here|around|with me|in front|at the door|coming|standing there|sitting here]",
            "am i by myself",
            "am i on my own (here)",
            "is there [another|some] person (here|around)",
            "anyone [here|there|around|i know|in sight]",
            "anybody [here|there|around|i know|home]",
            "do you see [someone|somebody|anyone|a face|a familiar face|a friend] [i know|here|there]",
            "is that [someone|somebody|anyone] i know",
            "do i know [this|that] [person|man|woman|guy|face]",
            "[name|identify] the [person|people|man|woman] (in front of me|here|there)",
            "do you recognise the [face|person|man|woman]",
            "whose face is [that|this]",
            "tell me who [is here|is there|that is|this is|i'm looking at|you see]",
            "what's [his|her] name who is [it|that]",
            "who might [that|this] be",
            "someone is [talking|speaking|waving] (to me) who is it",
            "who am i [facing|standing with|sitting with|meeting]",
            "any [faces|people|one i know]",
            "is somebody [standing|sitting|with me|in front of me]",
            "which people do you [see|know] (here)",
            "who's [this|that|there|in front of me]",
            "do you see a face",
            "is [anyone|anybody|someone] (here|there)",
            "who do you see",
            "who am i [looking at|talking to]",
            "do you know [this|that] person",
            "can you see anyone",
            "is there a person (here)",
            "who is in front of me",
            "is somebody there",
        )
    )
    seen = [s for s in a.in_view if s.kind == "face"]
    named = [s for s in seen if s.label != "face"]
    people = [s for s in a.objects if s.label == "person"]
    if named:
        return say(
            "faces",
            heard,
            f"I see {listed(f'#{s.number}' for s in named[:3])}, #{named[0].number}.where.",
            named[0].number,
        )
    there = (seen or people)[:1]
    return say(
        "faces", heard, f"I see a #{there[0].number}, #{there[0].number}.where." if there else "I don't see anyone."
    )


def who_on_side(a: Asking) -> Example:
    side = a.rng.choice(("left", "right", "centre"))
    heard = a.hear(("who is {side}", "who's {side}", "who do you see {side}", "who is that {side}", "who is standing {side}", "is anyone {side}", "(is it) [someone|somebody|anybody|a person] {side}", "who [stands|sits|waits|is coming|is walking] {side}", "do you [know|recognise|see] [the person|who is|anyone|someone] {side}", "[the person|the man|the woman|the guy|the one] {side} who is [it|that]", "{side} who is [it|that|there]", "who have we {side}", "tell me who is {side}", "which person is {side}", "is there someone {side}", "who is sitting {side}",
                    "and who is {side}"), sure=("side",), side=a.rng.choice(ON_SIDE[side]))  # fmt: skip
    there = [s for s in _distinct(a.in_view) if s.side == side and (s.kind == "face" or s.label == "person")][:4]
    return say("faces", heard, f"I see {listed(_name(s) for s in there)}." if there else f"I don't see anyone {SIDES[side]}.")  # fmt: skip


def device(a: Asking) -> Example:
    name = a.rng.choice(("battery", "time"))
    heard = a.hear({
        "battery": ("how much battery (is left|do i have|have i got)", "what's the battery (level)", "battery (level|status)", "how full is the battery",
                    "how much charge is left", "do i need to charge", "is the battery low", "what's my battery at", "how much power is left",
                    "how is the battery doing", "how many percent (of) battery", "tell me the battery level", "is the battery [full|empty|okay|alright]",
                    "how many percent [are left|is left|do you have|have you got|of charge]", "battery [percentage|percent|left|remaining|check|charge]", "will the battery last", "how long [will|does] (the|your) battery [last|hold]", "are you [low|running low|nearly empty|fully charged|charged|about to die]", "how [low|high|good|strong] is (the|your) battery", "check (the|your) battery", "do the glasses need charging", "what [charge|battery] (level) do (you|we|i) have (left)", "how much [juice|energy|power|life] (is left|do you have|have we got|remains)", "is there enough [battery|power|charge|juice] (left)", "are we good on battery", "give me the battery", "how's the [battery|charge|power]", "what's [your|the] charge", "when do i need to charge", "remaining battery", "how far down is the battery", "is the battery going to die", "do i have (enough) battery",
 "how long until [i must charge|the battery is empty]", "do you need [charging|power]", "what percentage (is left|are we at)", "battery please", "how charged [are you|is it]",
                    "are we running out of (power|battery)", "power level", "should i charge [you|the glasses] (soon)"),
        "time": ("what time is it", "what's the time", "tell me the time", "do you know what time it is", "how late is it", "what is the time now",
                 "can you tell me the time", "the time please", "what time do we have", "current time", "give me the time", "[got|have you got|do you have] the time", "what time [have you got|do you have|is it now|is it right now|is it here|are we at]", "is it late", "how late [is it now|do we have]", "the time now", "time please", "time", "check the time", "what's the (current|exact) time (now|right now)", "can i get the time", "what hour is it", "could you say what time it is", "do you know the time", "i need the time", "is it already [late|noon|evening]",
 "what does the clock say now"),
    }[name])  # fmt: skip
    if f"#{name}" not in a.prompt.targets:
        return say("device", heard, f"I don't know the {name} now.")
    return say("device", heard, f"The battery is at #{name}." if name == "battery" else f"It is #{name}.")


def more(a: Asking) -> Example:
    """`And on the left?`, `and the dog?` after any turn."""
    if a.rng.random() < 0.5:
        side = a.rng.choice(("left", "right", "centre"))
        heard = a.hear(("and {side}", "what about {side}", "and what's {side}", "how about {side}", "now {side}", "and what do you see {side}", "[also|then] {side}", "okay and {side}", "what is there {side} then", "same {side}", "{side} too", "and is there anything {side}", "then what about {side}", "what do we have {side}", "and over {side}", "but what's {side}"),
                       sure=("side",), side=a.rng.choice(ON_SIDE[side]))  # fmt: skip
        return _side_answer(a, "follow-up", heard.text, side)
    if a.topic is not None and a.topic.kind == "object" and a.rng.random() < 0.6:
        heard = a.hear(
            (
                "where is it",
                "where is that",
                "where exactly",
                "which side",
                "and where is it",
                "on which side",
                "where was it",
                "(and) [on|at] (which|what) side (is it|was it|of me)",
                "how do i [find|reach|get to] it",
                "[in|to] (which|what) direction (is it|do i go)",
                "left or right",
                "is it [left or right|near|far|close]",
                "show me where",
                "point me [to it|there]",
                "where do you see it",
                "tell me where (it is|that is)",
                "whereabouts",
                "where then",
                "can you say where",
            )
        )
        n = a.topic.number
        return say(
            "follow-up", heard, f"It is #{n}.where." if a.topic.is_in_view else f"I saw it #{n}.ago, #{n}.where.", n
        )
    about = (
        "and (the|a|my) {thing}",
        "what about the {thing}",
        "how about the {thing}",
        "and where is the {thing}",
        "(okay) (but) where is the {thing} (then)",
        "and [a|the|my] {thing} (too|as well|then)",
        "(and) the {thing} (too|then|as well)",
        "then the {thing}",
        "and do you see the {thing}",
        "what of the {thing}",
        "same for the {thing}",
        "and the {thing} where",
        "also the {thing}",
        "now the {thing}",
        "okay and the {thing}",
        "and where's the {thing}",
    )
    return _where(a, _thing(a), about, "follow-up")


def group(a: Asking) -> Example:
    """Several kinds of thing in one word: "which animals do you see"."""
    name = a.rng.choice(list(GROUPS))
    labels = GROUPS[name].split()
    there = [s for s in a.objects if s.label.lower() in labels]
    form = a.rng.randrange(3)
    many = plural(name)
    if form == 0:
        heard = a.hear(("which {things} do you see", "what {things} are [here|there|in view]", "what {things} can you see", "tell me which {things} you see", "what kind of {things} do you see",
                        "list the {things}", "which {things} are there", "[name|tell me|read out] the {things} (you see|here)", "(are there) any {things} which ones", "what [sort|type|types] of {things} [is there|are there|do you see|are around]", "what {things} have [you got|we got|we here]", "what {things} did you [spot|find|see]", "{things} [please|which|what kind]", "what {things} [are|lie|stand] [on the table|around me|near me|in the room]", "do you see {things} which", "show me the {things}", "what {things} are around"), things=many)  # fmt: skip
        seen = _distinct(there)[:4]
        return say("group", heard, f"I see {listed(_name(s) for s in seen)}." if seen else f"I don't see any {heard.slots['things']}.")  # fmt: skip
    if form == 1:
        heard = a.hear(
            (
                "how many {things} (are there|do you see|can you see|are here)",
                "count the {things}",
                "number of {things}",
            ),
            things=many,
        )
        return say("group", heard, f"I see {words.COUNTS[len(there)]}." if there else f"I don't see any {heard.slots['things']}.")  # fmt: skip
    heard = a.hear(("is there (a|an|any) {thing} (here|nearby|around)", "do you see (a|an|any) {thing}", "are there any {things} (here)", "can you see (a|an) {thing}", "(is there) [any|some] {thing} (here|around|nearby|in view)", "any {things} (here|around|close by)", "have you [seen|spotted|found] a {thing}", "i [need|want] a {thing} is there one", "are {things} [here|around|nearby]", "i'm looking for a {thing}", "do we have a {thing} (here)", "got any {things} here", "see any {things}", "watch for {things} are there any"),
                   thing=name, things=many)  # fmt: skip
    if there:
        return say("group", heard, f"Yes, #{there[0].number}.where.", there[0].number)
    absent = f"a {heard.slots['thing']}" if "thing" in heard.slots else f"any {heard.slots['things']}"
    return say("group", heard, f"No, I don't see {absent}.")


def unknowable(a: Asking) -> Example:
    """About things in view, but not to be known from their names and places."""
    things = [s.label.lower() for s in a.objects] or ["car"]
    heard = a.hear(
        (
            "what [colour|color|brand|breed|make|model|size|shape|year] is [the|this|that|my] {thing}", "how [old|big|tall|heavy|fast|expensive|high|long|loud|strong] is [the|this|that] {thing}",
            "who [owns|invented|made|built|left|bought|sold] [the|this|that] {thing}", "is [the|this|that] {thing} [clean|broken|expensive|new|dangerous|old|real|hot|cold|wet|open|closed|moving|empty|full|heavy|locked|alive]",
            "what is the {thing} made of", "why is the {thing} here", "what is [the|a] {thing} (good) for", "how does a {thing} work", "how much does a {thing} [weigh|cost]",
            "what is [the person|he|she|the man|the woman] [wearing|doing|thinking|saying|holding|reading]", "does [the person|he|she|the dog] look [happy|angry|sad|tired|friendly]",
            "how old is [the person|he|she|that man|this woman]", "is it raining", "what's the weather like", "is the light [red|green]", "can i [eat|use|touch|take|move|wash|repair] [this|the {thing}]",
            "is it safe to [cross|eat this|touch the {thing}|go on]", "what should i do with the {thing}", "tell me [a story|a joke|a fact|something] about [a|the] {thing}",
            "where can i [buy|get|rent|repair] a {thing} (like this)", "which {thing} is better", "is the floor wet", "what room am i in", "does this [match my shirt|suit me|look good]",
            "how far [away] is the {thing} (in meters)", "how far is the {thing}", "what did the person say", "how do i [fix|clean|use|repair|charge|fold|paint|draw] [the|a] {thing}",
            "what are {things} good for", "why do {things} [sing|break|cost so much|smell|exist]", "how many {things} are there in the world", "how long do {things} last", "when was the {thing} invented",
            "is the {thing} [mine|for sale|worth anything|from ikea|poisonous|friendly|asleep]", "what's [inside|behind|under|in] the {thing}", "write [a poem|a song|a story|an ad] about [the|a] {thing}",
            "what do {things} eat", "can {things} [fly|swim|talk|see in the dark]", "what's the best {thing}", "recommend (me) a (good) {thing}", "will i need the {thing} (later)", "what's on (the) tv tonight",
            "what does the {thing} [smell|taste|sound|feel] like", "who is the person", "what is the name of [the|that] [man|woman|dog|cat]", "does he [like me|know me|see me]", "should i buy the {thing}",
            "is this {thing} [better|cheaper|bigger] than that one", "how would you describe the mood", "what happened here", "what will happen next", "whose {thing} is [this|that]",
            "what {thing} should i take", "how many {things} do i own", "what time did the {thing} arrive", "where was the {thing} made", "is anyone following me", "do i look [good|okay|tired]",
        ),
        thing=(t := called(a.rng, a.rng.choice(things))),
        things=plural(t),
    )  # fmt: skip
    return escalate("escalate scene", heard)


def small_talk(a: Asking) -> Example:
    kind, asked, text = a.rng.choice((
        ("hello", ("hello", "hi (there)", "hey", "good [morning|evening]", "hello glasses"), "Hello."),
        ("thanks", ("thanks", "thank you (very much)", "thanks a lot", "great thank you", "okay thanks"), "You're welcome."),
        ("help", ("what can you do", "how can you help me", "what can i ask you", "help", "what are you able to do"),
         "I can read signs, find things and use the device's tools."),
        ("stop", ("never mind", "stop", "cancel", "forget it", "be quiet", "that's all"), "Okay."),
    ))  # fmt: skip
    return say(f"talk {kind}", a.hear(asked), text)


SKILLS: tuple[tuple[float, Skill], ...] = (
    (1.8, what), (1.8, on_side), (2.5, where), (2.0, recall), (1.5, how_many), (0.4, how_many_texts), (2.5, is_there), (2.0, beside), (0.8, nearest),
    (1.0, changed), (0.8, faces), (0.7, who_on_side), (1.2, device), (0.7, group), (3.2, unknowable), (0.5, small_talk),
)  # fmt: skip
