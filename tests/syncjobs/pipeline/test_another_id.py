"""The source gives somebody's record another id: the same person, whose account stays open."""

from __future__ import annotations

import pytest

from config import clock
from identity.cases.models import Case
from identity.people.models import Link, Person
from integrations.vendors.base import Page, Record
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Shelf, sync, worker
from tests.company import later

pytestmark = pytest.mark.usefixtures("installed")


def test_nobody_is_closed_out_for_a_night_because_their_record_got_another_id() -> None:
    book = Book.of("hr")
    for number in (1, 2, 3):
        book.write(str(number), **worker(number))
    sync()
    book.rows["1-new"] = book.rows.pop("1")
    pushed = len(Shelf.of("lms").pushed)
    for night in range(3):
        later(hours=24)
        run = sync()
        assert run.counts.get("cases", 0) == (1 if night == 0 else 0), "a question while both records count as there"
        assert set(Person.objects.values_list("standing", flat=True)) == {"active"}
    assert len(Shelf.of("lms").pushed) == pushed, "nothing was closed and opened again"
    assert not Case.objects.filter(state="open").exists()
    joined = Link.objects.filter(person__employee_number="00001", until=None, record__connector__key="hr")
    assert set(joined.values_list("record__external_id", flat=True)) == {"1", "1-new"}


def test_a_number_given_to_somebody_else_stays_a_question_when_its_first_owner_is_gone() -> None:
    book = Book.of("hr")
    for number in (1, 2, 3):
        book.write(str(number), **worker(number))
    sync()
    book.rows.pop("1")
    book.write("9", **worker(1, given_name="Noor", family_name="Haddad", work_email="noor@meridian.example"))
    for _ in range(3):
        later(hours=24)
        sync()
    assert Case.objects.get(state="open").kind == "number_reused"
    assert Person.objects.get(employee_number="00001").standing == "left" and Person.objects.count() == 3


def test_a_question_about_a_record_ends_with_the_record_and_is_asked_anew_when_it_comes_back() -> None:
    book = Book.of("hr")
    for number in (1, 2, 3):
        book.write(str(number), **worker(number))
    stranger = worker(1, given_name="Noor", family_name="Haddad", work_email="noor@meridian.example")
    book.write("9", **stranger)
    sync()
    asked = Case.objects.get(state="open")
    assert asked.record.external_id == "9"
    book.rows.pop("9")
    for state in ("open", "closed", "closed"):  # absent once proves nothing
        later(hours=24)
        sync()
        assert Case.objects.get().state == state
    book.write("9", **stranger)
    sync()
    assert list(Case.objects.order_by("pk").values_list("state", "record__external_id")) == [("closed", "9"), ("open", "9")]


@pytest.mark.parametrize("order", [("new", "erased"), ("erased", "new")])
@pytest.mark.parametrize("is_one_page", [True, False])
def test_nor_because_the_source_says_in_one_breath_that_the_old_id_is_erased(order: tuple[str, str], is_one_page: bool) -> None:
    book = Book.of("hr")
    for number in (1, 2, 3):
        book.write(str(number), **worker(number))
    sync()
    pushed = len(Shelf.of("lms").pushed)
    later(hours=1)
    told = {"new": Record("1-new", worker(1), clock.now()), "erased": Record("1", {}, clock.now(), deleted=True)}
    records = [told[name] for name in order]
    pages = [records] if is_one_page else [[one] for one in records]
    last = len(pages) - 1
    book.script = [
        lambda _window, _cursor: iter(
            [Page(some, cursor=place, is_last=place == last, mark=clock.now()) for place, some in enumerate(pages)]
        )
    ]
    run = sync(mode=RunMode.DELTA)
    assert run.phase == "succeeded" and run.counts.get("cases", 0) == 0
    assert Person.objects.get(employee_number="00001").standing == "active" and Person.objects.count() == 3
    assert len(Shelf.of("lms").pushed) == pushed and not Case.objects.filter(state="open").exists()
