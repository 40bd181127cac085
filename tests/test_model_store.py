"""Models are pulled from a real server: resumed where they stopped, checked, locked; the network is never trusted."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from edge.errors import ModelError
from edge.model_store import BLOCK_BYTES, Model, ModelStore, at_address, catalogue, sha256

CONTENT = bytes(range(256)) * 4 * 1024
"""1 MiB: four blocks"""
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server:
    """Serves CONTENT at any path, with ranges; `cut_after` ends the next answer after so many bytes."""

    def __init__(self) -> None:
        self.content, self.ranges, self.cut_after = CONTENT, True, 0
        self.asked: list[tuple[str, int]] = []
        """(Range header, bytes served) of each request"""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server._answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._httpd.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._httpd.server_port}/word.onnx"

    def close(self) -> None:
        self._httpd.shutdown()
        self._thread.join()
        self._httpd.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        wanted = request.headers.get("Range", "")
        start = int(re.sub(r"\D", "", wanted) or 0) if self.ranges else 0
        if "missing" in request.path:
            request.send_error(404)
            return
        if start >= len(self.content):
            request.send_error(416)
            return
        body = self.content[start:]
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        sent = body[: self.cut_after or len(body)]
        self.cut_after = 0
        self.asked.append((wanted, len(sent)))
        request.wfile.write(sent)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


def model(server: Server, digest: str = DIGEST) -> Model:
    return Model("word", server.url, digest, len(CONTENT), "Apache-2.0", "here", "hearing.wake.word")


def partial_of(store: ModelStore, wanted: Model) -> Path:
    path = store.path_of(wanted)
    return path.with_name(path.name + ".partial")


def test_a_model_is_pulled_step_by_step_and_only_then_gets_its_name(server: Server, store: ModelStore) -> None:
    steps: list[tuple[int, int]] = []
    path = store.pull(model(server), lambda done, total: steps.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert [total for _, total in steps] == [len(CONTENT)] * len(steps)
    done = [d for d, _ in steps]
    assert done == sorted(done)
    assert done[-1] == len(CONTENT)
    assert len(done) >= len(CONTENT) // BLOCK_BYTES
    assert not partial_of(store, model(server)).exists()
    assert store.locked() == {server.url: DIGEST}


def test_a_model_that_is_here_is_not_pulled_again(server: Server, store: ModelStore) -> None:
    for _ in range(2):
        store.pull(model(server))
    assert len(server.asked) == 1


def test_a_download_that_was_cut_goes_on_where_it_stopped(server: Server, store: ModelStore) -> None:
    """Not one byte is sent twice."""
    server.cut_after = 600_000
    with pytest.raises(ModelError, match=r"stopped at 600000 of 1048576 bytes: run the same command again") as error:
        store.pull(model(server))
    assert server.url in str(error.value)
    assert partial_of(store, model(server)).stat().st_size == 600_000
    steps: list[tuple[int, int]] = []
    path = store.pull(model(server), lambda done, total: steps.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert server.asked == [("", 600_000), ("bytes=600000-", len(CONTENT) - 600_000)]
    assert steps[0][0] > 600_000
    assert steps[-1] == (len(CONTENT), len(CONTENT))


def test_a_server_without_ranges_sends_it_all_again(server: Server, store: ModelStore) -> None:
    server.cut_after, server.ranges = 600_000, False
    with pytest.raises(ModelError, match="stopped at"):
        store.pull(model(server))
    assert store.pull(model(server)).read_bytes() == CONTENT
    assert [n for _, n in server.asked] == [600_000, len(CONTENT)]


def test_a_download_that_was_whole_but_not_yet_named_is_taken(server: Server, store: ModelStore) -> None:
    """The program was ended between the last byte and the checksum."""
    partial = partial_of(store, model(server))
    partial.parent.mkdir(parents=True)
    partial.write_bytes(CONTENT)
    assert store.pull(model(server)).read_bytes() == CONTENT
    assert server.asked == []


def test_a_file_with_another_checksum_is_thrown_away(server: Server, store: ModelStore) -> None:
    server.content = CONTENT[:-1] + b"!"
    with pytest.raises(ModelError, match=r"is not the file it should be .*: the download was thrown away, try again"):
        store.pull(model(server))
    assert not partial_of(store, model(server)).exists()
    assert not store.path_of(model(server)).exists()
    server.content = CONTENT
    assert store.pull(model(server)).read_bytes() == CONTENT


def test_an_address_without_a_checksum_is_locked_by_its_first_download(server: Server, store: ModelStore) -> None:
    path = store.pull(model(server, digest=""))
    path.unlink()
    server.content = CONTENT[::-1]
    with pytest.raises(ModelError, match=r"has changed since its first use .*models\.lock\.json"):
        store.pull(model(server, digest=""))
    assert not path.exists()


def test_two_addresses_with_one_file_name_are_two_models(server: Server, store: ModelStore) -> None:
    """Many projects call their file model.onnx."""
    first = store.pull(at_address(server.url.replace("/word.onnx", "/a/model.onnx")))
    server.content = b"another"
    second = store.pull(at_address(server.url.replace("/word.onnx", "/b/model.onnx")))
    assert (first.read_bytes(), second.read_bytes()) == (CONTENT, b"another")


def test_an_address_that_ends_in_no_name_is_pulled_all_the_same(server: Server, store: ModelStore) -> None:
    assert store.pull(at_address(server.url + "/")).read_bytes() == CONTENT


def test_a_pulled_file_that_was_damaged_is_told(server: Server, store: ModelStore) -> None:
    wanted = model(server, digest="")
    path = store.pull(wanted)
    store.verify(wanted)
    path.write_bytes(CONTENT[:-1])
    for check in (store.verify, store.pull):
        with pytest.raises(ModelError, match=r"word\.onnx is damaged .*: delete it and pull again"):
            check(wanted)


def test_a_model_given_by_path_is_locked_by_its_first_use(store: ModelStore, tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(b"first")
    store.check_path(path)
    store.check_path(path)
    path.write_bytes(b"second")
    with pytest.raises(ModelError, match=r"mine\.onnx has changed since its first use .*: if that is meant, remove"):
        store.check_path(path)
    assert store.locked()[str(path)] == hashlib.sha256(b"first").hexdigest()


def test_a_server_that_is_not_there_is_said_and_what_came_is_kept(store: ModelStore) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/word.onnx"
    wanted = Model("word", url, DIGEST, 1, "Apache-2.0", "here", "")
    partial = partial_of(store, wanted)
    partial.parent.mkdir(parents=True)
    partial.write_bytes(CONTENT[:1000])
    with pytest.raises(ModelError) as error:
        store.pull(wanted)
    said = str(error.value)
    assert said.startswith(f"{url} could not be pulled (")
    assert "check the network, then run the same command again; what has come is kept" in said
    assert "\n" not in said
    assert partial.read_bytes() == CONTENT[:1000]


def test_an_address_that_the_server_does_not_know_is_said(server: Server, store: ModelStore) -> None:
    wanted = Model("word", server.url + "/missing", "", 1, "Apache-2.0", "here", "")
    with pytest.raises(ModelError, match=r"could not be pulled \(HTTP 404 Not Found\): check the address"):
        store.pull(wanted)


@pytest.mark.parametrize("url", ["http://", "http://[", "gopher://x/y", "no address"])
def test_what_is_no_address_is_said(store: ModelStore, url: str) -> None:
    with pytest.raises(ModelError, match="could not be pulled"):
        store.pull(Model("word", url, "", 1, "Apache-2.0", "here", ""))


def test_a_connection_that_breaks_in_the_middle_of_a_block_is_one_sentence(store: ModelStore) -> None:
    """Chunked coding that ends too early: http.client has an error of its own for that."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(65_536)
                peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\nonly this")

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/word.onnx"
        with pytest.raises(ModelError, match=r"could not be pulled .*what has come is kept"):
            store.pull(Model("word", url, "", 1, "Apache-2.0", "here", ""))
        thread.join()


