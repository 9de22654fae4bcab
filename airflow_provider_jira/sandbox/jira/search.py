"""Searching: ``/search/jql``, ``/search/approximate-count``, ``/jql/parse``, and the old search that is gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.calls import Call
from airflow_provider_jira.sandbox.jira.errors import Refused
from airflow_provider_jira.sandbox.jira.fields import names, schemas
from airflow_provider_jira.sandbox.jira.jql.clauses import Compiled, compile_query
from airflow_provider_jira.sandbox.jira.jql.reader import JqlError, read
from airflow_provider_jira.sandbox.jira.properties import chosen as chosen_properties
from airflow_provider_jira.sandbox.jira.site import CallersNames
from airflow_provider_jira.sandbox.jira.store import listed
from airflow_provider_jira.sandbox.jira.values import chosen

MAX_IDS = 5000
MAX_ISSUES = 100
MAX_RECONCILED = 50
MAX_PROPERTIES = 5


class SearchBody(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /search/jql``; what it does not name is refused."""

    jql: str = ""
    nextPageToken: str | None = None  # noqa: N815 - Jira's spelling
    maxResults: int = 50  # noqa: N815
    fields: list[str] | None = None
    expand: str | None = None
    fieldsByKeys: bool = False  # noqa: N815
    properties: list[str] = []
    reconcileIssues: list[int] = []  # noqa: N815
    includeArchivedProjects: bool | None = None  # noqa: N815
    failFast: bool | None = None  # noqa: N815


def search(call: Call) -> dict[str, Any]:
    """``POST /search/jql``."""
    body = call.body(SearchBody)
    newer = [name for name in ("includeArchivedProjects", "failFast") if getattr(body, name) is not None]
    if newer and not call.site.switches.include_archived:
        raise Refused(400, f"Invalid request payload: unknown field `{newer[0]}`.")
    return _page(call, body)


def search_by_query(call: Call) -> dict[str, Any]:
    """``GET /search/jql``."""
    query = call.query
    try:
        reconcile = [int(part) for text in query.getlist("reconcileIssues") for part in text.split(",")]
    except ValueError:
        raise Refused(400, "reconcileIssues takes issue ids, not keys.") from None
    fields = [part for text in query.getlist("fields") for part in text.split(",")]
    return _page(
        call,
        SearchBody(
            jql=query.get("jql", ""),
            nextPageToken=query.get("nextPageToken"),
            maxResults=call.number("maxResults", 50),
            fields=fields or None,
            expand=query.get("expand"),
            properties=query.getlist("properties"),
            reconcileIssues=reconcile,
            includeArchivedProjects=call.flag("includeArchivedProjects") or None,
        ),
    )


def _page(call: Call, body: SearchBody) -> dict[str, Any]:
    _refuse_excess(body)
    wanted = body.fields or ["id"]
    ids_only = set(wanted) <= {"id", "key"} and not body.expand and not body.properties
    compiled = _compiled(call, body.jql)
    if compiled is None:
        return {"issues": [], "isLast": True}
    about = (body.jql, tuple(wanted), tuple(body.reconcileIssues), body.includeArchivedProjects)
    walks = call.site.walks
    walk, number = walks.follow(body.nextPageToken, about) if body.nextPageToken else walks.begin(about)
    size = _page_size(call, min(body.maxResults, MAX_IDS if ids_only else MAX_ISSUES), number)
    cursor = walk.cursors[number]
    rows = _matching(
        call, compiled, cursor, size + 1, body.reconcileIssues, archived=bool(body.includeArchivedProjects)
    )
    page, more = rows[:size], len(rows) > size
    answer: dict[str, Any] = {
        "issues": _shown(call, [row[0] for row in page], wanted, body.properties, ids_only=ids_only),
        "isLast": not more,
    }
    if more:
        answer["nextPageToken"] = walks.go_on(walk, number, tuple(page[-1][1:]) if page else cursor)
    elif call.site.switches.end_mark == "null":
        answer["nextPageToken"] = None
    if number == 0 and call.site.switches.warnings:
        answer["warnings"] = [{"type": "SEARCH_WARNING", "message": text} for text in call.site.switches.warnings]
    return {**answer, **_described(body, wanted)}


def _refuse_excess(body: SearchBody) -> None:
    if len(body.reconcileIssues) > MAX_RECONCILED:
        raise Refused(400, f"reconcileIssues takes at most {MAX_RECONCILED} issue ids.")
    if len(body.properties) > MAX_PROPERTIES:
        raise Refused(400, f"At most {MAX_PROPERTIES} properties can be requested.")
    if body.maxResults < 0:
        raise Refused(400, "maxResults must not be negative.")


def _page_size(call: Call, most: int, number: int) -> int:
    most = most or 50
    switch = call.site.switches.short_pages
    if switch == "some" and number % 2 == 0:
        return most - most // 5
    if switch == "empty" and number % 2 == 1:
        return 0
    return most


def _compiled(call: Call, jql: str) -> Compiled | None:
    """Compile a query; ``None`` where an anonymous visitor is answered with nothing."""
    try:
        query = read(jql)
        if query.where is not None and call.caller is None and call.site.switches.anonymous_search == "empty":
            return None
        if query.where is not None:
            return compile_query(query, CallersNames(call.site, call.caller), call.site.clock())
    except JqlError as error:
        raise Refused(400, *error.messages) from None
    raise Refused(400, "Unbounded JQL queries are not allowed here. Add a search restriction to the query.")


