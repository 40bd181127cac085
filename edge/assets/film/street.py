"""The set: a street with a café and a station, and the corridor behind its portal, as panels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np

from edge.assets.film import signs
from edge.assets.film.renderer import Image, Panel
from edge.assets.film.surfaces import bricks, finish, house, plain, shade_edges, slabs

GROUND_M: Final = 1.6
"""below the eye"""
CEILING_M: Final = -1.3
PX_PER_M: Final = 150
OUTDOOR_HAZE: Final = 0.011

Point = tuple[float, float, float]


def build() -> list[Panel]:
    """All panels of the set."""
    return [*_ground(), *_left_side(), *_right_side(), *_kerb_things(), *_station(), *_corridor(), *_hallway()]


def panel(texture: Image, origin: Point, right: Point, down: Point, **more: object) -> Panel:
    """A panel by plain tuples."""
    return Panel(texture, np.array(origin, float), np.array(right, float), np.array(down, float), **more)  # type: ignore[arg-type]  # Panel's own options


def pieces(
    texture: Image, origin: Point, right: Point, down: Point, *, step_m: float = 2.0, **more: object
) -> Iterator[Panel]:
    """A long surface cut into pieces of at most `step_m`, as the renderer wants it."""
    start, along, across = (np.array(v, float) for v in (origin, right, down))
    columns, rows = (max(1, int(np.ceil(np.linalg.norm(v) / step_m))) for v in (along, across))
    xs = np.linspace(0, texture.shape[1], columns + 1).astype(int)
    ys = np.linspace(0, texture.shape[0], rows + 1).astype(int)
    for i in range(columns):
        for j in range(rows):
            corner = start + along * (xs[i] / texture.shape[1]) + across * (ys[j] / texture.shape[0])
            yield Panel(
                np.ascontiguousarray(texture[ys[j] : ys[j + 1], xs[i] : xs[i + 1]]),
                corner,
                along * ((xs[i + 1] - xs[i]) / texture.shape[1]),
                across * ((ys[j + 1] - ys[j]) / texture.shape[0]),
                **more,  # type: ignore[arg-type]  # Panel's own options
            )


def _ground() -> Iterator[Panel]:
    m = PX_PER_M // 2
    pavement = slabs(26 * m, int(3.8 * m), px_per_m=m, side_m=0.6, bgr=(168, 172, 176), seed=1)
    pavement[:, :m] *= np.linspace(0.72, 1, m, dtype=np.float32)[None, :, None]
    yield from pieces(finish(pavement), (-2.2, GROUND_M, 22), (3.8, 0, 0), (0, 0, -26), haze=OUTDOOR_HAZE)
    road = plain(26 * m, int(6.4 * m), (106, 106, 108), seed=2, grain=5)
    road[:, : m // 6] = (196, 200, 204)
    for z in range(0, 26, 3):
        cv2.rectangle(road, (int(3.1 * m), z * m), (int(3.25 * m), int((z + 1.6) * m)), (222, 226, 228), -1)
    yield from pieces(finish(road), (1.6, GROUND_M, 22), (6.4, 0, 0), (0, 0, -26), step_m=3.2, haze=OUTDOOR_HAZE)
    far = slabs(26 * m // 2, m, px_per_m=m // 2, side_m=0.6, bgr=(160, 164, 168), seed=3)
    yield from pieces(finish(far), (8, GROUND_M, 22), (2, 0, 0), (0, 0, -26), step_m=4, haze=OUTDOOR_HAZE)


def _left_side() -> Iterator[Panel]:
    m, top = PX_PER_M, GROUND_M - 5.6
    brick = house(
        5.6, 7, bricks(int(5.6 * m), 7 * m, px_per_m=m, seed=4), px_per_m=m, frame_bgr=(226, 230, 232), seed=4
    )
    yield from _front(brick, -4, 3, top)
    yield from _front(signs.cafe_front(m), 3, 11, top)
    ochre = plain(int(5.6 * m), 5 * m, (132, 186, 216), seed=6, grain=6)
    yield from _front(house(5.6, 5, ochre, px_per_m=m, frame_bgr=(238, 240, 242), seed=6), 11, 16, top)
    red = house(5.6, 6, bricks(int(5.6 * m), 6 * m, px_per_m=m, seed=8), px_per_m=m, frame_bgr=(210, 214, 216), seed=8)
    yield from _front(red, 16, 22, top)
    yield panel(
        signs.cafe_blade(),
        (-2.15, -0.95, 4.9),
        (1.05, 0, 0),
        (0, 0.63, 0),
        bias_m=0.6,
        label="CAFE LUNA",
        two_sided=True,
    )
    yield panel(signs.cafe_menu(), (-2.17, -0.62, 5.85), (0, 0, 1.3), (0, 1.1, 0), bias_m=1.2, label="ESPRESSO 2.50")
    yield panel(
        signs.cafe_hours(), (-2.17, -0.18, 8.55), (0, 0, 1.1), (0, 0.29, 0), bias_m=1.2, label="OPEN 9:00 - 18:00"
    )
    for z in (5.45, 7.5, 10.4):
        yield panel(
            signs.plant(),
            (-2.1, 0.62, z),
            (0.69, 0, 0),
            (0, 0.98, 0),
            bias_m=0.8,
            faces_eye=True,
            two_sided=True,
            label="potted plant",
        )


def _front(texture: Image, z0: float, z1: float, top: float) -> Iterator[Panel]:
    """A house on the left: its texture's left end is the near one."""
    yield from pieces(texture, (-2.2, top, z0), (0, 0, z1 - z0), (0, 5.6, 0), haze=OUTDOOR_HAZE)


