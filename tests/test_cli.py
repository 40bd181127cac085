"""The command line: what is wrong is one sentence and an exit status, what is right prints the promised object."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import edge.assets
from edge import media
from edge.__main__ import main
from tests.test_media import tone, write_film, write_wav

ROOT = Path(__file__).parent.parent

ASSETS = Path(edge.assets.__file__).parent
DATA = Path(__file__).parent / "data"
QUICK = ["--set", "perception.text.kind=none", "--set", "reasoning.local.kind=none"]
"""without OCR and without a language model"""
SCENE = {
    "now_s": 12.5,
    "seen": [{"kind": "text", "label": "EXIT", "score": 0.9, "box_xyxy": [0, 0, 0.2, 0.1], "t_s": 12}],
    "device": {"battery": 63, "time": "14:05"},
}
ANSWER = {"answer", "source", "escalate", "tool_call", "confidence", "ttft_ms", "total_ms"}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration file and no output of anybody's is in the way."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def film(tmp_path: Path) -> str:
    return str(write_film(tmp_path / "film.mp4", list(range(0, 1_000, 40))))


@pytest.fixture
def sound(tmp_path: Path) -> str:
    return str(write_wav(tmp_path / "sound.wav", tone(1.0, 16_000), 16_000))


class Cli:
    """Runs commands in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def refused(self, *argv: str) -> str:
        """The one line that a bad command prints on stderr, without "edge: "."""
        self._capsys.readouterr()
        assert main(argv) not in (0, 70), "70 is for what broke that should not"
        out, err = self._capsys.readouterr()
        assert err.startswith("edge: "), err
        assert err.count("\n") == 1, err
        assert "Traceback" not in out + err
        return err.removeprefix("edge: ").strip()

    def printed(self, *argv: str) -> list[Any]:
        """Each line that a good command prints, as JSON."""
        self._capsys.readouterr()
        assert main(argv) == 0
        return [json.loads(line) for line in self._capsys.readouterr().out.splitlines()]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    return Cli(capsys)


def text_file(folder: Path, name: str) -> str:
    path = folder / name
    path.write_text("this is only a text\n" * 20)
    return str(path)


@pytest.mark.parametrize("option", ["--camera", "--microphone"])
@pytest.mark.parametrize("name", ["bad.mp4", "bad.wav"])
def test_a_missing_or_corrupt_film_or_sound_is_named(cli: Cli, tmp_path: Path, option: str, name: str) -> None:
    assert f"{name} is not there: check the path" in cli.refused("replay", option, str(tmp_path / name), *QUICK)
    said = cli.refused("replay", option, text_file(tmp_path, name), *QUICK)
    assert name in said
    assert "give another" in said


def test_a_truncated_film_is_named(cli: Cli, tmp_path: Path, film: str) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(Path(film).read_bytes()[:20_000])
    assert "cut.mp4" in cli.refused("replay", "--camera", str(cut), *QUICK)
    assert "cut.mp4" in cli.refused("replay", str(cut), *QUICK)


def test_a_missing_or_corrupt_recording_is_named(cli: Cli, tmp_path: Path) -> None:
    assert "no.mcap is not there: check the path" in cli.refused("replay", str(tmp_path / "no.mcap"), *QUICK)
    assert "is not an MCAP recording" in cli.refused("replay", text_file(tmp_path, "a.mcap"), *QUICK)


def test_nothing_to_replay_is_said(cli: Cli) -> None:
    assert "nothing to replay" in cli.refused("replay", *QUICK)


@pytest.mark.parametrize(
    ("key", "name", "words"),
    [
        ("perception.objects.model", "bad.onnx", "is not an ONNX model"),
        ("reasoning.local.model", "bad.gguf", "not a GGUF file"),
        ("hearing.asr.lm", "bad.lm.bin", "bad.lm.bin"),
    ],
)
def test_a_model_that_is_missing_or_is_not_one_is_named(
    cli: Cli, tmp_path: Path, film: str, sound: str, key: str, name: str, words: str
) -> None:
    command = ["replay", "--camera", film, "--microphone", sound, "--set", "perception.text.kind=none"]
    assert name in cli.refused(*command, "--set", f"{key}={tmp_path / name}")
    assert words in cli.refused(*command, "--set", f"{key}={text_file(tmp_path, name)}")


