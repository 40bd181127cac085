"""A small painter's-algorithm renderer: textured rectangles in space, seen by a pinhole camera.

Not a general renderer: rectangles only, sorted by the distance of their centres, so long surfaces come in short pieces.
World axes: x right, y down, z forward, metres, the eye at y = 0. Edges are smoothed by drawing twice as large.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Vector = NDArray[np.float64]

SIZE: Final = (640, 480)
FOCAL_PX: Final = 493.0
"""a horizontal field of view of 66 degrees"""
OVERSAMPLING: Final = 2
NEAR_M: Final = 0.08


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the eye is and where it looks."""

    position: Vector
    yaw: float
    """radians, positive to the right"""
    pitch: float
    """radians, positive upwards"""
    roll: float = 0.0

    def rotation(self) -> Vector:
        """float64[3, 3] from world to camera axes"""
        cy, sy, cp, sp = np.cos(self.yaw), np.sin(self.yaw), np.cos(self.pitch), np.sin(self.pitch)
        cr, sr = np.cos(self.roll), np.sin(self.roll)
        about_y = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
        about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
        about_z = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
        return np.asarray(about_z @ about_x @ about_y)


@dataclass(eq=False, slots=True)
class Panel:
    """A textured rectangle in space."""

    texture: Image
    """uint8[h, w, 3] BGR, or [h, w, 4] with opacity"""
    origin: Vector
    """top left corner of the texture, in metres"""
    right: Vector
    """along the texture's upper edge, as long as it"""
    down: Vector
    light: float = 1.0
    """factor on the texture's colours"""
    haze: float = 0.0
    """fraction lost to haze per metre"""
    bias_m: float = 0.0
    """drawn as if so much nearer: what hangs on a wall comes after the wall"""
    two_sided: bool = False
    faces_eye: bool = False
    """turns about its own upright axis to face the camera: poles"""
    label: str = ""
    """what it shows, for the film's truth"""
    mips: list[Image] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mips.append(self.texture)
        while min(self.mips[-1].shape[:2]) >= 8 and len(self.mips) < 8:
            self.mips.append(np.asarray(cv2.pyrDown(self.mips[-1]), np.uint8))

    def corners(self) -> Vector:
        """float64[4, 3], clockwise from the texture's origin"""
        return np.array(
            [self.origin, self.origin + self.right, self.origin + self.right + self.down, self.origin + self.down]
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """A panel as the camera sees it."""

    panel: Panel
    polygon_px: Vector
    """float64[n, 2] in pixels of the final picture, cut at the near plane"""
    distance_m: float


def place(panel: Panel, camera: Camera) -> Placed | None:
    """Where the panel is in the picture; None when it is out of sight or seen from behind."""
    corners = _turned(panel, camera).corners()
    normal = np.cross(corners[1] - corners[0], corners[3] - corners[0])
    if not panel.two_sided and float(np.dot(normal, corners[0] - camera.position)) <= 0:
        return None
    seen = _clip_near((corners - camera.position) @ camera.rotation().T)
    if len(seen) < 3:
        return None
    polygon = seen[:, :2] / seen[:, 2:] * FOCAL_PX + np.array(SIZE) / 2
    if (polygon.max(axis=0) <= 0).any() or (polygon.min(axis=0) >= SIZE).any():
        return None
    distance = float(np.linalg.norm(corners.mean(axis=0) - camera.position)) - panel.bias_m
    return Placed(panel, polygon, distance)


def render(panels: Sequence[Panel], camera: Camera, sky: Callable[[Camera], Image], haze_bgr: Sequence[float]) -> Image:
    """uint8[480, 640, 3]: the sky, then the panels from far to near."""
    canvas = sky(camera)
    placed = [p for p in (place(panel, camera) for panel in panels) if p is not None]
    for item in sorted(placed, key=lambda p: -p.distance_m):
        _paint(canvas, item, camera, haze_bgr)
    return np.asarray(cv2.resize(canvas, SIZE, interpolation=cv2.INTER_AREA), np.uint8)


def _paint(canvas: Image, item: Placed, camera: Camera, haze_bgr: Sequence[float]) -> None:
    panel = _turned(item.panel, camera)
    polygon = item.polygon_px * OVERSAMPLING
    low = np.maximum(np.floor(polygon.min(axis=0)), 0).astype(int)
    high = np.minimum(np.ceil(polygon.max(axis=0)) + 1, np.array(SIZE) * OVERSAMPLING).astype(int)
    width, height = (int(n) for n in high - low)
    if width <= 0 or height <= 0:
        return
    texture = _mip(panel, item, polygon)
    scale = np.array([1 / texture.shape[1], 1 / texture.shape[0], 1.0])
    to_camera = camera.rotation() @ np.stack([panel.right, panel.down, panel.origin - camera.position], axis=1)
    focal, (cx, cy) = FOCAL_PX * OVERSAMPLING, np.array(SIZE) * OVERSAMPLING / 2
    lens = np.array([[focal, 0, cx - low[0]], [0, focal, cy - low[1]], [0, 0, 1.0]])
    patch = cv2.warpPerspective(
        texture,
        lens @ to_camera @ np.diag(scale),
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    clear = float(np.exp(-panel.haze * max(0.0, item.distance_m)))
    ramp = np.arange(256, dtype=np.float64)[:, None] * panel.light * clear + np.asarray(haze_bgr) * (1 - clear)
    table = np.clip(ramp, 0, 255).astype(np.uint8)[None]
    colours = cv2.LUT(np.ascontiguousarray(patch[..., :3]), table)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(mask, np.round((polygon - low) * 16).astype(np.int32), 255, cv2.LINE_8, 4)
    region = canvas[low[1] : high[1], low[0] : high[0]]
    if patch.shape[2] == 4:
        opacity = (cv2.bitwise_and(patch[..., 3], mask).astype(np.float32) / 255)[..., None]
        region[:] = (region * (1 - opacity) + colours * opacity + 0.5).astype(np.uint8)
    else:
        cv2.copyTo(colours, mask, region)


def _mip(panel: Panel, item: Placed, polygon: Vector) -> Image:
    """The texture at about the size it is drawn at."""
    drawn = max(1.0, float(cv2.contourArea(polygon.astype(np.float32))))
    metres = float(np.linalg.norm(panel.right) * np.linalg.norm(panel.down))
    head_on = metres * (FOCAL_PX * OVERSAMPLING / max(0.3, item.distance_m)) ** 2
    # pixels that count: between what is drawn and what would be drawn head-on, since a slanted picture is squeezed
    # in one direction only
    pixels = (min(drawn, head_on) * head_on) ** 0.5 if head_on > drawn else drawn
    texels = panel.texture.shape[0] * panel.texture.shape[1]
    level = int(np.clip(round(0.5 * np.log2(max(1.0, texels / pixels)) - 0.2), 0, len(panel.mips) - 1))
    return panel.mips[level]


def _turned(panel: Panel, camera: Camera) -> Panel:
    """A pole's panel turned to the camera, others as they are."""
    if not panel.faces_eye:
        return panel
    middle = panel.origin + panel.right / 2
    away = middle - camera.position
    across = np.array([away[2], 0.0, -away[0]])
    across *= float(np.linalg.norm(panel.right)) / max(1e-6, float(np.linalg.norm(across)))
    return _like(panel, middle - across / 2, across)


def _like(panel: Panel, origin: Vector, right: Vector) -> Panel:
    turned: Any = object.__new__(Panel)
    for name in Panel.__slots__:
        setattr(turned, name, getattr(panel, name))
    turned.origin, turned.right = origin, right
    return turned  # type: ignore[no-any-return]  # numpy's matmul loses the type


def _clip_near(corners: Vector) -> Vector:
    """Sutherland-Hodgman against z = NEAR_M."""
    kept = []
    for here, there in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if here[2] >= NEAR_M:
            kept.append(here)
        if (here[2] >= NEAR_M) != (there[2] >= NEAR_M):
            kept.append(here + (there - here) * (NEAR_M - here[2]) / (there[2] - here[2]))
    return np.array(kept)
