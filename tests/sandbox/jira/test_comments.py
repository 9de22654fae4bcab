"""Comments: read in pages, written, kept for some, and known again by their properties."""

from __future__ import annotations

import pytest

from airflow_provider_jira.sandbox.jira.catalog import GROUPS, ROBOT_ID

LEADS = GROUPS["sup-leads"]


def document(*lines):
    content = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines]
    return {"type": "doc", "version": 1, "content": content}


def text(comment):
    return comment["body"]["content"][0]["content"][0]["text"]


def on(jira, issue):
    return [text(comment) for comment in jira.get(f"/issue/{issue}/comment")["comments"]]


def add(jira, issue, line="a note", **more):
    answer = jira.ask("POST", f"/issue/{issue}/comment", {"body": document(line), **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture(name="quiet")
def _quiet(jira):
    """An issue that nobody has commented on."""
    return int(jira.world("issues", fields={"summary": "not talked about"})["id"])


@pytest.fixture(name="somebody")
def _somebody(jira):
    people = jira.known("people")
    return next(one["accountId"] for one in people if one["active"] and one["accountId"] != ROBOT_ID)


class TestReading:
    @pytest.fixture(name="issue")
    def _issue(self, jira, quiet):
        for number in range(130):
            jira.time += 1
            jira.world("comments", id=quiet, text=f"note {number}")
        return quiet

    def test_a_page_of_comments_holds_a_hundred_and_does_not_say_whether_it_is_the_last(self, jira, issue):
        page = jira.get(f"/issue/{issue}/comment", maxResults=5000)
        assert (page["total"], page["maxResults"], len(page["comments"])) == (130, 100, 100)
        assert "isLast" not in page
        rest = jira.get(f"/issue/{issue}/comment", startAt=100)["comments"]
        assert [text(c) for c in page["comments"] + rest] == [f"note {n}" for n in range(130)]

    def test_comments_come_newest_first_when_asked(self, jira, issue):
        page = jira.get(f"/issue/{issue}/comment", orderBy="-created", maxResults=2)
        assert [text(c) for c in page["comments"]] == ["note 129", "note 128"]
        assert jira.refusal("GET", f"/issue/{issue}/comment", orderBy="updated")

    def test_comments_inside_an_issue_are_only_the_first(self, jira, issue):
        inside = jira.get(f"/issue/{issue}", fields="comment")["fields"]["comment"]
        assert (inside["total"], len(inside["comments"])) == (130, 20)

    def test_comments_are_listed_by_id_where_their_issue_can_be_seen(self, jira, issue):
        ids = [int(c["id"]) for c in jira.get(f"/issue/{issue}/comment", maxResults=3)["comments"]]
        page = jira.post("/comment/list", {"ids": [*ids, 999_999]})
        assert ([int(c["id"]) for c in page["values"]], page["isLast"]) == (ids, True)
        jira.world("hide", ids=[issue])
        assert jira.post("/comment/list", {"ids": ids})["values"] == []
        assert jira.refusal("POST", "/comment/list", {"ids": []})
        assert jira.refusal("POST", "/comment/list", {"ids": list(range(1001))})


class TestWriting:
    def test_a_comment_is_added_changed_and_deleted(self, jira, quiet):
        made = add(jira, quiet, "first <b>")
        assert (made["author"]["accountId"], made["body"], made["jsdPublic"]) == (ROBOT_ID, document("first <b>"), True)
        path = f"/issue/{quiet}/comment/{made['id']}"
        assert jira.get(path) == made
        assert jira.get(path, expand="renderedBody")["renderedBody"] == "<p>first &lt;b&gt;</p>"
        jira.time += 60
        changed = jira.ask("PUT", path, {"body": document("second")}).json()
        assert (changed["body"], changed["created"]) == (document("second"), made["created"])
        assert changed["updated"] > made["updated"]
        assert jira.ask("DELETE", path).status_code == 204
        assert jira.ask("GET", path).status_code == 404
        assert on(jira, quiet) == []

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ("text", "Operation value must be an Atlassian Document"),
            (None, "Operation value must be an Atlassian Document"),
            ({"type": "doc", "version": 1, "content": []}, "can not be empty"),
            ({"type": "doc", "version": 1, "content": [{"type": "text", "text": "x"}]}, "INVALID_INPUT"),
            (document("x" * 32_768), "32,767"),
        ],
    )
    def test_only_documents_are_taken(self, jira, quiet, body, message):
        assert message in jira.refusal("POST", f"/issue/{quiet}/comment", {"body": body})[0]
        made = add(jira, quiet)
        assert message in jira.refusal("PUT", f"/issue/{quiet}/comment/{made['id']}", {"body": body})[0]
        assert on(jira, quiet) == ["a note"]

    def test_who_may_not_comment_is_told_so(self, jira, quiet, somebody):
        mine, others = add(jira, quiet), jira.world("comments", id=quiet, text="theirs", author=somebody)
        jira.turn(denied_permissions=["ADD_COMMENTS", "EDIT_ALL_COMMENTS", "DELETE_ALL_COMMENTS"])
        assert "permission" in jira.refusal("POST", f"/issue/{quiet}/comment", {"body": document("x")})[0]
        path = f"/issue/{quiet}/comment/{others['id']}"
        assert "permission to edit" in jira.refusal("PUT", path, {"body": document("x")})[0]
        assert "permission to delete" in jira.refusal("DELETE", path)[0]
        assert jira.ask("PUT", f"/comment/{others['id']}/properties/k", {}).status_code == 403
        assert jira.ask("DELETE", f"/issue/{quiet}/comment/{mine['id']}").status_code == 204
        assert on(jira, quiet) == ["theirs"]

    def test_an_issue_holds_only_so_many(self, open_jira):
        jira = open_jira(most_comments=2)
        issue = int(jira.world("issues")["id"])
        add(jira, issue), add(jira, issue)
        assert jira.ask("POST", f"/issue/{issue}/comment", {"body": document("x")}).status_code == 413
        assert len(on(jira, issue)) == 2

    def test_a_comment_moves_updated_as_switched(self, open_jira):
        for touched, moved in ((("comment",), True), ((), False)):
            jira = open_jira(touched_by=touched)
            issue = int(jira.world("issues")["id"])
            before = jira.truth()[issue]["updated"]
            jira.time += 60
            add(jira, issue)
            assert (jira.truth()[issue]["updated"] > before) is moved

    def test_every_write_counts_against_the_issues_limit(self, jira, quiet):
        made = add(jira, quiet)
        path = f"/issue/{quiet}/comment/{made['id']}"
        writes = [
            ("PUT", path, {"body": document("x")}),
            ("PUT", f"/comment/{made['id']}/properties/k", {}),
            ("DELETE", f"/comment/{made['id']}/properties/k", None),
            ("PUT", f"/issue/{quiet}/properties/k", {}),
            ("DELETE", f"/issue/{quiet}/properties/k", None),
            ("PUT", f"/issue/{quiet}", {"fields": {"summary": "x"}}),
            ("POST", f"/issue/{quiet}/transitions", {"transition": {"id": "11"}}),
            ("POST", f"/issue/{quiet}/comment", {"body": document("x")}),
        ]
        for write in writes:
            assert jira.ask(*write).status_code < 300
        for _ in range(20 - 1 - len(writes)):
            add(jira, quiet)
        before = jira.truth()[quiet]
        for write in [*writes, ("DELETE", path, None)]:
            refused = jira.ask(*write)
            assert (refused.status_code, refused.headers["RateLimit-Reason"]) == (429, "jira-per-issue-on-write")
        assert jira.truth()[quiet] == before