def test_a_truncated_language_model_is_named(cli: Cli, tmp_path: Path, sound: str) -> None:
    from pocketsphinx import get_model_path

    whole = (Path(get_model_path()) / "en-us" / "en-us.lm.bin").read_bytes()
    path = tmp_path / "cut.lm.bin"
    for keep in (20, 100_000, len(whole) // 2, len(whole) - 100):
        path.write_bytes(whole[:keep])
        said = cli.refused("replay", "--microphone", sound, *QUICK, "--set", f"hearing.asr.lm={path}")
        assert "cut.lm.bin is cut off or corrupt" in said


@pytest.mark.parametrize("keep", [10, 1_000, 100_000])
def test_a_truncated_gguf_is_named(cli: Cli, tmp_path: Path, keep: int) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes((ASSETS / "glance.gguf").read_bytes()[:keep])
    assert "cut.gguf" in cli.refused("ask", "what is this", "--set", f"reasoning.local.model={path}")


def test_noise_behind_the_magic_of_a_gguf_is_named(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "noise.gguf"
    path.write_bytes(b"GGUF" + random.Random(0).randbytes(5_000))
    assert "noise.gguf" in cli.refused("ask", "what is this", "--set", f"reasoning.local.model={path}")


@pytest.mark.parametrize("command", [["ask", "what"], ["run"], ["doctor"], ["models", "list"], ["replay", "a.mp4"]])
def test_an_unknown_key_and_a_wrong_type_are_said_by_every_command(cli: Cli, command: list[str]) -> None:
    assert "did you mean 'camera.source'" in cli.refused(*command, "--set", "camera.sorce=1")
    assert "camera.fps in the command line must be a number" in cli.refused(*command, "--set", "camera.fps=fast")


def test_a_configuration_file_with_an_unknown_key_is_named(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("[hearing]\nadress = 'wake'\n")
    said = cli.refused("ask", "what", "--config", str(path))
    assert f"unknown key 'hearing.adress' in {path}: did you mean 'hearing.address'" in said


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "could not be read"), ("text", "is not valid TOML"), ("cores = 2\n", "cannot be used")],
)
def test_a_profile_that_cannot_be_read_is_named(
    cli: Cli, tmp_path: Path, film: str, content: str | None, words: str
) -> None:
    path = tmp_path / "pi.toml"
    if content is not None:
        path.write_text(content)
    said = cli.refused("replay", "--camera", film, "--as", str(path), *QUICK)
    assert f"profile {path} {words}" in said


@pytest.mark.parametrize("option", ["--report", "--trace", "--events"])
def test_a_path_that_cannot_be_written_is_said_before_anything_runs(
    cli: Cli, tmp_path: Path, film: str, option: str
) -> None:
    said = cli.refused("replay", "--camera", film, option, str(tmp_path / "nowhere" / "out"), *QUICK)
    assert "nowhere/out could not be written (there is no folder" in said
    assert "it is a folder" in cli.refused("replay", "--camera", film, option, str(tmp_path), *QUICK)


@pytest.mark.parametrize("option", ["--save", "--out"])
def test_profile_says_too_where_it_cannot_write(cli: Cli, tmp_path: Path, film: str, option: str) -> None:
    said = cli.refused("profile", "--camera", film, option, str(tmp_path / "nowhere" / "out"), *QUICK)
    assert "could not be written" in said


def test_costs_that_were_spent_and_not_measured_are_not_saved(cli: Cli, tmp_path: Path, film: str) -> None:
    said = cli.refused("profile", "--camera", film, "--speed", "max", "--save", str(tmp_path / "mine.toml"))
    assert "--save measures in real time" in said


def test_what_profile_cannot_compare_with_is_named(cli: Cli, tmp_path: Path, film: str) -> None:
    for path in (text_file(tmp_path, "old.json"), str(tmp_path / "no.json")):
        said = cli.refused("profile", "--camera", film, "--compare", path, *QUICK)
        assert f"{path} could not be compared with" in said


@pytest.mark.parametrize("usual", ["3", "[]", "{}", '{"work": {}, "held": {}, "sources": 1, "turns": []}'])
def test_a_file_whose_usual_is_damaged_cannot_be_compared_with(cli: Cli, tmp_path: Path, film: str, usual: str) -> None:
    path = tmp_path / "old.json"
    path.write_text(f'{{"stages": {{}}, "usual": {usual}}}')
    assert "could not be compared with" in cli.refused("profile", "--camera", film, "--compare", str(path), *QUICK)


