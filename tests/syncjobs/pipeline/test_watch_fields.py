"""An optional field that vanishes: told once, grouped, and over by itself when it is back. Its values stay meanwhile."""

from __future__ import annotations

import pytest

from config.errors import Unavailable
from config.notices.models import Notice
from config.sentences import english
from identity.people.models import Person
from integrations.connectors.models import Connector
from integrations.mapping.models import FieldMapping
from integrations.records.models import Watermark
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.stages import work_on
from syncjobs.runs.models import Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, pages, sync, worker
from tests.builders import page as page_of
from tests.company import later

pytestmark = pytest.mark.usefixtures("installed")
KEY = "fields.vanished:hr:people"


@pytest.fixture
def book() -> Book:
    held = Book.of("hr")
    for number in range(1, 13):
        held.write(str(number), **worker(number))
    sync()
    Connector.objects.filter(key="lms").update(guard={"all": {"people": 1000, "share": 1, "most": 1000}})
    later(hours=1)
    return held


def without(book: Book, *fields: str, numbers: range = range(1, 13)) -> None:
    """The source leaves these fields out from now on."""
    for number in numbers:
        values, _at = book.rows[str(number)]
        for name in fields:
            values.pop(name, None)
        book.write(str(number))


def told() -> list[tuple[int, str]]:
    return [(one.count, english(one.body)) for one in Notice.objects.filter(key=KEY, closed_at=None)]


def vanished() -> dict[str, int]:
    found: dict[str, int] = Watermark.objects.get(connector__key="hr", stream="people").vanished
    return found


@pytest.mark.parametrize("mode", [RunMode.FULL, RunMode.DELTA])
def test_two_columns_that_are_left_out_are_one_notice_that_is_not_repeated_and_closes_when_both_are_back(book: Book, mode: RunMode) -> None:
    without(book, "job_title", "location")
    assert sync(mode=mode).phase == "succeeded"
    text = "12 people had a value and nobody has one any more: job_title, location. What is known is kept, and grows old."
    assert told() == [(1, text)] and vanished() == {"job_title": 12, "location": 12}
    assert Person.objects.get(employee_number="00007").job_title == "Analyst"
    later(hours=1)
    sync(mode=mode)
    assert told() == [(1, text)], "nothing new to tell the night after"
    later(hours=1)
    book.write("3", job_title="Director")
    sync(mode=mode)
    assert [body.partition(": ")[2].partition(".")[0] for _count, body in told()] == ["location"]
    later(hours=1)
    book.write("4", location="Tokyo")
    sync(mode=mode)
    assert told() == [] and vanished() == {} and Notice.objects.filter(key=KEY).count() == 1


def test_a_column_that_is_there_and_empty_for_everybody_is_the_same(book: Book) -> None:
    for number in range(1, 13):
        book.write(str(number), location="")
    sync()
    assert vanished() == {"location": 12} and len(told()) == 1


def test_a_few_who_lost_a_value_and_a_field_that_somebody_still_has_are_no_news(book: Book) -> None:
    without(book, "location", numbers=range(1, 12))
    sync()
    later(hours=1)
    for number in (3, 4):
        book.write(str(number), department="")
    sync(mode=RunMode.DELTA)
    assert told() == [] and vanished() == {}


def test_a_row_that_needs_its_value_speaks_up_by_itself(book: Book) -> None:
    FieldMapping.objects.filter(mapping__connector__key="hr", target="department").update(null_policy="reject")
    without(book, "department", "family_name")
    assert sync().counts["parked"] == 12
    assert told() == [] and vanished() == {}


def test_a_read_that_broke_off_and_goes_on_remembers_what_its_first_pages_said(book: Book) -> None:
    """Somebody on the first page still has a title, nobody on the second; the location is gone on both."""
    first = [(str(number), worker(number, location="", job_title="Analyst" if number == 1 else "")) for number in range(1, 7)]
    second = [(str(number), worker(number, location="", job_title="")) for number in range(7, 13)]
    book.script = [
        pages(page_of(first, total=12, is_last=False, cursor=6), Unavailable("away")),
        pages(page_of(second, total=12)),
    ]
    run = start_run(Connector.objects.get(key="hr"), Trigger.MANUAL, RunMode.FULL)
    assert work_on(run.pk)
    later(minutes=1)  # the try after the first one is due by then
    assert drive(run, patience_seconds=30).phase == "succeeded"
    assert vanished() == {"location": 12} and len(told()) == 1


def test_a_field_that_no_mapping_reads_any_more_is_nobodys_trouble(book: Book) -> None:
    without(book, "location")
    sync()
    assert len(told()) == 1
    FieldMapping.objects.filter(mapping__connector__key="hr", target="location").delete()
    later(hours=1)
    sync()
    assert told() == [] and vanished() == {}
