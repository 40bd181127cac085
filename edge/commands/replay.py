"""`edge replay`: recorded pictures and sound through the real path, in real time or as fast as the machine can."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from edge import media
from edge.commands.options import add_config, config_of
from edge.commands.output import Progress, check_outputs, print_session, write_outputs
from edge.errors import ConfigError
from edge.profile import Profile, load_profile
from edge.results import results
from edge.runtime import Live, Session, paced, replay_virtual
from edge.settings import Config
from edge.sources import replay
from edge.stage import Node

PROFILES = Path(__file__).parent.parent / "assets" / "profiles"


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "replay", help="run recorded pictures and sound through the real path", description=__doc__
    )
    parser.add_argument("recording", nargs="?", type=Path, help="an .mcap recording, or a file with picture and sound")
    parser.add_argument("--camera", metavar="FILE", help="a video file")
    parser.add_argument("--microphone", metavar="FILE", help="a sound file, or a video file with sound")
    add_replay_options(parser)
    parser.set_defaults(main=main)


def add_replay_options(parser: argparse.ArgumentParser) -> None:
    """What a recording is run with; shared with `edge demo` and `edge profile`."""
    parser.add_argument("--speed", choices=("real", "max"), default="max",
                        help="max: a virtual clock, the same events on every run; real: as it once was")  # fmt: skip
    parser.add_argument("--as", dest="device", metavar="PROFILE.toml", default="desktop",
                        help="with --speed max: what work costs, by file or name (desktop, pi5, pi4, …)")  # fmt: skip
    parser.add_argument("--trace", type=Path, metavar="FILE.json", help="write a trace for ui.perfetto.dev")
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write a one-file report")
    parser.add_argument("--events", type=Path, metavar="FILE.jsonl", help="write the event log")
    add_config(parser)


def main(args: argparse.Namespace) -> int:
    config = config_of(args)
    camera, microphone = inputs_of(args)
    check_outputs(args.trace, args.report, args.events)
    session = replayed(args, config, camera, microphone)
    write_outputs(args, session)
    if args.json:
        print(json.dumps(results(session), ensure_ascii=False))
    else:
        print_session(session, Console())
    return 0


def inputs_of(args: argparse.Namespace) -> tuple[str | None, str | None]:
    """Which file gives the pictures and which the sound.

    Raises:
        ConfigError: neither.
        SourceError: the file is not there.
    """
    if args.recording is None:
        if args.camera is None and args.microphone is None:
            raise ConfigError("nothing to replay: give a recording, or --camera FILE, --microphone FILE, or both")
        return args.camera, args.microphone
    path = str(args.recording)
    if path.endswith(".mcap"):
        return path, path
    return (path if media.has(path, "video") else None), (path if media.has(path, "audio") else None)


def replayed(
    args: argparse.Namespace, config: Config, camera: str | None, microphone: str | None, sinks: Sequence[Node] = ()
) -> Session:
    """Run the recording as the command line asks; `sinks` get what happens while it happens, in real time."""
    events = feed(config, camera, microphone)
    inputs = (camera is not None, microphone is not None)
    with Progress(total_s(camera, microphone), quiet=args.json or bool(sinks)) as progress:
        if args.speed == "max":
            return replay_virtual(config, progress.watch(events), inputs, profile_of(args.device))
        return Live(config, paced(progress.watch(events)), inputs, sinks=sinks, retry=False).run()


def feed(config: Config, camera: str | None, microphone: str | None) -> Iterator[replay.Timed]:
    """The events of the files, in order of time."""
    if camera is not None and camera.endswith(".mcap"):
        from edge.sources import recording

        return recording.read(Path(camera))
    return replay.files(
        camera, microphone, width=config.camera.width, height=config.camera.height,
        block_ms=config.microphone.block_ms,
    )  # fmt: skip


def total_s(camera: str | None, microphone: str | None) -> float:
    """How long the recording is; 0 when it does not say."""
    return max((media.duration_s(f) for f in (camera, microphone) if f and not f.endswith(".mcap")), default=0.0)


def profile_of(name: str) -> Profile:
    """A profile by path, or one of those that come with the runtime by name."""
    path = Path(name)
    bundled = PROFILES / f"{name.removesuffix('.toml')}.toml"
    return load_profile(bundled if not path.is_file() and bundled.is_file() else path)
