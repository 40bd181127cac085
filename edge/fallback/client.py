"""One question to one row over HTTP: the one file that imports httpx2. Streams deltas; every failure is one sentence.

Connections are kept for minutes, not for the library's five seconds, and can be opened while the person still speaks, so
that a question does not wait for TLS. Cancelling the task closes the stream, which is how the server learns of it.
"""

from __future__ import annotations

import asyncio
import email.utils
import importlib
import ssl
import time
from collections.abc import AsyncIterator
from types import ModuleType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import httpx2

from edge.errors import RemoteUnavailable
from edge.fallback.chat import Chat, Delta, Finished, Request
from edge.fallback.rows import Row, Wire
from edge.fallback.wire import parsed, said

KEEP_S: Final = 300.0
"""an idle connection lives so long: longer than most pauses between two questions"""
CONNECT_S: Final = 4.0
SILENCE_S: Final = 15.0
"""between two pieces of a stream"""
LINGER_S: Final = 0.3
"""after the end of an answer, for what may follow"""
ANSWER_MAX: Final = 4 << 20
"""bytes of a stream that are read"""
ERROR_MAX: Final = 4096
PLAIN: Final = {"accept-encoding": "identity"}
"""a packed answer could be little to send and gigabytes to read"""
_CERTIFICATES: Final = {
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    18: "it signed its certificate itself",
    19: "its certificate is signed by somebody who is not known here",
    20: "its certificate is signed by somebody who is not known here",
    21: "its certificate is signed by somebody who is not known here",
    62: "its certificate is made for another name",
    64: "its certificate is made for another address",
}
"""by OpenSSL's X509_V_ERR_ numbers"""
_TRANSIENT: Final = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529))


class CallFailed(RemoteUnavailable):
    """A row gave no answer."""

    def __init__(
        self, text: str, *, is_transient: bool, retry_after_s: float | None = None, is_theirs: bool = True
    ) -> None:
        super().__init__(text)
        self.is_theirs = is_theirs
        """by the row's fault, not because we may not ask"""
        self.is_transient = is_transient
        """the same question may succeed later"""
        self.retry_after_s = retry_after_s
        """what the server asked for"""


def request(row: Row, key: str, chat: Chat) -> Request:
    """What would be sent, in the row's wire format."""
    made: Request = _wire(row.wire).request(row, key, chat)
    return made


def _wire(name: Wire) -> ModuleType:
    """The file of a wire format: one that no row uses is never imported."""
    return importlib.import_module(f"edge.fallback.wire_{name}")


