"""The peer of `voice_to_voice.py`: pipecat's pipeline of recognition, model and voice on this machine alone.

Reads the path of a WAV file (16 kHz, mono) a line, plays it and silence in real time, and prints the seconds from its first
sample to the first audible sample of the answer. As pipecat's docs advise: Silero's VAD and the default turn strategies in
the user aggregator, a `SegmentedSTTService` as all its local recognisers are (PocketSphinx here, as on our side), its
OpenAI service on `llama_cpp.server`, and a `TTSService` (espeak-ng, as on our side).
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
import urllib.request
import wave

import numpy as np

QUIET = 100
BLOCK_S = 0.02


async def main(model: str, context: int, threads: int, tokens: int) -> None:
    from loguru import logger

    logger.remove()
    from pipecat.audio.vad.silero import SileroVADAnalyzer
    from pipecat.frames.frames import EndFrame, InputAudioRawFrame, TranscriptionFrame, TTSAudioRawFrame
    from pipecat.pipeline.pipeline import Pipeline
    from pipecat.pipeline.runner import PipelineRunner
    from pipecat.pipeline.task import PipelineParams, PipelineTask
    from pipecat.processors.aggregators.llm_context import LLMContext
    from pipecat.processors.aggregators.llm_response_universal import (
        LLMContextAggregatorPair,
        LLMUserAggregatorParams,
    )
    from pipecat.processors.frame_processor import FrameProcessor
    from pipecat.services.openai.llm import OpenAILLMService
    from pipecat.services.settings import STTSettings, TTSSettings
    from pipecat.services.stt_service import SegmentedSTTService
    from pipecat.services.tts_service import TTSService
    from pipecat.utils.time import time_now_iso8601
    from pocketsphinx import Decoder

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", model, "--n_ctx", str(context), "--port", str(port)]
    command += ["--n_threads", str(threads), "--n_threads_batch", str(threads), "--verbose", "false"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    decoder = Decoder(samprate=16000, loglevel="FATAL")

    def recognised(audio: bytes) -> str:
        decoder.start_utt()
        decoder.process_raw(audio, full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        return found.hypstr if found else ""

    class Sphinx(SegmentedSTTService):
        wants_wav_segments = False

        async def run_stt(self, audio):
            text = await asyncio.to_thread(recognised, audio)
            if text:
                yield TranscriptionFrame(text, "", time_now_iso8601(), None)

    class Espeak(TTSService):
        async def run_tts(self, text, context_id):
            spoken = await asyncio.create_subprocess_exec(
                "espeak-ng", "-v", "en-us", "--stdout", text, stdout=asyncio.subprocess.PIPE
            )
            sound, _ = await spoken.communicate()
            for at in range(44, len(sound), 4096):
                yield TTSAudioRawFrame(
                    audio=sound[at : at + 4096], sample_rate=22_050, num_channels=1, context_id=context_id
                )

    class Last(FrameProcessor):
        sounded_s = 0.0
        is_waiting = False

        async def process_frame(self, frame, direction):
            await super().process_frame(frame, direction)
            if isinstance(frame, TTSAudioRawFrame) and self.is_waiting:
                loud = np.flatnonzero(np.abs(np.frombuffer(frame.audio, np.int16).astype(np.int32)) > QUIET)
                if len(loud):
                    self.is_waiting, self.sounded_s = False, time.perf_counter() + loud[0] / frame.sample_rate
            await self.push_frame(frame, direction)

    try:
        await asyncio.to_thread(wait_for, port, server)
        talk = LLMContext([{"role": "system", "content": "You answer in a sentence."}])
        talk_pair = LLMContextAggregatorPair(
            talk, user_params=LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer())
        )
        settings = OpenAILLMService.Settings(model="local", max_tokens=tokens, temperature=0.0)
        service = OpenAILLMService(api_key="none", base_url=f"http://127.0.0.1:{port}/v1", settings=settings)
        last = Last()
        stt = Sphinx(sample_rate=16_000, settings=STTSettings(model="en-us", language=None))
        tts = Espeak(
            push_start_frame=True, push_stop_frames=True, settings=TTSSettings(model=None, voice="en-us", language=None)
        )
        task = PipelineTask(
            Pipeline([stt, talk_pair.user(), service, tts, last, talk_pair.assistant()]),
            params=PipelineParams(audio_in_sample_rate=16_000, audio_out_sample_rate=22_050),
            cancel_on_idle_timeout=False,
        )
        running = asyncio.create_task(PipelineRunner(handle_sigint=False).run(task))
        await asyncio.sleep(2)
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            with wave.open(line.strip()) as file:
                audio = file.readframes(file.getnframes()) + bytes(32_000 * 6)
            begun_s = time.perf_counter()
            last.is_waiting, last.sounded_s = True, 0.0
            step = int(16_000 * BLOCK_S) * 2
            for at in range(0, len(audio), step):
                await asyncio.sleep(max(0.0, begun_s + (at + step) / 32_000 - time.perf_counter()))
                await task.queue_frame(
                    InputAudioRawFrame(audio=audio[at : at + step], sample_rate=16_000, num_channels=1)
                )
                if last.sounded_s and time.perf_counter() > last.sounded_s + 1:
                    break
            print(json.dumps(last.sounded_s - begun_s if last.sounded_s else None), flush=True)
            talk.set_messages(talk.get_messages()[:1])
        await task.queue_frame(EndFrame())
        await asyncio.wait_for(running, 10)
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


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
