"""Wake words: many speakers are heard, other words are not, a word is heard once and where it was said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge import media
from edge.clock import S
from edge.errors import ModelError
from edge.perception import wake_micro, wake_openwakeword
from edge.perception.hear import Hear, Options
from edge.session import open_session
from edge.types import AudioChunk, Keyword, SpeechStarted
from tests.fakes import ScriptedVad
from tests.shared_data import shared

RATE_HZ = 16_000
WINDOW = 512
HOP = wake_openwakeword.HOP


def clip(path: Path) -> np.ndarray:
    """int16[n] at 16 kHz"""
    return np.concatenate([chunk.samples for chunk in media.sound(str(path), RATE_HZ, RATE_HZ)])


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE_HZ), np.int16)


def fired_s(wake: Any, samples: np.ndarray) -> list[float]:
    """When the wake word was heard, by the end of the window."""
    windows = samples[: len(samples) // WINDOW * WINDOW].reshape(-1, WINDOW)
    return [(i + 1) * WINDOW / RATE_HZ for i, window in enumerate(windows) if wake.heard(window) is not None]


@pytest.fixture
def micro() -> Callable[[], wake_micro.MicroWake]:
    """A fresh detector of "alexa" each time."""
    pytest.importorskip("pymicro_wakeword", reason="pymicro-wakeword is not installed: pip install 'glasspath[wake]'")
    return lambda: wake_micro.build(wake_micro.Options(word="alexa"))


def test_the_word_of_many_speakers_is_heard_once_each(micro: Callable[[], wake_micro.MicroWake]) -> None:
    clips = sorted(shared("audio/wakeword_picovoice/alexa").glob("*.flac"))[::4]
    assert len(clips) >= 12
    fired = [len(fired_s(micro(), np.concatenate([silence(1), clip(path), silence(1)]))) for path in clips]
    assert max(fired) == 1
    assert sum(fired) >= 0.85 * len(clips)


@pytest.mark.parametrize("word", ["smart_mirror", "view_glass", "jarvis"])
def test_other_words_are_not_heard(micro: Callable[[], wake_micro.MicroWake], word: str) -> None:
    clips = sorted(shared(f"audio/wakeword_picovoice/{word}").iterdir())[::4]
    assert len(clips) >= 5
    wake = micro()
    assert [path.name for path in clips if fired_s(wake, np.concatenate([clip(path), silence(0.5)]))] == []


def test_a_word_said_twice_is_heard_twice(micro: Callable[[], wake_micro.MicroWake]) -> None:
    """After the time in which one word is not heard again."""
    word = clip(shared("speech/wakeword/test/alexa_test.wav"))
    found = fired_s(micro(), np.concatenate([silence(1), word, silence(2), word, silence(1)]))
    assert len(found) == 2
    assert found[1] - found[0] == pytest.approx(2 + len(word) / RATE_HZ, abs=0.15)


def test_silence_and_noise_are_no_word(micro: Callable[[], wake_micro.MicroWake]) -> None:
    noise = np.random.default_rng(0).normal(0, 3_000, 10 * RATE_HZ).astype(np.int16)
    assert fired_s(micro(), np.concatenate([silence(5), noise])) == []


def test_after_the_wake_word_speech_is_for_the_assistant_and_without_it_is_not(
    micro: Callable[[], wake_micro.MicroWake],
) -> None:
    """Speech at 1 s is not meant for it; the word at 4 s opens the ear for speech at 6 s."""
    word = clip(shared("speech/wakeword/test/alexa_test.wav"))
    sound = np.concatenate([silence(4), word, silence(8)])
    vad = ScriptedVad((1.0, 2.0), (6.0, 7.0))
    hear = Hear(Options(address="wake"), vad, micro())
    events: list[Any] = []
    for i in range(len(sound) // HOP):
        chunk = AudioChunk(i * HOP * S // RATE_HZ, sound[i * HOP : (i + 1) * HOP], RATE_HZ)
        events += [e for e in hear.process(chunk) if isinstance(e, Keyword | SpeechStarted)]
    assert [type(e) for e in events] == [Keyword, SpeechStarted]
    assert events[0].name == "alexa"
    assert events[0].t_ns == pytest.approx((4 + len(word) / RATE_HZ) * S, abs=0.4 * S)
    assert events[1].t_ns == pytest.approx(6 * S, abs=0.1 * S)


@pytest.mark.parametrize(
    ("word", "sentence"),
    [("alexia", "there is no wake word 'alexia': .*alexa"), ("no.json", "wake word no.json is not there")],
)
def test_a_word_that_is_not_there_is_said(word: str, sentence: str) -> None:
    pytest.importorskip("pymicro_wakeword", reason="pymicro-wakeword is not installed: pip install 'glasspath[wake]'")
    with pytest.raises(ModelError, match=sentence):
        wake_micro.build(wake_micro.Options(word=word))


@pytest.mark.parametrize("content", ["no json", "[]", "{}", '{"micro": 5, "model": 3}'])
def test_a_description_that_is_not_one_is_said(tmp_path: Path, content: str) -> None:
    pytest.importorskip("pymicro_wakeword", reason="pymicro-wakeword is not installed: pip install 'glasspath[wake]'")
    (tmp_path / "bad.json").write_text(content)
    with pytest.raises(ModelError, match=r"bad\.json is not a microWakeWord description"):
        wake_micro.build(wake_micro.Options(word=str(tmp_path / "bad.json")))


@pytest.mark.parametrize("content", [None, b"", b"only a text", b"\x1c\0\0\0TFL3" + bytes(500), 20_000])
def test_a_network_that_is_missing_or_is_not_one_is_said_and_does_not_crash(
    tmp_path: Path, content: bytes | int | None
) -> None:
    """The number: so many bytes of a good one."""
    package = pytest.importorskip("pymicro_wakeword", reason="pymicro-wakeword is not installed")
    models = Path(package.__file__).parent / "models"
    (tmp_path / "mine.json").write_text((models / "alexa.json").read_text())
    if content is not None:
        data = (models / "alexa.tflite").read_bytes()[:content] if isinstance(content, int) else content
        (tmp_path / "alexa.tflite").write_bytes(data)
    with pytest.raises(ModelError, match=r"wake word network .*alexa\.tflite is not (there|a TensorFlow Lite file)"):
        wake_micro.build(wake_micro.Options(word=str(tmp_path / "mine.json")))


def test_a_good_description_by_path_is_heard_like_the_packages_own(tmp_path: Path) -> None:
    package = pytest.importorskip("pymicro_wakeword", reason="pymicro-wakeword is not installed")
    path = Path(package.__file__).parent / "models" / "alexa.json"
    word = np.concatenate([silence(1), clip(shared("speech/wakeword/test/alexa_test.wav")), silence(1)])
    assert len(fired_s(wake_micro.build(wake_micro.Options(word=str(path))), word)) == 1


# openWakeWord's triple: the classifier is made here, the two others are the project's own files.


def field(number: int, value: int | bytes | str) -> bytes:
    """One field of a protobuf message (protobuf.dev/programming-guides/encoding)."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def varint(n: int) -> bytes:
    out = b""
    while n > 0x7F:
        out, n = out + bytes([n & 0x7F | 0x80]), n >> 7
    return out + bytes([n])


