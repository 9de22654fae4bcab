"""The controls that both sandbox servers share: request log, faults, switches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import httpx
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from airflow_provider_jira.sandbox.control import Control, ControlMiddleware
from airflow_provider_jira.sandbox.process import serve_in_thread


class Switches(msgspec.Struct):
    color: Literal["red", "blue"] = "red"
    size: int = 1


class Server:
    def __init__(self, url: str, work: list[str]) -> None:
        self.work = work
        self.http = httpx.Client(base_url=url, trust_env=False)

    def fault(self, **fault):
        answer = self.http.post("/_sandbox/faults", json=fault)
        assert answer.status_code == 200, answer.text

    def log(self, since=0):
        return self.http.get("/_sandbox/requests", params={"since": since}).json()


@pytest.fixture(name="control")
def _control() -> Control:
    return Control(Switches())


@pytest.fixture(name="server")
def _server(control) -> Iterator[Server]:
    work: list[str] = []

    async def answer(request: Request) -> Response:
        work.append(f"{request.method} {request.url.path} {(await request.body()).decode()}")
        return JSONResponse({"color": control.switches.color}, 201)

    app = Starlette(
        routes=[*control.routes(), Route("/{path:path}", answer, methods=["GET", "POST"])],
        middleware=[Middleware(ControlMiddleware, control=control)],
    )
    with serve_in_thread(app) as served:
        server = Server(served.url, work)
        with server.http:
            yield server


def test_every_request_is_logged_with_its_outcome(server):
    server.http.post("/a", params=[("x", "1"), ("y", "2"), ("y", "3")], json={"k": [1]})
    server.http.post("/b", content=b"plain %41")
    server.http.get("/c")
    log = server.log()
    assert log["next"] == 3
    assert log["requests"] == [
        {
            "n": 0,
            "method": "POST",
            "path": "/a",
            "query": {"x": "1", "y": ["2", "3"]},
            "status": 201,
            "body": {"k": [1]},
        },
        {"n": 1, "method": "POST", "path": "/b", "query": {}, "status": 201, "body": "plain %41"},
        {"n": 2, "method": "GET", "path": "/c", "query": {}, "status": 201},
    ]
    assert [row["n"] for row in server.log(since=2)["requests"]] == [2]


def test_emptying_the_log_goes_on_counting(server):
    server.http.get("/a")
    assert server.http.delete("/_sandbox/requests").json() == {"next": 1}
    server.http.get("/b")
    assert [(row["n"], row["path"]) for row in server.log()["requests"]] == [(1, "/b")]


def test_a_long_body_is_cut(server):
    server.http.post("/a", json=["x" * 100_000])
    assert len(server.log()["requests"][0]["body"]) == 64 * 1024
    assert len(server.work[0]) > 100_000


def test_answers_are_kept_when_asked_for(server, control):
    server.http.get("/a")
    control.keep_responses = True
    server.http.get("/b")
    assert [row.get("response") for row in server.log()["requests"]] == [None, {"color": "red"}]


def test_a_fault_answers_instead_of_the_server(server):
    server.fault(
        match={"method": "POST", "path": "^/a"}, status=503, headers={"Retry-After": "7"}, body={"why": "busy"}
    )
    assert server.http.get("/a").status_code == 201
    answer = server.http.post("/a")
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()) == (503, "7", {"why": "busy"})
    assert server.http.post("/a").status_code == 201
    assert [line.split()[0] for line in server.work] == ["GET", "POST"]
    assert [row["status"] for row in server.log()["requests"]] == [201, 503, 201]


@pytest.mark.parametrize(
    ("body", "headers", "content", "kind"),
    [
        (None, {}, b"", None),
        ("<html>", {"Content-Type": "text/html"}, b"<html>", "text/html"),
        ("oops", {}, b"oops", "text/plain; charset=utf-8"),
        ([1], {}, b"[1]", "application/json"),
    ],
)
def test_a_faults_body_is_text_or_json(server, body, headers, content, kind):
    server.fault(status=500, body=body, headers=headers)
    answer = server.http.get("/a")
    assert (answer.content, answer.headers.get("Content-Type")) == (content, kind)


def test_a_fault_hits_as_often_as_told_after_as_many_as_told(server):
    server.fault(skip=1, times=2, status=500)
    assert [server.http.get("/a").status_code for _ in range(5)] == [201, 500, 500, 201, 201]
    server.fault(times=None, status=500, match={"body": "poison"})
    assert [server.http.post("/a", json=b).status_code for b in ("poison", "fine", "poison", "poison")] == [
        500,
        201,
        500,
        500,
    ]
    assert len(server.http.get("/_sandbox/faults").json()) == 2
    assert server.http.delete("/_sandbox/faults").json() == []
    assert server.http.post("/a", json="poison").status_code == 201


@pytest.mark.parametrize(("drop", "done"), [("before", 0), ("after", 1)])
def test_a_dropped_connection_loses_the_request_or_only_the_answer(server, drop, done):
    server.fault(drop=drop)
    with pytest.raises(httpx.RemoteProtocolError):
        server.http.post("/a")
    assert len(server.work) == done
    assert server.log()["requests"][0].get("status") == (201 if done else None)
    assert server.http.post("/a").status_code == 201


def test_a_delayed_answer_still_comes(server):
    server.fault(delay=0.01)
    assert server.http.get("/a").status_code == 201
    server.fault(delay=30)
    with pytest.raises(httpx.ReadTimeout):
        server.http.get("/a", timeout=0.05)
    assert len(server.work) == 1


def test_an_answer_that_is_held_back_comes_after_the_work(server):
    server.fault(hold=0.01)
    assert server.http.get("/a").status_code == 201
    server.fault(hold=30)
    with pytest.raises(httpx.ReadTimeout):
        server.http.get("/a", timeout=0.2)
    assert len(server.work) == 2
    assert [row["status"] for row in server.log()["requests"]] == [201, 201]


@pytest.mark.parametrize("fault", [{"stauts": 500}, {"drop": "sometimes"}, {"match": {"url": "/"}}])
def test_a_fault_that_makes_no_sense_is_refused(server, fault):
    answer = server.http.post("/_sandbox/faults", json=fault)
    assert answer.status_code == 400
    assert server.http.get("/_sandbox/faults").json() == []


def test_switches_are_turned_all_or_none(server):
    assert server.http.get("/_sandbox/switches").json() == {"color": "red", "size": 1}
    assert server.http.patch("/_sandbox/switches", json={"color": "blue"}).json() == {"color": "blue", "size": 1}
    assert server.http.get("/a").json() == {"color": "blue"}
    for wrong, named in ({"size": 2, "colour": "red"}, "colour"), ({"size": 2, "color": "green"}, "green"):
        answer = server.http.patch("/_sandbox/switches", json=wrong)
        assert answer.status_code == 400
        assert named in answer.json()["error"]
    assert server.http.get("/_sandbox/switches").json() == {"color": "blue", "size": 1}


def test_the_controls_are_neither_logged_nor_hit(server):
    server.fault(times=None, status=500)
    assert server.http.get("/_sandbox/switches").status_code == 200
    assert server.log()["requests"] == []
