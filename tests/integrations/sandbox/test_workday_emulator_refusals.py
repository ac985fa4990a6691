"""What the vendor would refuse, the emulator refuses: a table of bad requests and their answers."""

from __future__ import annotations

import base64

import pytest

from integrations.sandbox.exchange import Request
from tests.integrations.sandbox.workday_caller import (
    PASSWORD,
    SERVICE,
    USER,
    Answer,
    Tenant,
    envelope,
    filter_,
    get_workers,
    references,
    security,
)

AUTH, INVALID = "Client.authenticationError", "Client.validationError"
DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
CRITERIA = "/wd:Get_Workers_Request[1]/wd:Request_Criteria[1]"
FILTER = "/wd:Get_Workers_Request[1]/wd:Response_Filter[1]"


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return Tenant(size=500)


# ── signing in ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("why", "header"),
    [
        ("no Security header", ""),
        ("wrong password", security(password="wrong")),
        ("unknown user", security("isu_other@meridian")),
        ("user without a tenant", security("isu_rollcall")),
        ("user of another tenant", security("isu_rollcall@acme")),
        ("a digest instead of the password", security(type_=DIGEST)),
        ("a user and no password", f"{security(password='')}"),
    ],
)
def test_a_bad_sign_in_is_an_authentication_fault_on_500(tenant: Tenant, why: str, header: str) -> None:
    answer = tenant.workers(header=header)
    assert answer.status == 500
    assert answer.fault == (AUTH, "invalid username or password"), why


def test_nonce_and_created_do_not_disturb(tenant: Tenant) -> None:
    more = security().replace("</wsse:UsernameToken>", "<wsse:Nonce>bm9uY2U=</wsse:Nonce></wsse:UsernameToken>")
    assert tenant.workers(filter_(count=1), more).status == 200


def test_a_user_is_locked_after_too_many_wrong_passwords_where_that_is_on() -> None:
    tenant = Tenant(size=500, lock_after=3)
    for _ in range(3):
        tenant.workers(header=security(password="wrong"))
    assert tenant.workers(filter_(count=1)).fault[0] == AUTH