def classifier_onnx(weights: np.ndarray, bias: float) -> bytes:
    """sigmoid(x[1, n, 96] · weights[n, 96] + bias) as an ONNX file, written by hand (onnx.proto)."""
    count, size = weights.shape

    def node(kind: str, inputs: list[str], output: str) -> bytes:
        return field(1, b"".join(field(1, name) for name in inputs) + field(2, output) + field(4, kind))

    def tensor(name: str, values: np.ndarray) -> bytes:
        dims = b"".join(field(1, d) for d in values.shape)
        return field(5, dims + field(2, 1) + field(8, name) + field(9, values.astype("<f4").tobytes()))

    def port(number: int, name: str, shape: list[int]) -> bytes:
        dims = b"".join(field(1, field(1, d)) for d in shape)
        return field(number, field(1, name) + field(2, field(1, field(1, 1) + field(2, dims))))

    graph = (
        node("Flatten", ["x"], "flat") + node("MatMul", ["flat", "w"], "product") + node("Add", ["product", "b"], "sum")
        + node("Sigmoid", ["sum"], "score") + field(2, "word") + tensor("w", weights.reshape(-1, 1))
        + tensor("b", np.array([[bias]])) + port(11, "x", [1, count, size]) + port(12, "score", [1, 1])
    )  # fmt: skip
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))


@pytest.fixture
def embedding() -> wake_openwakeword.SpeechEmbedding:
    folder = shared("speech/wakeword")
    sessions = (open_session(folder / name) for name in ("melspectrogram.onnx", "embedding_model.onnx"))
    return wake_openwakeword.SpeechEmbedding(*sessions)


