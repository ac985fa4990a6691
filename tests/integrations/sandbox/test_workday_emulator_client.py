"""The public client `workday` 0.4, unchanged, against the emulator over HTTP."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from workday import WorkdayClient
from workday.auth import WsSecurityCredentialAuthentication
from workday.exceptions import WorkdaySoapApiError

from integrations.sandbox import cast
from integrations.sandbox.server import Running, running_sandbox
from tests.integrations.sandbox.workday_caller import PASSWORD, TODAY, USER

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with running_sandbox(500, TODAY, vendors=("workday",)) as running:
        yield running


@pytest.fixture
def quiet() -> Iterator[None]:
    """This client's zeep cannot read a date with an offset, which is what the vendor sends; it logs each and goes on."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def client(sandbox: Running, password: str = PASSWORD) -> WorkdayClient:
    address = f"{sandbox.address('workday')}/ccx/service/meridian/Human_Resources/v44.2"
    return WorkdayClient(wsdls={"hr": address}, authentication=WsSecurityCredentialAuthentication(USER, password))


def test_the_client_reads_everybody_by_pages(sandbox: Running, quiet: None) -> None:
    first = client(sandbox).hr.Get_Workers(Response_Filter={"Count": 200}, Response_Group={"Include_Reference": True})
    assert (first.page, first.page_results) == (1, 200) and first.total_pages == -(-first.total_results // 200)
    wids = [worker["Worker_Reference"]["ID"][0]["_value_1"] for worker in first.data["Worker"]]
    for page in first:  # its iteration begins with page 2, and turns `first` into each page
        wids += [worker["Worker_Reference"]["ID"][0]["_value_1"] for worker in page.data["Worker"]]
    assert len(set(wids)) == len(wids) == first.total_results and cast.JANE_DOE.key in wids


def test_the_client_reads_one_worker_with_every_section(sandbox: Running, quiet: None) -> None:
    reference = {"Worker_Reference": [{"ID": [{"_value_1": "10002", "type": "Employee_ID"}]}]}
    flags = ("Include_Reference", "Include_Personal_Information", "Include_Employment_Information", "Include_Compensation")
    more = ("Include_Organizations", "Include_Roles", "Include_Management_Chain_Data", "Include_Transaction_Log_Data")
    answer = client(sandbox).hr.Get_Workers(Request_References=reference, Response_Group=dict.fromkeys((*flags, *more), True))
    (marco,) = answer.data["Worker"]
    data = marco["Worker_Data"]
    assert data["Personal_Data"]["Name_Data"]["Legal_Name_Data"]["Name_Detail_Data"]["Last_Name"] == "Rossi"
    assert data["Employment_Data"]["Worker_Status_Data"]["Active"] is True
    chain = data["Management_Chain_Data"]
    assert len(chain["Worker_Supervisory_Management_Chain_Data"]["Management_Chain_Data"]) == 4
    assert len(chain["Worker_Matrix_Management_Chain_Data"]["Management_Chain_Data"]) == 1


def test_without_a_response_group_the_client_gets_pay_too(sandbox: Running, quiet: None) -> None:
    answer = client(sandbox).hr.Get_Workers(Response_Filter={"Count": 1})
    assert answer.data["Worker"][0]["Worker_Data"]["Compensation_Data"]["Salary_and_Hourly_Data"][0]["Amount"] > 0


def test_the_client_asks_for_the_time(sandbox: Running) -> None:
    answer = client(sandbox).hr.Server_Timestamp_Get()
    assert answer._response["Server_Timestamp_Data"]["Server_Timestamp"].date() == TODAY


def test_faults_reach_the_client_as_its_own_error(sandbox: Running) -> None:
    with pytest.raises(WorkdaySoapApiError) as wrong:
        client(sandbox, "wrong").hr.Get_Workers(Response_Filter={"Count": 1})
    assert wrong.value.message == "invalid username or password"
    with pytest.raises(WorkdaySoapApiError) as refused:
        client(sandbox).hr.Get_Workers(Response_Filter={"Page": 0})
    assert "Page Number cannot be zero." in refused.value.message
