"""Walls, floors and sky, drawn from seeded noise: every run gives the same pixels."""

from __future__ import annotations

import functools
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.assets.film.renderer import FOCAL_PX, OVERSAMPLING, SIZE, Camera, Image

HAZE_BGR: Final = (226.0, 214.0, 200.0)
Floats = NDArray[np.float32]


def noise(height: int, width: int, *, cell_px: float, seed: int) -> Floats:
    """Smooth noise, float32[h, w] in -1..1, with features of about `cell_px`."""
    rows, columns = max(2, int(height / cell_px) + 2), max(2, int(width / cell_px) + 2)
    coarse = np.random.default_rng(seed).uniform(-1, 1, (rows, columns)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def plain(height: int, width: int, bgr: tuple[float, float, float], *, seed: int, grain: float = 4.0) -> Floats:
    """A painted surface: one colour with faint stains."""
    stains = (
        noise(height, width, cell_px=90, seed=seed) * grain
        + noise(height, width, cell_px=14, seed=seed + 1) * grain / 3
    )
    return np.asarray(np.array(bgr, np.float32) + stains[..., None], np.float32)


def finish(surface: Floats) -> Image:
    """float32 to uint8"""
    return np.clip(surface, 0, 255).astype(np.uint8)


def shade_edges(surface: Floats, *, top: float = 0.0, bottom: float = 0.0, reach: float = 0.25) -> Floats:
    """Darker towards the upper and lower edge, where light does not get into corners."""
    y = np.linspace(0, 1, surface.shape[0], dtype=np.float32)[:, None, None]
    shade = 1 - top * np.exp(-y / reach * 3) - bottom * np.exp(-(1 - y) / reach * 3)
    return np.asarray(surface * shade, np.float32)


def bricks(height: int, width: int, *, px_per_m: int, seed: int) -> Floats:
    """A wall of warm bricks, 25 × 8 cm with mortar."""
    surface = plain(height, width, (150, 158, 168), seed=seed)
    tones = np.random.default_rng(seed).uniform(-14, 14, (400, 400))
    brick_h, brick_w = px_per_m * 0.085, px_per_m * 0.26
    for row in range(int(height / brick_h) + 1):
        for column in range(-1, int(width / brick_w) + 1):
            x0, y0 = (column + 0.5 * (row % 2)) * brick_w, row * brick_h
            tone = tones[row % 400, column % 400]
            colour = (88 + tone * 0.7, 104 + tone * 0.8, 158 + tone)
            corner = int(x0 + brick_w - 0.01 * px_per_m), int(y0 + brick_h - 0.012 * px_per_m)
            cv2.rectangle(surface, (int(x0), int(y0)), corner, colour, -1)
    return np.asarray(surface + noise(height, width, cell_px=60, seed=seed + 5)[..., None] * 6, np.float32)


def slabs(
    height: int, width: int, *, px_per_m: int, side_m: float, bgr: tuple[float, float, float], seed: int
) -> Floats:
    """Paving or tiles with joints."""
    surface = plain(height, width, bgr, seed=seed, grain=3)
    side, rng = px_per_m * side_m, np.random.default_rng(seed)
    for row in range(round(height / side)):
        for column in range(round(width / side)):
            part = surface[
                round(row * side) : round((row + 1) * side), round(column * side) : round((column + 1) * side)
            ]
            part += rng.uniform(-7, 7)
            part[: max(1, px_per_m // 60)] *= 0.82
            part[:, : max(1, px_per_m // 60)] *= 0.82
    return surface


def window(
    surface: Floats, x: int, y: int, width: int, height: int, *, frame_bgr: tuple[int, int, int], seed: int
) -> None:
    """A window with frame, crossbar, sill and a reflection of the sky, drawn into the surface."""
    border = max(3, width // 14)
    cv2.rectangle(surface, (x - border, y - border), (x + width + border, y + height + border), frame_bgr, -1)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    glass = np.array([150, 130, 110], np.float32) * (1 - rows) + np.array([84, 70, 60], np.float32) * rows
    slant = np.clip(np.sin((np.arange(width)[None] + np.arange(height)[:, None]) / width * 2.4 + seed), 0, 1)
    surface[y : y + height, x : x + width] = glass + 28 * slant[..., None].astype(np.float32)
    cv2.rectangle(surface, (x + width // 2 - border // 4, y), (x + width // 2 + border // 4, y + height), frame_bgr, -1)
    cv2.rectangle(surface, (x, y + height // 3), (x + width, y + height // 3 + border // 2), frame_bgr, -1)
    sill = tuple(min(255, c + 40) for c in frame_bgr)
    cv2.rectangle(
        surface, (x - 2 * border, y + height + border), (x + width + 2 * border, y + height + 2 * border), sill, -1
    )


def house(
    height_m: float, width_m: float, surface: Floats, *, px_per_m: int, frame_bgr: tuple[int, int, int], seed: int
) -> Image:
    """A front with rows of windows, 3 m a floor; the lowest row starts 1 m above the ground."""
    rng = np.random.default_rng(seed)
    columns = max(1, int(width_m / 1.9))
    for floor in range(int(height_m / 3)):
        y = int((height_m - 3 * floor - 2.6) * px_per_m)
        for column in range(columns):
            x = int((width_m * (column + 0.5) / columns - 0.5) * px_per_m)
            if y > 0:
                window(surface, x, y, px_per_m, int(1.5 * px_per_m), frame_bgr=frame_bgr, seed=int(rng.integers(9)))
    return finish(shade_edges(surface, bottom=0.35, reach=0.2))


def sky(camera: Camera) -> Image:
    """A gradient with soft clouds that stay where they are when the head turns: uint8 at the oversampled size."""
    width, height = SIZE[0] * OVERSAMPLING, SIZE[1] * OVERSAMPLING
    step = 8
    x = (np.arange(0, width, step) - width / 2) / (FOCAL_PX * OVERSAMPLING)
    y = (np.arange(0, height, step) - height / 2) / (FOCAL_PX * OVERSAMPLING)
    azimuth = np.pi + camera.yaw + np.arctan(x)[None] + 0 * y[:, None]
    up = np.clip(camera.pitch - np.arctan(y)[:, None] + 0 * x[None], -0.1, 1.4)
    u, v = ((azimuth % (2 * np.pi)) / (2 * np.pi) * 1023).astype(np.float32), (255 - up * 180).astype(np.float32)
    cloud = np.clip(cv2.remap(_clouds(), u, np.clip(v, 0, 255), cv2.INTER_LINEAR), 0, 1)[..., None]
    t = np.clip(up / 0.9, 0, 1)[..., None]
    colour = np.array(HAZE_BGR) * (1 - t) + np.array([206, 158, 108]) * t
    colour = colour * (1 - 0.75 * cloud) + np.array([246, 244, 242]) * 0.75 * cloud
    return np.asarray(cv2.resize(colour.astype(np.float32), (width, height)), np.float32).astype(np.uint8)


@functools.cache
def _clouds() -> Floats:
    return noise(256, 1024, cell_px=120, seed=77) * 0.7 + noise(256, 1024, cell_px=40, seed=78) * 0.45
