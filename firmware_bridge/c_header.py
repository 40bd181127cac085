"""Prints the protocol as one C99 header: constants, structs, and functions that read and write each layout byte by byte."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from firmware_bridge import best_effort, channels, framing, levels, messages, packets, reliable, timing
from firmware_bridge.layout import Field, Layout, Side, declared

_TYPES = {"B": "uint8_t", "H": "uint16_t", "I": "uint32_t", "h": "int16_t", "i": "int32_t"}


def text() -> str:
    """The header; the same for the same protocol."""
    return "\n".join([*_opening(), *_constants(), *_controls(), *_messages(), "#endif", ""])


def snake(name: str) -> str:
    """CamelCase as camel_case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _opening() -> Iterator[str]:
    yield "/* The wire between host and glasses. Printed by `python -m firmware_bridge header`: do not edit. */"
    yield "#ifndef GP_MESSAGES_H\n#define GP_MESSAGES_H\n"
    yield "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <string.h>\n"
    yield _PRIMITIVES


def _constants() -> Iterator[str]:
    numbers = {
        "PROTOCOL_VERSION": packets.PROTOCOL_VERSION,
        "MIN_MTU": framing.MIN_MTU,
        "MAX_MTU": framing.MAX_MTU,
        "CRC_BYTES": framing.CRC_BYTES,
        "MAX_PACKET_BYTES": framing.MAX_PACKET_BYTES,
        "TAG_BYTES": len(framing.NO_TAG),
        "HEADER_BYTES": packets.HEADER_BYTES,
        "ACK_BYTES": packets.ACK_BYTES,
        "MAX_WINDOW": packets.MAX_WINDOW,
        "REORDERED": reliable.REORDERED,
        "ACK_EVERY": reliable.ACK_EVERY,
        "ACK_DELAY_MS": reliable.ACK_DELAY_NS // 1_000_000,
        "FIRST_TIMEOUT_MS": reliable.FIRST_TIMEOUT_NS // 1_000_000,
        "MIN_TIMEOUT_MS": reliable.MIN_TIMEOUT_NS // 1_000_000,
        "MAX_TIMEOUT_MS": reliable.MAX_TIMEOUT_NS // 1_000_000,
        "PROBE_MS": best_effort.PROBE_NS // 1_000_000,
        "MAX_TO_DEVICE_BYTES": channels.MAX_TO_DEVICE_BYTES,
        "MAX_TO_HOST_BYTES": channels.MAX_TO_HOST_BYTES,
    } | {name: value for each in (timing, levels) for name, value in vars(each).items() if name.isupper()}
    yield from (f"#define GP_{name} {value}" for name, value in numbers.items())
    yield f"#define GP_NO_SESSION {int.from_bytes(framing.NO_TAG[:4], 'little')}"
    yield f"#define GP_NO_CONNECTION {framing.NO_TAG[4]}"
    yield "\n/* first byte of a packet: the type in the two highest bits */"
    yield "#define GP_TYPE_MASK 0xC0\n#define GP_CONTROL 0x00\n#define GP_RELIABLE 0x40"
    yield "#define GP_BEST_EFFORT 0x80\n#define GP_ACK 0xC0"
    yield f"#define GP_FIRST {packets.FIRST:#04x}\n#define GP_LAST {packets.LAST:#04x}"
    yield f"#define GP_WITH_ACK {packets.WITH_ACK:#04x}\n#define GP_CHANNEL_MASK 0x07\n"
    for kind in (channels.BestEffort, packets.Reason, *messages.ENUMS):
        label = "CHANNEL" if kind is channels.BestEffort else snake(kind.__name__).upper()
        members = ", ".join(f"GP_{label}_{member.name} = {int(member)}" for member in kind)
        yield f"enum gp_{label.lower()}_value {{ {members} }};"
    yield ""


def _controls() -> Iterator[str]:
    for kind in packets.CONTROLS:
        names = [f.name for f in dataclasses.fields(kind)]
        codes = kind.LAYOUT.format.removeprefix("<")
        fields = tuple(Field(name, code, 0) for name, code in zip(names, codes, strict=True))
        yield f"/* {_said(kind)} */"
        shape = Layout(kind.__name__, kind.CODE, Side.HOST, 0, bulk=False, fields=fields, tail=None, tail_is_text=False)
        yield from _codec(shape, is_control=True)


def _messages() -> Iterator[str]:
    kinds = {shape.name: getattr(messages, shape.name) for shape in declared()}
    for shape in declared():
        way = "host to device" if shape.sender is Side.HOST else "device to host"
        where = "reliable" if shape.channel == 0 else f"channel {shape.channel}"
        yield f"/* {way}, {where}{', bulk' if shape.bulk else ''}: {_said(kinds[shape.name])} */"
        yield from _codec(shape, is_control=False)