class TestProperties:
    def test_a_comment_comes_with_its_properties_only_from_the_list(self, jira, quiet):
        made = add(jira, quiet, properties=[{"key": "k", "value": {"mark": "m"}}])
        assert "properties" not in made
        assert "properties" not in jira.get(f"/issue/{quiet}/comment", expand="properties")["comments"][0]
        (listed,) = jira.post("/comment/list?expand=properties", {"ids": [int(made["id"])]})["values"]
        assert listed["properties"] == [{"key": "k", "value": {"mark": "m"}}]
        assert "properties" not in jira.post("/comment/list", {"ids": [int(made["id"])]})["values"][0]
        assert jira.get(f"/comment/{made['id']}/properties/k") == {"key": "k", "value": {"mark": "m"}}

    @pytest.mark.parametrize("kind", ["issue", "comment"])
    def test_a_property_is_set_changed_and_deleted(self, jira, quiet, kind):
        path = f"/{kind}/{quiet if kind == 'issue' else add(jira, quiet)['id']}/properties"
        assert [jira.ask("PUT", f"{path}/k", value).status_code for value in ([1], {"a": None})] == [201, 200]
        assert jira.get(f"{path}/k")["value"] == {"a": None}
        assert [one["key"] for one in jira.get(path)["keys"]] == ["k"]
        assert jira.ask("DELETE", f"{path}/k").status_code == 204
        assert [jira.ask(method, f"{path}/k").status_code for method in ("GET", "DELETE")] == [404, 404]
        assert jira.refusal("PUT", f"{path}/{'k' * 256}", 1)
        assert jira.refusal("PUT", f"{path}/k", "x" * 32_767)
        assert jira.get(path)["keys"] == []

    def test_a_comment_that_cannot_be_kept_leaves_nothing(self, jira, quiet):
        body = {"body": document("x"), "properties": [{"key": "good", "value": 1}, {"key": "", "value": 1}]}
        assert jira.refusal("POST", f"/issue/{quiet}/comment", body)
        assert jira.truth()[quiet]["comments"] == []

    def test_marks_are_counted_where_they_were_put(self, jira, quiet):
        first = add(jira, quiet, properties=[{"key": "k", "value": {"mark": "m"}}])["id"]
        second = jira.world("comments", id=quiet, text="x", properties={"k": {"mark": "m"}, "other": 1})["id"]
        jira.ask("PUT", f"/issue/{quiet}/properties/k", {"mark": "i"})
        jira.ask("PUT", f"/issue/{quiet}", {"fields": {"labels": ["esm-1", "x"]}})
        marks = {"issues": {"i": [str(quiet)]}, "comments": {"m": [first, second]}, "labels": {"esm-1": [str(quiet)]}}
        assert jira.control("GET", "truth/marks", key="k", label="esm-") == marks
        jira.world("delete", jql=f"id = {quiet}")
        assert jira.control("GET", "truth/marks", key="k") == {"issues": {}, "comments": {}, "labels": {}}


