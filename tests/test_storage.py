"""`ctx.store`: the overlay of a call, and how it is committed."""

from __future__ import annotations

import pytest

from botkit.messenger.errors import ContextError, StoreError
from botkit.storage import Conflict, apply, open_store
from botkit.store import Database


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path / "bot.db")
    yield opened
    opened.close()


@pytest.fixture
def call(database):
    """Opens the store of plugin p for a call by user u in thread t (or as asked)."""

    def begin(plugin="p", thread="t", user="u"):
        return open_store(database.read, plugin, thread, user)

    return begin


@pytest.fixture
def commit(database):
    def end(store):
        changes = store.changes()
        database.write(lambda c: apply(c, changes))

    return end


def test_values_are_kept_when_the_call_commits(call, commit):
    """Before that only the call itself sees them."""
    store = call()
    store["a"] = {"n": [1, "x", None, True, 1.5]}
    assert store["a"] == {"n": [1, "x", None, True, 1.5]}
    assert "a" not in call()
    commit(store)
    assert call()["a"] == {"n": [1, "x", None, True, 1.5]}


def test_scopes_are_apart(call, commit):
    """Global, chat, person and member do not see each other, nor does another plugin."""
    store = call()
    store["k"], store.thread["k"], store.user["k"], store.member["k"] = 1, 2, 3, 4
    commit(store)
    assert (call()["k"], call().thread["k"], call().user["k"], call().member["k"]) == (1, 2, 3, 4)
    other = call(thread="t2")
    assert (other.user["k"], "k" in other.thread, "k" in other.member) == (3, False, False)
    assert "k" not in call(plugin="q")


def test_the_values_of_another_member_are_theirs(call, commit):
    """What one call keeps for somebody is what they have as `.member` in this chat, and nobody else has."""
    store = call(user="u1")
    store.for_member("u2")["k"] = 1
    assert store.for_member("u1") is store.member
    commit(store)
    assert call(user="u2").member["k"] == 1
    assert not call(user="u1").member
    assert not call(thread="t2", user="u2").member


def test_it_is_a_mapping(call, commit):
    """Deleting, walking, counting and defaults work as in a dict."""
    store = call()
    store.update(a=1, b=2, c=3)
    commit(store)
    store = call()
    del store["b"]
    store["d"] = 4
    assert (sorted(store), len(store), store.get("b"), store.pop("a")) == (["a", "c", "d"], 3, None, 1)
    commit(store)
    assert dict(call()) == {"c": 3, "d": 4}
    with pytest.raises(KeyError):
        call()["b"]


def test_every_method_of_a_mapping_works(call, commit):
    """In each scope, as in a dict."""
    store = call()
    for scope in (store, store.thread, store.user, store.member):
        scope |= {"a": 1, "b": None}
        scope |= [("c", [3])]
    commit(store)
    store = call()
    for scope in (store, store.thread, store.user, store.member):
        assert (list(scope), len(scope), scope == {"a": 1, "b": None, "c": [3]}) == (["a", "b", "c"], 3, True)
        assert ("b" in scope, "d" in scope, scope.get("b", 5), scope.get("d", 5)) == (True, False, None, 5)
        assert (scope.setdefault("a", 9), scope.setdefault("d", 9), scope.pop("d"), scope.pop("d", 8)) == (1, 9, 9, 8)
        assert (list(scope.keys()), list(scope.items()), list(scope.values())) == (
            ["a", "b", "c"],
            [("a", 1), ("b", None), ("c", [3])],
            [1, None, [3]],
        )
        key, _ = scope.popitem()
        assert key not in scope
        with pytest.raises(KeyError):
            scope.pop("d")
    commit(store)
    store = call()
    for scope in (store, store.thread, store.user, store.member):
        assert len(scope) == 2
        scope.clear()
        assert not scope
        with pytest.raises(KeyError):
            scope.popitem()
    commit(store)
    assert not any((call(), call().thread, call().user, call().member))


