"""Phrases and the language model that is made from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.errors import ConfigError, ModelError
from edge.perception.assistant_phrases import PHRASES, SLOTS
from edge.perception.language_model import mix
from edge.perception.phrases import parse, sentences
from edge.perception.trie_lm import Trigrams, read_trie, write_trie


def test_alternatives_and_slots_are_spoken_lower_case_without_punctuation() -> None:
    slots = {"drink": ["Tea", "Iced-Coffee"]}
    places = parse("[Can I get, give me] [a, an]? {drink}!", slots)
    spoken = {" ".join(s) for s in sentences([places], slots, 200, seed=1)}
    assert "can i get a iced coffee" in spoken
    assert "give me tea" in spoken
    assert len(spoken) == 2 * 3 * 2


@pytest.mark.parametrize("phrase", ["[a, b", "a] b", "{drink", "[a [b]]", "{nothing}"])
def test_a_bracket_that_does_not_fit_or_an_unknown_slot_is_one_sentence(phrase: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(phrase, {"drink": ["tea"]})
    assert phrase in str(error.value)


def test_the_assistants_own_phrases_are_well_formed() -> None:
    for phrase in PHRASES:
        parse(phrase, SLOTS)


def toy() -> Trigrams:
    """A general model of six words in which P(b|a), P(c|b) and P(c|a b) are known, the rest backs off."""
    words = ["</s>", "<s>", "a", "b", "c", "d"]
    v = len(words)
    uni = np.log(np.array([0.1, 1e-9, 0.3, 0.3, 0.2, 0.1]))
    bi_key, bi_prob = np.array([3 * v + 2, 4 * v + 3]), np.log([0.8, 0.2])
    backoff = np.zeros(v)
    backoff[2] = np.log((1 - 0.8) / (1 - 0.3))
    bi_backoff = np.array([np.log((1 - 0.9) / (1 - 0.2)), 0.0])
    tri_key, tri_prob = np.array([(4 * v + 3) * v + 2]), np.log([0.9])
    f32 = np.float32
    return Trigrams(words, uni.astype(f32), backoff.astype(f32), bi_key, bi_prob.astype(f32), bi_backoff.astype(f32),
                    tri_key, tri_prob.astype(f32))  # fmt: skip


def prob(m: Trigrams, *words: str) -> float:
    """P(last | the ones before) by the backoff rules."""
    v = len(m.words)
    ids = [m.words.index(w) for w in words]
    if len(ids) == 1:
        return float(np.exp(m.uni_prob[ids[0]]))
    if len(ids) == 2:
        at = np.flatnonzero(m.bi_key == ids[1] * v + ids[0])
        return float(np.exp(m.bi_prob[at[0]])) if len(at) else float(np.exp(m.uni_backoff[ids[0]])) * prob(m, words[1])
    at = np.flatnonzero(m.tri_key == (ids[2] * v + ids[1]) * v + ids[0])
    if len(at):
        return float(np.exp(m.tri_prob[at[0]]))
    context = np.flatnonzero(m.bi_key == ids[1] * v + ids[0])
    weight = float(np.exp(m.bi_backoff[context[0]])) if len(context) else 1.0
    return weight * prob(m, *words[1:])


def test_in_every_context_the_mixture_sums_to_one() -> None:
    m = mix(toy(), [["a", "c", "new"], ["a", "c"], ["d", "d", "new"]], 0.5)
    follow = [w for w in m.words if w != "<s>"]
    for context in ([], ["a"], ["b"], ["<s>"], ["a", "b"], ["<s>", "a"], ["a", "c"], ["b", "b"]):
        assert sum(prob(m, *context, w) for w in follow) == pytest.approx(1.0, abs=2e-3), context


def test_phrases_are_likelier_in_their_contexts_and_the_rest_stays_as_it_was() -> None:
    general = toy()
    m = mix(general, [["a", "c"]] * 5, 0.5)
    assert prob(m, "a", "c") > 3 * prob(general, "a", "c")
    assert prob(m, "a", "b", "c") == pytest.approx(prob(general, "a", "b", "c"), rel=1e-3)


def test_with_weight_zero_nothing_changes() -> None:
    general = toy()
    m = mix(general, [["a", "c"]], 0.0)
    for words in (["a"], ["a", "b"], ["a", "b", "c"], ["b", "d"], ["a", "d"]):
        assert prob(m, *words) == pytest.approx(prob(general, *words), rel=1e-4)


def test_a_written_model_reads_back_and_pocketsphinx_gives_its_probabilities(tmp_path: Path) -> None:
    pocketsphinx = pytest.importorskip("pocketsphinx")
    m = mix(toy(), [["a", "c", "new"], ["d", "d"]], 0.5)
    path = tmp_path / "toy.lm.bin"
    write_trie(m, path)
    back = read_trie(path)
    assert back.words == m.words
    np.testing.assert_array_equal(back.tri_key, m.tri_key)
    np.testing.assert_allclose(back.bi_prob, m.bi_prob, atol=1e-3)
    native = pocketsphinx.NGramModel(pocketsphinx.Config(lm=None), pocketsphinx.LogMath(), str(path))
    for words in (["a", "c"], ["d", "d"], ["a", "c", "new"], ["a", "b", "c"], ["b", "a"]):
        said = native.prob(list(reversed(words))) * np.log(1.0001)
        assert said == pytest.approx(np.log(prob(m, *words)), abs=2e-3), words


def test_a_file_that_is_no_model_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.lm.bin").write_bytes(b"\\data\\\nngram 1=3\n")
    with pytest.raises(ModelError, match="not a PocketSphinx trigram file"):
        read_trie(tmp_path / "x.lm.bin")
    with pytest.raises(ModelError, match="could not be read"):
        read_trie(tmp_path / "nothere.lm.bin")
