"""The network: Llama's architecture in plain PyTorch, small, with tied embeddings and rows that are multiples of 256.

Rotary embedding turns neighbouring pairs (x0, x1), (x2, x3)…, as llama.cpp does for this architecture, so that nothing
has to be permuted on export.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from quantize.glance.network.tokenizer import VOCABULARY


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the network is."""

    width: int = 256
    layers: int = 5
    heads: int = 4
    hidden: int = 768
    vocabulary: int = VOCABULARY
    rope_base: float = 10000.0
    epsilon: float = 1e-5

    @property
    def head_width(self) -> int:
        """Numbers per attention head."""
        return self.width // self.heads

    def record(self) -> dict[str, Any]:
        """As plain numbers, for checkpoints and manifests."""
        return asdict(self)


class Block(nn.Module):
    """Attention and a gated feed-forward, each after its own norm."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads, self.epsilon, self.scale = shape.heads, shape.epsilon, shape.head_width**-0.5
        width = shape.width
        self.attn_norm = nn.Parameter(torch.ones(width))
        square = [nn.Linear(width, width, bias=False) for _ in range(4)]
        self.attn_q, self.attn_k, self.attn_v, self.attn_output = square
        self.ffn_norm = nn.Parameter(torch.ones(width))
        self.ffn_gate, self.ffn_up = (nn.Linear(width, shape.hidden, bias=False) for _ in range(2))
        self.ffn_down = nn.Linear(shape.hidden, width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        """x: float[batch, length, width]; cos, sin: float[batch, 1, length, head_width / 2]; mask: added to the scores,
        float[batch, 1, length, length]
        """
        h = functional.rms_norm(x, (x.shape[-1],), self.attn_norm, self.epsilon)
        q, k, v = (
            f(h).unflatten(-1, (self.heads, -1)).transpose(1, 2) for f in (self.attn_q, self.attn_k, self.attn_v)
        )
        # Written out: on a CPU the backward pass of the fused attention with a mask took 40 % of a step.
        scores = _turn(q, cos, sin) * self.scale @ _turn(k, cos, sin).transpose(-1, -2) + mask
        attended = torch.softmax(scores.float(), -1).to(v.dtype) @ v
        x = x + self.attn_output(attended.transpose(1, 2).flatten(2))
        h = functional.rms_norm(x, (x.shape[-1],), self.ffn_norm, self.epsilon)
        return x + self.ffn_down(functional.silu(self.ffn_gate(h)) * self.ffn_up(h))


class Glance(nn.Module):
    """The whole network; names are those of GGUF, with dots for underscores where modules nest."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = nn.Parameter(torch.ones(shape.width))
        nn.init.normal_(self.token_embd.weight, std=0.02)
        for name, weight in self.named_parameters():
            if weight.ndim == 2 and "token_embd" not in name:
                deep = (2 * shape.layers) ** -0.5 if "output" in name or "down" in name else 1.0
                nn.init.normal_(weight, std=0.02 * deep * (256 / weight.shape[1]) ** 0.5)

    def trunk(self, tokens: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        """Hidden states float[batch, length, width], normed, of int64[batch, length] tokens at their positions."""
        half = self.shape.head_width // 2
        speed = self.shape.rope_base ** (-torch.arange(half, dtype=torch.float32) / half)
        angle = positions[:, None, :, None].float() * speed
        x = self.token_embd(tokens)
        cos, sin = angle.cos(), angle.sin()
        for block in self.blk:
            x = block(x, cos, sin, mask)
        return functional.rms_norm(x, (x.shape[-1],), self.output_norm, self.shape.epsilon)

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores of all tokens; the embedding serves again as the output."""
        return functional.linear(hidden, self.token_embd.weight)

    def forward(self, tokens: Tensor) -> Tensor:
        """Plain causal logits float[batch, length, vocabulary], as the exported model computes them."""
        n = tokens.shape[1]
        mask = _added(torch.ones(n, n, dtype=torch.bool).tril()[None, None])
        return self.logits(self.trunk(tokens, torch.arange(n)[None].expand(tokens.shape), mask))


def row_mask(scene: Tensor, ask: Tensor) -> Tensor:
    """What each token of a packed row may look at (`pack.py`): bfloat16[batch, 1, length, length], added to scores."""
    n = scene.shape[1]
    causal = torch.ones(n, n, dtype=torch.bool).tril()
    same_scene = (scene[:, None, :] == 0) | (scene[:, None, :] == scene[:, :, None])
    same_ask = (ask[:, None, :] == 0) | (ask[:, None, :] == ask[:, :, None])
    # A question of one scene and a question of another may bear the same number; the scene keeps them apart.
    return _added((causal & same_scene & same_ask)[:, None])


def _added(allowed: Tensor) -> Tensor:
    return torch.zeros(allowed.shape, dtype=torch.bfloat16).masked_fill_(~allowed, -1e4)


def _turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2).to(x.dtype)
