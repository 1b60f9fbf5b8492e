"""The hook table in force, and when an old one is let go."""

from __future__ import annotations

from botkit.runner.loader import HookTable
from botkit.runner.tables import Tables


def test_an_old_table_is_let_go_when_the_last_event_has_ended():
    """Two tables that are equal are two."""
    tables, gone = Tables(HookTable()), []
    with tables.hold() as first:
        with tables.hold() as again:
            assert again is first
            tables.swap(HookTable(), lambda: gone.append("first"))
            with tables.hold() as second:
                assert second is not first
        assert gone == []
    assert gone == ["first"]


def test_a_table_that_nobody_holds_is_let_go_at_once():
    """Before the swap returns."""
    tables, gone = Tables(HookTable()), []
    new = HookTable()
    tables.swap(new, lambda: gone.append(True))
    assert gone == [True]
    assert tables.current() is new


def test_each_of_several_old_tables_goes_when_its_own_events_have_ended():
    """An event that began before two reloads holds the first of them alone."""
    tables, gone = Tables(HookTable()), []
    with tables.hold():
        tables.swap(HookTable(), lambda: gone.append("first"))
        tables.swap(HookTable(), lambda: gone.append("second"))
        assert gone == ["second"]
    assert gone == ["second", "first"]