def _matching(
    call: Call,
    compiled: Compiled,
    cursor: tuple[Any, ...] | None,
    limit: int,
    reconcile: Sequence[int],
    *,
    archived: bool,
) -> list[tuple[Any, ...]]:
    """Return id and ordering values of the issues after ``cursor``."""
    conditions, values = [f"({compiled.where})"], list(compiled.values)
    _restrict(call, conditions, values, archived=archived)
    if cursor is not None:
        condition, more = _after(compiled.order, cursor)
        conditions.append(condition)
        values += more
    columns = ", ".join(f"{expression} AS o{at}" for at, (expression, _) in enumerate(compiled.order))
    order = ", ".join(f"o{at}{' DESC' if descends else ''}" for at, (_, descends) in enumerate(compiled.order))
    where = " AND ".join(conditions)
    if reconcile:
        named = listed(reconcile)
        sql = (
            f"SELECT i.id, {columns} FROM indexed i WHERE i.id NOT IN ({named}) AND {where} "
            f"UNION ALL SELECT i.id, {columns} FROM issue i WHERE i.id IN ({named}) AND {where}"
        )
        values += values
    else:
        sql = f"SELECT i.id, {columns} FROM indexed i WHERE {where}"
    return call.site.store.db.execute(f"{sql} ORDER BY {order} LIMIT {int(limit)}", values).fetchall()


def _restrict(call: Call, conditions: list[str], values: list[Any], *, archived: bool) -> None:
    keys = [p.key for p in call.site.projects.values() if p.readable and (archived or not p.archived)]
    conditions.append(f"i.project IN ({', '.join('?' * len(keys))})")
    values += keys if call.caller is not None else [""] * len(keys)
    if not archived:
        conditions.append("NOT i.archived")
    # Permissions are never late, whatever the index says.
    conditions.append("i.id NOT IN (SELECT t.id FROM issue t WHERE t.hidden)")


def _after(order: tuple[tuple[str, bool], ...], cursor: tuple[Any, ...]) -> tuple[str, list[Any]]:
    """Write the condition for what comes after a place in an order of several terms."""
    parts, values = [], []
    for at, (expression, descends) in enumerate(order):
        equal = "".join(f"{before} = ? AND " for before, _ in order[:at])
        parts.append(f"({equal}{expression} {'<' if descends else '>'} ?)")
        values += [*cursor[:at], cursor[at]]
    return f"({' OR '.join(parts)})", values


def _shown(
    call: Call, ids: Sequence[int], wanted: Sequence[str], properties: Sequence[str], *, ids_only: bool
) -> list[dict[str, Any]]:
    if ids_only and "key" not in wanted:
        return [{"id": str(id_)} for id_ in ids]
    place = {id_: at for at, id_ in enumerate(ids)}
    rows = sorted(call.site.store.issues(ids), key=lambda row: place[row.id])
    if ids_only:
        return [{"id": str(row.id), "key": row.key} for row in rows]
    fields = chosen(wanted)
    show = call.site.presenter(call.base, rows, fields, call.caller)
    lost = call.site.switches.lost_fields
    held = chosen_properties(call.site, "issue", ids, properties) if properties else None
    return [show.issue(row, fields, lost.get(str(row.id), ()), held) for row in rows]


def _described(body: SearchBody, wanted: Sequence[str]) -> dict[str, Any]:
    expand = (body.expand or "").split(",")
    fields = list(chosen(wanted))
    found: dict[str, Any] = {"names": names(fields)} if "names" in expand else {}
    return {**found, "schema": schemas(fields)} if "schema" in expand else found


class CountBody(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /search/approximate-count``."""

    jql: str = ""


def approximate_count(call: Call) -> dict[str, int]:
    """``POST /search/approximate-count``."""
    compiled = _compiled(call, call.body(CountBody).jql)
    if compiled is None:
        return {"count": 0}
    conditions, values = [f"({compiled.where})"], list(compiled.values)
    _restrict(call, conditions, values, archived=False)
    sql = f"SELECT count(*) FROM indexed i WHERE {' AND '.join(conditions)}"
    (count,) = call.site.store.db.execute(sql, values).fetchone()
    return {"count": count}


class ParseBody(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /jql/parse``."""

    queries: list[str]


def parse(call: Call) -> dict[str, Any]:
    """``POST /jql/parse``: errors are told for each query, inside an answer 200."""
    validation = call.query.get("validation", "strict")
    if validation not in {"strict", "warn", "none"}:
        raise Refused(400, f"'{validation}' is not a valid value for 'validation'.")
    queries = call.body(ParseBody).queries
    if not queries:
        raise Refused(400, "At least one query is needed.")
    return {"queries": [_parsed(call, jql, validation) for jql in queries]}


def _parsed(call: Call, jql: str, validation: str) -> dict[str, Any]:
    try:
        query = read(jql)
    except JqlError as error:
        return {"query": jql, "errors": error.messages}
    found = {"query": jql, "structure": query.described()}
    if validation == "none":
        return found
    try:
        compile_query(query, CallersNames(call.site, call.caller), call.site.clock())
    except JqlError as error:
        if validation == "warn":
            return {**found, "warnings": error.messages}
        return {"query": jql, "errors": error.messages}
    return found


def gone(_: Call) -> Any:
    """The old search, which was switched off in 2025."""
    raise Refused(
        410,
        "The requested API has been removed. Use /rest/api/3/search/jql instead; how to change over is told at "
        "https://developer.atlassian.com/changelog/#CHANGE-2046",
    )
