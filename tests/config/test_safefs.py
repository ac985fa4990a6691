from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from queue import Empty

import pytest
from django.conf import settings
from kombu import Connection
from kombu.exceptions import ChannelError
from kombu.simple import SimpleQueue

from config.safefs import STALE_CLAIM_SECONDS

PRODUCER = """
import sys
from kombu import Connection
from kombu.transport import TRANSPORT_ALIASES
TRANSPORT_ALIASES["safefs"] = "config.safefs:Transport"
folder, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Connection("safefs://", transport_options={"folder": folder}) as connection, connection.SimpleQueue("work") as queue:
    for number in range(count):
        queue.put({"id": f"{name}-{number}", "padding": "x" * 2000})
"""
CONSUMER = """
import sys
from queue import Empty
from kombu import Connection
from kombu.transport import TRANSPORT_ALIASES
TRANSPORT_ALIASES["safefs"] = "config.safefs:Transport"
with Connection("safefs://", transport_options={"folder": sys.argv[1]}) as connection, connection.SimpleQueue("work") as queue:
    while True:
        message = queue.get(timeout=60)
        message.ack()
        if message.payload["id"] == "stop":
            break
        print(message.payload["id"])
"""


def line(folder: Path) -> Connection:
    return Connection("safefs://", transport_options={"folder": str(folder)})


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", script, *arguments], cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)


def drain(queue: SimpleQueue, count: int, within_seconds: float) -> list[str]:
    got: list[str] = []
    deadline = time.monotonic() + within_seconds
    while len(got) < count and time.monotonic() < deadline:
        try:
            message = queue.get(timeout=1)
        except Empty:
            continue
        got.append(message.payload["id"])
        message.ack()
    return got


@pytest.mark.processes
def test_two_producers_and_one_consumer_lose_and_double_nothing(tmp_path: Path) -> None:
    producers = [start(PRODUCER, str(tmp_path), name, "2000") for name in ("left", "right")]

    with line(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        got = drain(queue, 4000, within_seconds=60)
        with pytest.raises(Empty):
            queue.get(block=False)

    assert [producer.wait(30) for producer in producers] == [0, 0]
    assert Counter(got) == Counter(f"{name}-{number}" for name in ("left", "right") for number in range(2000))
    assert list((tmp_path / "unreadable").iterdir()) == []
    assert list((tmp_path / "writing").iterdir()) == []


@pytest.mark.processes
def test_two_consumers_never_hold_the_same_message(tmp_path: Path) -> None:
    consumers = [start(CONSUMER, str(tmp_path)) for _ in range(2)]
    with line(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        for number in range(1000):
            queue.put({"id": str(number)})
        for _ in consumers:
            queue.put({"id": "stop"})
        shares = [consumer.communicate(timeout=60)[0].split() for consumer in consumers]

    assert sorted(map(int, shares[0] + shares[1])) == list(range(1000))


def test_messages_come_in_the_order_they_were_sent(tmp_path: Path) -> None:
    with line(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        for number in range(50):
            queue.put({"id": str(number)})

        assert drain(queue, 50, within_seconds=10) == [str(number) for number in range(50)]


def test_half_a_message_is_moved_aside_and_the_queue_goes_on(tmp_path: Path) -> None:
    with line(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        queue.put({"id": "before"})
        ready = tmp_path / "q-work" / "ready"
        (ready / "00000000000000000000-half.msg").write_bytes(b'{"body": "eyJ')
        (ready / "00000000000000000001-other.msg").write_bytes(b'["valid JSON, but no message"]')

        assert drain(queue, 1, within_seconds=10) == ["before"]

    aside = sorted(path.name for path in (tmp_path / "unreadable").iterdir())
    assert aside == ["00000000000000000000-half.msg", "00000000000000000001-other.msg"]


def test_a_message_under_construction_is_not_seen(tmp_path: Path) -> None:
    with line(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        (tmp_path / "writing" / "00000000000000000000-unfinished.msg").write_bytes(b"{")

        with pytest.raises(Empty):
            queue.get(block=False)
        assert queue.qsize() == 0


def test_a_claim_of_a_killed_reader_is_taken_back_after_a_minute(tmp_path: Path) -> None:
    with line(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        queue.put({"id": "orphan"})
        queue.put({"id": "fresh"})
        orphan, fresh = sorted((tmp_path / "q-work" / "ready").iterdir())
        for path in (orphan, fresh):
            path.rename(tmp_path / "q-work" / "claimed" / path.name)
        claimed = tmp_path / "q-work" / "claimed" / orphan.name
        long_ago = time.time() - STALE_CLAIM_SECONDS - 1
        os.utime(claimed, (long_ago, long_ago))
    with line(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        assert drain(queue, 1, within_seconds=5) == ["orphan"]
        assert queue.qsize() == 0


def test_a_broker_folder_that_was_removed_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    with line(folder) as connection, connection.SimpleQueue("work") as queue:
        queue.put({"id": "lost with the folder"})
        for path in sorted(folder.rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
        folder.rmdir()

        queue.put({"id": "after"})

        assert drain(queue, 1, within_seconds=5) == ["after"]


def test_a_disk_that_takes_nothing_is_a_channel_error_and_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with line(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        monkeypatch.setattr(Path, "write_bytes", full)
        with pytest.raises(ChannelError):
            queue.put({"id": "too much"})
        monkeypatch.undo()

        assert queue.qsize() == 0
    assert list((tmp_path / "writing").iterdir()) == []


def test_a_queue_may_have_any_name(tmp_path: Path) -> None:
    for name in ("celery@host.celery.pidbox", "../../etc", "a/b", ".."):
        with line(tmp_path) as connection, connection.SimpleQueue(name) as queue:
            queue.put({"id": name})
            assert drain(queue, 1, within_seconds=5) == [name]

    assert all(path.parent == tmp_path for path in tmp_path.glob("q-*"))


def test_only_the_owner_may_read_the_folders(tmp_path: Path) -> None:
    with line(tmp_path / "broker") as connection, connection.SimpleQueue("work") as queue:
        queue.put({"id": "x"})

    for folder in ("", "writing", "unreadable", "q-work/ready", "q-work/claimed"):
        assert (tmp_path / "broker" / folder).stat().st_mode & 0o077 == 0


def test_purging_empties_the_queue(tmp_path: Path) -> None:
    with line(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        for number in range(5):
            queue.put({"id": str(number)})
        assert queue.clear() == 5
        assert queue.qsize() == 0
