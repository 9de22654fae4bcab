"""The REST calls that list: templates, pages of cards going down by id, and the stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from starlette.responses import Response, StreamingResponse

from airflow_provider_jira.sandbox.esm import rest_answers
from airflow_provider_jira.sandbox.esm.eql import read_filter
from airflow_provider_jira.sandbox.esm.eql_sql import Sql
from airflow_provider_jira.sandbox.esm.rest_call import Call, Refused, answer

HIGHEST_LIMIT = 200
DEFAULT_LIMIT = 50
_STREAM_BATCH = 500


async def templates(call: Call) -> Response:
    """``GET /dc``."""
    visible = [template for code, template in call.world.templates.items() if call.world.template(code, call.user)]
    return answer([rest_answers.template_element(template) for template in visible])


async def template(call: Call) -> Response:
    """``GET /dc/{template}``."""
    return answer(rest_answers.template_info(call.world, call.user, call.template()))


async def page(call: Call) -> Response:
    """``GET /dc/{template}/data``: cards with ids below ``filterId``, highest first."""
    sql, parameters = _condition(call)
    limit = _limit(call)
    ids = call.world.cards.select(sql, parameters, _number(call, "filterId", 0), limit)
    if not ids and call.world.switches.empty_list == "404":
        raise Refused(404, "No data cards found")
    by_page = call.world.switches.count == "page"
    count = len(ids) if by_page else call.world.cards.count(sql, parameters)
    links = _links(call, limit, ids)
    return answer({"meta": {"count": count, "limit": limit, "links": links}, "data": _shown(call, ids)})


async def stream(call: Call) -> Response:
    """``GET /dc/{template}/data/stream``: every card in one answer; its framing is a switch."""
    sql, parameters = _condition(call)
    ids = call.world.cards.select(sql, parameters)
    if not ids and call.world.switches.empty_list == "404":
        raise Refused(404, "No data cards found")
    framing = call.world.switches.stream
    media_type = "application/x-ndjson" if framing == "ndjson" else "application/json"
    return StreamingResponse(_framed(call, ids, framing), media_type=media_type)


async def _framed(call: Call, ids: list[int], framing: str) -> AsyncIterator[bytes]:
    meta = msgspec.json.encode({"count": len(ids), "limit": len(ids), "links": {}})
    head, between, tail = {
        "json": (b'{"meta":' + meta + b',"data":[', b",", b"]}"),
        "array": (b"[", b",", b"]"),
        "ndjson": (b"", b"\n", b"\n" if ids else b""),
    }[framing]
    yield head
    for start in range(0, len(ids), _STREAM_BATCH):
        rows = [msgspec.json.encode(card) for card in _shown(call, ids[start : start + _STREAM_BATCH])]
        yield (between if start else b"") + between.join(rows)
    yield tail


def _condition(call: Call) -> Sql:
    template = call.template()
    text = call.request.query_params.get("filter", "")
    condition = read_filter(text, call.world.switches.eql_quote) if text.strip() else None
    return call.world.condition(call.user, template, condition)


def _shown(call: Call, ids: list[int]) -> list[dict[str, Any]]:
    if not call.flag("dataCards"):
        return [rest_answers.card_info(card) for card in call.world.cards.load(ids, [])]
    selected = call.selected()
    return call.show(call.world.cards.load(ids, None if selected is None else sorted(selected)), selected)


def _limit(call: Call) -> int:
    if "limit" not in call.request.query_params and call.world.switches.missing_limit == "refuse":
        raise Refused(400, "limit is mandatory")
    limit = _number(call, "limit", DEFAULT_LIMIT)
    if not 1 <= limit <= HIGHEST_LIMIT:
        raise Refused(400, f"limit must be from 1 to {HIGHEST_LIMIT}")
    return limit


def _number(call: Call, name: str, default: int) -> int:
    text = call.request.query_params.get(name, "")
    if not text:
        return default
    if not text.isdecimal():
        raise Refused(400, f"{name} must be a whole number")
    return int(text)


def _links(call: Call, limit: int, ids: list[int]) -> dict[str, str]:
    style = call.world.switches.next_link
    if style == "none" or len(ids) < limit:
        return {}
    url = call.request.url
    if style == "bare":
        url = url.replace(query="")
    return {"next": str(url.include_query_params(limit=limit, filterId=ids[-1]))}
