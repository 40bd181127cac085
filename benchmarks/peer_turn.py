"""The peers of `turn_latency.py`. Reads one JSON list of chat messages a line, prints the seconds to the first token.

chat: llama-cpp-python's `create_chat_completion`, streamed. pipecat: its OpenAI service against `llama_cpp.server` on
loopback, in a Pipeline under a PipelineRunner, as its docs advise.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
import urllib.request


def chat(model: str, context: int, threads: int) -> None:
    from llama_cpp import Llama

    llama = Llama(model_path=model, n_ctx=context, n_threads=threads, n_threads_batch=threads, verbose=False)
    print("ready", flush=True)
    for line in sys.stdin:
        begun_s = time.perf_counter()
        for part in llama.create_chat_completion(json.loads(line), stream=True, max_tokens=4, temperature=0.0):
            if "content" in part["choices"][0]["delta"]:
                break
        print(time.perf_counter() - begun_s, flush=True)


async def pipecat(model: str, context: int, threads: int) -> None:
    from loguru import logger

    logger.remove()
    from pipecat.frames.frames import EndFrame, LLMContextFrame, LLMFullResponseEndFrame, LLMTextFrame
    from pipecat.pipeline.pipeline import Pipeline
    from pipecat.pipeline.runner import PipelineRunner
    from pipecat.pipeline.task import PipelineParams, PipelineTask
    from pipecat.processors.aggregators.llm_context import LLMContext
    from pipecat.processors.frame_processor import FrameProcessor
    from pipecat.services.openai.llm import OpenAILLMService

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", model, "--n_ctx", str(context), "--port", str(port)]
    command += ["--n_threads", str(threads), "--n_threads_batch", str(threads), "--verbose", "false"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await asyncio.to_thread(wait_for, port, server)
        first, done = asyncio.Event(), asyncio.Event()

        class Last(FrameProcessor):
            async def process_frame(self, frame, direction):
                await super().process_frame(frame, direction)
                if isinstance(frame, LLMTextFrame):
                    first.set()
                elif isinstance(frame, LLMFullResponseEndFrame):
                    first.set()
                    done.set()
                await self.push_frame(frame, direction)

        settings = OpenAILLMService.Settings(model="local", max_tokens=4, temperature=0.0)
        service = OpenAILLMService(api_key="none", base_url=f"http://127.0.0.1:{port}/v1", settings=settings)
        task = PipelineTask(
            Pipeline([service, Last()]),
            params=PipelineParams(enable_metrics=False, enable_usage_metrics=False),
            cancel_on_idle_timeout=False,
        )
        running = asyncio.create_task(PipelineRunner(handle_sigint=False).run(task))
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            first.clear()
            done.clear()
            begun_s = time.perf_counter()
            await task.queue_frame(LLMContextFrame(LLMContext(json.loads(line))))
            await first.wait()
            print(time.perf_counter() - begun_s, flush=True)
            await done.wait()
        await task.queue_frame(EndFrame())
        await running
    finally:
        server.terminate()


def wait_for(port: int, server: subprocess.Popen) -> None:
    while server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=1)
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("llama_cpp.server did not start")


given = (sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
if sys.argv[1] == "chat":
    chat(*given)
else:
    asyncio.run(pipecat(*given))
