"""The replies that the local model may give, as a GBNF grammar made from the scene, the question and the tools.

What it holds the model to: words that answers are made of and references that exist (words of the question only to say
that a thing is not there); or a call of a configured tool whose texts are words of the question in their order, or
references; or the escalate mark. So a reply can state nothing that was not seen, and an argument is copied letter by
letter. Rules are flat alternatives: llama.cpp checks the one token that the model wants, so their number costs little.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from edge.reasoning.prompt import ESCALATE, SAY, TOOL, Prompt
from edge.reasoning.tools import Parameter, Tool

WORDS: Final = (  # noqa: SIM905 - a list of words reads better without its quotes
    "I see a don't any the A The on left right straight ahead centre is was it It say says said sign that read can and "
    "code text anything there anyone saw haven't seen another One Yes No of Now now Nothing changed here know have for "
    "phone number web address e-mail date price time name battery at Hello You're welcome Okay signs find things use "
    "device's tools zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
"""All the words that a spoken reply may be made of, besides references and the question's own words."""


_DENIALS: Final = tuple(
    f"I {verb} {what}"
    for verb in ("don't see", "haven't seen")
    for what in ("", "a ", "any ", "a price for ", "a time for ", "a number for ")
)


def grammar(prompt: Prompt, tools: Sequence[Tool]) -> str:
    """GBNF text whose root is one whole reply."""
    scene = [key for key in prompt.targets if not key.startswith("#battery") and not key.startswith("#time")]
    words = prompt.words or ("it",)
    rules = {
        "root": " | ".join(("say", "call", _literal(ESCALATE)) if tools else ("say", _literal(ESCALATE))),
        "say": f'{_literal(SAY)} (denial | item (","? " " item | ". " item)* ".")',
        # The question's own words may be repeated to say what is not there, and for nothing else.
        "denial": f'"No, "? ({_any(_DENIALS)}) copy "."',
        "item": "ref | word" if prompt.targets else "word",
        "word": _any(WORDS),
    }
    # A chain of the question's words, entered at any of them: the order of the question is kept.
    rules["copy"] = " | ".join(f"from-{n}" for n in range(len(words)))
    for n, word in enumerate(words):
        more = f' (" " from-{n + 1})?' if n + 1 < len(words) else ""
        rules[f"from-{n}"] = _literal(word) + more
    if prompt.targets:
        rules["ref"] = _any(prompt.targets)
    copyable = [key for key in scene if not key.endswith((".where", ".ago", ".thing"))]
    if tools:
        calls = [
            " ".join((_literal(json.dumps(t.name)[1:] + ',"arguments":{'), _arguments(t.parameters), _literal("}}")))
            for t in tools
        ]
        rules["call"] = _literal(TOOL + '{"name":"') + f" ({' | '.join(calls)})"
        seen = f" | {_any(copyable)}" if copyable else ""
        rules["text"] = rf'"\"" (copy{seen}) "\""'
        # A number that was spoken is copied; only where none was found may one be made.
        spoken = " | ".join(f'"{n}"' for n in dict.fromkeys(prompt.numbers))
        rules["integer"] = spoken or '"0" | [1-9] [0-9]? [0-9]? [0-9]?'
    return "".join(f"{name} ::= {body}\n" for name, body in rules.items())


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
