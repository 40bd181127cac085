"""`python -m firmware_bridge header` prints the C header of the protocol; `tables` prints the tables of docs/protocol.md."""

from __future__ import annotations

import sys

from firmware_bridge import c_header, protocol_tables


def main(argv: list[str] | None = None) -> int:
    """Prints what was asked for."""
    given = sys.argv[1:] if argv is None else argv
    printers = {"header": c_header.text, "tables": protocol_tables.text}
    if len(given) != 1 or given[0] not in printers:
        print("firmware_bridge: say what to print: header or tables", file=sys.stderr)
        return 2
    print(printers[given[0]](), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
