"""Computing ahead of a question: what is worth it, that the answer stays the same, and that little is for nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.errors import ReasonError
from edge.reasoning.ahead import Ahead, common
from edge.reasoning.local import LocalModel, Options, build
from edge.types import Answer, Query, Scene, Seen, Token, Turn, Work

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
NOW = 600 * 1_000_000_000
THINGS = tuple(
    Seen(NOW, "text", f"Shelf {n} Tea ${n}.50", 0.9, (0.04 * n, 0.4, 0.04 * n + 0.1, 0.5)) for n in range(20)
)
SCENE = Scene(NOW, THINGS)


def test_what_is_new_is_computed_and_what_is_revised_only_as_far_as_two_drafts_agree() -> None:
    """Local agreement."""
    ahead = Ahead()
    assert ahead.wanted([1, 2, 3], []) == 3
    ahead.add(3, 3)
    assert ahead.wanted([1, 2, 3, 4, 5], [1, 2, 3]) == 5
    ahead.add(2, 5)
    assert ahead.wanted([1, 9, 9, 4], [1, 2, 3, 4, 5]) == 1  # all but the first were revised: wait
    assert ahead.wanted([1, 9, 9, 7], [1, 2, 3, 4, 5]) == 3  # twice the same
    ahead.cut(1)
    assert (ahead.computed, ahead.wasted) == (5, 4)
    ahead.over(0)
    assert ahead.wasted == 5


def test_a_scene_that_changes_with_every_draft_costs_its_first_draft_only() -> None:
    """Never more than that, however long the person speaks."""
    ahead, held = Ahead(), list[int]()
    for n in range(200):
        ids = [1, 2, 3, *range(1000 * n, 1000 * n + 50)]
        until, kept = ahead.wanted(ids, held), common(held, ids)
        if until > kept:
            ahead.cut(kept)
            held = ids[:until]
            ahead.add(until - kept, until)
    assert ahead.computed == 53


@pytest.fixture(scope="module")
def model() -> Iterator[LocalModel]:
    """The embedded model."""
    ticks = itertools.count(step=1_000_000)
    made = build(Options(check=0.0), now_ns=lambda: next(ticks))
    yield made
    made.close()


def prefilled(events: list[object]) -> int:
    """Tokens of prompt that were computed."""
    return int(sum(e.units for e in events if isinstance(e, Work) and e.name == "prefill"))


def asked(text: str, scene: Scene = SCENE, earlier: tuple[Turn, ...] = ()) -> Query:
    """A question."""
    return Query(NOW, text, scene, earlier=earlier)


def test_a_prepared_question_is_answered_the_same_and_computes_its_last_words_only(model: LocalModel) -> None:
    """The cold way first, then word by word."""
    text = "how much is the tea on shelf seven"
    cold = list(model.process(asked(text)))
    list(model.process(asked("where is the dog", Scene(NOW, ()))))
    words = text.split()
    for n in range(len(words)):
        list(model.prepare(asked(" ".join(words[:n]))))
    warm = list(model.process(asked(text)))
    assert isinstance(warm[-1], Answer)
    assert isinstance(cold[-1], Answer)
    assert warm[-1].text == cold[-1].text
    # Other batches are other orders of the same sums, in eight bits.
    assert abs(warm[-1].confidence - cold[-1].confidence) < 0.03
    assert prefilled(warm) < 25 < 300 < prefilled(cold)


def test_a_partial_that_changes_completely_and_a_scene_that_changes_never_give_another_answer(
    model: LocalModel,
) -> None:
    """The cache is only ever what the prompt begins with."""
    wanted = list(model.process(asked("what do you see")))[-1]
    for text, scene in (
        ("read", SCENE),
        ("red the whole", Scene(NOW, THINGS[:3])),
        ("call", Scene(NOW, ())),
        ("", SCENE),
    ):
        list(model.prepare(asked(text + " x", scene)))
    got = list(model.process(asked("what do you see")))[-1]
    assert isinstance(wanted, Answer)
    assert replace(wanted, ttft_ns=0, total_ns=0) == replace(got, ttft_ns=0, total_ns=0)  # type: ignore[type-var]  # a dataclass


def test_a_second_question_about_the_same_scene_computes_little(model: LocalModel) -> None:
    """The scene is held; the turn before and the new words are not."""
    list(model.process(asked("x", Scene(NOW, ()))))
    first = prefilled(list(model.process(asked("what does the sign say"))))
    earlier = (Turn("what does the sign say", "It says Shelf 3 Tea $3.50."),)
    second = prefilled(list(model.process(asked("how much is it", earlier=earlier))))
    assert second < 0.15 * first


def test_a_draft_that_fills_the_context_is_cut_and_the_next_question_is_answered() -> None:
    """Never an overflow."""
    small = build(Options(context=512, check=0.0))
    list(small.prepare(asked("word " * 60)))
    assert isinstance(list(small.process(asked("what do you see")))[-1], Answer)
    small.close()


def test_the_beginning_of_the_prompt_is_kept_for_the_next_start(tmp_path: Path) -> None:
    """Read back when it fits, computed again when the file is broken, never more than a few files."""
    options = Options(cache=str(tmp_path), check=1.0)
    first = build(options)
    wanted = list(first.process(asked("what do you see")))[-1]
    first.close()
    (state,) = tmp_path.glob("prompt-*.state")
    again = build(options)
    got = list(again.process(asked("what do you see")))
    again.close()
    state.write_bytes(state.read_bytes()[:1000])
    broken = build(options)
    third = [e for e in broken.process(asked("what do you see")) if isinstance(e, Answer)][-1]
    broken.close()
    answers = [wanted, *(e for e in got if isinstance(e, Answer)), third]
    assert len({a.text for a in answers if isinstance(a, Answer)}) == 1
    for n in range(12):
        (tmp_path / f"prompt-{n}.state").touch()
    build(Options(cache=str(tmp_path), context=1024)).close()
    assert len(list(tmp_path.glob("prompt-*.state"))) <= 8


def test_a_cache_that_is_wrong_is_found_and_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    """The self-check sees what no answer shows."""
    model = build(Options(check=1.0))
    list(model.process(asked("what do you see")))
    llama = model._llama
    scores = llama.logits
    calls = itertools.count()

    def drifting() -> np.ndarray:  # type: ignore[type-arg]  # of uint8 or whatever numpy makes
        """The second look at the scores finds others."""
        return scores() + (5.0 * np.arange(len(scores())) if next(calls) > 2 else 0)

    monkeypatch.setattr(llama, "logits", drifting)
    with pytest.raises(ReasonError, match="prompt cache was wrong"):
        list(model.process(asked("where is the shelf")))
    model.close()


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    """The model starts and answers as without one."""
    (tmp_path / "file").write_text("not a folder")
    model = build(Options(cache=str(tmp_path / "file")))
    assert any(isinstance(e, Answer) for e in model.process(asked("what do you see")))
    model.close()


def test_a_whole_draft_has_its_first_words_ready(model: LocalModel) -> None:
    """The same answer as the cold way, of which nothing is left to compute before its first word."""
    text = "what does the sign say"
    cold = list(model.process(asked(text)))
    list(model.process(asked("where is the dog", Scene(NOW, ()))))
    wasted = model.ahead.wasted
    list(model.prepare(asked(text)))
    list(model.prepare(asked(text), is_whole=True))
    list(model.prepare(asked(text), is_whole=True))  # a second one changes nothing
    later = replace(asked(text), t_ns=NOW + 1)
    warm = list(model.process(later))
    assert isinstance(warm[0], Token)
    assert prefilled(warm) == 0
    assert [e.text for e in warm if isinstance(e, Answer)] == [e.text for e in cold if isinstance(e, Answer)]
    assert {e.t_ns for e in warm if isinstance(e, Token | Answer)} == {NOW + 1}
    assert model.ahead.wasted == wasted


def test_a_whole_draft_whose_question_goes_on_is_never_said(model: LocalModel) -> None:
    """Its reply is thrown away and counted."""
    cold = list(model.process(asked("what does the sign say on the left")))[-1]
    wasted = model.ahead.wasted
    list(model.prepare(asked("what does the sign say"), is_whole=True))
    list(model.prepare(asked("what does the sign say on")))
    assert model.ahead.wasted > wasted
    got = list(model.process(asked("what does the sign say on the left")))[-1]
    assert isinstance(cold, Answer)
    assert isinstance(got, Answer)
    assert (got.text, got.question) == (cold.text, "what does the sign say on the left")


def test_a_whole_draft_of_another_scene_is_never_said(model: LocalModel) -> None:
    """The same words, but a sign came into view."""
    list(model.prepare(asked("what does the sign say", Scene(NOW, THINGS[:1])), is_whole=True))
    got = list(model.process(asked("what does the sign say", Scene(NOW, THINGS[1:2]))))[-1]
    assert isinstance(got, Answer)
    assert "Shelf 1" in got.text


def test_an_interruption_while_it_computes_ahead_leaves_the_next_question_as_it_was(model: LocalModel) -> None:
    """At whichever step it comes."""
    wanted = list(model.process(asked("what do you see")))[-1]
    for steps in range(1, 9):
        list(model.process(asked("x", Scene(NOW, ()))))
        work = model.prepare(asked("what do you see"), is_whole=True)
        for _ in itertools.islice(work, steps):
            pass
        model.interrupt()
        list(work)
        got = list(model.process(asked("what do you see")))[-1]
        assert isinstance(wanted, Answer)
        assert isinstance(got, Answer)
        assert got.text == wanted.text


def test_what_was_computed_ahead_and_is_no_longer_held_is_missed() -> None:
    """A question that ends in another way than its draft misses nothing: its end was never computed."""
    ahead = Ahead()
    for question, held, missed in (([1, 2, 3, 4], [1, 2, 3], 0), ([1, 2, 3, 4], [1], 2), ([1, 7, 8], [1], 0)):
        assert ahead.wanted([1, 2, 3], []) == 3
        ahead.add(3, 3)
        assert ahead.over(common(held, question), question) == missed
