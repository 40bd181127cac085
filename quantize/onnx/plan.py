"""What is done to a model: a choice for each cluster, a range for each activation, options. All that its bytes depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

from quantize.errors import InputError

CHANNEL: Final = "int8"
"""8-bit activations and weights, a scale for each output channel"""
TENSOR: Final = "int8-tensor"
"""the same with one scale for the weights"""
FLOAT: Final = "float"
HALF: Final = "float16"
"""weights kept in 16 bits, computed in 32"""
STORED: Final = "int8-stored"
"""weights kept in 8 bits, computed in 32"""
NIBBLES: Final = "int4"
"""weights of a MatMul in blocks of 32 of 4 bits, computed in 8 (MatMulNBits)"""
CHOICES: Final = (CHANNEL, TENSOR, FLOAT, HALF, STORED, NIBBLES)


@dataclass(frozen=True, slots=True)
class Plan:
    """A recipe; the same recipe on the same float file gives the same bytes."""

    choices: Mapping[str, str]
    """cluster → one of CHOICES; float where it is not named"""
    ranges: Mapping[str, tuple[float, float]]
    """tensor → what its 8 bits cover"""
    activations: str = "u8"
    """u8 or s8"""
    weight_bits: int = 8
    """7 where the processor adds pairs of products in 16 bits (x86 without VNNI)"""
    weight_clip: str = "mse"
    """of the weights' scales: max, or the least squared error"""
    gelu: str = "float"
    """float, or sigmoid: x · σ(1.702 x) in 8 bits (Hendrycks, Gimpel 2016, eq. 3)"""

    def with_choices(self, choices: Mapping[str, str]) -> Plan:
        return replace(self, choices=dict(choices))

    def quantized(self, *kinds: str) -> frozenset[str]:
        """Clusters with one of these choices; without any named, those computed in 8 bits."""
        wanted = kinds or (CHANNEL, TENSOR)
        return frozenset(name for name, choice in self.choices.items() if choice in wanted)

    def to_json(self) -> dict[str, Any]:
        """For journal and manifest; floats come back bit by bit."""
        fields = asdict(self)
        fields["choices"] = {name: c for name, c in sorted(self.choices.items()) if c != FLOAT}
        fields["ranges"] = {name: list(r) for name, r in sorted(self.ranges.items())}
        return fields

    def digest(self) -> str:
        """Checksum of everything in it."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()

    @classmethod
    def from_json(cls, fields: Mapping[str, Any], where: str) -> Self:
        """Raises InputError when it is none."""
        try:
            ranges = {str(k): (float(v[0]), float(v[1])) for k, v in fields["ranges"].items()}
            choices = {str(k): str(v) for k, v in fields["choices"].items()}
            rest = {k: v for k, v in fields.items() if k not in ("ranges", "choices")}
            if not set(choices.values()) <= set(CHOICES):
                raise ValueError("a choice is unknown")
            return cls(choices, ranges, **rest)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise InputError(f"{where} has no recipe that this version knows ({error}): make the file again") from error
