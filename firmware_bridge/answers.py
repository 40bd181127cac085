"""Who waits for which message: requests and their answers, each with a deadline or an end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from firmware_bridge import layout
from firmware_bridge.errors import DeviceError
from firmware_bridge.layout import Message
from firmware_bridge.messages import Cause, Refused


class Answers:
    """Messages that are waited for, in the order of asking; each message answers one request at most."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[Message], bool], asyncio.Future[Message]]] = []

    def wait(self, fits: Callable[[Any], bool]) -> asyncio.Future[Message]:
        """The first message from now on that fits; `forget` it in the end."""
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting.append((fits, future))
        return future

    def forget(self, future: asyncio.Future[Message]) -> None:
        """Nobody waits any more."""
        if not future.cancel() and not future.cancelled():
            future.exception()  # it was told to whoever asked first
        self._waiting = [pair for pair in self._waiting if pair[1] is not future]

    def came(self, message: Message) -> None:
        """Gives a message to the first who waits for it."""
        for fits, future in self._waiting:
            if not future.done() and fits(message):
                future.set_result(message)
                return

    def lost(self, reason: str) -> None:
        """No answer will come: whoever waits is told now, not at the deadline."""
        for _, future in self._waiting:
            if not future.done():
                future.set_exception(DeviceError(reason))

    async def ask(
        self,
        request: Message,
        send: Callable[[Message], None],
        fits: Callable[[Any], bool],
        timeout_s: float,
        number: int = 0,
    ) -> Any:
        """Sends a request and waits for its answer, whatever the link does meanwhile.

        Raises:
            DeviceError: refused, with the cause; lost with the session; or not in time.
        """
        shape = layout.layout(type(request))

        def refused(m: Message) -> bool:
            return isinstance(m, Refused) and m.message == shape.number and m.request in (0, number)

        answer = self.wait(lambda m: refused(m) or fits(m))
        try:
            send(request)
            async with asyncio.timeout(timeout_s):
                found = await answer
        except TimeoutError:
            raise DeviceError(f"no answer to {shape.name} within {timeout_s:g} s") from None
        finally:
            self.forget(answer)
        if isinstance(found, Refused):
            raise DeviceError(f"the glasses refuse {shape.name}: {said(found.cause)}")
        return found


def said(cause: int) -> str:
    """A cause in words."""
    words = {Cause.UNKNOWN: "this firmware does not know it", Cause.UNSUPPORTED: "these glasses cannot do it",
             Cause.INVALID: "the request is not valid", Cause.BUSY: "it is in use", Cause.HOT: "the glasses are too hot",
             Cause.BATTERY_LOW: "the battery is too low", Cause.NOT_WORN: "the glasses are folded",
             Cause.LIGHT_FAILED: "the recording light does not work", Cause.NO_MEMORY: "the glasses have no memory for it",
             Cause.LINK_LOST: "the link broke"}  # fmt: skip
    return words.get(Cause(cause), "no reason was given") if cause in set(Cause) else f"reason {cause}"