def _right_side() -> Iterator[Panel]:
    m = 60
    for i, (z0, z1, bgr) in enumerate(((-4, 4, (176, 190, 204)), (4, 12, (150, 172, 196)), (12, 22, (188, 196, 190)))):
        surface = plain(int(8.6 * m), int((z1 - z0) * m), bgr, seed=30 + i, grain=6)
        front = house(8.6, z1 - z0, surface, px_per_m=m, frame_bgr=(226, 230, 232), seed=30 + i)
        size = (0, 0, -(z1 - z0)), (0, 8.6, 0)
        yield from pieces(front, (10, GROUND_M - 8.6, z1), *size, step_m=4, light=0.92, haze=OUTDOOR_HAZE)


def _kerb_things() -> Iterator[Panel]:
    pole = signs.pole()
    for x, z, top in ((1.3, 14.9, -1.0), (1.45, 18.4, -1.75), (1.25, 11.2, -1.3)):
        yield panel(
            pole,
            (x - 0.035, top, z + 0.03),
            (0.07, 0, 0),
            (0, GROUND_M - top, 0),
            faces_eye=True,
            two_sided=True,
            haze=OUTDOOR_HAZE,
        )
    yield panel(signs.stop_sign(), (0.92, -1.12, 14.85), (0.76, 0, 0), (0, 0.76, 0), bias_m=0.3, label="stop sign")
    yield panel(signs.traffic_light(), (1.25, -1.9, 18.35), (0.4, 0, 0), (0, 1.0, 0), bias_m=0.3, label="traffic light")
    yield panel(signs.bus_stop(), (0.98, -1.25, 11.15), (0.5, 0, 0), (0, 0.62, 0), bias_m=0.3, label="BUS STOP 42")


