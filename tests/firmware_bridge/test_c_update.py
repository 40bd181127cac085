"""Firmware update of the reference firmware: MCUmgr's packets over the link, two slots, tags, power cuts, the way back."""

from __future__ import annotations

import json
import random
import subprocess
from hashlib import sha256
from typing import Any

import pytest

from firmware_bridge.messages import Capabilities, SettingGet, SettingValue, SmpRequest, SmpResponse
from firmware_bridge.status import State
from tests.firmware_bridge import smp_by_hand as smp
from tests.firmware_bridge.c_device import KEY, CLink, make, needs_compiler

pytestmark = needs_compiler
BODY = random.Random(1).randbytes(21_001)  # ends inside a sector and inside a flash word
NEW = smp.image((2, 1, 7), BODY, KEY)


def ask(link: CLink, operation: int, group: int, command: int, body: dict[str, Any] | bytes, version: int = 1) -> Any:
    packet = smp.request(operation, group, command, body, version)
    (response,) = [m for m in link.ask(SmpRequest(packet)) if isinstance(m, SmpResponse)]
    return smp.answer(response.smp, packet)


def upload(link: CLink, whole: bytes, start: int = 0, stop: int | None = None, chunk: int = 700) -> int:
    """Sends chunks as a client does, from what the device asks for on; where it ended."""
    offset, is_first = start, start == 0
    while is_first or offset < (len(whole) if stop is None else stop):
        body: dict[str, Any] = {"off": offset, "data": whole[offset : offset + chunk]}
        if is_first:
            body |= {"len": len(whole), "sha": sha256(whole).digest()}
        answered = ask(link, smp.WRITE, smp.IMAGE, smp.UPLOAD, body)
        assert "off" in answered, answered
        offset, is_first = answered["off"], False
    return offset


def slots(link: CLink) -> list[tuple[str, bool, bool, bool]]:
    """For each image: version, active, confirmed, pending."""
    state = ask(link, smp.READ, smp.IMAGE, smp.STATE, {})
    return [(i["version"], i["active"], i["confirmed"], i["pending"]) for i in state["images"]]


def restart(link: CLink) -> None:
    starts, lost = link.device.starts, link.host.sessions_lost
    link.host.push(SmpRequest(smp.request(smp.WRITE, smp.OS, smp.RESET, {})))
    link.until(lambda: link.device.starts > starts, 3000)
    link.until(lambda: link.host.sessions_lost > lost and link.host.status.state is State.OPEN)


def test_echo_parameters_and_errors_are_those_of_mcumgr() -> None:
    link = CLink().open()
    assert ask(link, smp.WRITE, smp.OS, smp.ECHO, {"d": "Grüße"}) == {"r": "Grüße"}
    assert ask(link, smp.READ, smp.OS, smp.PARAMETERS, {}) == {"buf_size": 1022, "buf_count": 4}
    assert ask(link, smp.READ, 63, 1, {}) == {"rc": 8}
    assert ask(link, smp.WRITE, smp.IMAGE, smp.STATE, {"hash": bytes(32)}) == {"err": {"group": 1, "rc": 8}}
    assert ask(link, smp.WRITE, smp.IMAGE, smp.STATE, {"hash": bytes(32)}, version=0) == {"rc": 3}
    assert ask(link, smp.WRITE, smp.IMAGE, smp.UPLOAD, {"data": b"x"}) == {"rc": 3}
    too_long = {"off": 0, "len": 1 << 20, "sha": bytes(32), "data": b"x"}
    assert ask(link, smp.WRITE, smp.IMAGE, smp.UPLOAD, too_long) == {"err": {"group": 1, "rc": 30}}
    endless = b"\xbf" + smp.encoded("x") + b"\x9f\x01\x02\xff" + smp.encoded("d") + smp.encoded("hi") + b"\xff"
    assert ask(link, smp.WRITE, smp.OS, smp.ECHO, endless) == {"r": "hi"}
    for broken in (b"\xa1", b"\xa1\x61d\x78\xff", b"\x9f" * 20, b"\xbf\x61d", b"\xa1\x61d" + b"\x81" * 30):
        assert ask(link, smp.WRITE, smp.OS, smp.ECHO, broken) == {"rc": 3}


