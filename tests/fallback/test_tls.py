"""A server whose certificate is not right is named in one sentence, told nothing, and never asked without the check."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from edge.fallback.chat import Delta
from edge.fallback.client import CallFailed, Client, request
from tests.fallback.server import Script, Server
from tests.fallback.test_client import CHAT, KEY, WHOLE

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="certificates are made with the openssl program"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority and certificates that it signed: right, expired, for another name; and one by itself."""
    folder = tmp_path_factory.mktemp("tls")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    for name in ("ca", "self"):
        openssl("req", "-x509", *key, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2", "-subj", f"/CN={name}",
                "-addext", "subjectAltName=IP:127.0.0.1")  # fmt: skip
    for name, address, days in (
        ("right", "127.0.0.1", "2"),
        ("expired", "127.0.0.1", "-1"),
        ("other", "127.0.0.9", "2"),
    ):
        (folder / "names").write_text(f"subjectAltName=IP:{address}")
        openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-out", f"{name}.pem", "-days", days, "-extfile", "names")  # fmt: skip
    return folder


def asked(folder: Path, name: str, *, trusts: bool = True) -> tuple[list[Delta], CallFailed | None, Server]:
    """What came of one question to a server with this certificate; `trusts`: the authority is known."""
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    roots = ssl.create_default_context(cafile=str(folder / "ca.pem")) if trusts else True

    async def ask() -> tuple[list[Delta], CallFailed | None, Server]:
        came: list[Delta] = []
        async with Server([Script()], tls=own) as server, Client(roots) as client:
            asyncio.get_running_loop().set_exception_handler(
                lambda loop, context: None
            )  # the server's side of a refusal
            try:
                async with asyncio.timeout(20):
                    await client.warm(server.row)
                    async for delta in client.send(server.row, request(server.row, KEY, CHAT)):
                        came.append(delta)
            except CallFailed as error:
                return came, error, server
            return came, None, server

    return asyncio.run(ask())


def test_a_right_certificate_is_taken(made: Path) -> None:
    came, error, _ = asked(made, "right")
    assert error is None and came == WHOLE


@pytest.mark.parametrize(
    ("name", "trusts", "says"),
    [
        ("expired", True, "its certificate has expired"),
        ("other", True, "its certificate is made for another address"),
        ("self", True, "it signed its certificate itself"),
        ("right", False, "its certificate is signed by somebody who is not known here"),
    ],
)
def test_a_wrong_one_is_named_and_its_server_is_told_nothing(made: Path, name: str, trusts: bool, says: str) -> None:
    came, error, server = asked(made, name, trusts=trusts)
    assert came == [] and server.asked == []
    assert error is not None and not error.is_transient
    assert str(error) == f"test is not who it says: {says}, so nothing was sent; check its url and this device's clock"