def _station() -> Iterator[Panel]:
    m = 100
    wall = plain(7 * m, int(12.2 * m), (196, 206, 214), seed=40, grain=5)
    for y in range(0, 7 * m, m // 2):
        wall[y : y + 3] *= 0.86
    stone = finish(shade_edges(wall, bottom=0.25, reach=0.2))
    for x in (2.6, 5.0, 7.4, 9.8):
        cv2.rectangle(stone, (int((x + 2.2) * m), int(1.2 * m)), (int((x + 3.3) * m), int(4.4 * m)), (122, 108, 92), -1)
        cv2.rectangle(stone, (int((x + 2.2) * m), int(1.2 * m)), (int((x + 3.3) * m), int(4.4 * m)), (150, 160, 168), 8)
    top, left, right, portal = GROUND_M - 7, int(0.6 * m), int(3.8 * m), int((7 - GROUND_M + CEILING_M) * m)
    yield from pieces(np.ascontiguousarray(stone[:, :left]), (-2.2, top, 22), (0.6, 0, 0), (0, 7, 0), haze=OUTDOOR_HAZE)
    over = np.ascontiguousarray(stone[:portal, left:right])
    yield from pieces(over, (-1.6, top, 22), (3.2, 0, 0), (0, portal / m, 0), haze=OUTDOOR_HAZE)
    yield from pieces(np.ascontiguousarray(stone[:, right:]), (1.6, top, 22), (8.4, 0, 0), (0, 7, 0), haze=OUTDOOR_HAZE)
    yield panel(
        signs.station_name(),
        (-1.9, CEILING_M - 0.75, 21.95),
        (3.8, 0, 0),
        (0, 0.58, 0),
        bias_m=0.4,
        label="CENTRAL STATION",
    )


def _inside_wall(length_m: float, seed: int) -> Image:
    m = 120
    height = int((GROUND_M - CEILING_M) * m)
    surface = plain(height, int(length_m * m), (206, 212, 214), seed=seed, grain=4)
    surface[int(1.75 * m) :] = plain(height - int(1.75 * m), surface.shape[1], (150, 134, 104), seed=seed + 1, grain=4)
    surface[int(1.75 * m) : int(1.79 * m)] = (96, 86, 70)
    surface[-int(0.12 * m) :] = (84, 82, 80)
    pools = 0.84 + 0.16 * np.cos(2 * np.pi * (np.arange(surface.shape[1]) / m / 2.6 - 0.5))
    return finish(shade_edges(surface * pools[None, :, None].astype(np.float32), top=0.22, bottom=0.18))


def _inside_floor(width_m: float, length_m: float, seed: int) -> Image:
    m = 90
    floor = slabs(int(length_m * m), int(width_m * m), px_per_m=m, side_m=0.5, bgr=(138, 146, 152), seed=seed)
    across = np.linspace(-1, 1, floor.shape[1], dtype=np.float32)
    shine = (
        np.exp(-((across / 0.4) ** 2))[None]
        * (0.55 + 0.45 * np.cos(2 * np.pi * np.arange(floor.shape[0]) / m / 2.6))[:, None]
    )
    floor += 46 * shine[..., None].astype(np.float32)
    return finish(np.asarray(floor * (1 - 0.3 * np.abs(across) ** 6)[None, :, None], np.float32))


def _ceiling(width_m: float, length_m: float, seed: int) -> Image:
    m = 70
    ceiling = slabs(int(length_m * m), int(width_m * m), px_per_m=m, side_m=0.65, bgr=(186, 190, 192), seed=seed)
    for z in np.arange(0.9, length_m - 0.5, 2.6):
        middle = ceiling.shape[1] // 2
        cv2.rectangle(ceiling, (middle - m // 2, int(z * m)), (middle + m // 2, int((z + 1.0) * m)), (206, 210, 212), 8)
        cv2.rectangle(
            ceiling, (middle - m // 2, int(z * m)), (middle + m // 2, int((z + 1.0) * m)), (250, 253, 254), -1
        )
    return finish(ceiling)


def _corridor() -> Iterator[Panel]:
    high = GROUND_M - CEILING_M
    yield from pieces(_inside_wall(18, 50), (-1.6, CEILING_M, 22), (0, 0, 18), (0, high, 0))
    yield from pieces(_inside_wall(15.2, 52), (1.6, CEILING_M, 37.2), (0, 0, -15.2), (0, high, 0), light=0.95)
    yield from pieces(_inside_wall(3.2, 54), (-1.6, CEILING_M, 40), (3.2, 0, 0), (0, high, 0), light=0.9)
    yield from pieces(_inside_floor(3.2, 18, 55), (-1.6, GROUND_M, 40), (3.2, 0, 0), (0, 0, -18))
    yield from pieces(_ceiling(3.2, 18, 56), (-1.6, CEILING_M, 22), (3.2, 0, 0), (0, 0, 18))
    yield panel(
        signs.platform(), (-1.0, CEILING_M + 0.22, 27), (2.0, 0, 0), (0, 0.49, 0), bias_m=0.3, label="PLATFORM 7"
    )
    yield panel(signs.poster(), (1.58, -0.82, 30.4), (0, 0, -1.0), (0, 1.4, 0), bias_m=1.2, label=signs.CODE)
    wood = signs.door(160, (78, 112, 150), seed=57)
    yield panel(wood, (-1.59, GROUND_M - 2.1, 32.9), (0, 0, 1.0), (0, 2.1, 0), bias_m=0.8)
    yield panel(signs.room(), (-1.58, -0.42, 34.1), (0, 0, 0.76), (0, 0.26, 0), bias_m=1.0, label="ROOM 214")
    yield panel(signs.clock(), (-0.45, -1.0, 39.97), (0.9, 0, 0), (0, 0.9, 0), bias_m=0.8, label="clock")


def _hallway() -> Iterator[Panel]:
    high = GROUND_M - CEILING_M
    yield from pieces(_inside_wall(8.4, 60), (10, CEILING_M, 37.2), (-8.4, 0, 0), (0, high, 0), light=0.94)
    yield from pieces(_inside_wall(8.4, 62), (1.6, CEILING_M, 40), (8.4, 0, 0), (0, high, 0), light=0.94)
    yield from pieces(_inside_floor(2.8, 8.4, 64), (10, GROUND_M, 40), (0, 0, -2.8), (-8.4, 0, 0))
    yield from pieces(_ceiling(2.8, 8.4, 65), (1.6, CEILING_M, 40), (0, 0, -2.8), (8.4, 0, 0))
    yield from pieces(_inside_wall(2.8, 66), (10, CEILING_M, 40), (0, 0, -2.8), (0, high, 0), light=0.9)
    grey = signs.door(160, (120, 138, 120), seed=67)
    yield panel(grey, (9.97, GROUND_M - 2.1, 39.1), (0, 0, -1.0), (0, 2.1, 0), bias_m=0.6)
    yield panel(
        signs.exit_sign(),
        (7.0, CEILING_M + 0.2, 39.25),
        (0, 0, -1.3),
        (0, 0.43, 0),
        bias_m=0.3,
        label="EXIT",
        light=1.05,
    )
