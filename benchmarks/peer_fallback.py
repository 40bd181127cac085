"""The peers of `fallback.py`: one of them asks two servers, as its documentation advises, once for each line that comes.

Run by a Python that has it: `python peer_fallback.py litellm|pydantic-ai|openai SECONDS`. A line in: {"urls": [first,
second]}. A line out: {"text": what was said, "whole": it ended as an answer}. The deadline is held from outside
(`asyncio.timeout`), because none of them holds one over rows and retries.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

QUESTION = "when does the museum open"
SILENCE_S = 0.3
"""of a row, as Glasspath is given in the same run"""


async def litellm(urls: list[str]) -> AsyncIterator[str]:
    import litellm as library

    library.suppress_debug_info = True
    rows = [
        {"model_name": name, "litellm_params": {"model": "openai/m", "api_base": url, "api_key": "x"}}
        for name, url in zip("ab", urls, strict=True)
    ]
    router = library.Router(
        model_list=rows, fallbacks=[{"a": ["b"]}], num_retries=1, timeout=SILENCE_S, stream_timeout=SILENCE_S
    )
    stream: Any = await router.acompletion(model="a", messages=[{"role": "user", "content": QUESTION}], stream=True)
    async for chunk in stream:
        if chunk.choices:
            yield chunk.choices[0].delta.content or ""


async def pydantic_ai(urls: list[str]) -> AsyncIterator[str]:
    from openai import AsyncOpenAI
    from pydantic_ai import Agent
    from pydantic_ai.models.fallback import FallbackModel
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    models = [
        OpenAIChatModel(
            "m",
            provider=OpenAIProvider(
                openai_client=AsyncOpenAI(api_key="x", base_url=url, timeout=SILENCE_S, max_retries=1)
            ),
        )
        for url in urls
    ]
    async with Agent(FallbackModel(*models)).run_stream(QUESTION) as result:
        async for text in result.stream_text(delta=True):
            yield text


async def openai(urls: list[str]) -> AsyncIterator[str]:
    from openai import AsyncOpenAI

    client = AsyncOpenAI(api_key="x", base_url=urls[0], timeout=SILENCE_S, max_retries=2)
    stream: Any = await client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": QUESTION}], stream=True
    )
    async for chunk in stream:
        if chunk.choices:
            yield chunk.choices[0].delta.content or ""


async def main(ask: Callable[[list[str]], AsyncIterator[str]], seconds: float) -> None:
    lines = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        text, whole = "", False
        try:
            async with asyncio.timeout(seconds):
                async for piece in ask(json.loads(line)["urls"]):
                    text += piece
                whole = True
        except Exception:  # whatever a peer raises is its way to say that there is no answer
            whole = False
        print(json.dumps({"text": text, "whole": whole}), flush=True)


if __name__ == "__main__":
    peers = {"litellm": litellm, "pydantic-ai": pydantic_ai, "openai": openai}
    asyncio.run(main(peers[sys.argv[1]], float(sys.argv[2])))
