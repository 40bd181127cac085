"""Makes the bundled recording: `python -m edge.assets.make_demo` draws and speaks demo.mp4 and its truth demo.json.

Run by hand when the film changes; its output is committed. Needs flite (apt) for the voices. About five minutes; with
`--sound` only the questions are spoken anew and the pictures stay as they are.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from edge.assets.film import speech, street, surfaces, walk
from edge.assets.film.renderer import SIZE, Image, Panel, place, render
from edge.types import Box

FOLDER: Final = Path(__file__).parent
EXPOSURE_S: Final = 1 / 40
"""for how long a frame gathers light: what turns is blurred"""
MAX_BYTES: Final = 2_500_000


def main() -> None:
    """Draw, speak, encode, write the truth."""
    panels = street.build()
    if "--sound" in sys.argv:
        sound, ends_s = speech.mix(walk.QUESTIONS, walk.DURATION_S)
        respeak(FOLDER / "demo.mp4", sound)
        (FOLDER / "demo.json").write_text(json.dumps(truth(panels, ends_s), indent=1) + "\n", "utf-8")
        return
    frames = []
    for i, frame in enumerate(draw(panels)):
        frames.append(frame)
        print(f"\rframe {i + 1} of {round(walk.DURATION_S * walk.FPS)}", end="", file=sys.stderr)
    sound, ends_s = speech.mix(walk.QUESTIONS, walk.DURATION_S)
    path = FOLDER / "demo.mp4"
    for quality in range(23, 40, 2):
        encode(path, frames, sound, quality)
        print(f"\nconstant rate factor {quality}: {path.stat().st_size} bytes", file=sys.stderr)
        if path.stat().st_size <= MAX_BYTES:
            break
    (FOLDER / "demo.json").write_text(json.dumps(truth(panels, ends_s), indent=1) + "\n", "utf-8")


def draw(panels: list[Panel]) -> Iterator[Image]:
    """All frames, blurred where the picture moves by more than a few pixels during the exposure."""
    for i in range(round(walk.DURATION_S * walk.FPS)):
        t = i / walk.FPS
        before, after = walk.camera_at(t - EXPOSURE_S / 2), walk.camera_at(t + EXPOSURE_S / 2)
        shift_px = 493 * (abs(after.yaw - before.yaw) + abs(after.pitch - before.pitch))
        times = t + EXPOSURE_S * (
            np.linspace(-0.5, 0.5, min(8, 1 + int(shift_px / 3))) if shift_px > 3 else np.zeros(1)
        )
        shots = [render(panels, walk.camera_at(float(s)), surfaces.sky, surfaces.HAZE_BGR) for s in times]
        yield np.mean(shots, axis=0).astype(np.uint8) if len(shots) > 1 else shots[0]


def encode(path: Path, frames: list[Image], sound: NDArray[np.int16], quality: int) -> None:
    """H.264 and AAC in one file that starts to play before it is loaded."""
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        video = container.add_stream("libx264", rate=walk.FPS, options={"crf": str(quality), "preset": "veryslow"})
        video.width, video.height = SIZE
        video.pix_fmt = "yuv420p"
        video.codec_context.gop_size = 5 * walk.FPS
        audio = container.add_stream("aac", rate=speech.RATE_HZ, layout="mono")
        audio.bit_rate = 48_000
        for i, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
            frame.pts, frame.time_base = i, Fraction(1, walk.FPS)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        mux_sound(container, audio, sound)


def respeak(path: Path, sound: NDArray[np.int16]) -> None:
    """Put other sound beside the same compressed pictures."""
    partial = path.with_suffix(".partial.mp4")
    with av.open(str(path)) as old, av.open(str(partial), "w", options={"movflags": "faststart"}) as container:
        video = container.add_stream_from_template(old.streams.video[0])
        audio = container.add_stream("aac", rate=speech.RATE_HZ, layout="mono")
        audio.bit_rate = 48_000
        for packet in old.demux(old.streams.video[0]):
            if packet.dts is not None:
                packet.stream = video
                container.mux(packet)
        mux_sound(container, audio, sound)
    partial.replace(path)


def mux_sound(container: Any, audio: Any, sound: NDArray[np.int16]) -> None:
    """Encode int16[n] into an open container."""
    for start in range(0, len(sound), 1024):
        chunk = av.AudioFrame.from_ndarray(sound[None, start : start + 1024], format="s16", layout="mono")
        chunk.sample_rate, chunk.pts, chunk.time_base = speech.RATE_HZ, start, Fraction(1, speech.RATE_HZ)
        container.mux(audio.encode(chunk))
    container.mux(audio.encode(None))


def truth(panels: list[Panel], ends_s: list[float]) -> dict[str, Any]:
    """What can be made out when (at least 60 px wide and wholly in the picture), and what is asked."""
    things = []
    for panel in (p for p in panels if p.label):
        views = [(i / 5, _box(panel, i / 5)) for i in range(round(walk.DURATION_S * 5))]
        seen = [(t, box) for t, box in views if box is not None and (box[2] - box[0]) * SIZE[0] >= 60]
        if seen:
            best_t, best = _steadiest(seen)
            things.append(
                {
                    "kind": _kind(panel.label),
                    "label": panel.label,
                    "t_start_s": seen[0][0],
                    "t_end_s": seen[-1][0],
                    "t_best_s": best_t,
                    "box_xyxy": [round(side, 4) for side in best],
                }
            )
    questions = [
        {"t_start_s": q.t_start_s, "t_end_s": round(end, 3), "text": q.text, "about": q.about, "expect": q.expect}
        for q, end in zip(walk.QUESTIONS, ends_s, strict=True)
    ]
    return {
        "film": "demo.mp4",
        "duration_s": walk.DURATION_S,
        "fps": walk.FPS,
        "size_px": list(SIZE),
        "rate_hz": speech.RATE_HZ,
        "things": sorted(things, key=lambda thing: float(str(thing["t_start_s"]))),
        "questions": questions,
    }


def _steadiest(seen: list[tuple[float, Box]]) -> tuple[float, Box]:
    """Of the views at least 0.7 as wide as the widest, the one in the middle of the longest time without a turn."""
    widest = max(box[2] - box[0] for _, box in seen)
    wide = [(t, box) for t, box in seen if box[2] - box[0] >= 0.7 * widest]
    return min(wide, key=lambda view: _motion(view[0]))


def _motion(t_s: float) -> float:
    """Of the camera within half a second before and after, in radians and metres."""
    views = [walk.camera_at(t_s + d) for d in (-0.5, -0.25, 0.0, 0.25, 0.5)]
    turned = max(v.yaw for v in views) - min(v.yaw for v in views)
    return turned + float(np.ptp([v.position for v in views], axis=0).sum())


def _box(panel: Panel, t_s: float) -> Box | None:
    """Fractions xyxy of the panel in the picture; None unless it is wholly in it."""
    seen = place(panel, walk.camera_at(t_s))
    if seen is None:
        return None
    (x0, y0), (x1, y1) = seen.polygon_px.min(axis=0) / SIZE, seen.polygon_px.max(axis=0) / SIZE
    return (float(x0), float(y0), float(x1), float(y1)) if min(x0, y0) >= 0 and max(x1, y1) <= 1 else None


def _kind(label: str) -> str:
    if label.startswith("http"):
        return "code"
    return "text" if label.isupper() else "object"


if __name__ == "__main__":
    main()
