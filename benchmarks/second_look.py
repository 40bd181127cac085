"""Small print: what a second look in full resolution reads, and what it costs: `python -m benchmarks.second_look [--quick]`.

Real pictures: the words of the shared 1280×720 scene-text pictures (as in `vision_accuracy`), found by the default OCR in
its first look and with its second.
Questions: small texts, 10 to 20 pixels high, are written on signs into 1920×1080 pictures made of real photographs (one
enlarged, or several side by side in their own resolution), with blur and noise. Every eight seconds there is another
picture, and a question of the bundled recording is spoken 0.3 to 2 s after it came into view. Whole sessions with the
default profile, the second look on and off: on the virtual clock as desktop and as Raspberry Pi 5, and live where the
machine has nothing else to do. A small text
is right when the question's scene holds all its letters and digits; an answer, when it holds what was asked for. Added
time is the difference in glass-to-answer of the same question with and without. The pictures are no street: letters that
were drawn are read better than those of a worn sign, which is why the real words stand beside them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.claims import DATA, Claim, main
from benchmarks.vision_accuracy import WORDS, _tokens
from edge import media
from edge.clock import S
from edge.commands.profile import DEMO
from edge.commands.replay import profile_of
from edge.config import load_config
from edge.perception import ocr_ppocr
from edge.runtime import Live, Session, paced, replay_virtual
from edge.sources.replay import Timed
from edge.trace import percentile
from edge.types import AudioChunk, Frame, Keyframe, LookCloser

SIZE: Final = (1920, 1080)
SIZE_SETTINGS: Final = (f"camera.width={SIZE[0]}", f"camera.height={SIZE[1]}")
SLOT_S: Final = 8
FPS: Final = 5
BLOCK: Final = 1280
LEADS_S: Final = (0.3, 0.6, 1.0, 1.5, 2.0)
"""how long before the first word the picture came into view"""
TEXTS: Final = (
    "Gate B12", "Bus 38 Harbour", "Best before 12 May", "Tea 1.80", "Dr Lindgren", "Aisle 5", "Wifi: luna2024", "Sale 30 %",
    "Locker 118", "Push", "Mind the step", "Flat 6B", "Oat milk 3.20", "No entry", "Departs 14:35",
)  # fmt: skip
COLOURS: Final = (((235, 240, 240), (30, 20, 20)), ((60, 40, 30), (240, 240, 235)), ((60, 200, 240), (20, 20, 30)),
                  ((40, 40, 170), (245, 245, 245)))  # fmt: skip
"""of the sign and its letters, BGR"""
ASKED: Final = {
    "how much is the espresso": ("Espresso {0}.{1}0", "{0}.{1}0"),
    "which platform is this": ("Platform {0}", "{0}"),
    "what time does it close": ("Open {0}:00 - 1{1}:00", "1{1}:00"),
}
"""questions that need to read: the small text that is asked about, and what the answer holds"""
UNASKED: Final = ("what do you see", "who was the first king of france")
"""questions that need no second look"""

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Slot:
    """One picture and the question about it."""

    image: Image
    small: tuple[str, ...]
    question: str
    wanted: str
    """what a right answer holds; empty: nothing to read"""
    lead_s: float


def slots(count: int, questions: Sequence[str]) -> list[Slot]:
    """Pictures with four small texts each, one of them what is asked about."""
    made = []
    for n in range(count):
        rng = np.random.default_rng(n)
        question = questions[n % len(questions)]
        digits = rng.integers(2, 9, 2)
        small, wanted = (part.format(*digits) for part in ASKED.get(question, ("Push", "")))
        texts = (small, *(str(text) for text in rng.choice(TEXTS, 3, replace=False)))
        image = written(background(n, rng), texts, rng)
        made.append(Slot(image, texts, question, wanted, LEADS_S[n % len(LEADS_S)]))
    return made


def background(n: int, rng: np.random.Generator) -> Image:
    """A photograph enlarged, or, every second time, several in their own resolution."""
    paths = sorted((DATA / "vision/coco128_val/images/val2017").glob("*.jpg"))
    width, height = SIZE
    if n % 2 == 0:
        image = cv2.imread(str(paths[n % len(paths)]))
        scale = max(width / image.shape[1], height / image.shape[0])
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        return np.asarray(image[:height, :width], np.uint8)
    rows = []
    for _ in range(3):
        row: list[Any] = []
        while sum(part.shape[1] for part in row) < width:
            part = cv2.imread(str(paths[rng.integers(len(paths))]))
            if part.shape[0] >= height // 3:
                row.append(part[: height // 3])
        rows.append(np.hstack(row)[:, :width])
    return np.asarray(np.vstack(rows), np.uint8)


def written(image: Image, texts: Sequence[str], rng: np.random.Generator) -> Image:
    """The texts on signs of their own, apart from each other; blurred and noisy like a camera's picture."""
    image, face, taken = image.copy(), cv2.FontFace("sans"), list[tuple[int, int, int, int]]()
    for text in texts:
        size_px = int(rng.integers(14, 28))  # its capitals are three quarters as high
        *_, across, _ = cv2.getTextSize((0, 0), text, (0, 0), face, size_px)
        width, height = across + size_px, 7 * size_px // 4
        x = y = 0
        for _ in range(200):
            x, y = int(rng.integers(60, SIZE[0] - width - 60)), int(rng.integers(60, SIZE[1] - height - 60))
            if all(
                x > a + w + 20 or a > x + width + 20 or y > b + h + 20 or b > y + height + 20 for a, b, w, h in taken
            ):
                break
        taken.append((x, y, width, height))
        sign, letters = COLOURS[int(rng.integers(len(COLOURS)))]
        cv2.rectangle(image, (x, y), (x + width, y + height), sign, -1)
        cv2.putText(image, text, (x + size_px // 2, y + 5 * size_px // 4), letters, face, size_px)
    blurred = cv2.GaussianBlur(image, (3, 3), 0.7) + rng.normal(0, 4, image.shape)
    return np.clip(blurred, 0, 255).astype(np.uint8)


def feed(made: Sequence[Slot]) -> Iterator[Timed]:
    """The pictures and the spoken questions, as a camera and a microphone would give them."""
    film = json.loads(DEMO.with_suffix(".json").read_text("utf-8"))
    spoken = {q["text"]: (q["t_start_s"], q["t_end_s"]) for q in film["questions"]}
    recorded = np.concatenate([chunk.samples for chunk in media.sound(str(DEMO), 16_000, BLOCK)])
    sound = np.zeros(int((len(made) * SLOT_S + 1) * 16_000) // BLOCK * BLOCK, np.int16)
    for n, slot in enumerate(made):
        start_s, end_s = spoken[slot.question]
        part = recorded[int((start_s - 0.1) * 16_000) : int((end_s + 0.2) * 16_000)]
        at = int((n * SLOT_S + 0.5 + slot.lead_s) * 16_000)
        sound[at : at + len(part)] = part
    due: list[Timed] = []
    for n, slot in enumerate(made):
        pictures = [np.asarray(cv2.add(slot.image, np.full_like(slot.image, level))) for level in (0, 1)]
        for i in range(SLOT_S * FPS):
            t_ns = n * SLOT_S * S + S // 2 + i * S // FPS
            pictures[i % 2].flags.writeable = False
            due.append((t_ns, Frame(t_ns, pictures[i % 2], n * SLOT_S * FPS + i)))
    for at in range(0, len(sound), BLOCK):
        chunk = AudioChunk(at * S // 16_000, sound[at : at + BLOCK], 16_000)
        due.append((chunk.end_ns, chunk))
    yield from sorted(due, key=lambda timed: timed[0])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one slot's question."""

    right: int
    """small texts that the question's scene held"""
    answered: bool
    glass_ms: float


def outcomes(session: Session, made: Sequence[Slot]) -> list[Outcome | None]:
    """Per slot; None where the question was not heard."""
    found: list[Outcome | None] = []
    for n, slot in enumerate(made):
        turn = next((t for t in session.log.turns if n * SLOT_S < t.query.t_ns / S < (n + 1) * SLOT_S), None)
        if turn is None or turn.glass_to_answer_ms is None or turn.query.text != slot.question:
            found.append(None)
            continue
        known = {_plain(seen.label) for seen in turn.query.scene.seen}
        right = sum(_plain(text) in known for text in slot.small)
        answered = turn.answer is not None and slot.wanted in turn.answer.text
        found.append(Outcome(right, answered, turn.glass_to_answer_ms))
    return found


def compared(name: str, made: Sequence[Slot], device: str) -> list[Claim]:
    """The same questions with and without the second look; `device` "" is live."""
    results = []
    for enabled in ("true", "false"):
        # what was seen and said in one slot is forgotten in the next
        config = load_config(None, [f"fusion.second_look.enabled={enabled}", "fusion.tracks.memory_s=6",
                                    "fusion.follow_up_s=1", *SIZE_SETTINGS])  # fmt: skip
        if device:
            session = replay_virtual(config, feed(made), (True, True), profile_of(device))
        else:
            session = Live(config, paced(feed(made)), (True, True), retry=False).run()
        results.append(outcomes(session, made))
    both = [(slot, a, b) for slot, a, b in zip(made, *results, strict=True) if a is not None and b is not None]
    need = [(slot, a, b) for slot, a, b in both if slot.wanted]
    texts = sum(len(slot.small) for slot, _, _ in need)
    added = [a.glass_ms - b.glass_ms for _, a, b in need]
    other = [abs(a.glass_ms - b.glass_ms) for slot, a, b in both if not slot.wanted]
    if not need:
        return [Claim(f"{name}: no question was heard", None, "", "")]
    p50, p95 = (percentile([b.glass_ms for _, _, b in need], p) for p in (50, 95))
    claims = [
        Claim(f"{name}: small texts right in the question's scene, of {texts}", sum(a.right for _, a, _ in need) / texts,
              "of the texts", ">= 0.75", f"without {sum(b.right for _, _, b in need) / texts:.3f}"),
        Claim(f"{name}: answers right, of {len(need)}", sum(a.answered for _, a, _ in need) / len(need), "of the answers",
              "", f"without {sum(b.answered for _, _, b in need) / len(need):.3f}"),
        Claim(f"{name}: added to glass-to-answer, p50", percentile(added, 50), "ms", "<= 50", f"without {p50:.0f} ms"),
        Claim(f"{name}: added to glass-to-answer, p95", percentile(added, 95), "ms", "<= 300", f"without {p95:.0f} ms"),
    ]  # fmt: skip
    if other:
        goal = "<= 0" if device else ""
        claims.append(Claim(f"{name}: change for {len(other)} questions that need none, worst", max(other), "ms", goal))
    return claims


def real_words() -> list[Claim]:
    """The scene-text pictures that are larger than the first look."""
    ocr = ocr_ppocr.build(ocr_ppocr.Options())
    first = second = words = misread = misread_first = 0
    for t_ns, (path, text) in enumerate(WORDS.items()):
        image = np.asarray(cv2.imread(str(DATA / path)), np.uint8)
        if image.shape[1] < 1280:
            continue
        *_, looked = ocr.process(Keyframe(t_ns, Frame(t_ns, image, 0), 1.0))
        *_, closer = ocr.process(LookCloser(t_ns, looked.unsure))
        once = _tokens(" ".join(seen.label for seen in looked.seen))
        # a word that both looks read is one word
        twice = once | _tokens(" ".join(seen.label for seen in closer.seen))
        wanted = _tokens(text)
        words += wanted.total()
        first, second = first + (wanted & once).total(), second + (wanted & twice).total()
        misread_first, misread = misread_first + (once - wanted).total(), misread + (twice - wanted).total()
    return [
        Claim(f"words found in real 1280×720 pictures, of {words}", float(second), "words", "", f"first look {first}"),
        Claim("words misread in them", float(misread), "words", "", f"first look {misread_first}"),
    ]


def measure(quick: bool) -> list[Claim]:
    """The claims of this benchmark, measured now."""
    if not (DATA / "vision").exists() or not (DATA / "ocr").exists():
        return [Claim(f"second look: {DATA} has no vision and ocr folders (set GLASSPATH_DATA)", None, "", "")]
    cv2.setNumThreads(1)
    questions = (*ASKED, UNASKED[0], *ASKED, UNASKED[1])
    made = slots(4 if quick else 12, questions)
    claims = real_words()
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    claims += compared("as desktop", made, "desktop")
    if not quick:
        claims += compared("as pi5", made, "pi5")
    if load > 0.75 * cores:  # measured now, it would tell of the other processes
        text = f"live: not measured, the machine is busy (load {load:.1f} on {cores} cores)"
        return [*claims, Claim(text, None, "ms", "")]
    return claims + compared("live", made[: 2 if quick else 8], "")


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


if __name__ == "__main__":
    main("second_look", __doc__, measure)
