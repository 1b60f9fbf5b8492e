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


def test_an_event_holds_what_was_replaced_after_its_own_table_too():
    """The first table has the plugin that the second reload replaces as well."""
    tables, gone = Tables(HookTable()), []
    with tables.hold():
        tables.swap(HookTable(), lambda: gone.append("first"))
        with tables.hold():
            tables.swap(HookTable(), lambda: gone.append("second"))
        assert gone == []
    assert gone == ["first", "second"]


def test_a_younger_event_does_not_keep_an_older_table():
    """What was replaced before it began goes when the events before it have ended."""
    tables, gone = Tables(HookTable()), []
    old = tables.hold()
    old.__enter__()
    tables.swap(HookTable(), lambda: gone.append("first"))
    with tables.hold():
        tables.swap(HookTable(), lambda: gone.append("second"))
        old.__exit__(None, None, None)
        assert gone == ["first"]
    assert gone == ["first", "second"]