class Client:
    """Connections to all rows; lives in one asyncio loop."""

    def __init__(self, verify: Any = True) -> None:
        """Opens nothing yet.

        Args:
            verify: an `ssl.SSLContext` to trust instead of the system's roots; for tests and servers at home.
        """
        self._http = httpx2.AsyncClient(
            http2=True,
            verify=verify,
            follow_redirects=False,  # a redirect could lead data to where no row points
            trust_env=True,
            timeout=httpx2.Timeout(SILENCE_S, connect=CONNECT_S, pool=CONNECT_S),
            limits=httpx2.Limits(max_connections=16, max_keepalive_connections=16, keepalive_expiry=KEEP_S),
        )

    async def warm(self, row: Row) -> bool:
        """Opens a connection to a row and asks it nothing; whether somebody is there."""
        parts = urlsplit(row.url)
        try:
            async with self._http.stream("HEAD", f"{parts.scheme}://{parts.netloc}/", timeout=CONNECT_S):
                return True
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError):
            return False

    async def send(self, row: Row, request: Request) -> AsyncIterator[Delta]:
        """The answer as it comes; `Finished` is the last delta of a whole one.

        Args:
            row: who is asked.
            request: made by `request`.

        Raises:
            CallFailed: no answer, or not all of it; what was yielded before stands.
        """
        reader: Any = _wire(row.wire).Reader()
        finished = False
        try:
            async with self._http.stream(
                "POST", request.url, headers={**request.headers, **PLAIN}, content=request.body
            ) as response:
                if response.status_code != 200:
                    raise await _refusal(row, response)
                kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                if packed := response.headers.get("content-encoding", "").replace("identity", ""):
                    told = f"{row.name} packs its answer ({packed[:20]}), which it was not asked to: check its url"
                    raise CallFailed(told, is_transient=False)
                if kind != "text/event-stream":
                    told = f"{row.name} answered with {kind or 'nothing'}, not with a stream: check its url"
                    raise CallFailed(told, is_transient=False)
                async for data in _data(row, response, reader):
                    for delta in reader.read(data):
                        finished = finished or isinstance(delta, Finished)
                        yield delta
                for delta in reader.end():
                    finished = finished or isinstance(delta, Finished)
                    yield delta
        except CallFailed:
            raise
        except RemoteUnavailable as error:
            raise CallFailed(f"{row.name}: {error}", is_transient=True) from error
        except httpx2.TimeoutException as error:
            raise CallFailed(f"{row.name} does not answer in time", is_transient=True) from error
        except httpx2.ConnectError as error:
            if (why := _untrusted(error)) is not None:  # never asked again without the check, nor at once
                told = (
                    f"{row.name} is not who it says: {why}, so nothing was sent; check its url and this device's clock"
                )
                raise CallFailed(told, is_transient=False) from error
            told = f"{row.name} cannot be reached ({_words(error)}): check the network and its url"
            raise CallFailed(told, is_transient=True) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            raise CallFailed(f"{row.name}: the connection broke ({_words(error)})", is_transient=True) from error
        if not finished:
            raise CallFailed(f"{row.name} stopped in the middle of its answer", is_transient=True)

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def _data(row: Row, response: httpx2.Response, reader: Any) -> AsyncIterator[str]:
    """The data of each event. When the end is known, what follows (the count of tokens) is waited for a moment only:
    some servers keep a finished stream open.
    """
    events = aiter(httpx2.EventSource(response))
    read = 0
    while True:
        try:
            async with asyncio.timeout(LINGER_S if reader.is_over else None):
                event = await anext(events)
        except StopAsyncIteration:
            return
        except TimeoutError:
            if reader.is_over:
                return
            raise
        read += len(event.data)
        if read > ANSWER_MAX:
            raise CallFailed(f"{row.name} sent an answer of over {ANSWER_MAX >> 20} MB", is_transient=False)
        if event.data:
            yield event.data


async def _refusal(row: Row, response: httpx2.Response) -> CallFailed:
    """What a status other than 200 means, with the server's own words where they are short."""
    status = response.status_code
    body = b""
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > ERROR_MAX:
            break
    told = _told(body[:ERROR_MAX].decode(errors="replace"))
    what = {
        400: "did not understand the question",
        401: f"refuses the key {row.key or '(none is set)'}: set another",
        402: "wants to be paid: look at the account",
        403: f"refuses the key {row.key or '(none is set)'} this model or place",
        404: f"knows no model {row.model!r} at {row.url}: check both",
        413: "finds the question too long",
        429: "has had too many questions",
        529: "is overloaded",
    }.get(status, f"answered with status {status}")
    if 300 <= status < 400:
        what = (
            f"sends us elsewhere ({response.headers.get('location', '?')[:100]}), which is not followed: check its url"
        )
    wait_s = retry_after_s(response.headers.get("retry-after", ""), time.time())
    return CallFailed(f"{row.name} {what}{told}", is_transient=status in _TRANSIENT, retry_after_s=wait_s)


def retry_after_s(value: str, now_s: float) -> float | None:
    """Seconds of a Retry-After header, given as seconds or as a date (RFC 9110, 10.2.3); None where there is none."""
    value = value.strip()
    try:
        if value.replace(".", "", 1).isdigit():
            return float(value)
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now_s)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _told(body: str) -> str:
    """The server's words of an error, where they are its format's and not a page."""
    try:
        error = parsed(body).get("error")
    except RemoteUnavailable:
        return ""
    return f" ({said(error)})" if error else ""


def _untrusted(error: BaseException | None) -> str | None:
    """What is wrong with a server's certificate; None where that is not what went wrong."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return _CERTIFICATES.get(error.verify_code, error.verify_message or "its certificate is not valid")
        error = error.__cause__ or error.__context__
    return None


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
