"""The sandbox over TLS: trusted by its own file and by nothing else, and public clients reach it unchanged by their normal settings."""

from __future__ import annotations

import base64
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3
from cryptography import x509
from PyBambooHR.PyBambooHR import PyBambooHR
from workday import WorkdayClient
from workday.auth import WsSecurityCredentialAuthentication

from config.errors import TlsFailed
from integrations.sandbox.server import Running, running_sandbox
from integrations.vendors.bamboohr.vendor import BambooHR
from integrations.wire.http import Line
from integrations.wire.safe_url import Guard
from tests.integrations.sandbox.bamboohr_caller import GATEWAY, KEY, TODAY
from tests.integrations.sandbox.workday_caller import PASSWORD, USER

pytestmark = pytest.mark.servers


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Running]:
    settings: dict[str, dict[str, Any]] = {"bamboohr": {"tables_ignore_accept": True}}
    with running_sandbox(200, TODAY, vendors=("bamboohr", "workday"), settings=settings, tls_folder=tmp_path / "tls") as running:
        yield running


@pytest.fixture
def trusting(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    """Clients on `requests` take their authorities from this variable; that is all they are told."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", sandbox.ca_file)
    return sandbox


def test_it_is_trusted_by_its_file_and_by_nothing_else(sandbox: Running) -> None:
    address = f"{sandbox.address('bamboohr')}/api/v1/meta/fields"
    assert address.startswith("https://127.0.0.1:")
    assert requests.get(address, auth=(KEY, "x"), verify=sandbox.ca_file, timeout=5).status_code == 200
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(address, auth=(KEY, "x"), timeout=5)


def test_only_tls_is_spoken_and_the_key_is_not_on_disk(sandbox: Running) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(sandbox.url.replace("https:", "http:"), timeout=5)
    files = list(Path(sandbox.ca_file).parent.iterdir())
    assert [file.name for file in files] == ["sandbox-ca.pem"] and b"PRIVATE" not in files[0].read_bytes()


def test_the_certificate_names_this_machine_only(sandbox: Running) -> None:
    made = x509.load_pem_x509_certificate(Path(sandbox.ca_file).read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert {str(one) for one in names.get_values_for_type(x509.IPAddress)} == {"127.0.0.1", "::1"}


def test_links_lead_back_over_tls(sandbox: Running) -> None:
    answer = requests.get(
        f"{sandbox.address('bamboohr')}/api/v1/employees",
        auth=(KEY, "x"),
        headers={"Accept": "application/json"},
        verify=sandbox.ca_file,
        timeout=5,
    )
    assert answer.json()["_links"]["self"]["href"] == f"{sandbox.url}/bamboohr/api/v1/employees"


def test_somebody_who_never_shakes_hands_holds_up_nobody(sandbox: Running) -> None:
    port = int(sandbox.host.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)) as other:
        other.sendall(b"GET / HTTP/1.1\r\n\r\n")  # not TLS at all
        assert requests.get(f"{sandbox.url}/", verify=sandbox.ca_file, timeout=5).status_code == 200


def test_half_an_answer_and_silence_are_played_over_tls_too(sandbox: Running) -> None:
    address = f"{sandbox.address('bamboohr')}/api/v1/meta/fields"
    for fault in ({"cut_off": 1}, {"down": 1}):
        sandbox.faults.set("bamboohr", **fault)
        with pytest.raises(requests.RequestException):
            requests.get(address, auth=(KEY, "x"), verify=sandbox.ca_file, timeout=5)
    assert requests.get(address, auth=(KEY, "x"), verify=sandbox.ca_file, timeout=5).status_code == 200


def test_our_own_line_refuses_it_unless_it_is_told_to_trust_it(sandbox: Running) -> None:
    settings = {"company": "meridian", "base_url": f"{sandbox.address('bamboohr')}/api/v1"}
    guard = Guard(allow_hosts=(sandbox.host,), schemes=("https",))
    with closing(Line(guard=guard, ca_file=sandbox.ca_file)) as line:
        assert BambooHR(settings, {"api_key": KEY}, line).check().ok
    with closing(Line(guard=guard)) as line:
        first = BambooHR(settings, {"api_key": KEY}, line).check().steps[0]
        assert isinstance(first.error, TlsFailed)


def test_pybamboohr_reaches_it_unchanged(trusting: Running) -> None:
    bamboo = PyBambooHR(subdomain="meridian", api_key=KEY)
    bamboo.base_url = f"{trusting.address('bamboohr')}{GATEWAY}/"
    assert bamboo.get_employee(402, ["firstName"])["firstName"] == "Marco"
    assert bamboo.get_meta_lists()


def test_the_workday_client_reaches_it_unchanged(trusting: Running) -> None:
    address = f"{trusting.address('workday')}/ccx/service/meridian/Human_Resources/v44.2"
    client = WorkdayClient(wsdls={"hr": address}, authentication=WsSecurityCredentialAuthentication(USER, PASSWORD))
    answer = client.hr.Server_Timestamp_Get()  # the address it then calls stands in the description, over TLS as well
    assert answer._response["Server_Timestamp_Data"]["Server_Timestamp"].date() == TODAY


def as_the_sdk(sandbox: Running, method: str, target: str, body: Any = None, accept: str = "application/json") -> tuple[int, Any]:
    """What bamboohr-sdk 1.0.0 puts on the wire (docs/vendors/bamboohr.md §10): urllib3, its authority file, the key with password x, and
    a header that only its generator knows."""
    packed = base64.b64encode(f"{KEY}:x".encode()).decode()
    headers = {
        "User-Agent": "OpenAPI-Generator/1.0.0/python",
        "Accept": accept,
        "AcceptHeaderParameter": "application/json",
        "Authorization": f"Basic {packed}",
    }
    if body is not None:
        headers["Content-Type"] = "application/json"
    with urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=sandbox.ca_file) as pool:
        answer = pool.request(
            method, f"{sandbox.address('bamboohr')}{target}", body=None if body is None else json.dumps(body), headers=headers, timeout=5
        )
        return answer.status, json.loads(answer.data) if answer.data else None


def test_the_calls_of_the_vendors_own_sdk_are_answered_in_the_types_it_insists_on(sandbox: Running) -> None:
    """It checks strictly: ids are text in records and changes, numbers in fields."""
    status, changed = as_the_sdk(sandbox, "GET", "/api/v1/employees/changed?since=2026-01-01T00%3A00%3A00.000000%2B0000")
    assert status == 200 and isinstance(changed["latest"], str)
    assert all(isinstance(one["id"], str) and one["action"] in ("Inserted", "Updated", "Deleted") for one in changed["employees"].values())
    status, listed = as_the_sdk(sandbox, "GET", "/api/v1/employees?page%5Blimit%5D=5&fields=workEmail&sort=-lastName")
    assert status == 200 and len(listed["data"]) == 5 and isinstance(listed["meta"]["total"], int)
    assert all(isinstance(one["employeeId"], str) and isinstance(one["_restrictedFields"], list) for one in listed["data"])
    status, marco = as_the_sdk(sandbox, "GET", "/api/v1/employees/402?fields=firstName%2CworkEmail&onlyCurrent=false")
    assert status == 200 and (marco["id"], marco["firstName"]) == ("402", "Marco")
    status, fields = as_the_sdk(sandbox, "GET", "/api/v1/meta/fields")
    assert status == 200 and all(isinstance(one["id"], int | str) and isinstance(one["name"], str) for one in fields)
    status, lists = as_the_sdk(sandbox, "GET", "/api/v1/meta/lists")
    assert status == 200 and all(isinstance(one["fieldId"], int) and one["manageable"] in ("yes", "no") for one in lists)
    report = {"title": "R", "fields": ["employeeNumber", "status"], "filterDuplicates": "no"}
    status, answer = as_the_sdk(sandbox, "POST", "/api/v1/reports/custom?format=JSON&onlyCurrent=false", report)
    assert status == 200 and all(isinstance(one["id"], str) for one in answer["employees"])
    asked = {"fields": ["eeid", "email"], "page": 1, "pageSize": 10}
    status, data = as_the_sdk(sandbox, "POST", "/api/v2/datasets/employee/data", asked)
    assert status == 200 and data["meta"]["page"] == 1 and isinstance(data["data"][0]["fields"]["eeid"], str)


PROGRAM = """
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "sandbox", "--size", "100", "--port", sys.argv[1], "--tls", sys.argv[2]])
"""


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.processes
def test_the_command_answers_over_both_and_says_what_to_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLLCALL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    command = [sys.executable, "-u", "-c", PROGRAM, str(free_port()), str(free_port())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        plain, secure = process.stdout.readline().split(), process.stdout.readline().split()
        assert requests.get(plain[2], timeout=5).status_code == 200
        url, ca_file = secure[2].rstrip(","), secure[-1]
        assert url.startswith("https://") and requests.get(url, verify=ca_file, timeout=5).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait(10)
