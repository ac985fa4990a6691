"""One table of words: complete, well formed, and never colour alone."""

from __future__ import annotations

import pytest

from config.notices.models import Severity
from config.vocabulary import TABLES, TONES, word
from identity.cases.models import CaseKind, CaseState
from identity.people.models import Standing
from integrations.mapping.models import MappingState
from integrations.outbound.models import DeliveryState
from syncjobs.guards.models import HoldState
from syncjobs.plans.models import ChangeKind, ChangeState, PlanState
from syncjobs.runs.models import Outcome, Phase

STORED = {
    "run": Phase,
    "change": ChangeKind,
    "change_state": ChangeState,
    "plan": PlanState,
    "hold": HoldState,
    "outcome": Outcome,
    "case": CaseState,
    "case_kind": CaseKind,
    "standing": Standing,
    "delivery": DeliveryState,
    "mapping": MappingState,
    "notice": Severity,
}


@pytest.mark.parametrize("table", STORED)
def test_every_stored_state_has_a_word(table):
    assert set(STORED[table].values) <= set(TABLES[table])


@pytest.mark.parametrize("table", STORED)
def test_screens_use_the_words_of_the_models(table):
    for choice in STORED[table]:
        assert str(TABLES[table][choice.value].label) == str(choice.label)


@pytest.mark.parametrize("table", sorted(set(TABLES) - {"stage"}))
def test_a_state_is_told_by_sign_and_word_not_by_colour_alone(table):
    for state in TABLES[table].values():
        assert state.sign and str(state.label)
        assert state.tone in TONES


def test_within_a_table_no_two_states_look_alike():
    for table in ("connector", "run", "change", "delivery"):
        shown = [(state.sign, str(state.label)) for state in TABLES[table].values()]
        assert len(shown) == len(set(shown))


def test_a_state_of_newer_data_is_shown_as_it_is():
    assert word("run", "half_done").label == "half done"
    assert word("run", "half_done").tone == "idle"


def test_an_unknown_table_is_a_mistake():
    with pytest.raises(KeyError):
        word("moods", "fine")