def test_profile_ends_with_a_verdict_and_finds_nothing_wrong_with_the_same_run(
    cli: Cli, tmp_path: Path, film: str, sound: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit status says whether it could be measured, not whether it was good."""
    given = ["profile", "--camera", film, "--microphone", sound, "--speed", "max", *QUICK]
    [first] = cli.printed(*given, "--out", str(tmp_path / "old.json"), "--json")
    [again] = cli.printed(*given, "--compare", str(tmp_path / "old.json"), "--json")
    assert set(first["usual"]["sources"]) == {"camera", "microphone"}
    assert (again["findings"], again["verdict"]) == (
        [],
        [first["verdict"][0].replace("run's own medians", "earlier run")],
    )
    old = json.loads((tmp_path / "old.json").read_text())
    old["usual"]["work"]["hear"] = {"cost_ms": [0.0, 0.01], "spread": 0.05, "n": 50}
    (tmp_path / "old.json").write_text(json.dumps(old))
    assert main([*given, "--compare", str(tmp_path / "old.json")]) == 0
    assert "Culprit: slow stage, hear: hear took" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("command", [["record", "there.mcap"], ["run", "--record", "there.mcap"]])
def test_a_recording_that_exists_is_not_written_over(cli: Cli, tmp_path: Path, command: list[str], film: str) -> None:
    (tmp_path / "there.mcap").write_bytes(b"somebody's")
    said = cli.refused(*command, "--camera", film, "--microphone", "none", *QUICK)
    assert "there.mcap exists already and is not written over" in said
    assert (tmp_path / "there.mcap").read_bytes() == b"somebody's"


def test_a_speakers_wav_that_exists_is_not_written_over(
    cli: Cli, tmp_path: Path, film: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With any program in espeak-ng's place: it is only looked for, never run."""
    path = tmp_path / "bin" / "espeak-ng"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(path.parent))
    with wave.open(str(tmp_path / "there.wav"), "wb") as wav:
        wav.setparams((1, 2, 16_000, 0, "NONE", "not compressed"))
    before = (tmp_path / "there.wav").read_bytes()
    said = cli.refused("run", "--camera", film, "--microphone", "none", "--set", "sinks.speaker=there.wav", *QUICK)
    assert "there.wav exists already and is not written over" in said
    assert (tmp_path / "there.wav").read_bytes() == before


def test_no_time_to_run_is_said(cli: Cli) -> None:
    assert "--seconds 0 is no time to run" in cli.refused("run", "--seconds", "0", *QUICK)


def thing(**changes: Any) -> dict[str, Any]:
    return SCENE["seen"][0] | changes  # type: ignore[index, no-any-return]


BROKEN_SCENES = {
    "text": ("{now_s: 12", "is not JSON"),
    "nothing": ("", "is not JSON"),
    "very deep": ("[" * 100_000, "is not JSON"),
    "a list": ("[1, 2]", "must be an object"),
    "seen is a number": ('{"seen": 3}', "seen in"),
    "wrong kind": (json.dumps({"seen": [thing(kind="smell")]}), "needs a kind (text, object, code, face)"),
    "no label": ('{"seen": [{"kind": "text"}]}', "and a label"),
    "label is a number": (json.dumps({"seen": [thing(label=5)]}), "and a label"),
    "three corners": (json.dumps({"seen": [thing(box_xyxy=[0, 0, 1])]}), "must be four numbers"),
    "a corner is text": (json.dumps({"seen": [thing(box_xyxy=[0, 0, 1, "1"])]}), "must be a number, not '1'"),
    "NaN": (json.dumps({"seen": [thing(score=float("nan"))]}), "score in seen[0]"),
    "endless": ('{"now_s": 1e999}', "now_s in"),
    "true": ('{"now_s": true}', "must be a number, not True"),
    "device is a text": ('{"device": "glasses"}', "device in"),
    "battery is a text": ('{"device": {"battery": "full"}}', "battery in"),
}


@pytest.mark.parametrize("case", BROKEN_SCENES)
def test_a_broken_scene_is_named_and_what_is_wrong_in_it(cli: Cli, tmp_path: Path, case: str) -> None:
    content, words = BROKEN_SCENES[case]
    path = tmp_path / "scene.json"
    path.write_text(content)
    said = cli.refused("ask", "what is this", "--scene", str(path))
    assert "scene.json" in said
    assert words in said


