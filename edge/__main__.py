"""The `edge` program: see, hear, answer, from the command line."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Sequence

from edge.errors import EdgeError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; whatever goes wrong is one sentence on stderr and a non-zero exit status.

    Without `argv` this is the program itself, and its end may be that of the process.
    """
    return leave(_run()) if argv is None else _run(argv)


def leave(status: int) -> int:
    """The status, or the end of the process with it if a thread is still at work.

    A stage that does not end in time is left behind as a daemon (`runtime.STOP_S`). Were the process taken down in order,
    C++ objects would be destroyed under a thread that computes with them: std::terminate, for which ggml starts a
    debugger that prints "No stack." over the report.
    """
    if threading.active_count() == 1:
        return status
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _run(argv: Sequence[str] | None = None) -> int:
    from edge.commands import ask, cloud, demo, doctor, models, profile, record, replay, run, service

    parser = argparse.ArgumentParser(
        prog="edge", description="A camera, a microphone and a model that answers, measured to the millisecond."
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an unexpected error")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (demo, run, replay, record, ask, profile, doctor, models, cloud, service):
        command.add(commands)
    args = parser.parse_args(argv)
    try:
        status: int = args.main(args)
        sys.stdout.flush()
        return status
    except EdgeError as error:
        print(f"edge: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        if args.debug:
            raise
        what = f"{type(error).__name__}: {error}"
        print(f"edge: something broke that should not ({what}); run 'edge --debug {args.command} …' and report it",
              file=sys.stderr)  # fmt: skip
        return 70


if __name__ == "__main__":
    sys.exit(main())
