"""What a program asks of the glasses: sent, numbered, answered; and what holds is asked for again when the link is back."""

from __future__ import annotations

from collections.abc import Callable
from types import UnionType
from typing import Any

from firmware_bridge.answers import Answers
from firmware_bridge.layout import Message


class Requests:
    """The way of all parts of the glasses to the device."""

    def __init__(self, push: Callable[[Message], None]) -> None:
        """`push` takes a message to send; it waits for the link if it must."""
        self.push = push
        self.answers = Answers()
        self._wanted: dict[type[Any], Message] = {}
        self._numbers = 0

    def number(self) -> int:
        """A new request number."""
        self._numbers = self._numbers % 0xFFFF + 1
        return self._numbers

    def hold(self, message: Message) -> None:
        """This request holds until another one of its kind: it is sent again when the device forgot it."""
        self._wanted[type(message)] = message

    def held(self, kind: type[Any]) -> Any:
        """The request of a kind that holds, or None."""
        return self._wanted.get(kind)

    def drop(self, kind: type[Any]) -> bool:
        """Nothing of this kind holds any more; whether something did."""
        return self._wanted.pop(kind, None) is not None

    def again(self) -> None:
        """The device may have forgotten what holds: devices stop everything when nobody listens."""
        for message in self._wanted.values():
            self.push(message)

    async def ask(
        self,
        request: Message,
        kind: type[Any] | UnionType,
        fits: Callable[[Any], bool],
        timeout_s: float,
        number: int = 0,
    ) -> Any:
        """Sends a request and waits for an answer of a kind that fits.

        Raises:
            DeviceError: refused, with the cause; lost with the session; or not in time.
        """
        return await self.answers.ask(request, self.push, lambda m: isinstance(m, kind) and fits(m), timeout_s, number)
