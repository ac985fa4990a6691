from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.test import override_settings

from config.supervisor import __main__ as supervisor
from config.supervisor import broker
from config.supervisor.broker import Broker, choose
from config.supervisor.lock import AlreadyRunningError, only_one
from config.supervisor.programs import programs
from tests.config.test_pulse import eventually

FAKE_SERVER = "#!/bin/sh\nexit 1\n"


def test_a_second_start_on_the_same_data_says_so_and_the_lock_comes_back(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(AlreadyRunningError) as raised, only_one(tmp_path):
        pass
    assert str(os.getpid()) in str(raised.value)
    assert str(tmp_path) in str(raised.value)

    with only_one(tmp_path):
        assert (tmp_path / "supervisor.lock").read_text() == str(os.getpid())


@pytest.mark.processes
def test_the_second_supervisor_ends_with_one(tmp_path: Path) -> None:
    environment = os.environ | {"ROLLCALL_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    with only_one(tmp_path):
        done = subprocess.run(
            [sys.executable, "-m", "config.supervisor"], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=60
        )

    assert done.returncode == 1
    assert "Rollcall runs already" in done.stderr


@pytest.mark.processes
def test_a_killed_holder_leaves_no_lock_behind(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time\nfrom pathlib import Path\nfrom config.supervisor.lock import only_one\n"
            "with only_one(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(600)",
            str(tmp_path),
        ],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    holder.kill()
    holder.wait(10)

    with only_one(tmp_path):
        assert True


@pytest.mark.servers
def test_a_port_in_use_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(supervisor, "PORT_PATIENCE_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert supervisor._run(port) == 1

    assert f"Port {port} is used by another program" in capsys.readouterr().err


@pytest.mark.servers
def test_the_sandbox_s_port_in_use_is_named_before_anything_is_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(supervisor, "PORT_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(supervisor, "preparations", lambda: pytest.fail("nothing is to be prepared"))
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as other:
        port, free = taken.getsockname()[1], other.getsockname()[1]
        other.close()
        with override_settings(SANDBOX_URL=f"http://127.0.0.1:{port}"):
            assert supervisor._run(free) == 1

    said = capsys.readouterr().err
    assert f"Port {port}, where the sandbox answers" in said and "ROLLCALL_SANDBOX_URL=" in said


@pytest.mark.processes
def test_where_a_demo_answers_is_remembered_by_its_folder(tmp_path: Path) -> None:
    with override_settings(DATA_DIR=tmp_path, SANDBOX_URL="http://127.0.0.1:8311"):
        supervisor.remember(8310)
    bare = {key: value for key, value in os.environ.items() if not key.startswith("ROLLCALL_") and key != "PORT"}
    said = {}
    for name, more in {"again": {}, "elsewhere": {"PORT": "8400"}}.items():
        told = subprocess.run(
            [
                *(sys.executable, "-c"),
                "from django.conf import settings as s; print(s.PUBLIC_URL, s.SANDBOX_URL, *s.SANDBOX_HOSTS)",
            ],
            cwd=settings.BASE_DIR,
            env={**bare, "ROLLCALL_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings", **more},
            capture_output=True,
            text=True,
            check=True,
        )
        said[name] = told.stdout.split()
    assert said["again"] == ["http://127.0.0.1:8310", "http://127.0.0.1:8311", "127.0.0.1:8311"]
    assert said["elsewhere"][0] == "http://127.0.0.1:8400", "what the environment says wins"


def test_a_configured_broker_is_used_as_it_is(tmp_path: Path) -> None:
    assert choose("redis://broker:6379/0", tmp_path) == Broker("redis://broker:6379/0", "broker: REDIS_URL")


def test_without_any_server_files_are_the_broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    chosen = choose("", tmp_path)

    assert (chosen.redis_url, chosen.program) == ("", None)
    assert "files" in chosen.says


@pytest.mark.processes
def test_a_server_that_does_not_start_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in broker.SERVERS:
        (tmp_path / name).write_text(FAKE_SERVER)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")

    assert choose("", tmp_path).redis_url == ""


@pytest.mark.redis
def test_a_server_on_the_machine_becomes_a_private_broker_that_only_we_can_reach(tmp_path: Path) -> None:
    (tmp_path / "private-broker").mkdir(mode=0o700)
    (tmp_path / "private-broker" / "broker.sock").write_text("left over by a server that was killed")

    chosen = choose("", tmp_path)

    assert chosen.program is not None
    path = Path(chosen.redis_url.removeprefix("unix://"))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    server = subprocess.Popen(chosen.program.command, stdout=subprocess.DEVNULL)
    try:
        with redis.Redis(unix_socket_path=str(path)) as client:
            assert eventually(lambda: path.is_socket() and bool(client.ping()))
            assert client.config_get("port") == {"port": "0"}
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    finally:
        server.terminate()
        server.wait(10)


def test_a_data_folder_with_a_long_name_still_gets_a_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 60) / ("y" * 60)

    folder = broker._socket_folder(deep)

    assert len(str(folder / "broker.sock")) < 104
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.rmdir()


def test_production_gets_no_sandbox() -> None:
    files = Broker("", "files")

    assert [program.name for program in programs(files, 8000, with_sandbox=True)] == ["sandbox", "web", "worker", "beat"]
    assert [program.name for program in programs(files, 8000, with_sandbox=False)] == ["web", "worker", "beat"]
    assert all(program.environment == {"REDIS_URL": "", "PORT": "8000"} for program in programs(files, 8000, with_sandbox=True))
