"""The record of what left: whole, chained, and in the way when it cannot be written."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import pytest

from edge.errors import PrivacyRefused
from edge.fallback.audit import Audit, Sent


def sent(n: int = 1, row: str = "muse") -> Sent:
    return Sent("2026-11-22T10:00:00+00:00", row, "api.meta.ai", ("words", "text_seen"), 100 * n, "a" * 64, "answer")


def test_what_was_written_is_read_and_whole(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "cloud" / "audit.log")
    for n in range(5):
        audit.write(sent(n, "muse" if n % 2 else "gpt"))
    assert [s.bytes for s in audit.read()] == [0, 100, 200, 300, 400]
    assert audit.broken() == "" and audit.bytes_by_row() == {"gpt": 600, "muse": 400}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda lines: [lines[0], lines[1].replace("100", "101"), *lines[2:]], "line 2"),
        (lambda lines: [lines[0], *lines[2:]], "line 2"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "line 1"),
        (lambda lines: lines[:-1], "missing at its end"),
        (lambda lines: [], "missing at its end"),
        (lambda lines: [*lines, lines[-1]], "line 6"),
    ],
)
def test_a_line_that_was_changed_moved_added_or_cut_off_shows(tmp_path: Path, change: object, says: str) -> None:
    audit = Audit(tmp_path / "audit.log")
    for n in range(5):
        audit.write(sent(n))
    lines = (tmp_path / "audit.log").read_text().splitlines()
    (tmp_path / "audit.log").write_text("".join(f"{line}\n" for line in change(lines)))  # type: ignore[operator]  # a table of functions
    assert says in audit.broken()


def test_threads_write_one_after_another(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "audit.log")
    threads = [Thread(target=lambda: [audit.write(sent()) for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.broken() == "" and len(list(audit.read())) == 40


def test_a_log_that_cannot_be_written_refuses_the_sending(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PrivacyRefused, match="so nothing is sent"):
        Audit(tmp_path / "file" / "audit.log").write(sent())