@pytest.mark.parametrize(("mtu", "then"), [(20, 20), (64, 20), (20, 512)])
def test_answers_of_many_packets_survive_cuts_in_their_middle_and_another_mtu(mtu: int, then: int) -> None:
    link = CLink(mtu=mtu, loss=0.1, seed=mtu).open()
    link.got.clear()
    texts = [f"{n}" * (50 + 40 * n) for n in range(8)]
    for text in texts:
        link.host.push(SmpRequest(smp.request(smp.WRITE, smp.OS, smp.ECHO, {"d": text})))
    for n in range(30):
        link.run(40 + 7 * n)
        link.cut()
        link.mtu = then if n % 2 else mtu
    link.until(lambda: sum(isinstance(m, SmpResponse) for m in link.got) == len(texts), 60_000)
    assert [smp.decoded(m.smp[8:])["r"] for m in link.got if isinstance(m, SmpResponse)] == texts
    assert link.host.sessions_lost == 0


def test_questions_whose_answers_cannot_leave_are_not_taken_until_they_can() -> None:
    """64 questions of 11 bytes, with answers of twice the device's memory for them, and a radio that is deaf one way."""
    link = CLink(mtu=64, seed=3).open()
    link.got.clear()
    link.back.outage = lambda _: True
    for _ in range(64):
        link.host.push(SmpRequest(smp.request(smp.READ, smp.IMAGE, smp.STATE, {})))
    link.run(1000)
    assert link.device.state == "open"
    link.back.outage = lambda _: False
    link.until(lambda: sum(isinstance(m, SmpResponse) for m in link.got) == 64, 60_000)
    assert link.host.sessions_lost == 0


def test_an_update_is_uploaded_tested_started_and_kept() -> None:
    link = CLink(loss=0.05, seed=2).open()
    assert slots(link) == [("1.0.0", True, True, False)]
    assert upload(link, NEW) == len(NEW)
    assert slots(link) == [("1.0.0", True, True, False), ("2.1.7", False, False, False)]
    state = ask(link, smp.WRITE, smp.IMAGE, smp.STATE, {"hash": smp.image_hash(NEW), "confirm": False})
    assert [i["pending"] for i in state["images"]] == [False, True]
    boot = link.host.capabilities
    restart(link)
    told = link.host.capabilities
    assert isinstance(told, Capabilities) and boot and told.boot != boot.boot and told.firmware == 0x02010007
    assert link.host.status.reason == "" and link.host.sessions_lost == 1
    assert slots(link) == [("2.1.7", True, False, False), ("1.0.0", False, False, False)]
    refused = ask(link, smp.WRITE, smp.IMAGE, smp.UPLOAD, {"off": 0, "len": 300, "sha": bytes(32), "data": b"x" * 100})
    assert refused == {"err": {"group": 1, "rc": 9}}, "the other slot is the way back"
    ask(link, smp.WRITE, smp.IMAGE, smp.STATE, {"confirm": True})
    restart(link)
    assert slots(link)[0] == ("2.1.7", True, True, False)
    third = smp.image((3, 0, 0), BODY[:5000], KEY)
    upload(link, third)
    ask(link, smp.WRITE, smp.IMAGE, smp.STATE, {"hash": smp.image_hash(third), "confirm": True})
    restart(link)
    assert slots(link) == [("3.0.0", True, True, False), ("2.1.7", False, False, False)]


def test_a_tested_image_that_is_not_kept_gives_way_to_the_old_one_and_can_be_tested_again() -> None:
    link = CLink().open()
    upload(link, NEW)
    for _ in range(2):
        ask(link, smp.WRITE, smp.IMAGE, smp.STATE, {"hash": smp.image_hash(NEW)})
        restart(link)
        assert slots(link)[0] == ("2.1.7", True, False, False)
        restart(link)
        assert slots(link) == [("1.0.0", True, True, False), ("2.1.7", False, False, False)]