def test_scopes_are_updated_in_place_and_not_replaced(call, commit):
    """`store.thread |= …` is an assignment to Python, and the only one that is taken."""
    store = call()
    store.thread |= {"a": 1}
    store.user |= {"a": 2}
    store.member |= {"a": 3}
    commit(store)
    assert (call().thread["a"], call().user["a"], call().member["a"]) == (1, 2, 3)
    store = call()
    for name in ("thread", "user", "member"):
        with pytest.raises(StoreError, match=f"store.{name} cannot be replaced"):
            setattr(store, name, store)


def test_keys_may_be_deleted_on_a_walk(call, commit):
    """The walk goes over what there was."""
    store = call()
    store.update(a=1, b=2, c=3)
    for key in store:
        if store[key] != 2:
            del store[key]
    commit(store)
    assert dict(call()) == {"b": 2}


def test_changes_in_place_are_kept(call, commit):
    """A list that was handed out is compared at the end."""
    store = call()
    store["list"] = [1]
    commit(store)
    store = call()
    store["list"].append(2)
    store.setdefault("new", []).append(3)
    commit(store)
    assert (call()["list"], call()["new"]) == ([1, 2], [3])


def test_the_callers_own_object_is_not_the_stores(call, commit):
    """What is assigned is copied."""
    mine = [1]
    store = call()
    store["list"] = mine
    mine.append(2)
    commit(store)
    assert call()["list"] == [1]


@pytest.mark.parametrize("value", [(1, 2), {1: 2}, {1, 2}, b"x", object(), float("nan"), {"a": [(1,)]}, "\ud800"])
def test_what_is_not_json_is_refused_with_the_keys_name(call, value):
    """At assignment, so that the plugin's own line is on the stack."""
    store = call()
    with pytest.raises(StoreError, match="store key 'k'"):
        store["k"] = value
    assert "k" not in store


def test_what_is_made_no_json_in_place_is_refused_at_the_end(call):
    """The call fails; nothing of it is kept."""
    store = call()
    store["k"] = []
    store["k"].append(object())
    with pytest.raises(StoreError, match="store key 'k'"):
        store.changes()


def test_a_shared_value_that_changed_meanwhile_is_a_conflict(call, commit):
    """Also when the loser has only read it."""
    store = call()
    store["n"] = 1
    commit(store)
    first, second = call(), call()
    first["n"] += 1
    second["m"] = second["n"]
    commit(first)
    with pytest.raises(Conflict):
        commit(second)
    assert "m" not in call()


def test_a_missing_key_that_appeared_is_a_conflict(call, commit):
    """Whoever relied on its absence must look again."""
    first, second = call(), call()
    first.setdefault("owner", "Ann")
    second.setdefault("owner", "Ben")
    commit(first)
    with pytest.raises(Conflict):
        commit(second)
    assert call()["owner"] == "Ann"


def test_a_walk_relies_on_the_set_of_keys(call, commit):
    """A key that came in meanwhile is a conflict for who has counted."""
    first, second = call(), call()
    second["count"] = len(second)
    first["x"] = 1
    commit(first)
    with pytest.raises(Conflict):
        commit(second)


def test_a_chats_own_values_never_conflict(call, commit):
    """One lane handles a chat, so nothing changes under its calls."""
    first, second = call(), call()
    first.thread["n"] = first.thread.get("n", 0) + 1
    second.thread["m"] = second.thread.get("n", 0)
    commit(first)
    commit(second)
    assert (call().thread["n"], call().thread["m"]) == (1, 0)


def test_operations_add_up_without_conflict(call, commit):
    """increment and append are applied to what is there at the commit."""
    first, second = call(), call()
    for store in (first, second):
        store.increment("n")
        store.increment("n", 2)
        store.append("list", {"x": 1})
    commit(first)
    commit(second)
    assert (call()["n"], call()["list"]) == (6, [{"x": 1}, {"x": 1}])


