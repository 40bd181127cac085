"""What the walk passes: signs, a QR code, and things drawn well enough for a detector trained on photographs."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np

from edge.assets.film.renderer import Image
from edge.assets.film.surfaces import Floats, finish, noise, plain, shade_edges

CODE: Final = "https://glasspath.example/tour"
Colour = tuple[float, float, float]


def write(image: Any, text: str, centre: tuple[float, float], size_px: int, bgr: Colour, *, weight: int = 600) -> None:
    """Text centred at a point, in the font that OpenCV brings; a float image is written on by way of uint8."""
    face = cv2.FontFace("sans")
    x, y, width, height = cv2.getTextSize((0, 0), text, (0, 0), face, size_px, weight)
    origin = int(centre[0] - width / 2 - x), int(centre[1] - height / 2 - y)
    whole = finish(image[..., :3])
    cv2.putText(whole, text, origin, bgr, face, size_px, weight)
    image[..., :3] = whole


def board(width: int, height: int, bgr: Colour, border_bgr: Colour, *, border: int, seed: int) -> Floats:
    """A painted board with a border and a little shine from above."""
    surface = plain(height, width, bgr, seed=seed, grain=2)
    surface += np.linspace(9, -9, height, dtype=np.float32)[:, None, None]
    cv2.rectangle(surface, (border, border), (width - border - 1, height - border - 1), border_bgr, max(2, border // 2))
    return surface


def cafe_blade() -> Image:
    """The sign that hangs out over the pavement."""
    surface = board(700, 420, (62, 74, 28), (150, 214, 240), border=18, seed=11)
    cv2.circle(surface, (350, 118), 62, (150, 214, 240), -1, cv2.LINE_AA)
    cv2.circle(surface, (378, 104), 54, (62, 74, 28), -1, cv2.LINE_AA)
    write(surface, "CAFE LUNA", (350, 280), 104, (225, 244, 252), weight=700)
    return finish(surface)


def cafe_menu() -> Image:
    """A blackboard in a wooden frame."""
    surface = plain(760, 900, (46, 44, 40), seed=12, grain=5)
    cv2.rectangle(surface, (0, 0), (899, 759), (58, 98, 142), 44)
    for row, line in enumerate(("ESPRESSO 2.50", "LATTE 3.20", "GREEN TEA 2.80")):
        write(surface, line, (450, 190 + 190 * row), 88, (232, 240, 240), weight=600)
    return finish(surface)


def cafe_hours() -> Image:
    """The sign in the door."""
    surface = board(900, 240, (240, 244, 246), (70, 80, 34), border=14, seed=13)
    write(surface, "OPEN 9:00 - 18:00", (450, 120), 84, (48, 52, 30), weight=650)
    return finish(surface)


def cafe_front(px_per_m: int) -> Image:
    """8 × 5.6 m: a green shop front with a lit window (left) and a glass door (right of the middle)."""
    m = px_per_m
    surface = plain(int(5.6 * m), 8 * m, (168, 196, 214), seed=14, grain=5)
    cv2.rectangle(surface, (0, int(2.35 * m)), (8 * m, int(5.6 * m)), (66, 80, 34), -1)
    cv2.rectangle(surface, (0, int(2.35 * m)), (8 * m, int(2.95 * m)), (54, 66, 26), -1)
    for x0, x1, y1 in ((0.5, 2.5, 4.9), (4.35, 5.1, 4.9), (5.45, 6.75, 5.55), (7.1, 7.8, 4.9)):
        _lit_glass(surface, int(x0 * m), int(3.15 * m), int(x1 * m), int(y1 * m), seed=int(x0 * 10))
    write(surface, "CAFE LUNA", (1.7 * m, 2.65 * m), int(0.34 * m), (170, 222, 244), weight=650)
    for x in (1.0, 3.1, 5.2, 6.9):
        x0, y0 = int(x * m), int(0.5 * m)
        cv2.rectangle(surface, (x0 - 8, y0 - 8), (x0 + m + 8, y0 + int(1.4 * m) + 8), (230, 236, 238), -1)
        cv2.rectangle(surface, (x0, y0), (x0 + m, y0 + int(1.4 * m)), (112, 100, 84), -1)
        cv2.line(surface, (x0 + m // 2, y0), (x0 + m // 2, y0 + int(1.4 * m)), (230, 236, 238), 6)
    return finish(shade_edges(surface, bottom=0.3, reach=0.15))


def _lit_glass(surface: Floats, x0: int, y0: int, x1: int, y1: int, *, seed: int) -> None:
    """A pane with warm light behind it."""
    cv2.rectangle(surface, (x0 - 9, y0 - 9), (x1 + 9, y1 + 9), (40, 50, 20), -1)
    height, width = y1 - y0, x1 - x0
    glow = np.exp(-((np.linspace(-0.3, 1, height)[:, None] ** 2) * 1.4 + np.linspace(-1, 1, width)[None] ** 2 * 0.5))
    pane = glow[..., None].astype(np.float32) * np.array([92, 158, 206], np.float32) + 26
    pane += noise(height, width, cell_px=max(8, width / 4), seed=seed)[..., None] * 12
    rng = np.random.default_rng(seed)
    for shelf in (0.42, 0.66):  # what stands on the shelves is a hint only, so that it is not read or detected
        y = int(shelf * height)
        cv2.rectangle(pane, (0, y), (width, y + max(2, height // 60)), (34, 52, 70), -1)
        x = int(rng.uniform(4, 16))
        while x < width - 20:
            w, h = int(rng.uniform(0.05, 0.09) * height), int(rng.uniform(0.07, 0.16) * height)
            tone = rng.uniform(0.45, 1.0)
            cv2.rectangle(pane, (x, y - h), (x + w, y), (46 * tone, 84 * tone, 112 * tone), -1)
            x += w + int(rng.uniform(0.03, 0.16) * height)
    for lamp in np.linspace(0.25, 0.75, max(1, round(width / height * 1.6))):
        hang = int(lamp * width), int(0.16 * height)
        cv2.line(pane, (hang[0], 0), hang, (30, 40, 50), 3)
        cv2.ellipse(pane, hang, (height // 16, height // 22), 0, 180, 360, (34, 44, 56), -1, cv2.LINE_AA)
        cv2.circle(pane, (hang[0], hang[1] + height // 90), height // 34, (190, 236, 252), -1, cv2.LINE_AA)
    pane = np.asarray(cv2.GaussianBlur(pane, (0, 0), 2.2), np.float32)
    slant = np.arange(width)[None] - 0.6 * np.arange(height)[:, None]
    pane += 16 * (np.abs((slant / width + 0.1 * seed) % 1.3 - 0.4) < 0.12)[..., None].astype(np.float32)
    surface[y0:y1, x0:x1] = pane


def stop_sign() -> Image:
    """The red octagon, with opacity."""
    side = 640
    angles = np.deg2rad(22.5 + 45 * np.arange(8))
    unit = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    image = np.zeros((side, side, 4), np.uint8)
    for radius, bgra in ((318, (200, 205, 208, 255)), (306, (245, 246, 247, 255)), (284, (44, 34, 186, 255))):
        cv2.fillConvexPoly(image, np.round(unit * radius + side / 2).astype(np.int32), bgra, cv2.LINE_AA)
    write(image, "STOP", (320, 320), 196, (246, 247, 248), weight=700)
    shine = np.linspace(1.08, 0.9, side)[:, None, None]
    image[..., :3] = np.clip(image[..., :3] * shine, 0, 255)
    return image


def traffic_light() -> Image:
    """A black housing with three lenses and hoods, green lit, with opacity."""
    image = np.zeros((900, 360, 4), np.uint8)
    cv2.rectangle(image, (20, 10), (340, 890), (30, 32, 30, 255), -1)
    cv2.rectangle(image, (32, 22), (328, 878), (42, 46, 44, 255), -1)
    lenses = ((150, (26, 22, 74)), (450, (18, 62, 80)), (750, (150, 235, 70)))
    for y, bgr in lenses:
        cv2.circle(image, (180, y), 122, (14, 15, 14, 255), -1, cv2.LINE_AA)
        cv2.circle(image, (180, y), 104, (*bgr, 255), -1, cv2.LINE_AA)
        cv2.ellipse(image, (180, y - 6), (120, 118), 0, 180, 360, (20, 22, 20, 255), 20, cv2.LINE_AA)
        cv2.ellipse(image, (150, y - 34), (34, 20), -30, 0, 360, (*(min(255, c + 40) for c in bgr), 255), -1)
    cv2.circle(image, (180, 750), 66, (206, 255, 166, 255), -1, cv2.LINE_AA)
    return image


def clock() -> Image:
    """A station clock at ten past ten, with opacity."""
    image = np.zeros((640, 640, 4), np.uint8)
    centre = (320, 320)
    cv2.circle(image, centre, 316, (36, 36, 38, 255), -1, cv2.LINE_AA)
    cv2.circle(image, centre, 284, (238, 243, 245, 255), -1, cv2.LINE_AA)
    for hour in range(60):
        turn = np.deg2rad(6 * hour)
        inner, thick = (222, 13) if hour % 5 == 0 else (256, 5)
        ends = [(int(320 + r * np.sin(turn)), int(320 - r * np.cos(turn))) for r in (inner, 272)]
        cv2.line(image, ends[0], ends[1], (26, 26, 28, 255), thick, cv2.LINE_AA)
    for degrees, length, thick in ((305, 150, 22), (60, 220, 15)):
        turn = np.deg2rad(degrees)
        tip = int(320 + length * np.sin(turn)), int(320 - length * np.cos(turn))
        cv2.line(image, centre, tip, (22, 22, 24, 255), thick, cv2.LINE_AA)
    cv2.circle(image, centre, 18, (30, 30, 190, 255), -1, cv2.LINE_AA)
    return image


def bus_stop() -> Image:
    """A flag sign of a bus line."""
    surface = board(420, 520, (160, 84, 24), (245, 246, 247), border=14, seed=15)
    write(surface, "BUS STOP", (210, 96), 66, (246, 247, 248), weight=650)
    cv2.rectangle(surface, (60, 160), (360, 470), (70, 214, 248), -1)
    write(surface, "42", (210, 315), 190, (30, 30, 30), weight=700)
    return finish(surface)


def station_name() -> Image:
    """Over the portal."""
    surface = board(1500, 230, (112, 62, 26), (236, 240, 242), border=14, seed=16)
    write(surface, "CENTRAL STATION", (750, 115), 128, (244, 247, 248), weight=650)
    return finish(surface)


def platform() -> Image:
    """A lit sign under the ceiling."""
    surface = board(1100, 270, (120, 58, 18), (120, 58, 18), border=8, seed=17)
    cv2.arrowedLine(surface, (985, 215), (985, 62), (246, 248, 248), 26, cv2.LINE_AA, tipLength=0.45)
    write(surface, "PLATFORM 7", (440, 135), 112, (246, 248, 248), weight=650)
    return finish(surface)


def poster() -> Image:
    """A poster with a QR code."""
    image = finish(plain(1120, 800, (238, 242, 244), seed=18, grain=2))
    cv2.rectangle(image, (0, 0), (799, 190), (128, 96, 20), -1)
    write(image, "CITY TOUR", (400, 98), 116, (244, 247, 248), weight=650)
    modules = cv2.copyMakeBorder(cv2.QRCodeEncoder.create().encode(CODE), 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=255)
    side = 660
    image[250 : 250 + side, 70 : 70 + side] = cv2.resize(modules, (side, side), interpolation=cv2.INTER_NEAREST)[
        ..., None
    ]
    write(image, "SCAN ME", (400, 1010), 84, (60, 60, 60), weight=650)
    cv2.rectangle(image, (0, 0), (799, 1119), (90, 96, 100), 12)
    return image


def room() -> Image:
    """A door plate."""
    surface = board(760, 260, (216, 222, 224), (120, 124, 126), border=16, seed=19)
    write(surface, "ROOM  214", (380, 130), 112, (44, 40, 38), weight=500)
    return finish(surface)


def exit_sign() -> Image:
    """A green escape sign: an arrow, a runner in a doorway, the word."""
    surface = plain(300, 900, (74, 138, 18), seed=20, grain=2)
    white = (240, 250, 244)
    cv2.rectangle(surface, (8, 8), (891, 291), white, 8)
    cv2.rectangle(surface, (70, 50), (205, 250), white, -1)
    for a, b, thick in (
        ((170, 118), (148, 170), 26),
        ((148, 170), (176, 200), 16),
        ((176, 200), (164, 238), 16),
        ((148, 170), (118, 196), 16),
        ((118, 196), (88, 192), 16),
        ((166, 122), (196, 150), 13),
        ((164, 120), (128, 138), 13),
    ):
        cv2.line(surface, a, b, (74, 138, 18), thick, cv2.LINE_AA)
    cv2.circle(surface, (180, 86), 17, (74, 138, 18), -1, cv2.LINE_AA)
    write(surface, "EXIT", (545, 152), 190, white, weight=700)
    return finish(surface)


def door(px_per_m: int, bgr: Colour, *, seed: int) -> Image:
    """1 × 2.1 m with a frame, a panel and a handle."""
    m = px_per_m
    surface = plain(int(2.1 * m), m, bgr, seed=seed, grain=5)
    cv2.rectangle(surface, (0, 0), (m - 1, int(2.1 * m) - 1), (120, 124, 128), max(4, m // 18))
    cv2.rectangle(surface, (m // 5, m // 4), (4 * m // 5, int(0.95 * m)), tuple(c * 0.86 for c in bgr), 4)
    cv2.rectangle(surface, (m // 5, int(1.15 * m)), (4 * m // 5, int(1.9 * m)), tuple(c * 0.86 for c in bgr), 4)
    cv2.rectangle(surface, (int(0.82 * m), int(1.02 * m)), (int(0.92 * m), int(1.06 * m)), (190, 196, 200), -1)
    return finish(shade_edges(surface, bottom=0.2))


def plant() -> Image:
    """A bush in a clay pot, with opacity."""
    image = np.zeros((800, 560, 4), np.uint8)
    rng = np.random.default_rng(21)
    for _ in range(330):
        angle, radius = rng.uniform(0, 2 * np.pi), rng.uniform(0, 1) ** 0.6
        x, y = 280 + 225 * radius * np.cos(angle), 270 + 235 * radius * np.sin(angle)
        light = 1.15 - y / 640 + rng.uniform(-0.2, 0.2)
        colour = (int(46 * light), int(124 * light), int(66 * light), 255)
        axes = int(rng.uniform(26, 46)), int(rng.uniform(9, 17))
        cv2.ellipse(image, (int(x), int(y)), axes, rng.uniform(0, 180), 0, 360, colour, -1, cv2.LINE_AA)
    pot = np.array([[130, 500], [430, 500], [385, 790], [175, 790]], np.int32)
    cv2.fillConvexPoly(image, pot, (62, 92, 168, 255), cv2.LINE_AA)
    cv2.rectangle(image, (115, 480), (445, 540), (74, 106, 186, 255), -1)
    shine = 1.1 - 0.45 * np.abs(np.linspace(-0.7, 1.2, 560))[None, :, None]
    image[480:, :, :3] = np.clip(image[480:, :, :3] * shine, 0, 255)
    return image


def pole() -> Image:
    """A grey tube: its texture is wrapped on a panel that faces the eye."""
    across = np.sin(np.linspace(0.25, np.pi - 0.1, 24)) * 120 + 50
    return np.repeat(np.repeat(across[None, :, None], 64, axis=0), 3, axis=2).astype(np.uint8)
