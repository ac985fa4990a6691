from __future__ import annotations

from integrations.vendors.csv_file.row_ids import RowIds


def test_the_table_of_ids_grows_and_forgets_nothing() -> None:
    table = RowIds(expected=10)
    numbers = range(20_000)
    for start in range(0, 20_000, 1000):
        part = numbers[start : start + 1000]
        assert table.meet([f"E{number}" for number in part], part, [number + 1 for number in part]) == []
    assert len(table) == 20_000
    asked = [0, 777, 19_999]
    again = table.meet([f"E{number}" for number in asked], [0, 778, 19_999], [1, 2, 3])
    assert again == [(0, 1, True), (1, 778, False), (2, 20_000, True)]


def test_an_id_twice_on_one_page_is_met_again() -> None:
    assert RowIds().meet(["a", "b", "a"], [1, 2, 3], [1, 2, 3]) == [(2, 1, False)]