def test_a_server_that_speaks_no_http_is_one_sentence(store: ModelStore) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(65_536)
                peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/word.onnx"
        with pytest.raises(ModelError, match="could not be pulled"):
            store.pull(Model("word", url, "", 1, "Apache-2.0", "here", ""))
        thread.join()


def test_a_folder_that_cannot_be_written_to_is_one_sentence(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelError, match=r"file.* could not be written"):
        ModelStore(tmp_path / "file" / "models").pull(model(server))


@pytest.mark.parametrize("content", ["{", "[1]", "\x00"])
def test_a_lock_file_that_is_corrupt_is_said(store: ModelStore, content: str) -> None:
    store.folder.mkdir(parents=True)
    (store.folder / "models.lock.json").write_text(content)
    with pytest.raises(ModelError, match=r"models\.lock\.json is corrupt .*: delete it to lock the models anew"):
        store.locked()


def test_the_catalogue_names_a_licence_and_a_source_for_each_model(tmp_path: Path) -> None:
    for name, row in catalogue().items():
        assert row.name == name
        assert row.licence
        assert row.source.startswith("https://")
        assert row.url.startswith("https://")
        assert row.bytes > 0
    (tmp_path / "bad.toml").write_text("[x]\nurl = 1\n")
    with pytest.raises(ModelError, match=r"bad\.toml could not be read"):
        catalogue(tmp_path / "bad.toml")


def test_a_file_that_cannot_be_read_has_no_checksum(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere could not be read .*: check the path"):
        sha256(tmp_path / "nowhere")


def test_a_model_is_named_by_the_catalogue_an_address_or_a_path_and_never_fetched(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    own = tmp_path / "own.onnx"
    own.write_bytes(b"model")
    assert store.resolve(str(own)) == own
    for missing in ("yolox-nano", "https://models.example/x.onnx"):
        with pytest.raises(ModelError, match=f"edge models pull {missing}"):
            store.resolve(missing)
    with pytest.raises(ModelError, match="could not be read"):
        store.resolve(str(tmp_path / "nothere.onnx"))


def test_a_model_whose_size_and_time_are_as_they_were_is_not_read_again(tmp_path: Path) -> None:
    """Hashing a gigabyte at every start would cost seconds; `edge models verify` reads it."""
    store = ModelStore(tmp_path)
    own = tmp_path / "own.onnx"
    own.write_bytes(b"model")
    store.check_path(own)
    before = own.stat()
    own.write_bytes(b"other")
    os.utime(own, ns=(before.st_atime_ns, before.st_mtime_ns))
    store.check_path(own)
    os.utime(own)
    with pytest.raises(ModelError, match="has changed since its first use"):
        store.check_path(own)
