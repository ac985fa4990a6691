from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.check import Check

pytestmark = pytest.mark.processes
FINE = [sys.executable, "-c", "print('fine')"]
WRONG = [sys.executable, "-c", "print('line 7 is crooked'); raise SystemExit(3)"]


def test_everything_right_ends_with_one_line_of_what_took_how_long(capsys: pytest.CaptureFixture[str]) -> None:
    assert Check({"format": FINE}, {"types": FINE}, FINE).run() == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert [part.split(" ")[0] for part in line.split(" · ")] == ["format", "types", "tests", "all"]


def test_the_first_thing_that_is_wrong_ends_it_in_its_own_words(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    mark = tmp_path / "began"
    assert Check({"format": WRONG}, {}, [sys.executable, "-c", f"open({str(mark)!r}, 'w')"]).run() == 1
    said = capsys.readouterr().out
    assert "line 7 is crooked" in said and "make check stopped at “format”" in said
    assert not mark.exists()


def test_tests_do_not_go_on_when_something_beside_them_is_wrong(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    number, told = tmp_path / "number", tmp_path / "told"
    os.mkfifo(told)
    lasting = f"import os, signal; open({str(told)!r}, 'w').write(str(os.getpid())); signal.pause()"
    waiting = f"open({str(number)!r}, 'w').write(open({str(told)!r}).read()); raise SystemExit(1)"  # until the other has begun
    assert Check({}, {"types": [sys.executable, "-c", waiting]}, [sys.executable, "-c", lasting]).run() == 1
    assert "make check stopped at “types”" in capsys.readouterr().out
    with pytest.raises(ProcessLookupError):
        os.kill(int(number.read_text()), 0)


def test_a_failing_test_is_not_right_either(capsys: pytest.CaptureFixture[str]) -> None:
    assert Check({}, {}, [sys.executable, "-c", "raise SystemExit(1)"]).run() == 1
    assert "make check stopped at “tests”" in capsys.readouterr().out
