from __future__ import annotations

from config.errors import CredentialRejected
from config.sentences import english
from tests.integrations.vendors.moodle.other_side import Args, RefusedError, Site, connect, user


class Telling(Site):
    """A site that tells about itself."""

    def __init__(self, *users: Args, functions: list[str], userid: int = 5, version: str = "2024100705.01") -> None:
        super().__init__(*users)
        self.info = {"sitename": "Academy", "siteurl": "https://m.example/learn", "userid": userid, "release": "4.5.5+", "version": version}
        self.info["functions"] = [{"name": name, "version": "1"} for name in functions]  # type: ignore[assignment]

    def core_webservice_get_site_info(self, args: Args) -> Args:
        return self.info


NEEDED = ["core_webservice_get_site_info", "core_user_create_users", "core_user_update_users", "core_user_get_users_by_field"]


def test_a_good_connection_passes_in_named_steps() -> None:
    health = connect(Telling(user(2), functions=NEEDED)).check()
    assert [(step.name, step.ok) for step in health.steps] == [
        ("Sign-in", True),
        ("Functions of the service", True),
        ("Version", True),
        ("Accounts are visible", True),
    ]
    assert health.facts["release"] == "4.5.5+" and health.facts["sitename"] == "Academy"


def test_every_missing_function_is_named() -> None:
    site = Telling(user(2), functions=NEEDED[:2])
    step = connect(site, managers="role", manager_role=9, cohorts=["department = d-"]).check().steps[1]
    missing = ["core_user_update_users", "core_user_get_users_by_field", "core_role_assign_roles", "core_role_unassign_roles"]
    missing += ["core_cohort_add_cohort_members", "core_cohort_delete_cohort_members", "core_cohort_search_cohorts"]
    assert not step.ok and all(name in step.detail for name in missing) and "core_user_create_users" not in step.detail


def test_a_wrong_token_ends_the_test_at_its_first_step() -> None:
    site = Site()
    site.fails = lambda function, args: RefusedError("invalidtoken")
    health = connect(site).check()
    assert [step.ok for step in health.steps] == [False] and isinstance(health.steps[0].error, CredentialRejected)


def test_hidden_fields_of_others_are_found_out() -> None:
    admin = {"id": 2, "fullname": "Admin"}
    health = connect(Telling(admin, functions=NEEDED)).check()
    step = health.steps[-1]
    assert not step.ok and "username and email" in english(step.detail)


def test_an_old_site_is_told_what_it_costs() -> None:
    site = Telling(user(2), functions=NEEDED, version="2021051700")
    assert "before 4.0" in connect(site).check().steps[2].detail
