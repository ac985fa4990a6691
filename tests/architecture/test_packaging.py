"""No container daemon is needed here: the files are parsed and held to what operators expect of them."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
from django.core.management import get_commands
from ruamel.yaml import YAML

from tests.architecture.source import ROOT

DOCKERFILE = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
COMPOSE: dict[str, Any] = YAML(typ="safe").load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "worker-bulk", "beat", "demo")


def stages() -> list[str]:
    return re.split(r"^(?=FROM )", DOCKERFILE, flags=re.M)[1:]


def instructions(stage: str) -> list[tuple[str, str]]:
    lines = [line for line in stage.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in lines if line[0].isupper()]


def test_what_builds_the_image_does_not_ship() -> None:
    build, final = stages()

    assert " AS build" in build and " AS final" in final
    for word in ("pip install", "gcc", "build-essential", "git"):
        assert word not in final
    assert "COPY --from=build" in final


def test_both_stages_stand_on_the_same_slim_python() -> None:
    bases = [dict(instructions(stage))["FROM"].split()[0] for stage in stages()]

    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", bases[0])


def test_the_image_runs_as_a_user_without_rights() -> None:
    final = instructions(stages()[-1])
    users = [value for name, value in final if name == "USER"]

    assert users and re.fullmatch(r"\d{4,}:\d{4,}", users[-1])
    assert [name for name, _ in final].index("USER") < [name for name, _ in final].index("CMD")


def test_the_image_probes_itself_and_stops_gently() -> None:
    final = dict(instructions(stages()[-1]))

    assert '"healthcheck", "--component", "web"' in final["HEALTHCHECK"]
    assert final["STOPSIGNAL"] == "SIGTERM"


def test_packages_are_checked_by_hash_and_static_files_are_built_in() -> None:
    assert "--require-hashes" in stages()[0]
    assert "collectstatic --noinput" in stages()[0]


def test_no_secret_stays_in_the_image() -> None:
    for name, value in instructions(DOCKERFILE[DOCKERFILE.index("FROM ") :]):
        if name in ("ENV", "ARG"):
            assert not re.search(r"SECRET|KEY|PASSWORD|TOKEN", value), value


def test_everything_copied_into_the_image_exists_and_is_not_ignored() -> None:
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    for name, value in instructions(stages()[0]):
        if name == "COPY" and "--from" not in value:
            for source in value.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert source.rstrip("/") not in ignored, source


@pytest.mark.parametrize("private", [".git", ".env", ".data", ".venv"])
def test_private_and_local_things_never_reach_the_build(private: str) -> None:
    assert private in (ROOT / ".dockerignore").read_text().splitlines()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_says_when_it_is_healthy(name: str) -> None:
    assert SERVICES[name].get("healthcheck"), name


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_is_privileged_or_open_to_the_network(name: str) -> None:
    service = SERVICES[name]

    assert not service.get("privileged")
    assert service.get("network_mode") != "host"
    assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", ()))


@pytest.mark.parametrize("name", OURS)
def test_our_own_services_have_no_rights_to_spare(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


def test_no_image_floats() -> None:
    for service in SERVICES.values():
        image = service["image"]
        assert re.search(r":[^:/]*\d", image), image
        assert not image.endswith(":latest")


def test_named_volumes_and_configs_are_declared() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            assert volume.split(":")[0] in COMPOSE["volumes"], volume
        for config in service.get("configs", ()):
            assert config["source"] in COMPOSE["configs"]


def test_services_wait_for_conditions_of_services_that_exist() -> None:
    for name, service in SERVICES.items():
        for other, how in (service.get("depends_on") or {}).items():
            assert other in SERVICES, f"{name} waits for {other}"
            assert how["condition"] in ("service_healthy", "service_completed_successfully")


def test_web_workers_and_beat_wait_for_the_migration() -> None:
    for name in ("web", "worker", "worker-bulk", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_the_workers_together_serve_every_queue() -> None:
    served = {
        queue
        for name in ("worker", "worker-bulk")
        for queue in SERVICES[name]["command"][SERVICES[name]["command"].index("--queues") + 1].split(",")
    }

    assert served == {"urgent", "default", "bulk"}


def test_the_broker_evicts_nothing() -> None:
    command = SERVICES["broker"]["command"]

    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_no_password_is_written_down() -> None:
    for service in SERVICES.values():
        for key, value in (service.get("environment") or {}).items():
            if re.search(r"SECRET|PASSWORD|_KEYS?$|TOKEN|_URL$|DATA_SOURCE", key):
                assert not re.search(r"://[^:/@]+:(?!\$\{)[^@]+@", str(value)), key
            if re.search(r"SECRET|PASSWORD|TOKEN", key):
                assert str(value).startswith("${"), key


def test_commands_named_in_the_files_exist() -> None:
    words = (DOCKERFILE + (ROOT / "compose.yaml").read_text()).replace('"', "").replace(",", "")
    named = set(re.findall(r"python manage\.py ([a-z_]+)", words))

    assert {"collectstatic", "healthcheck", "migrate"} <= named <= set(get_commands())


def test_profiles_are_demo_and_monitoring() -> None:
    profiles = {profile for service in SERVICES.values() for profile in service.get("profiles", ())}

    assert profiles == {"demo", "monitoring"}


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt"])
def test_every_requirement_is_pinned_with_a_hash(name: str) -> None:
    text = re.sub(r"\\\n\s*", " ", (ROOT / name).read_text())
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]

    assert len(lines) > 30
    for line in lines:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+", line) and "--hash=sha256:" in line, line[:80]


@pytest.mark.processes
def test_the_gate_is_a_valid_script_that_may_be_run() -> None:
    script = ROOT / ".ci/run"

    assert script.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    assert "set -euo pipefail" in script.read_text()


def test_the_operating_page_names_every_habit() -> None:
    habits = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), flags=re.M)
    page = (ROOT / "docs/operating.md").read_text()

    assert {"demo", "test", "check", "bench", "soak", "lock", "screenshots", "clean"} <= set(habits)
    assert [habit for habit in habits if habit != "help" and f"make {habit}" not in page] == []
