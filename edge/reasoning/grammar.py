"""The replies that the local model may give, as a GBNF grammar made from the scene, the question and the tools.

What it holds the model to: about thirty sentences with references that exist (words of the question only to say that a
thing is not there); or a call of a configured tool whose texts are words of the question in their order, or
references; or the escalate mark. So a reply can state nothing that was not seen, and an argument is copied letter by
letter. Rules are flat alternatives: llama.cpp checks the one token that the model wants, so their number costs little.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from edge.reasoning.prompt import ESCALATE, SAY, TOOL, Prompt
from edge.reasoning.tools import Parameter, Tool

_SENTENCES: Final = (
    "I don't see {nothing}.",
    "No, I don't see {article}{words}.",
    "I haven't seen a sign.",
    "I haven't seen {article}{words}.",
    "I don't know the {state} now.",
    "It {verb} {labels}.",
    "I can read {labels}.",
    "The code says {labels}.",
    "It {was} {labels}.",
    "It {was} {parts}.",
    "I see {things}.",
    "I see {parts}.",
    "I see {labels}, {place}.",
    "I see {count}.",
    "{yes}, it is {hand} of it.",
    "Now I see {things}.",
    "Now I see {things}. I don't see {labels} now.",
    "I don't see {labels} now.",
    "Nothing changed.",
    "The battery is at {battery}.",
    "It is {time}.",
    "I can read signs, find things and use the device's tools.",
    "Hello.",
    "You're welcome.",
    "Okay.",
)
"""All that can be said. What stands in braces is of the scene, or one of these words."""
_OF_WHAT_WAS_ASKED: Final = (
    "The # is #.where.",
    "# is #.where.",
    "I saw the # #.ago, #.where.",
    "I saw # #.ago, #.where.",
    "Yes, #.where.",
)
"""Said of a line that the question speaks of, and of no other: "yes, on the left" is never said of another thing."""
_OF_WHAT_IS_SPOKEN_OF: Final = ("It is #.where.", "I saw it #.ago, #.where.")
"""The same of the line of the turn before; where there is none, of any."""
_OF_ANY: Final = ("I see a #, #.where.", "It is #.thing, #.where.")
_CHOICES: Final = {
    "article": ("a ", "any ", ""),
    "state": ("battery", "time"),
    "verb": ("says", "said"),
    "was": ("is", "was"),
    "yes": ("Yes", "No"),
    "hand": ("left", "right"),
    "count": (
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    ),
}  # fmt: skip
_NOTHING: Final = (
    "any text", "anything", "anything there", "anyone", "a code", "a name", "a price", "a time", "a date", "a number",
    "a phone number", "a web address", "an e-mail address", "a e-mail address",
)  # fmt: skip
_OF_NOTHING: Final = ("a price for ", "a time for ", "a date for ", "a number for ")
_WHERE_NOT: Final = ("", " on the left", " on the right", " straight ahead")


def grammar(prompt: Prompt, tools: Sequence[Tool]) -> str:
    """GBNF text whose root is one whole reply."""
    words = prompt.words or ("it",)
    rules = {
        "root": " | ".join(("say", "call", _literal(ESCALATE)) if tools else ("say", _literal(ESCALATE))),
        # The question's own words may be repeated to say what is not there, and for nothing else.
        "nothing": f"({_any(_NOTHING)}) ({_any(_WHERE_NOT)}) | ({_any(_OF_NOTHING)} | article) words",
    }
    rules |= {name: _any(choices) for name, choices in _CHOICES.items()}
    rules |= _targets([key for key in prompt.targets if _may_be_said(key, prompt)])
    said = [_sentence(text) for text in _SENTENCES if all(name in {*rules, "words"} for name in _slots(text))]
    for name, sentences, lines in _about(prompt):
        rules[name] = " | ".join(_literal(text.replace("#", line)) for line in lines for text in sentences)
        said.append(name)
    if len(asked := prompt.cues.asked) > 1:
        rules["there"] = _any([f"{line}.where" for line in asked])
        said.append('"One is " there ", another " there "."')
    rules["say"] = f"{_literal(SAY)} ({' | '.join(said)})"
    # A chain of the question's words, entered at any of them: the order of the question is kept.
    rules["words"] = " | ".join(f"from-{n}" for n in range(len(words)))
    for n, word in enumerate(words):
        more = f' (" " from-{n + 1})?' if n + 1 < len(words) else ""
        rules[f"from-{n}"] = _literal(word) + more
    if tools:
        calls = [
            " ".join((_literal(json.dumps(t.name)[1:] + ',"arguments":{'), _arguments(t.parameters), _literal("}}")))
            for t in tools
        ]
        rules["call"] = _literal(TOOL + '{"name":"') + f" ({' | '.join(calls)})"
        seen = "".join(f" | {name}" for name in ("label", "part") if name in rules)
        rules["text"] = rf'"\"" (words{seen}) "\""'
        # A number that was spoken is copied; only where none was found may one be made.
        spoken = " | ".join(f'"{n}"' for n in dict.fromkeys(prompt.cues.numbers))
        rules["integer"] = spoken or '"0" | [1-9] [0-9]? [0-9]? [0-9]?'
    return "".join(f"{name} ::= {body}\n" for name, body in rules.items())


def _about(prompt: Prompt) -> Iterator[tuple[str, tuple[str, ...], Sequence[str]]]:
    """Sentences about one line each, and which lines they may be about."""
    every = [f"#{line.number}" for line in prompt.lines]
    asked = prompt.cues.asked
    for name, sentences, lines in (
        ("of-asked", _OF_WHAT_WAS_ASKED, asked),
        ("of-topic", _OF_WHAT_IS_SPOKEN_OF, asked or every),
        ("of-any", _OF_ANY, every),
    ):
        if lines:
            yield name, sentences, lines


def _may_be_said(key: str, prompt: Prompt) -> bool:
    """A price, a time… only of the lists that were asked for, or of a line that the question speaks of."""
    line, dot, part = key.partition(".")
    if not dot or part in ("where", "ago", "thing", "name", "ssid"):
        return True
    listed = [cue for cue in prompt.cues.lists if cue.name[0] == "." and cue.references]
    return (
        not listed
        or line in prompt.cues.mentioned
        or any(f"{line}{cue.name}" == key for cue in listed for line in cue.references)
    )


def _targets(targets: Collection[str]) -> dict[str, str]:
    """Rules for the references that exist, by what they stand for; a list of several is `a, b and c`."""
    kinds: dict[str, list[str]] = {}
    for key in targets:
        number, _, part = key.partition(".")
        kind = {"": "label", "where": "place", "ago": "ago", "thing": "thing"}.get(part, "part")
        kinds.setdefault(number[1:] if number in ("#battery", "#time") else kind, []).append(key)
    rules = {kind: _any(keys) for kind, keys in kinds.items()}
    rules |= {
        f"{kind}s": f'{kind} ((", " {kind})* " and " {kind})?' for kind in ("label", "part", "thing") if kind in kinds
    }
    return rules


def _slots(text: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", text)


def _sentence(text: str) -> str:
    """`It is {part}.` as GBNF."""
    pieces = re.split(r"\{(\w+)\}", text)
    return " ".join(piece if n % 2 else _literal(piece) for n, piece in enumerate(pieces) if piece)


def _arguments(parameters: Sequence[Parameter], *, is_first: bool = True) -> str:
    if not parameters:
        return '""'
    this, rest = parameters[0], parameters[1:]
    comma = "" if is_first else '"," '
    given = f"{comma}{_literal(json.dumps(this.name) + ':')} {_value(this)} {_arguments(rest, is_first=False)}"
    return f"({given} | {_arguments(rest, is_first=is_first)})" if this.is_optional else given


def _value(parameter: Parameter) -> str:
    if parameter.kind in ("text", "integer"):
        return parameter.kind
    return f"({_any([json.dumps(choice) for choice in parameter.kind.split('|')])})"


def _any(texts: Sequence[str] | dict[str, str] | dict[str, None]) -> str:
    return " | ".join(_literal(text) for text in texts)


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
