"""Configuration: what does not fit is one sentence with the nearest right word."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.config import PLUGINS, kinds, load_config, options_of, plugin_module
from edge.errors import ConfigError
from edge.settings import Plugin


def test_the_defaults_hold_together_and_every_plugin_has_options_and_build() -> None:
    load_config()
    for name in PLUGINS:
        for kind in kinds(name):
            if kind != "none":
                module = plugin_module(name, Plugin(kind))
                assert callable(module.build), f"{name} {kind}"
                assert module.Options.__dataclass_params__.frozen, f"{name} {kind}"


def test_a_file_and_the_command_line_override_the_defaults_in_that_order(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('[camera]\nsource = "2"\nfps = 15\n[hearing.asr.slots]\ndrink = ["tea", "coffee"]\n')
    config = load_config(path, ["camera.fps=10", "perception.objects.model=/m/x.onnx", "camera.source=rtsp://cam/1"])
    assert (config.camera.source, config.camera.fps) == ("rtsp://cam/1", 10.0)
    assert config.perception.objects.options["model"] == "/m/x.onnx"
    assert options_of("hearing.asr", config.hearing.asr).slots == {"drink": ("tea", "coffee")}


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("perception.objetcs.model=x", "did you mean 'perception.objects'"),
        ("perception.objects.min_scor=0.5", "did you mean 'perception.objects.min_score'"),
        ("camera.fps=fast", "camera.fps in the command line must be a number, not 'fast'"),
        ("camera.fps=true", "must be a number"),
        ("hearing.asr.kind=whispr", "unknown kind 'whispr' for hearing.asr"),
        ("hearing.address=sometimes", "one of always, button, wake"),
        ("camera=3", "camera in the command line must be a table"),
        ("camera.source.x=3", "must be a text"),
        ("nonsense", "not of the form key=value"),
        ("=3", "not of the form key=value"),
        ("hearing.asr.phrases=hello", "must be a list"),
        ("sinks.console=1", "must be true or false"),
    ],
)
def test_what_does_not_fit_is_said_in_one_sentence(override: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_config(None, [override])
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothere.toml could not be read"):
        load_config(tmp_path / "nothere.toml")
    (tmp_path / "bad.toml").write_text("[camera\n")
    with pytest.raises(ConfigError, match=r"bad.toml is not valid TOML"):
        load_config(tmp_path / "bad.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"binary.toml is not valid TOML"):
        load_config(tmp_path / "binary.toml")