class TestWhoSeesThem:
    @pytest.mark.parametrize("audience", [{"group": LEADS}, {"group": "sup-leads"}, {"role": "Service Desk Team"}])
    def test_what_is_kept_for_others_is_absent_without_a_word(self, jira, quiet, somebody, audience):
        jira.world("members", group=LEADS, leave=[ROBOT_ID])
        jira.world("roles", role="Service Desk Team", users=[ROBOT_ID], on=False)
        for actor in jira.app.state.site.actors.of("SUP", 10101):
            if actor.kind == "group":
                jira.world("members", group=actor.holder, leave=[ROBOT_ID])
        kept = jira.world("comments", id=quiet, text="not for you", author=somebody, **audience)["id"]
        jira.world("comments", id=quiet, text="for all")
        page = jira.get(f"/issue/{quiet}/comment")
        assert (page["total"], on(jira, quiet)) == (1, ["for all"])
        assert jira.get(f"/issue/{quiet}", fields="comment")["fields"]["comment"]["total"] == 1
        assert jira.post("/comment/list", {"ids": [int(kept)]})["values"] == []
        for path in (f"/issue/{quiet}/comment/{kept}", f"/comment/{kept}/properties"):
            assert jira.ask("GET", path).status_code == 404
        assert [one["text"] for one in jira.truth()[quiet]["comments"]] == ["not for you", "for all"]
        if "group" in audience:
            jira.world("members", group=LEADS, join=[ROBOT_ID])
        else:
            jira.world("roles", role="Service Desk Team", users=[ROBOT_ID])
        assert on(jira, quiet) == ["not for you", "for all"]
        assert jira.get(f"/issue/{quiet}/comment/{kept}")["visibility"] == {
            "type": "group" if "group" in audience else "role",
            "value": "sup-leads" if "group" in audience else "Service Desk Team",
            "identifier": LEADS if "group" in audience else "Service Desk Team",
        }

    def test_one_keeps_a_comment_only_for_those_one_belongs_to(self, jira, quiet):
        jira.world("members", group=LEADS, leave=[ROBOT_ID])
        for visibility, message in (
            ({"type": "group", "identifier": LEADS}, "not a member of the group: sup-leads"),
            ({"type": "group", "value": "sup-leads"}, "not a member of the group: sup-leads"),
            ({"type": "group", "identifier": "nothing"}, "does not exist"),
            ({"type": "role", "identifier": "nothing"}, "does not exist"),
            ({"type": "person", "identifier": "x"}, "Invalid request payload"),
        ):
            body = {"body": document("x"), "visibility": visibility}
            assert message in jira.refusal("POST", f"/issue/{quiet}/comment", body)[0]
        jira.world("members", group=LEADS, join=[ROBOT_ID])
        made = add(jira, quiet, visibility={"type": "group", "identifier": LEADS})
        assert made["visibility"] == {"type": "group", "value": "sup-leads", "identifier": LEADS}
        made = add(jira, quiet, visibility={"type": "role", "value": "Administrators"})
        assert made["visibility"]["value"] == "Administrators"

    def test_what_customers_see_is_said_by_a_property_only_and_only_in_service_projects(self, jira, quiet):
        internal = [{"key": "sd.public.comment", "value": {"internal": True}}]
        assert add(jira, quiet, jsdPublic=False)["jsdPublic"] is True
        assert add(jira, quiet, properties=internal)["jsdPublic"] is False
        other = next(id_ for id_, row in jira.truth().items() if row["project"] == "OPS")
        assert add(jira, other, properties=internal)["jsdPublic"] is True
        noted = jira.world("comments", id=quiet, text="x", internal=True)["id"]
        assert jira.get(f"/issue/{quiet}/comment/{noted}")["jsdPublic"] is False

    def test_a_deleted_groups_comments_are_seen_by_nobody_unless_another_group_takes_over(self, admins_jira):
        jira, heir = admins_jira, GROUPS["sup-agents"]
        issue = int(jira.world("issues")["id"])
        jira.world("members", group=LEADS, join=[ROBOT_ID])
        jira.world("members", group=heir, join=[ROBOT_ID])
        jira.world("comments", id=issue, text="kept", group=LEADS)
        jira.world("comments", id=issue, text="lost", group="jira-users-acme")
        assert jira.ask("DELETE", "/group", params={"groupId": LEADS, "swapGroupId": heir}).status_code == 200
        assert jira.ask("DELETE", "/group", params={"groupname": "jira-users-acme"}).status_code == 200
        assert on(jira, issue) == ["kept"]
        assert [one["text"] for one in jira.truth()[issue]["comments"]] == ["kept", "lost"]


