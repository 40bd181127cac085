"""The peer of `loop.py`: one picture at a time through a chain of pipecat's processors. Prints [µs, processor µs] a hop.

Run by a Python that has pipecat-ai, as its docs advise: a Pipeline in a PipelineTask under a PipelineRunner.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time


async def main(chain: int, frames: int) -> None:
    from loguru import logger

    logger.remove()
    from pipecat.frames.frames import EndFrame, OutputImageRawFrame
    from pipecat.pipeline.pipeline import Pipeline
    from pipecat.pipeline.runner import PipelineRunner
    from pipecat.pipeline.task import PipelineParams, PipelineTask
    from pipecat.processors.frame_processor import FrameProcessor

    arrived = asyncio.Event()

    class Hop(FrameProcessor):
        async def process_frame(self, frame, direction):
            await super().process_frame(frame, direction)
            await self.push_frame(frame, direction)

    class Last(FrameProcessor):
        async def process_frame(self, frame, direction):
            await super().process_frame(frame, direction)
            if isinstance(frame, OutputImageRawFrame):
                arrived.set()
            await self.push_frame(frame, direction)

    task = PipelineTask(
        Pipeline([*(Hop() for _ in range(chain - 1)), Last()]),
        params=PipelineParams(enable_metrics=False, enable_usage_metrics=False),
        cancel_on_idle_timeout=False,
    )
    running = asyncio.create_task(PipelineRunner(handle_sigint=False).run(task))
    image = bytes(640 * 480 * 3)

    async def send(count: int) -> None:
        for _ in range(count):
            arrived.clear()
            await task.queue_frame(OutputImageRawFrame(image=image, size=(640, 480), format="RGB"))
            await arrived.wait()

    await send(50)
    wall, cpu = time.perf_counter(), time.process_time()
    await send(frames)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps([wall / frames / chain * 1e6, cpu / frames / chain * 1e6]), flush=True)
    await task.queue_frame(EndFrame())
    await running


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