def test_the_call_sees_its_own_operations(call, commit):
    """Before and after reading the value, and together with writes and changes in place."""
    store = call()
    store.increment("n", 5)
    assert store["n"] == 5
    store.increment("n")
    assert store["n"] == 6
    store["n"] = 1
    store.increment("n")
    held = store.setdefault("list", [])
    held.append(1)
    store.append("list", 2)
    held.append(3)
    assert (store["n"], store["list"]) == (2, [1, 2, 3])
    commit(store)
    assert (call()["n"], call()["list"]) == (2, [1, 2, 3])


def test_an_operation_after_a_change_in_place_keeps_both(call, commit):
    """Neither the change nor the operation is lost, and neither is applied twice."""
    store = call()
    store["list"] = [1]
    commit(store)
    store = call()
    store.append("list", 2)
    store["list"].append(3)
    store.append("list", 4)
    commit(store)
    assert call()["list"] == [1, 2, 3, 4]


def test_an_operation_that_does_not_fit_is_refused(call, commit):
    """A text cannot be raised; the commit says which key."""
    store = call()
    store["n"] = "many"
    commit(store)
    store = call()
    store.increment("n")
    with pytest.raises(StoreError, match="store key 'n': only a number can be raised"):
        commit(store)
    with pytest.raises(StoreError, match="by a number"):
        call().increment("n", "2")


def test_scopes_without_their_person_or_chat_are_refused(call):
    """With what would be right."""
    with pytest.raises(ContextError, match=r"store\.thread"):
        _ = call(thread=None).thread
    with pytest.raises(ContextError, match=r"store\.user"):
        _ = call(user=None).user
    with pytest.raises(ContextError, match=r"store\.member"):
        _ = call(user=None).member
    with pytest.raises(ContextError, match=r"store\.for_member"):
        call(thread=None).for_member("u2")


def test_after_the_call_the_store_is_dead(call):
    """A store kept in a global must not write in the name of a call that is over."""
    store = call()
    thread = store.thread
    store.changes()
    with pytest.raises(ContextError):
        store["a"] = 1
    with pytest.raises(ContextError):
        thread.get("a")
    with pytest.raises(ContextError):
        _ = store.user


def test_a_later_part_of_a_call_goes_on_where_an_earlier_one_has_left_off(call, database, commit):
    """It sees what was written, deleted and counted, and what it leaves contains that."""
    first = call()
    first["kept"], first["gone"], first["count"] = "old", 1, 1
    commit(first)
    earlier = call()
    earlier["kept"] = "new"
    del earlier["gone"]
    earlier.increment("count")
    earlier.thread["here"] = True
    left = earlier.changes()
    later = call()
    later.go_on(left)
    assert (later["kept"], "gone" in later, later["count"], later.thread["here"]) == ("new", False, 2, True)
    later.increment("count")
    contains = later.changes()
    database.write(lambda c: apply(c, left, contains))
    assert (call()["kept"], "gone" in call(), call()["count"], call().thread["here"]) == ("new", False, 3, True)


def test_what_an_earlier_part_has_relied_on_is_checked_with_the_later_one(call, database, commit):
    """Though the later part has read the new value."""
    earlier = call()
    earlier.get("k")
    left = earlier.changes()
    other = call(thread="t2")
    other["k"] = 1
    commit(other)
    later = call()
    later.go_on(left)
    later["seen"] = later["k"]
    changes = later.changes()
    with pytest.raises(Conflict):
        database.write(lambda c: apply(c, changes))


def test_changes_that_are_committed_together_do_not_conflict_with_each_other(call, database):
    """Both have read what was there before."""
    one, other = call(), call()
    one["k"] = one.get("k", 0) + 1
    other["seen"] = other.get("k", 0)
    every = (one.changes(), other.changes())
    database.write(lambda c: apply(c, *every))
    assert (call()["k"], call()["seen"]) == (1, 0)
