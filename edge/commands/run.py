"""`edge run`: live, from camera and microphone to the answer, until Ctrl-C."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from edge import live
from edge.clock import Now
from edge.commands.options import add_config, config_of
from edge.commands.output import stage_table
from edge.errors import ConfigError
from edge.results import results
from edge.runtime import Live, Session
from edge.service import ServiceManager
from edge.settings import Config
from edge.sinks.player import Player
from edge.stage import Node


def add(commands: Any) -> None:
    parser = commands.add_parser("run", help="live: camera, microphone, answers", description=__doc__)
    parser.add_argument("--list", action="store_true", help="show cameras, microphones and speakers, and end")
    add_live_options(parser)
    parser.add_argument("--record", type=Path, metavar="FILE.mcap", help="record the session as well")
    parser.set_defaults(main=main)


def add_live_options(parser: argparse.ArgumentParser) -> None:
    """What `edge record` takes as well."""
    parser.add_argument("--camera", metavar="SOURCE", help="index, file, rtsp:// or http:// address, or none")
    parser.add_argument("--microphone", metavar="DEVICE", help="PortAudio name or index, file, or none")
    parser.add_argument("--glasses", metavar="URI", help="glasses as camera, microphone, buttons and display: sim:, "
                        "serial:/dev/ttyACM0, ble:NAME, g1:45, frame:4F, tcp:HOST:PORT")  # fmt: skip
    parser.add_argument("--seconds", type=float, metavar="N", help="end by itself after N seconds")
    parser.add_argument("--foxglove", type=int, nargs="?", const=8765, metavar="PORT",
                        help="serve the session live to Foxglove (ws://localhost:8765)")  # fmt: skip
    parser.add_argument("--fps", type=float, default=10.0, help="pictures a second in the recording")
    add_config(parser)


def main(args: argparse.Namespace) -> int:
    if args.list:
        return _list(as_json=args.json)
    return run_live(args, args.record)


def run_live(args: argparse.Namespace, record: Path | None) -> int:
    """One live session."""
    if args.glasses is not None:
        args.overrides.append(f"glasses.uri={json.dumps(args.glasses)}")
        args.camera = args.camera or "glasses"
        args.microphone = args.microphone or "glasses"
    if args.camera is not None:
        args.overrides.append(f"camera.source={json.dumps(args.camera)}")
    if args.microphone is not None:
        args.overrides.append(f"microphone.device={json.dumps(args.microphone)}")
    config = config_of(args)
    if args.seconds is not None and args.seconds <= 0:
        raise ConfigError(f"--seconds {args.seconds:g} is no time to run: give a number above 0")
    session = LiveRun(config, args, record).run()
    if args.json:
        print(json.dumps(results(session), ensure_ascii=False))
    else:
        Console(stderr=True).print(stage_table(session))
    return 0


class LiveRun:
    """A live session with its sinks and, if asked for, its recorder; closes what it opened."""

    def __init__(self, config: Config, args: argparse.Namespace, record: Path | None) -> None:
        self._started_s = time.monotonic()
        if args.json:
            args.overrides.append("sinks.console=false")  # the last line belongs to the machine
            config = config_of(args)
        self._config, self._seconds = config, args.seconds
        sinks = live.sinks(config)
        cloud = live.cloud(config)
        self._live = Live(config, live.sources(config, sinks), live.inputs(config), sinks=sinks, device=live.device,
                          make_output=live.output(config), cloud=cloud, keeps=live.keeps(config),
                          consent=live.consent(config))  # fmt: skip
        if cloud is not None:
            cloud.listen(self._live.bus.publish)
        self._closing: list[Any] = [node.stage for node in sinks if hasattr(node.stage, "close")]
        self._closing += [w.node.stage for w in self._live.workers if isinstance(w.node.stage, Player)]
        self._closing += [cloud] if cloud is not None else []
        if record is not None or args.foxglove is not None:
            from edge.sinks.record import Options, Recorder  # 13 MB that only a recording needs

            options = Options(fps=args.fps)
            now_ns: Now = self._live.now_ns
            recorder = Recorder(options, now_ns, self._live.trace, path=record, port=args.foxglove)
            self._live.add(Node("record", recorder, Recorder.takes, Recorder.policy))
            self._closing.append(recorder)

    def run(self) -> Session:
        manager, over = ServiceManager(), threading.Event()

        def on_listening() -> None:
            manager.say("READY=1\nSTATUS=listening")
            manager.watch(self._live.stuck_s, over)
            print(
                f"listening after {time.monotonic() - self._started_s:.1f} s; Ctrl-C ends", file=sys.stderr, flush=True
            )
            if self._seconds is not None:
                timer = threading.Timer(self._seconds, self._live.stop)
                timer.daemon = True
                timer.start()

        try:
            return self._live.run(on_listening)
        finally:
            over.set()
            manager.say("STOPPING=1")
            for sink in self._closing:
                sink.close()


def _list(*, as_json: bool) -> int:
    found = live.listing()
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    for title in ("cameras", "microphones", "speakers"):
        print(f"{title}:")
        for row in found[title]:
            number = row.get("source", row.get("device"))
            print(f"  {number:>3}  {row['name']}{'  (default)' if row.get('default') else ''}")
        if not found[title]:
            print("  none")
    if "sound_problem" in found:
        print(found["sound_problem"])
    return 0
