"""The report of a fit: every figure that is drawn stands in it, names are escaped, and odd fits still make a page."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from quantize import report
from quantize.results import Fit, Point, Score, Unit

KINDS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
TYPES = {"Q4_K": 4.5, "Q6_K": 6.56, "Q3_K": 3.44, "Q8_0": 8.5}


def fit(layers: int = 5) -> Fit:
    types = list(TYPES)
    units = [
        Unit(f"blk.{n}.{kind}.weight", n, 65536, TYPES[(t := types[(n * 3 + k) % 4])], t, 1e-4 * k)
        for n in range(layers)
        for k, kind in enumerate(KINDS)
    ]
    units += [Unit("token_embd.weight", None, 786432, 8.5, "Q8_0"), Unit("output_norm.weight", None, 256, 32, "F32")]
    front = [Point(int(2e6 + 3e5 * n), 0.2 * 0.5**n, 900.0 - 20 * n, {"a": "Q4_K"}) for n in range(10)]
    measured = Score(3_480_000, 0.0071, 812.5, {"top1_flip": 0.021, "perplexity": 4.2})
    beside = [
        ("Q4_K throughout", Score(3_500_000, 0.011, 800.0, {"top1_flip": 0.03})),
        ("Q5_K throughout", Score(2_300_000, 0.16, 850.0)),
    ]
    return Fit(
        "gguf", Path("glance_f32.gguf"), 20_290_000, "x86", {"size_bytes": 3_500_000, "max_kl": None}, True,
        "The best of 3.5 MB: 0.0071 nats from the float model.", Path("out.gguf"), Score(3_480_000, 0.0066, 820.0), measured,
        False, front, units, beside,
    )  # fmt: skip


class Tags(HTMLParser):
    """Checks that tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(page: str) -> list[str]:
    parser = Tags()
    parser.feed(page)
    assert not parser.open
    return parser.seen


def test_the_page_holds_the_front_each_tensor_and_what_people_take(tmp_path: Path) -> None:
    report.write(tmp_path / "report.html", fit())
    page = (tmp_path / "report.html").read_text()
    seen = tags(page)
    assert seen.count("circle") == 10
    assert page.count("<td>blk.") == 35 and "Q4_K throughout" in page and "3.480 MB" in page
    assert "<script" not in page and "http" not in page


def test_a_name_that_is_markup_is_shown_as_text() -> None:
    page = report.page(replace(fit(), model=Path("<script>.gguf")))
    assert "<script" not in page and "&lt;script" in page


@pytest.mark.parametrize(
    "odd",
    [
        replace(
            fit(), feasible=False, out=None, predicted=None, measured=None, why="Nothing fits 1 MB; the least is 2 MB."
        ),
        replace(fit(), front=[], beside=(), units=[]),
        replace(fit(), kind="onnx", speed_is_predicted=True),
        replace(fit(), front=[Point(1, 0.0, None, {})]),
        fit(layers=60),
    ],
)
def test_odd_fits_still_make_a_page(odd: Fit) -> None:
    tags(report.page(odd))
