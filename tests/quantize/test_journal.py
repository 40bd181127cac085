"""The journal, whole files and manifests: what a kill or a full disk leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quantize import files, manifest
from quantize.errors import InputError, OutputError
from quantize.journal import Journal

REQUEST = {"source": "abc", "seed": 1}


def test_what_was_put_is_there_again(tmp_path: Path) -> None:
    with Journal(tmp_path, REQUEST) as journal:
        journal.put("a", 0.1 + 0.2)
        journal.put("b", {"x": [1, None]})
    with Journal(tmp_path, REQUEST) as again:
        assert again["a"] == 0.1 + 0.2 and again["b"] == {"x": [1, None]}
        assert again.resumed == 3  # the request is a line too
        assert "c" not in again and again.get("c", 7) == 7


def test_another_request_has_another_journal(tmp_path: Path) -> None:
    with Journal(tmp_path, REQUEST) as one, Journal(tmp_path, REQUEST | {"seed": 2}) as other:
        one.put("a", 1)
        assert "a" not in other and one.path != other.path


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_torn_line_is_dropped_and_the_rest_goes_on(tmp_path: Path, cut: int) -> None:
    """A kill may leave any part of the last line."""
    with Journal(tmp_path, REQUEST) as journal:
        journal.put("first", 1)
        whole = journal.path.stat().st_size
        journal.put("second", "x" * 60)
    raw = journal.path.read_bytes()
    journal.path.write_bytes(raw[: whole + cut])
    with Journal(tmp_path, REQUEST) as again:
        assert again["first"] == 1 and "second" not in again
        again.put("second", 2)
    with Journal(tmp_path, REQUEST) as third:
        assert third["second"] == 2


def test_a_line_whose_checksum_is_wrong_ends_the_journal(tmp_path: Path) -> None:
    with Journal(tmp_path, REQUEST) as journal:
        journal.put("a", 1)
        journal.put("b", 2)
    journal.path.write_bytes(journal.path.read_bytes().replace(b'["a", 1]', b'["a", 9]'))
    with Journal(tmp_path, REQUEST) as again:
        assert "a" not in again and "b" not in again


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    with pytest.raises(ValueError), files.written(path) as part:  # noqa: PT011, PT012
        part.write_bytes(b"half")
        raise ValueError
    assert list(path.parent.iterdir()) == []
    with files.written(path) as part:
        part.write_bytes(b"whole")
    assert path.read_bytes() == b"whole" and len(list(path.parent.iterdir())) == 1


def test_a_full_disk_is_said_in_a_sentence_and_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with (
        pytest.raises(OutputError, match=r"file could not be written \(No space left on device\)"),
        files.written(path),
        open("/dev/full", "wb", buffering=0) as full,
    ):
        full.write(b"x")
    assert path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="could not be written"):
        Journal(tmp_path / "file" / "folder", REQUEST)


def test_a_manifest_comes_back_as_it_was(tmp_path: Path) -> None:
    given = manifest.Manifest("gguf", "a", "1", "b", "2", {"types": {"t": "Q4_K"}}, {"llama.cpp": "x"}, {"kl": 0.5})
    manifest.write(tmp_path / "m.json", given)
    assert manifest.read(tmp_path / "m.json") == given


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 1}', "null", json.dumps({"format": 1, "kind": 3, "source": "a"})]
)
def test_what_is_no_manifest_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"is no manifest"):
        manifest.read(path)