def _said(kind: type) -> str:
    return (kind.__doc__ or "").splitlines()[0]


def _codec(shape: Layout, *, is_control: bool) -> Iterator[str]:
    name, upper = snake(shape.name), snake(shape.name).upper()
    yield f"#define GP_{'CONTROL' if is_control else 'MSG'}_{upper} {shape.number:#04x}"
    yield f"#define GP_{upper}_FIXED_BYTES {shape.fixed_bytes}"
    yield "typedef struct {"
    yield from (f"    {_declared(field)};" for field in shape.fields)
    if shape.tail:
        yield f"    const uint8_t *{shape.tail};\n    size_t {shape.tail}_bytes;"
    if not shape.fields and not shape.tail:
        yield "    uint8_t nothing; /* C99 has no empty struct */"
    yield f"}} gp_{name};\n"
    yield from _reader(shape, name, is_control=is_control)
    yield from _writer(shape, name)


def _declared(field: Field) -> str:
    return f"char {field.name}[17]" if field.code == "16s" else f"{_TYPES[field.code]} {field.name}"


def _reader(shape: Layout, name: str, *, is_control: bool) -> Iterator[str]:
    """Reads after the number (or first byte); false: the body ends inside a field, or lies about its fixed part."""
    yield f"static inline bool gp_read_{name}(gp_{name} *m, const uint8_t *body, size_t bytes) {{"
    yield "    size_t at = 0, end = bytes;\n    memset(m, 0, sizeof *m);"
    if shape.tail:
        yield "    if (bytes < 1 || body[0] < 1 || body[0] > bytes) return false;\n    at = 1; end = body[0];"
        yield f"    m->{shape.tail} = body + end; m->{shape.tail}_bytes = bytes - end;"
    for field in shape.fields:
        if field.default and not isinstance(field.default, str):
            yield f"    m->{field.name} = {field.default};"
    if is_control:
        yield f"    if (bytes < GP_{name.upper()}_FIXED_BYTES) return false;"
    for field in shape.fields:
        size = field.size_bytes
        yield f"    if (at == end) return true;\n    if (end - at < {size}) return false;"
        if field.code == "16s":
            yield f"    memcpy(m->{field.name}, body + at, 16);"
        else:
            yield f"    m->{field.name} = ({_TYPES[field.code]})gp_get{size}(body + at);"
        yield f"    at += {size};"
    yield "    (void)at; (void)end; (void)body; (void)bytes;\n    return true;\n}\n"


def _writer(shape: Layout, name: str) -> Iterator[str]:
    """Writes the number and the body; 0: there is no room."""
    tail = f" + m->{shape.tail}_bytes" if shape.tail else ""
    yield f"static inline size_t gp_write_{name}(const gp_{name} *m, uint8_t *out, size_t room) {{"
    yield f"    size_t at = 0;\n    if (room < 1 + GP_{name.upper()}_FIXED_BYTES{tail}) return 0;"
    yield f"    out[at++] = {shape.number:#04x};"
    if shape.tail:
        yield f"    out[at++] = {shape.fixed_bytes};"
    for field in shape.fields:
        if field.code == "16s":
            yield f"    memset(out + at, 0, 16);\n    memcpy(out + at, m->{field.name}, gp_text_bytes(m->{field.name}));"
        else:
            yield f"    gp_put{field.size_bytes}(out + at, (uint32_t)m->{field.name});"
        yield f"    at += {field.size_bytes};"
    if shape.tail:
        yield f"    if (m->{shape.tail}_bytes) memcpy(out + at, m->{shape.tail}, m->{shape.tail}_bytes);"
        yield f"    at += m->{shape.tail}_bytes;"
    yield "    (void)m;\n    return at;\n}\n"


_PRIMITIVES = (
    """\
static inline uint32_t gp_get1(const uint8_t *p) { return p[0]; }
static inline uint32_t gp_get2(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8; }
static inline uint32_t gp_get4(const uint8_t *p) { return gp_get2(p) | gp_get2(p + 2) << 16; }
static inline void gp_put1(uint8_t *p, uint32_t v) { p[0] = (uint8_t)v; }
static inline void gp_put2(uint8_t *p, uint32_t v) { p[0] = (uint8_t)v; p[1] = (uint8_t)(v >> 8); }
static inline void gp_put4(uint8_t *p, uint32_t v) { gp_put2(p, v); gp_put2(p + 2, v >> 16); }
static inline size_t gp_text_bytes(const char *text) {
    size_t n = 0;
    while (n < 16 && text[n]) n++;
    return n;
}
""".rstrip("\n")
    + "\n"
)