def test_somebody_says_a_document_changes_it_and_takes_it_back(jira, quiet, somebody):
    body = {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "heading", "attrs": {"level": 1}, "content": [{"type": "text", "text": "Title"}]},
            {"type": "bulletList", "content": [
                {"type": "listItem", "content": [
                    {"type": "paragraph", "content": [{"type": "text", "text": "a"}, {"type": "hardBreak"},
                                                      {"type": "mention", "attrs": {"id": "1", "text": "@b"}}]},
                ]},
            ]},
        ],
    }  # fmt: skip
    id_ = jira.world("comments", id=quiet, body=body, author=somebody)["id"]
    shown = jira.get(f"/issue/{quiet}/comment/{id_}")
    assert (shown["author"]["accountId"], shown["body"]) == (somebody, body)
    (told,) = jira.truth()[quiet]["comments"]
    assert (told["text"], told["author"]["accountId"]) == ("Title\na\n@b", somebody)
    jira.world("comments/change", id=id_, text="two\nlines")
    shown = jira.get(f"/issue/{quiet}/comment/{id_}")
    assert shown["body"] == document("two", "lines")
    assert (shown["author"]["accountId"], shown["updateAuthor"]["accountId"]) == (somebody, ROBOT_ID)
    assert jira.world("comments/delete", ids=[id_]) == {"ids": [id_]}
    assert on(jira, quiet) == []


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("comments", {"id": 1, "text": "x"}),
        ("comments", {"id": None, "text": "x", "author": "nobody"}),
        ("comments", {"id": None, "text": "x", "group": "nothing"}),
        ("comments", {"id": None, "text": "x", "role": "nothing"}),
        ("comments/change", {"id": 1, "text": "x"}),
        ("comments/delete", {"ids": [1]}),
    ],
)
def test_a_control_call_about_what_is_not_there_is_refused(jira, quiet, name, body):
    body = {**body, "id": quiet if body.get("id", 0) is None else body.get("id")} if "id" in body else body
    answer = jira.http.post(f"/_sandbox/world/{name}", json=body)
    assert (answer.status_code, answer.json()["error"][:11]) == (400, "there is no")