# ── validation ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("why", "body", "says", "xpath"),
    [
        ("page 0", get_workers(filter_(page=0)), "Page Number cannot be zero.", f"{FILTER}/wd:Page[1]"),
        ("count 0", get_workers(filter_(count=0)), "Count must be between 1 and 999", f"{FILTER}/wd:Count[1]"),
        ("count 1000", get_workers(filter_(count=1000)), "Count must be between 1 and 999", f"{FILTER}/wd:Count[1]"),
        ("a count in words", get_workers("<Response_Filter><Count>ten</Count></Response_Filter>"), "'ten' is not", f"{FILTER}/wd:Count[1]"),
        (
            "an unknown element",
            get_workers("<Request_Criteria><Only_Managers>1</Only_Managers></Request_Criteria>"),
            "'Only_Managers' is not allowed",
            f"{CRITERIA}/wd:Only_Managers[1]",
        ),
        (
            "children in the wrong order",
            get_workers(filter_() + "<Request_Criteria/>"),
            "'Request_Criteria' is out of order",
            "/wd:Get_Workers_Request[1]/wd:Request_Criteria[1]",
        ),
        (
            "an element twice",
            get_workers(filter_() + filter_()),
            "may appear only once",
            "/wd:Get_Workers_Request[1]/wd:Response_Filter[2]",
        ),
        (
            "an unqualified element",
            get_workers('<Response_Filter xmlns=""><Count>1</Count></Response_Filter>'),
            "'Response_Filter' is not allowed",
            "/wd:Get_Workers_Request[1]/wd:Response_Filter[1]",
        ),
        (
            "an unqualified type attribute",
            get_workers('<Request_References><Worker_Reference><ID type="WID">x</ID></Worker_Reference></Request_References>'),
            "Attribute 'type' is not allowed",
            "/wd:Get_Workers_Request[1]/wd:Request_References[1]/wd:Worker_Reference[1]/wd:ID[1]/@type",
        ),
        (
            "an ID without a type",
            get_workers("<Request_References><Worker_Reference><ID>x</ID></Worker_Reference></Request_References>"),
            "'type' is required",
            "/wd:Get_Workers_Request[1]/wd:Request_References[1]/wd:Worker_Reference[1]/wd:ID[1]",
        ),
        (
            "an unknown kind of ID",
            get_workers(references(("Badge_ID", "7"))),
            "'Badge_ID' is not a valid ID type for Worker",
            "/wd:Get_Workers_Request[1]/wd:Request_References[1]/wd:Worker_Reference[1]/wd:ID[1]",
        ),
        (
            "an ID nobody has",
            get_workers(references(("Employee_ID", "999999"))),
            "'999999' is not a valid ID value for type = 'Employee_ID'",
            "/wd:Get_Workers_Request[1]/wd:Request_References[1]/wd:Worker_Reference[1]/wd:ID[1]",
        ),
        ("a reference without IDs", get_workers("<Request_References><Worker_Reference/></Request_References>"), "needs an ID", ""),
        ("references without a reference", get_workers("<Request_References/>"), "'Worker_Reference' is required", ""),
        (
            "an organisation nobody knows",
            get_workers(
                '<Request_Criteria><Organization_Reference><ID wd:type="Organization_Reference_ID">SUP-X</ID>'
                "</Organization_Reference></Request_Criteria>"
            ),
            "'SUP-X' is not a valid ID value",
            f"{CRITERIA}/wd:Organization_Reference[1]/wd:ID[1]",
        ),
        (
            "a subscriber nobody knows",
            get_workers(
                "<Request_Criteria><Transaction_Log_Criteria_Data><Subscriber_Reference>"
                '<ID wd:type="Integration_System_ID">INT1</ID></Subscriber_Reference></Transaction_Log_Criteria_Data></Request_Criteria>'
            ),
            "'INT1' is not a valid ID value",
            "",
        ),
        (
            "a flag that is neither true nor false",
            get_workers("<Response_Group><Include_Reference>yes</Include_Reference></Response_Group>"),
            "'yes' is not a valid value",
            "/wd:Get_Workers_Request[1]/wd:Response_Group[1]/wd:Include_Reference[1]",
        ),
        (
            "a day that does not exist",
            get_workers("<Response_Filter><As_Of_Effective_Date>2026-02-31</As_Of_Effective_Date></Response_Filter>"),
            "'2026-02-31' is not a valid value",
            f"{FILTER}/wd:As_Of_Effective_Date[1]",
        ),
        (
            "a day where a moment is due",
            get_workers("<Response_Filter><As_Of_Entry_DateTime>2026-06-10</As_Of_Entry_DateTime></Response_Filter>"),
            "is not a valid value",
            f"{FILTER}/wd:As_Of_Entry_DateTime[1]",
        ),
        ("a version not served", get_workers(attributes='wd:version="v9.9"'), "Version v9.9 is not served", ""),
        ("an unknown attribute", get_workers(attributes='wd:colour="red"'), "Attribute 'colour' is not allowed", ""),
    ],
)
def test_a_bad_request_is_a_validation_fault_that_points_at_it(tenant: Tenant, why: str, body: str, says: str, xpath: str) -> None:
    answer = Answer(tenant.post(envelope(body)))
    code, text = answer.fault
    assert (answer.status, code) == (500, INVALID), why
    assert says in text and text.startswith("Validation error occurred.")
    assert any(says in message for message in answer.all("Validation_Error/Message"))
    if xpath:
        assert xpath in answer.xpaths


def test_every_fault_of_a_request_is_told_at_once(tenant: Tenant) -> None:
    inner = "<Request_Criteria><Only_Managers>1</Only_Managers></Request_Criteria><Response_Filter><Count>x</Count></Response_Filter>"
    assert len(tenant.workers(inner).xpaths) == 2