def test_a_scene_that_is_missing_or_binary_is_named(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "scene.json"
    assert "scene.json could not be read (No such file" in cli.refused("ask", "what", "--scene", str(path))
    path.write_bytes(b"\xff\xfe\x00\x01")
    assert "scene.json could not be read (it is not text)" in cli.refused("ask", "what", "--scene", str(path))


def test_no_question_is_said(cli: Cli) -> None:
    assert "nothing to ask" in cli.refused("ask")
    assert "the question is empty" in cli.refused("ask", "  ")


@pytest.mark.parametrize(
    "line",
    ["{", "[1]", "5", '{"scene": {}}', '{"text": 5}', '{"text": "a", "scene": [1]}', '{"text": "a", "earlier": 5}',
     '{"text": "a", "earlier": ["b"]}', '{"text": "a", "scene": {"seen": [{"kind": "smell"}]}}'],
)  # fmt: skip
def test_a_broken_line_of_a_batch_is_named_by_its_number_before_anything_is_answered(
    cli: Cli, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    path = tmp_path / "batch.jsonl"
    path.write_text(json.dumps({"scene": SCENE, "text": "read the sign"}) + "\n\n" + line + "\n")
    assert f"{path} line 3" in cli.refused("ask", "--batch", str(path), "--json")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("text", ["", "  ", "\n\t"])
def test_a_blank_question_of_a_batch_is_named_by_its_number(cli: Cli, tmp_path: Path, text: str) -> None:
    """As a blank single question is."""
    path = tmp_path / "batch.jsonl"
    path.write_text(json.dumps({"text": "read the sign"}) + "\n" + json.dumps({"scene": SCENE, "text": text}) + "\n")
    assert cli.refused("ask", "--batch", str(path)) == f"{path} line 2: the question is empty: ask something"


@pytest.mark.parametrize("name", ["glance_questions", "glance_questions_blind", "glance_tools"])
def test_the_hand_written_questions_can_be_asked_as_they_are(cli: Cli, tmp_path: Path, name: str) -> None:
    """Lines of every kind: with earlier turns, with tools, with what is expected."""
    lines = (DATA / f"{name}.jsonl").read_text().splitlines()
    chosen = lines[:3] + [line for line in lines if '"earlier"' in line][:1]
    path = tmp_path / "batch.jsonl"
    path.write_text("\n".join(chosen) + "\n")
    answers = cli.printed("ask", "--batch", str(path))
    assert [set(a) for a in answers] == [ANSWER] * len(chosen)


def test_ask_prints_the_promised_answer(cli: Cli, tmp_path: Path) -> None:
    """What the words are is the model's matter, not the command line's."""
    (tmp_path / "scene.json").write_text(json.dumps(SCENE))
    answer = cli.printed("ask", "--scene", "scene.json", "what does the sign say", "--json")[-1]
    assert set(answer) == ANSWER
    assert answer["answer"]
    assert answer["source"] in ("local", "cloud", "none")
    assert isinstance(answer["escalate"], bool)
    assert answer["tool_call"] is None or set(answer["tool_call"]) == {"name", "arguments"}
    assert 0 <= answer["confidence"] <= 1
    assert 0 < answer["ttft_ms"] <= answer["total_ms"]


def test_a_batch_gives_one_answer_a_line_in_order(cli: Cli, tmp_path: Path) -> None:
    """The same answers as to one question at a time."""
    questions = ["read the sign", "who was the first king of france", "how much battery is left"]
    (tmp_path / "scene.json").write_text(json.dumps(SCENE))
    (tmp_path / "batch.jsonl").write_text("".join(json.dumps({"scene": SCENE, "text": q}) + "\n" for q in questions))
    answers = cli.printed("ask", "--batch", "batch.jsonl", "--json")
    assert [set(a) for a in answers] == [ANSWER] * 3
    alone = [cli.printed("ask", "--scene", "scene.json", q, "--json")[-1] for q in questions]
    assert [a["answer"] for a in answers] == [a["answer"] for a in alone]
    assert len({a["answer"] for a in answers}) > 1


def test_when_nothing_can_answer_it_says_so_in_one_sentence(cli: Cli) -> None:
    answer = cli.printed("ask", "what is this", "--set", "reasoning.local.kind=none", "--json")[-1]
    assert (answer["source"], answer["escalate"]) == ("none", True)
    assert answer["answer"].count(".") >= 1


def test_replay_prints_the_promised_object(cli: Cli, tmp_path: Path) -> None:
    """Of the first question of the bundled recording, by sound alone."""
    pieces = [chunk.samples for chunk in media.sound(str(ASSETS / "demo.mp4"), 16_000, 16_000)]
    path = str(write_wav(tmp_path / "question.wav", np.concatenate(pieces[:7]) / 32768, 16_000))
    found = cli.printed("replay", "--microphone", path, "--json")[-1]
    assert len(found["turns"]) == 1
    assert {
        "events_sha256", "transcripts", "seen", "turns", "stages", "age_ms", "dropped"
    } <= set(found)  # fmt: skip
    assert len(found["events_sha256"]) == 64
    assert {tuple(sorted(t)) for t in found["transcripts"]} == {("t_end_s", "t_start_s", "text")}
    assert all(t["t_start_s"] < t["t_end_s"] for t in found["transcripts"])
    assert {tuple(t) for t in found["turns"]} == {("heard", "answer", "source", "glass_to_answer_ms")}
    assert all(set(row) == {"n", "p50_ms", "p95_ms", "p99_ms"} for row in found["stages"].values())
    assert set(found["age_ms"]) == {"p50", "p99", "max"}
    assert all(isinstance(n, int) for n in found["dropped"].values())


def test_a_replay_on_a_virtual_clock_gives_one_hash_and_what_was_seen_where(cli: Cli, tmp_path: Path) -> None:
    """A QR code, in the middle of the picture."""
    code = cv2.resize(cv2.QRCodeEncoder.create().encode("https://glasspath.example"), (240, 240), fx=0, fy=0,
                      interpolation=cv2.INTER_NEAREST)  # fmt: skip
    picture = np.full((480, 640), 255, np.uint8)
    picture[120:360, 200:440] = code
    film = str(tmp_path / "code.avi")
    writer = cv2.VideoWriter(film, cv2.VideoWriter.fourcc(*"MJPG"), 10, (640, 480))
    for _ in range(10):
        writer.write(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))
    writer.release()
    runs = [cli.printed("replay", "--camera", film, "--json", *QUICK)[-1] for _ in range(2)]
    assert runs[0]["events_sha256"] == runs[1]["events_sha256"]
    seen = runs[0]["seen"][0]
    assert set(seen) == {"kind", "label", "score", "t_s", "box_xyxy"}
    assert (seen["kind"], seen["label"]) == ("code", "https://glasspath.example")
    assert seen["box_xyxy"] == pytest.approx([200 / 640, 0.25, 440 / 640, 0.75], abs=0.06)


def test_models_list_prints_what_there_is(cli: Cli, tmp_path: Path) -> None:
    rows = cli.printed("models", "list", "--json", "--set", f"cache={tmp_path}")[-1]
    assert {"yolox-nano", "yunet"} <= {row["name"] for row in rows}
    assert not any(row["here"] for row in rows)
    assert all(row["licence"] and row["bytes"] and row["path"].startswith(str(tmp_path)) for row in rows)


def test_models_says_what_cannot_be_pulled_or_verified(cli: Cli, tmp_path: Path) -> None:
    cache = ["--set", f"cache={tmp_path}"]
    assert "there is no model 'yolo': yolox-nano" in cli.refused("models", "pull", "yolo", *cache)
    assert "name what to pull" in cli.refused("models", "pull", *cache)
    assert "edge models pull yunet" in cli.refused("models", "verify", "yunet", *cache)
    assert "nothere.onnx could not be read" in cli.refused("models", "verify", "nothere.onnx", *cache)


def test_doctor_prints_findings_and_says_in_its_status_whether_there_is_a_problem(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bad = ["--set", f"perception.objects.model={text_file(tmp_path, 'bad.onnx')}"]
    assert main(["doctor", "--json", *bad]) == 1
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(found) == {"findings", "problems"}
    assert all(set(f) == {"topic", "state", "text"} for f in found["findings"])
    problems = [f for f in found["findings"] if f["state"] == "problem"]
    assert len(problems) == found["problems"] >= 1
    assert any("bad.onnx" in f["text"] for f in problems)


def test_run_list_prints_devices(cli: Cli) -> None:
    """Or why sound cannot be used, where PortAudio is not installed."""
    found = cli.printed("run", "--list", "--json")[-1]
    assert {"cameras", "microphones", "speakers"} <= set(found)
    assert all(set(row) == {"source", "name"} for row in found["cameras"])
    assert all({"device", "name"} <= set(row) for row in found["microphones"] + found["speakers"])


LEAVING = """
import atexit, sys, threading
from edge.__main__ import leave
atexit.register(print, "taken down in order")
print("the report")
if sys.argv[1] == "busy":
    threading.Thread(target=threading.Event().wait, daemon=True).start()
sys.exit(leave(3))
"""


@pytest.mark.parametrize(("thread", "said"), [("busy", "the report\n"), ("none", "the report\ntaken down in order\n")])
def test_the_process_is_not_taken_down_under_a_thread_that_still_computes(thread: str, said: str) -> None:
    done = subprocess.run([sys.executable, "-c", LEAVING, thread], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (3, said, "")