def spoken(name: str) -> np.ndarray:
    """A clip between pauses, in a room that is never quite silent: the mel network's floor hangs on its peak."""
    sound = np.concatenate([silence(1), clip(shared(f"speech/wakeword/test/{name}.wav")), silence(0.5)])
    room = np.random.default_rng(0).normal(0, 100, len(sound))
    return np.clip(sound + room, -32768, 32767).astype(np.int16)[: len(sound) // HOP * HOP]


@pytest.mark.parametrize("name", ["alexa_test", "hey_mycroft_test", "hey_jane"])
def test_hop_by_hop_gives_the_embeddings_of_the_whole_clip(
    embedding: wake_openwakeword.SpeechEmbedding, name: str
) -> None:
    """From the tenth hop on, when all 76 mel frames are of the clip."""
    folder, sound = shared("speech/wakeword"), spoken(name)
    mel, embed = open_session(folder / "melspectrogram.onnx"), open_session(folder / "embedding_model.onnx")
    hops = sound.reshape(-1, HOP)
    streamed = np.array([embedding.step(hop) for hop in hops])[9:]
    padded = np.concatenate([np.zeros(wake_openwakeword.LOOK_BACK), sound]).astype(np.float32)
    frames = (mel.run(padded[None])[0].reshape(-1, 32) / 10 + 2).astype(np.float32)
    assert len(frames) == 8 * len(hops)
    windows = [frames[8 * k - 76 : 8 * k] for k in range(10, len(hops) + 1)]
    whole = np.array([embed.run(window[None, :, :, None])[0].reshape(96) for window in windows])
    np.testing.assert_allclose(streamed, whole, atol=1e-3)
    assert np.abs(streamed[:-1] - whole[1:]).mean() > 1, "one hop off would be seen"


@pytest.fixture
def triple(embedding: wake_openwakeword.SpeechEmbedding, tmp_path: Path) -> Callable[..., wake_openwakeword.OpenWake]:
    """A detector of one spoken "hey mycroft": a matched filter on its newest 16 embeddings."""
    sound = spoken("hey_mycroft_test")
    seen = np.array([embedding.step(hop) for hop in sound.reshape(-1, HOP)])
    end = round((1 + len(clip(shared("speech/wakeword/test/hey_mycroft_test.wav"))) / RATE_HZ) * RATE_HZ / HOP)
    target = seen[end - 16 : end]
    weights = (target - seen.mean(axis=0)) / np.square(target - seen.mean(axis=0)).sum()
    bias = -float((weights * seen.mean(axis=0)).sum())
    path = tmp_path / "hey_mycroft.onnx"
    path.write_bytes(classifier_onnx(20 * weights, 20 * (bias - 0.8)))
    folder = shared("speech/wakeword")
    return lambda **more: wake_openwakeword.build(
        wake_openwakeword.Options(
            str(folder / "melspectrogram.onnx"), str(folder / "embedding_model.onnx"), str(path), **more
        )
    )


def test_a_classifier_fires_where_the_word_ends(triple: Callable[..., wake_openwakeword.OpenWake]) -> None:
    """Once, and not before all of it was said."""
    sound = spoken("hey_mycroft_test")
    word_s = len(clip(shared("speech/wakeword/test/hey_mycroft_test.wav"))) / RATE_HZ
    found = fired_s(triple(), sound)
    assert len(found) == 1
    assert found[0] == pytest.approx(1 + word_s, abs=0.25)
    other = np.concatenate([spoken("hey_jane"), spoken("alexa_test")])
    assert fired_s(triple(), other) == []


def test_a_classifier_names_the_word_and_its_score(triple: Callable[..., wake_openwakeword.OpenWake]) -> None:
    wake, sound = triple(), spoken("hey_mycroft_test")
    found = [wake.heard(window) for window in sound[: len(sound) // WINDOW * WINDOW].reshape(-1, WINDOW)]
    name, score = next(f for f in found if f is not None)
    assert name == "hey_mycroft"
    assert 0.5 <= score <= 1.0


def test_files_in_the_wrong_places_are_said(triple: Callable[..., wake_openwakeword.OpenWake]) -> None:
    folder = shared("speech/wakeword")
    mel, embed = str(folder / "melspectrogram.onnx"), str(folder / "embedding_model.onnx")
    with pytest.raises(ModelError, match=r"is not openWakeWord's melspectrogram\.onnx"):
        wake_openwakeword.build(wake_openwakeword.Options(embed, embed, embed))
    with pytest.raises(ModelError, match="is not an openWakeWord classifier"):
        wake_openwakeword.build(wake_openwakeword.Options(mel, embed, embed))
    with pytest.raises(ModelError, match=r"no wake word: set hearing\.wake\.word"):
        wake_openwakeword.build(wake_openwakeword.Options(mel, embed, ""))
    with pytest.raises(ModelError, match=r"nothere\.onnx is not there"):
        wake_openwakeword.build(wake_openwakeword.Options("nothere.onnx", embed, embed))