def test_the_order_of_children_matters_only_while_the_switch_says_so() -> None:
    inner = filter_(count=1) + "<Request_Criteria><Exclude_Inactive_Workers>0</Exclude_Inactive_Workers></Request_Criteria>"
    assert Tenant(size=500).workers(inner).status == 500
    assert Tenant(size=500, strict_order=False).workers(inner).status == 200


def test_the_version_in_the_address_wins_unless_the_switch_makes_a_clash_a_fault() -> None:
    body = envelope(get_workers(filter_(count=1), 'wd:version="v45.2"'))
    assert Answer(Tenant(size=500).post(body)).status == 200
    assert Answer(Tenant(size=500, version_clash="fault").post(body)).fault[0] == INVALID


# ── the rest of the frame ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("why", "body", "code"),
    [
        ("not XML", b"hello", "Client"),
        ("an empty body", envelope(""), "Client"),
        ("two calls at once", envelope(get_workers() + get_workers()), "Client"),
        ("an operation we do not have", envelope('<Put_Worker_Request xmlns="urn:com.workday/bsvc"/>'), "Client"),
        ("an operation of another namespace", envelope('<Get_Workers_Request xmlns="urn:other"/>'), "Client"),
        (
            "SOAP 1.2",
            envelope(get_workers()).replace(b"schemas.xmlsoap.org/soap/envelope/", b"www.w3.org/2003/05/soap-envelope"),
            "VersionMismatch",
        ),
        ("a document type", b'<!DOCTYPE x [<!ENTITY a "b">]>' + envelope(get_workers()), "Client"),
    ],
)
def test_a_frame_that_is_wrong_is_a_client_fault(tenant: Tenant, why: str, body: bytes, code: str) -> None:
    answer = Answer(tenant.post(body))
    assert (answer.status, answer.fault[0]) == (500, code), why


def test_a_task_the_user_may_not_do_says_so_with_a_code_that_is_a_setting() -> None:
    tenant = Tenant(size=500, forbidden_tasks=("Get_Workers",), not_authorized_code="Server.processingError")
    answer = tenant.workers()
    assert answer.fault == ("Server.processingError", "Processing error occurred. The task submitted is not authorized.")
    assert answer.one("Processing_Fault/Detail_Message/Message") == "The task submitted is not authorized."


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("POST", "/ccx/service/acme/Human_Resources/v44.2", 404),
        ("POST", "/ccx/service/meridian/Payroll/v44.2", 404),
        ("POST", "/ccx/service/meridian/Human_Resources", 404),
        ("GET", SERVICE, 405),
        ("PUT", SERVICE, 405),
        ("GET", "/ccx/service/meridian/Human_Resources/v9.9?wsdl", 404),
        ("GET", "/ccx/api/staffing/v6/meridian/workers", 404),
        ("GET", "/", 404),
    ],
)
def test_addresses_that_do_not_exist(tenant: Tenant, method: str, target: str, status: int) -> None:
    assert tenant.emulator.handle(Request.of(method, target)).status == status


def test_json_is_not_a_content_type_of_soap(tenant: Tenant) -> None:
    assert tenant.post(envelope(get_workers()), Content_Type="application/json").status == 415


def test_the_wsdl_comes_without_credentials_unless_the_switch_says_otherwise(tenant: Tenant) -> None:
    answer = tenant.get(f"{SERVICE}?wsdl")
    assert answer.status == 200 and b'location="http://127.0.0.1:1/workday/ccx/service/meridian/Human_Resources/v44.2"' in answer.content
    guarded = Tenant(size=500, wsdl_needs_auth=True)
    basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    assert guarded.get(f"{SERVICE}?wsdl").status == 401
    assert guarded.get(f"{SERVICE}?wsdl", Authorization=f"Basic {basic}").status == 200
