"""The number types of ggml: their blocks, what they need, and what stands in for them where a row is no multiple of 256.

Sizes and numbers are those of ggml.h and ggml-common.h of llama.cpp 0c1e57098; a test holds them against the library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class GgmlType:
    """One type that a tensor's numbers can have."""

    id: int
    name: str
    """as llama.cpp writes it, in capitals where it prints small ones"""
    block: int
    """numbers in one block; rows must be whole blocks"""
    block_bytes: int

    @property
    def bits(self) -> float:
        """a weight"""
        return 8 * self.block_bytes / self.block

    def row_bytes(self, columns: int) -> int:
        """Bytes of one row; the columns are whole blocks."""
        return columns // self.block * self.block_bytes


_TABLE: Final = (
    (0, "F32", 1, 4), (1, "F16", 1, 2), (2, "Q4_0", 32, 18), (3, "Q4_1", 32, 20), (6, "Q5_0", 32, 22),
    (7, "Q5_1", 32, 24), (8, "Q8_0", 32, 34), (10, "Q2_K", 256, 84), (11, "Q3_K", 256, 110), (12, "Q4_K", 256, 144),
    (13, "Q5_K", 256, 176), (14, "Q6_K", 256, 210), (16, "IQ2_XXS", 256, 66), (17, "IQ2_XS", 256, 74),
    (18, "IQ3_XXS", 256, 98), (19, "IQ1_S", 256, 50), (20, "IQ4_NL", 32, 18), (21, "IQ3_S", 256, 110),
    (22, "IQ2_S", 256, 82), (23, "IQ4_XS", 256, 136), (26, "I32", 1, 4), (29, "IQ1_M", 256, 56), (30, "BF16", 1, 2),
    (34, "TQ1_0", 256, 54), (35, "TQ2_0", 256, 66), (39, "MXFP4", 32, 17),
)  # fmt: skip
BY_ID: Final[Mapping[int, GgmlType]] = {row[0]: GgmlType(*row) for row in _TABLE}
BY_NAME: Final[Mapping[str, GgmlType]] = {t.name: t for t in BY_ID.values()}

REFUSED: Final[Mapping[int, str]] = {
    24: "I8", 25: "I16", 27: "I64", 28: "F64", 4: "Q4_2", 5: "Q4_3", 9: "Q8_1", 15: "Q8_K", 31: "Q4_0_4_4",
    32: "Q4_0_4_8", 33: "Q4_0_8_8", 36: "IQ4_NL_4_4", 37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8",
}  # fmt: skip
"""Types that llama.cpp names but cannot run as weights: F64 loads, and kills the process at the first token."""

FLOAT: Final = frozenset({"F32", "F16", "BF16"})
NEEDS_IMATRIX: Final = frozenset({"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS"})
"""llama.cpp refuses these without an importance matrix (tensor_requires_imatrix)"""

CANDIDATES: Final = (
    "IQ2_XXS", "IQ2_XS", "IQ2_S", "Q2_K", "IQ3_XXS", "Q3_K", "IQ3_S", "IQ4_XS", "Q4_0", "IQ4_NL", "Q4_K", "Q4_1",
    "Q5_0", "Q5_K", "Q5_1", "Q6_K", "Q8_0", "F16",
)  # fmt: skip
"""What a tensor may become, in the order of bits. The ternary and one-bit types are left out: only models trained for
them survive."""

_STAND_INS: Final = {
    **dict.fromkeys(("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ4_XS"), "IQ4_NL"),
    **dict.fromkeys(("Q2_K", "Q3_K", "TQ1_0", "TQ2_0"), "Q4_0"),
    "Q4_K": "Q5_0",
    "Q5_K": "Q5_1",
    "Q6_K": "Q8_0",
}
"""tensor_type_fallback of llama-quant.cpp"""

FTYPES: Final[Mapping[str, int]] = {
    "F32": 0, "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q8_0": 7, "Q5_0": 8, "Q5_1": 9, "Q2_K": 10, "Q3_K": 12, "Q4_K": 15,
    "Q5_K": 17, "Q6_K": 18, "IQ2_XXS": 19, "IQ2_XS": 20, "IQ3_XXS": 23, "IQ4_NL": 25, "IQ3_S": 26, "IQ2_S": 28,
    "IQ4_XS": 30, "BF16": 32,
}  # fmt: skip
"""llama_ftype that says "mostly this type" in a file's head"""


def stand_in(name: str, columns: int) -> str:
    """The type that llama.cpp really writes when this one is asked for on rows of this many numbers."""
    if columns % BY_NAME[name].block == 0:
        return name
    other = _STAND_INS.get(name, "F16")
    return other if columns % BY_NAME[other].block == 0 else "F16"


def fits(name: str, columns: int) -> bool:
    """Whether rows of this many numbers can have this type."""
    return columns % BY_NAME[name].block == 0
