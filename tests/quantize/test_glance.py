"""The recipe of the embedded model: its data are right, its network is what llama.cpp computes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch: pip install glasspath[train]")
pytest.importorskip("tokenizers", reason="training needs tokenizers: pip install glasspath[train]")
pytest.importorskip("gguf", reason="export needs gguf: pip install glasspath[train]")

from edge.reasoning.prompt import MARKS, SAY, Piece, question_cues  # noqa: E402
from quantize.glance.dialogue import phrases  # noqa: E402
from quantize.glance.dialogue.dialogues import Dialogues, plain_texts, some_tools  # noqa: E402
from quantize.glance.network import export, pack, tokenizer  # noqa: E402
from quantize.glance.network.model import Glance, Shape, row_mask  # noqa: E402

NOWHERE = Path("no/such/data")
ASSET = Path(__file__).parents[2] / "edge" / "assets" / "glance.gguf"


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    """Threads that wait for each other on a busy machine take longer than one."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def codec(tmp_path_factory: pytest.TempPathFactory) -> tokenizer.Codec:
    """A vocabulary learned from a few dialogues."""
    path = tmp_path_factory.mktemp("glance") / "tokenizer.json"
    tokenizer.train(plain_texts(1, NOWHERE, count=150), path)
    return tokenizer.Codec(path)


def test_the_same_seed_makes_the_same_dialogues() -> None:
    """The recipe is reproducible."""
    tools = some_tools(Random(3))
    one, two = (Dialogues(5, NOWHERE).next(tools) for _ in range(2))
    assert one == two


def test_every_reference_of_a_reply_exists() -> None:
    """Nothing is learned that the grammar would forbid."""
    dialogues, rng = Dialogues(2, NOWHERE), Random(2)
    for _ in range(80):
        dialogue = dialogues.next(some_tools(rng))
        for example in dialogue.examples:
            marks = tokenizer.split_marks(example.reply)
            for at, mark in enumerate(marks):
                if mark in MARKS and mark[0] == "#":
                    after = marks[at + 1] if at + 1 < len(marks) else ""
                    part = after if after in MARKS and after[0] == "." else ""
                    assert mark + part in dialogue.prompt.targets, example


def test_every_reply_is_allowed_by_the_runtimes_grammar() -> None:
    """A reply that the grammar refuses could never be given; a cue that was badly misheard may forbid one in a hundred."""
    local = pytest.importorskip("edge.reasoning.local")
    from edge.reasoning.grammar import grammar

    model = local.build(local.Options())
    dialogues, rng = Dialogues(4, NOWHERE, errors=0.1), Random(4)
    refused, count = [], 0
    for _ in range(60):
        dialogue = dialogues.next(some_tools(rng))
        for example in dialogue.examples:
            words = tuple(example.question.split())
            found = question_cues(words, dialogue.prompt.lines, dialogue.device, dialogue.tools, dialogue.earlier)
            prompt = replace(dialogue.prompt, words=words, cues=found)
            rules = model._llama.rules(grammar(prompt, dialogue.tools))
            pieces = [Piece(t, t in tokenizer.MARK_IDS) for t in tokenizer.split_marks(example.reply)]
            count += 1
            for token in [*model._llama.ids(pieces), model._llama.mark(MARKS[0])]:
                if not rules.allows(token):
                    refused.append((example, model._llama.piece(token)))
                    break
                rules.accept(token)
    model.close()
    assert len(refused) <= count / 100, refused


def test_held_out_templates_are_never_trained_on() -> None:
    """The two halves of every skill do not meet."""
    templates = [f"template {n}" for n in range(400)]
    trained = {phrases.pick(Random(n), templates, held_out=False) for n in range(300)}
    checked = {phrases.pick(Random(n), templates, held_out=True) for n in range(300)}
    assert not trained & checked


def test_a_row_hides_each_question_from_the_others(codec: tokenizer.Codec, tmp_path: Path) -> None:
    """A question in a packed row gets the same scores as alone after its prompt."""
    torch.manual_seed(0)
    model = Glance(Shape(vocabulary=codec.tokenizer.get_vocab_size())).eval()
    dialogue = Dialogues(6, NOWHERE).next(some_tools(Random(6)))
    row = pack.Row(codec)
    tools = codec.encode(dialogue.prompt.tools)
    row.share(tools)
    assert row.add(dialogue)
    fields = {name: torch.from_numpy(row.array()[n].astype(np.int64))[None] for n, name in enumerate(pack.FIELDS)}
    with torch.no_grad():
        mask = row_mask(fields["scene"], fields["ask"]).float()
        packed = model.logits(model.trunk(fields["token"], fields["position"], mask))
        for n in (1, 2, 3):
            chosen = (fields["ask"][0] == n).nonzero()[:, 0]
            head = codec.encode(dialogue.prompt.pieces[: -len(dialogue.prompt.question)])
            alone = model(torch.tensor([head + fields["token"][0, chosen].tolist()]))
            assert torch.allclose(alone[0, len(head) :], packed[0, chosen], atol=2e-4)


def test_llama_cpp_computes_what_pytorch_computes(codec: tokenizer.Codec, tmp_path: Path) -> None:
    """The same tokens and, within the rounding of a 16-bit KV cache, the same scores: RoPE is not permuted."""
    local = pytest.importorskip("edge.reasoning.local")
    torch.manual_seed(1)
    model = Glance(Shape(vocabulary=codec.tokenizer.get_vocab_size())).eval()
    for weight in model.parameters():
        if weight.ndim == 2:
            torch.nn.init.normal_(weight, std=0.06)
    path = tmp_path / "float.gguf"
    export.write_float(model, codec, path)
    loaded = local.build(local.Options(model=str(path)))
    pieces = Dialogues(8, NOWHERE).next(some_tools(Random(8))).prompt.pieces
    ids = codec.encode([*pieces, Piece("Žluťoučký 12 kůň 🙂 don't  x")])
    assert loaded._llama.ids([*pieces, Piece("Žluťoučký 12 kůň 🙂 don't  x")]) == ids
    loaded._llama.prefill(ids)
    with torch.no_grad():
        wanted = model(torch.tensor([ids]))[0, -1].numpy()
    got = loaded._llama.logits().copy()
    loaded.close()
    assert wanted.std() > 0.5
    assert np.abs(got - wanted).max() < 0.05


def test_a_reply_comes_back_from_its_tokens(codec: tokenizer.Codec) -> None:
    """Marks and text survive the vocabulary."""
    reply = f"{SAY}It is #3.price."
    ids = codec.encode_reply(reply)
    assert [MARKS[n] for n in ids if n < len(MARKS)] == [SAY, "#3", ".price"]


def test_the_shipped_file_is_the_one_of_its_manifest() -> None:
    """At most 8 MB, and the checksum is right."""
    manifest = json.loads(ASSET.with_suffix(".json").read_text())
    raw = ASSET.read_bytes()
    assert len(raw) <= 8 * 1024 * 1024
    assert manifest["sha256"] == hashlib.sha256(raw).hexdigest()
    assert manifest["licence"] == "Apache-2.0"