@pytest.mark.parametrize("where", [4, 12, 40, 20_000, -1], ids=["header", "version", "body", "late", "tag"])
def test_an_image_with_one_wrong_bit_is_never_marked_nor_started(where: int) -> None:
    link = CLink().open()
    forged = bytearray(NEW)
    forged[where] ^= 1
    upload(link, bytes(forged))
    answered = ask(link, smp.WRITE, smp.IMAGE, smp.STATE, {"hash": sha256(forged[:-32]).digest()})
    assert answered["err"]["rc"] == 8 and len(slots(link)) == 1
    restart(link)
    assert slots(link) == [("1.0.0", True, True, False)]


def test_an_image_with_another_devices_key_is_not_taken_and_a_wrong_hash_of_the_whole_is_said() -> None:
    link = CLink().open()
    other = smp.image((9, 0, 0), BODY[:3000], b"k" * 32)
    upload(link, other)
    assert (
        ask(link, smp.WRITE, smp.IMAGE, smp.STATE, {"hash": smp.image_hash(other), "confirm": True})["err"]["rc"] == 8
    )
    body = {"off": 0, "len": 200, "sha": bytes(32), "data": NEW[:200]}
    assert ask(link, smp.WRITE, smp.IMAGE, smp.UPLOAD, body) == {"err": {"group": 1, "rc": 24}}


def test_an_upload_goes_on_after_a_cut_of_the_link_and_after_a_cut_of_the_power() -> None:
    link = CLink().open()
    there = upload(link, NEW, stop=9000)
    link.cut()
    link.until(lambda: link.host.status.state is State.OPEN)
    first = {"off": 0, "len": len(NEW), "sha": sha256(NEW).digest(), "data": NEW[:500]}
    assert ask(link, smp.WRITE, smp.IMAGE, smp.UPLOAD, first) == {"off": there}, "the link only: not a byte again"
    link.device.boot(link.us())
    link.until(lambda: link.host.status.state is not State.OPEN)
    link.until(lambda: link.host.status.state is State.OPEN)
    resumed = ask(link, smp.WRITE, smp.IMAGE, smp.UPLOAD, first)["off"]
    assert resumed == 8192, "the power: from the last whole sector on"
    assert upload(link, NEW, start=resumed) == len(NEW)
    assert slots(link)[1] == ("2.1.7", False, False, False)


def test_offsets_that_are_not_asked_for_change_nothing_and_an_upload_that_lies_about_its_length_is_refused() -> None:
    link = CLink().open()
    there = upload(link, NEW, stop=3000)
    for offset in (there + 4, there - 4, 4_000_000):
        assert ask(link, smp.WRITE, smp.IMAGE, smp.UPLOAD, {"off": offset, "data": b"x" * 64}) == {"off": there}
    small = smp.image((4, 0, 0), b"x" * 100, KEY)
    body = {"off": 0, "len": len(small), "sha": sha256(small).digest(), "data": small + b"more"}
    assert ask(link, smp.WRITE, smp.IMAGE, smp.UPLOAD, body) == {"err": {"group": 1, "rc": 21}}
    assert upload(link, small) == len(small)
    assert link.ask(SettingGet(key=1)) == [SettingValue(1, 50)]


def test_a_flash_that_fails_in_the_middle_is_an_error_in_the_answer() -> None:
    link = CLink().open()
    upload(link, NEW, stop=1400)
    link.device.cut_after(100)
    body = {"off": 1400, "data": NEW[1400:2100]}
    assert ask(link, smp.WRITE, smp.IMAGE, smp.UPLOAD, body) == {"err": {"group": 1, "rc": 12}}
    assert link.device.is_cut


def test_power_cuts_all_over_an_update_start_a_whole_image_every_time_and_the_update_goes_on() -> None:
    """Each cut is followed by a second one on the way back; the benchmark does this with an image of 200 KB."""
    program = make("build/power_cuts") / "power_cuts"
    done = subprocess.run([str(program), "5000", "512"], capture_output=True, text=True, timeout=120)
    found = json.loads(done.stdout)
    assert done.returncode == 0 and found["started_neither"] == found["update_not_finished"] == 0
    assert found["started_old"] > 20 and found["started_new"] > 50 and found["uploads_resumed"] > 20
