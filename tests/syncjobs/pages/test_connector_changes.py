"""What was changed about a connector, by whom and why, from → to; of secrets only that they were replaced."""

from __future__ import annotations

import pytest
from django.utils import translation

from config import clock
from config.roles.models import User
from config.say import said
from integrations.connectors.decisions import PauseConnector, RotateCredential, SaveConnector
from integrations.connectors.models import Connector, Credential
from syncjobs.guards.change_limits import ChangeLimits
from syncjobs.pages.connector_history import Change, changes, version_at
from syncjobs.schedules.decisions import PauseSchedule, RemoveSchedule, SaveSchedule
from syncjobs.schedules.models import SyncSchedule
from tests.cost import cost
from tests.rows import a_connector, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def academy() -> Connector:
    return a_connector("academy", settings={"base_url": "https://learn.example.com", "auth": "oidc"})


@pytest.fixture
def lea() -> User:
    return staff("administrator")


def told(connector: Connector) -> list[tuple[str, str, str]]:
    return [(one.who, one.why, "; ".join(said(line) for line in one.what)) for one in changes(connector)]


def fresh(connector: Connector) -> Connector:
    return Connector.objects.get(pk=connector.pk)


def test_each_change_is_told_from_to_with_who_made_it_and_why(academy, lea):
    SaveConnector(lea, academy, {"settings": {**academy.settings, "auth": "saml2"}}).execute()
    ChangeLimits(lea, fresh(academy), {"guard": {"deactivate": {"people": 5}}}).execute("a small company")
    PauseConnector(lea, fresh(academy)).execute("they move house")
    assert told(academy) == [
        (str(lea), "they move house", "State: active → paused"),
        (
            str(lea),
            "a small company",
            "Suspended accounts: from 3 people and 10 % on, never more than 200 → from 5 people and 10 % on, never more than 200",
        ),
        (str(lea), "", "Sign-in method of new accounts: oidc → saml2"),
        ("Rollcall, or a command on the server", "", "Added"),
    ]
    assert [one.version for one in changes(academy)] == [4, 3, 2, 1]


def test_a_secret_is_only_ever_set_or_replaced(academy, lea):
    for value in ("the-first-token", "the-second-token"):
        RotateCredential(lea, academy, "token", value).execute()
    assert [line for _who, _why, line in told(academy)][:2] == ["Token: replaced", "Token: set"]
    assert not {"value"} & {field.name for field in Credential.history.model._meta.fields}
    assert "-token" not in str(told(academy))


def test_schedules_of_the_connector_are_part_of_it(academy, lea):
    row = SyncSchedule(connector=academy, cron="0 2 * * *", time_zone="Europe/Berlin")
    SaveSchedule(lea, row).execute()
    row.cron, row.overlap = "0 4 * * 1-5", "wait"
    SaveSchedule(lea, row).execute()
    PauseSchedule(lea, row, clock.now()).execute("payroll")
    RemoveSchedule(lea, SyncSchedule.objects.get()).execute("done")
    lines = [line for _who, _why, line in told(academy)]
    assert lines[0].startswith("Schedule removed: Monday to Friday at 04:00")
    assert lines[1].startswith("Schedule paused: ")
    assert lines[2] == (
        "Schedule: Every night at 02:00, Europe/Berlin · read what changed · left out while a run is at work → "
        "Monday to Friday at 04:00, Europe/Berlin · read what changed · waits for a run that is at work"
    )
    assert lines[3].startswith("Schedule added: Every night at 02:00")


def test_what_a_command_imports_says_so_and_a_save_without_a_difference_is_no_line(academy):
    academy.rank = 7
    academy.save()
    academy.save()
    assert told(academy)[0] == ("Rollcall, or a command on the server", "", "Rank: 100 → 7") and len(told(academy)) == 2


def test_which_version_counted_when_a_run_began_can_be_told(academy):
    between = clock.now()
    academy.name = "Campus"
    academy.save()
    assert (version_at(academy, between), version_at(academy, clock.now())) == (1, 2)


def test_the_page_speaks_the_readers_language_costs_the_same_however_much_changed_and_is_closed_to_others(client, academy, lea):
    client.force_login(staff("Integration engineer"))
    address = f"/admin/connectors/{academy.pk}/changes/"
    PauseConnector(lea, academy).execute("they move house")
    few = cost(client, address)
    for rank in range(1, 70):
        academy.rank = rank
        academy.save()
    assert cost(client, address) == few
    body = client.get(address).content.decode()
    assert "Rank: 68 → 69" in body and "Older changes stand in the audit trail" in body
    with translation.override("de"):
        (newest, *_rest) = changes(academy)
        assert isinstance(newest, Change) and said(newest.what[0]) == "Rang: 68 → 69"
    client.force_login(staff("Approver"))
    assert client.get(address).status_code == 403 and "changes/" not in client.get(f"/admin/connectors/{academy.pk}/").content.decode()
