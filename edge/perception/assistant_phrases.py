"""What people are likely to say to the assistant: weighs the recogniser's language model (see `phrases.py` for the form).

Only these lists are the assistant's own; tools and menus bring their slots by `[hearing.asr.slots]` and their phrases by
`[hearing.asr] phrases`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SLOTS: Final[Mapping[str, tuple[str, ...]]] = {
    "number": (
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "fifteen", "twenty", "thirty",
    ),
    "person": ("mom", "dad", "anna", "john", "my wife", "my husband", "my sister", "my brother", "the office"),
    "place": ("home", "work", "the station", "the airport", "the nearest cafe", "the nearest pharmacy", "the hotel"),
    "language": ("english", "french", "german", "spanish", "italian", "japanese", "chinese"),
    "thing": (
        "sign", "door", "person", "car", "bus", "bicycle", "dog", "cat", "chair", "table", "cup", "bottle", "phone",
        "laptop", "book", "clock", "traffic light", "stop sign", "bag", "umbrella", "bench", "keys", "code",
    ),
    "things": (
        "signs", "doors", "people", "cars", "buses", "bicycles", "dogs", "cats", "chairs", "tables", "cups", "bottles",
        "books",
    ),
    "item": (
        "coffee", "espresso", "cappuccino", "latte", "tea", "cake", "sandwich", "ticket", "soup", "salad", "pizza",
        "beer", "water", "croissant", "breakfast", "lunch", "it", "that", "this",
    ),
    "side": ("left", "right", "top", "bottom"),
    "room": ("room", "gate", "platform", "floor", "door", "line", "bus", "track", "seat"),
}  # fmt: skip

PHRASES: Final = (
    "[what does, what did] [the, this, that] [sign, label, screen, page, poster, menu, notice] say",
    "[what does, what did] [it, the last sign, the first sign, the sign on the {side}, the sign before] say",
    "[read, please read, can you read] [it, this, that, the sign, the label, the menu, everything, all of it]?",
    "read [it, this, the sign, the text] [to me, for me, out loud, again]",
    "what is [written, printed] [there, here, on the sign, on the door, on the wall, on the {side}]",
    "[how much is, how much does, what is the price of, what does] [the, a]? {item} [cost]?",
    "how much is [it, that, this, the {item}]",
    "what [time, hour] [does it, do they, does the shop, does the cafe] [open, close]",
    "[when, until when] [is it, are they, is the shop, is the cafe] open",
    "when does [it, the shop, the cafe, the museum] [open, close]",
    "[what, which] {room} [is it, is this, number is it, does it leave from]?",
    "what is the [number, name, address, price, time, code, phone number, web address] [of the {room}]?",
    "what is the {room} number",
    "where is [the, my, a] {thing}",
    "where is [the exit, the entrance, the toilet, the bathroom, the elevator, the stairs, the way out]",
    "where did you [last]? see [my, the] {thing}",
    "what is [on the {side}, in front of me, behind me, next to the {thing}, that, this, there, this thing]",
    "what do you see [on the {side}, in front of me, now]?",
    "what can you see",
    "what am i looking at",
    "how many {things} [are there, do you see, are in front of me, can you see]",
    "is there [a, an, any] {thing} [here, there, in front of me, on the {side}, near me]?",
    "are there any {things} [here, there, in front of me]?",
    "what is [the, this, that] [code, q r code, bar code, link, website]",
    "[scan, read, open] the [code, q r code, bar code]",
    "what does the code say",
    "what [changed, is new, is different]",
    "what was [on the {side}, the last sign, the first sign, before that]",
    "when did you [last]? see [the, a, my] {thing}",
    "and [on the {side}, the other one, the next one, before that, how many]",
    "how much battery [is left, do i have, do we have]?",
    "what is the [battery, battery level, time, date]",
    "what time is it",
    "take a [photo, picture, video]",
    "[start, stop] [recording, the video, a video]",
    "remember [this, that, the sign, the price, the number, this place]",
    "set a timer for {number} [minutes, minute, seconds, hours]",
    "set the [volume, brightness] to {number}",
    "[turn, make it] [up, down, louder, quieter, brighter, darker] [the volume, the brightness]?",
    "call {person}",
    "[send a message to, tell, text] {person} [i am late, i am on my way, i am here, call me]",
    "[navigate, take me, show me the way] to {place}",
    "[translate, translate this, translate the sign] [to, into]? {language}",
    "[make, take] a note [of this, that the {thing} is on the {side}]?",
    "[stop, cancel, never mind, thank you, thanks, yes, no, repeat that, say that again]",
)
