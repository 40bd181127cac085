"""Who answers, and that an interruption is never lost."""

from __future__ import annotations

from collections.abc import Iterator

from edge.errors import ModelError
from edge.reasoning.router import NOBODY, Router
from edge.types import Answer, Draft, Interrupted, Query, Scene, Token, Work

QUERY = Query(1_000, "what does it say", Scene(1_000, ()))


class Late:
    """A model whose query is interrupted in the moment in which it is taken up."""

    def __init__(self) -> None:
        self.router = Router(self)
        self.stopped = False
        self.drafts: list[tuple[str, bool]] = []

    def process(self, query: Query, *, must: bool = False) -> Iterator[Work | Token | Answer]:
        self.router.control(Interrupted(query.t_ns))
        self.stopped = False  # what `go` does: the stop that came before it is taken back
        return iter((Work("prefill", 9), Token(query.t_ns, "It", 0)))

    def prepare(self, query: Query, *, is_whole: bool = False) -> Iterator[Work]:
        self.drafts.append((query.text, is_whole))
        yield Work("prefill", 1)

    def interrupt(self) -> None:
        self.stopped = True


class Broken(Late):
    """A model that cannot."""

    def process(self, query: Query, *, must: bool = False) -> Iterator[Work | Token | Answer]:
        raise ModelError("the file is gone")


def test_an_interruption_in_the_moment_a_query_is_taken_up_is_not_lost() -> None:
    """Not one step is computed for nobody."""
    assert list(Late().router.process(QUERY)) == []


def test_a_query_that_was_interrupted_while_it_waited_is_not_taken_up() -> None:
    """The model is not even asked."""
    router = Late().router
    router.control(Interrupted(QUERY.t_ns))
    assert list(router.process(QUERY)) == []


def test_a_draft_is_computed_ahead_and_says_whether_it_is_whole() -> None:
    """The words of the pause are told from those of the middle."""
    late = Late()
    assert list(late.router.process(Draft(QUERY, is_whole=True))) == [Work("prefill", 1)]
    assert late.drafts == [("what does it say", True)]


def test_without_a_model_and_with_a_broken_one_a_sentence_says_why() -> None:
    """Nobody waits for an answer that does not come."""
    (token, answer) = Router(None).process(QUERY)
    assert isinstance(token, Token)
    assert isinstance(answer, Answer)
    assert (token.text, answer.escalate) == (NOBODY, True)
    texts = [e.text for e in Broken().router.process(QUERY) if isinstance(e, Answer)]
    assert texts == ["The local model failed: the file is gone"]
