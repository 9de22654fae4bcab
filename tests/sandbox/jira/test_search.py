"""Searches answer as Jira Cloud's do, the unpleasant parts included."""

from __future__ import annotations

import pytest

ALL = "project is not EMPTY order by id"
SUP = "project = SUP order by id"


def test_without_fields_only_ids_come_back(jira):
    page = jira.page(SUP, maxResults=3)
    assert [set(issue) for issue in page["issues"]] == [{"id"}] * len(page["issues"])
    assert page["issues"]


def test_an_answer_has_no_total_and_no_start(jira):
    assert set(jira.page(SUP, maxResults=3)) == {"issues", "isLast", "nextPageToken"}
    assert set(jira.page(SUP, maxResults=5000)) <= {"issues", "isLast", "nextPageToken"}


@pytest.mark.parametrize(
    ("fields", "most"), [(None, 5000), (["id"], 5000), (["id", "key"], 5000), (["summary"], 100), (["*all"], 100)]
)
def test_a_page_holds_five_thousand_ids_but_only_a_hundred_issues(open_jira, fields, most):
    jira = open_jira(300, short_pages="full")
    body = {"fields": fields} if fields else {}
    assert len(jira.page(ALL, maxResults=5000, **body)["issues"]) == min(most, len(jira.truth()))


def test_a_page_holds_fifty_when_nothing_is_asked(open_jira):
    assert len(open_jira(60, short_pages="full").page(SUP)["issues"]) == 50


@pytest.mark.parametrize("short_pages", ["full", "some", "empty"])
@pytest.mark.parametrize("end_mark", ["absent", "null"])
@pytest.mark.parametrize("size", [1, 7, 40, 5000])
def test_a_walk_to_the_end_finds_every_issue_once(open_jira, short_pages, end_mark, size):
    jira = open_jira(short_pages=short_pages, end_mark=end_mark)
    pages = jira.pages(ALL, maxResults=size)
    assert [int(issue["id"]) for page in pages for issue in page["issues"]] == list(jira.truth())
    assert [page["isLast"] for page in pages] == [False] * (len(pages) - 1) + [True]
    assert ("nextPageToken" in pages[-1]) == (end_mark == "null")


def test_a_short_page_need_not_be_the_last(open_jira):
    sizes = [len(page["issues"]) for page in open_jira(60).pages(SUP, maxResults=20)]
    assert sizes[0] == 16
    assert sizes[1] == 20
    empty = [len(page["issues"]) for page in open_jira(60, short_pages="empty").pages(SUP, maxResults=20)]
    assert empty[:4] == [20, 0, 20, 0]


def tokens(jira, **body):
    """Begin a walk; return its second and third page's tokens."""
    first = jira.page(ALL, maxResults=5, **body)["nextPageToken"]
    return first, jira.page(ALL, maxResults=5, nextPageToken=first, **body)["nextPageToken"]


@pytest.mark.parametrize(
    ("replay", "again", "earlier"), [("once", False, False), ("latest", True, False), ("always", True, True)]
)
def test_a_token_is_good_as_often_as_switched(open_jira, replay, again, earlier):
    jira = open_jira(replay=replay)
    first, second = tokens(jira)
    page = jira.ask("POST", "/search/jql", {"jql": ALL, "maxResults": 5, "nextPageToken": first})
    assert (page.status_code == 200) is again
    third = jira.page(ALL, maxResults=5, nextPageToken=second)["nextPageToken"]
    assert jira.ask("POST", "/search/jql", {"jql": ALL, "nextPageToken": first}).status_code == (
        200 if earlier else 400
    )
    assert jira.page(ALL, maxResults=5, nextPageToken=third)["issues"]


def test_a_page_that_is_asked_for_again_is_the_same_page(open_jira):
    jira = open_jira()
    first, second = tokens(jira)
    again = jira.page(ALL, maxResults=5, nextPageToken=first)
    assert again["nextPageToken"] == second
    for _ in range(3):
        assert jira.page(ALL, maxResults=5, nextPageToken=first) == again
    assert jira.page(ALL, maxResults=5, nextPageToken=second)["issues"]


def test_going_back_does_not_spoil_the_tokens_after_it(open_jira):
    jira = open_jira(replay="always")
    first, second = tokens(jira)
    third = jira.page(ALL, maxResults=5, nextPageToken=second)["nextPageToken"]
    jira.page(ALL, maxResults=5, nextPageToken=first)
    assert jira.page(ALL, maxResults=5, nextPageToken=third)["issues"]


@pytest.mark.parametrize("token", ["nonsense", "MS8x", "OTk5LzE=", "MS85", "äö"])
def test_a_token_that_was_never_given_is_refused(jira, token):
    jira.page(ALL, maxResults=5000)
    assert "token" in jira.refusal("POST", "/search/jql", {"jql": ALL, "nextPageToken": token})[0]


@pytest.mark.parametrize(
    "changed", [{"jql": SUP}, {"fields": ["summary"]}, {"reconcileIssues": [10001]}, {"includeArchivedProjects": True}]
)
def test_a_token_belongs_to_its_query(jira, changed):
    first, _ = tokens(jira)
    body = {"jql": ALL, "maxResults": 5, "nextPageToken": first, **changed}
    assert "another query" in jira.refusal("POST", "/search/jql", body)[0]


def test_a_token_lives_seven_days(jira):
    _, second = tokens(jira)
    jira.time += 7 * 24 * 3600
    assert jira.page(ALL, maxResults=5, nextPageToken=second)
    jira.time += 1
    assert "expired" in jira.refusal("POST", "/search/jql", {"jql": ALL, "maxResults": 5, "nextPageToken": second})[0]


@pytest.mark.parametrize(
    "body",
    [
        {"startAt": 0},
        {"expand": ["names"]},
        {"fields": "id"},
        {"maxResults": "50"},
        {"maxResults": -1},
        {"reconcileIssues": ["SUP-1"]},
        {"reconcileIssues": list(range(51))},
        {"properties": list("abcdef")},
    ],
)
def test_a_body_that_the_schema_does_not_have_is_refused(jira, body):
    assert jira.refusal("POST", "/search/jql", {"jql": SUP, **body})


def test_a_body_that_is_no_json_is_refused(jira):
    answer = jira.http.post("/rest/api/3/search/jql", content=b"{jql")
    assert answer.status_code == 400
    assert "JSON" in answer.json()["errorMessages"][0]


def test_older_sites_do_not_know_archived_projects(open_jira):
    body = {"jql": SUP, "includeArchivedProjects": True}
    assert open_jira().post("/search/jql", body)["issues"]
    assert "includeArchivedProjects" in open_jira(include_archived=False).refusal("POST", "/search/jql", body)[0]


def test_archived_projects_and_issues_are_left_out_but_can_be_read(jira):
    truth = jira.truth()
    hr = [id_ for id_, row in truth.items() if row["project"] == "HR"]
    jira.world("project", key="HR", archived=True)
    archived = jira.world("archive", ids=jira.ids(SUP)[:2])["ids"]
    wanted = [id_ for id_ in truth if id_ not in hr and str(id_) not in archived]
    assert jira.ids(ALL) == wanted
    assert set(jira.ids(ALL, includeArchivedProjects=True)) == set(truth)
    fetched = jira.post("/issue/bulkfetch", {"issueIdsOrKeys": [*archived, str(hr[0])], "fields": ["summary"]})
    assert len(fetched["issues"]) == 3


def test_get_and_post_answer_alike(jira):
    query = {"jql": SUP, "maxResults": 5, "fields": "summary,status"}
    got = jira.get("/search/jql", **query)
    posted = jira.page(SUP, maxResults=5, fields=["summary", "status"])
    assert got["issues"] == posted["issues"]
    assert jira.refusal("GET", "/search/jql", jql=SUP, reconcileIssues="SUP-1")
    assert jira.refusal("GET", "/search/jql", jql=SUP, maxResults="many")


def test_names_and_schemas_come_when_asked_for(jira):
    page = jira.page(SUP, fields=["summary", "customfield_10010"], expand="names,schema", maxResults=1)
    assert page["names"] == {"summary": "Summary", "customfield_10010": "Support Team"}
    assert page["schema"]["customfield_10010"]["customId"] == 10010
    assert "names" not in jira.page(SUP, fields=["summary"], maxResults=1)


def test_fields_that_could_not_be_loaded_are_missing_without_a_word(jira):
    first, second = jira.ids(SUP)[:2]
    jira.turn(lost_fields={str(first): ["summary"]})
    shown = {int(i["id"]): i["fields"] for i in jira.page(SUP, fields=["summary", "status"])["issues"]}
    assert set(shown[first]) == {"status"}
    assert set(shown[second]) == {"status", "summary"}


def test_warnings_come_with_the_first_page(jira):
    assert "warnings" not in jira.page(SUP)
    jira.turn(warnings=["The result was cut short."])
    pages = jira.pages(SUP, maxResults=10)
    assert pages[0]["warnings"][0]["message"] == "The result was cut short."
    assert not any("warnings" in page for page in pages[1:])


def test_the_old_search_is_gone(jira):
    for method in ("GET", "POST"):
        answer = jira.ask(method, "/search", None if method == "GET" else {"jql": SUP})
        assert answer.status_code == 410
        message = answer.json()["errorMessages"][0]
        assert "/rest/api/3/search/jql" in message
        assert "CHANGE-2046" in message


def test_the_count_is_that_of_the_index(jira):
    count = len(jira.ids(SUP))
    assert jira.post("/search/approximate-count", {"jql": "project = SUP"}) == {"count": count}
    jira.turn(index_lag=60)
    jira.world("delete", count=3, jql="project = SUP")
    assert jira.post("/search/approximate-count", {"jql": "project = SUP"}) == {"count": count}
    jira.time += 60
    assert jira.post("/search/approximate-count", {"jql": "project = SUP"}) == {"count": count - 3}
    assert jira.refusal("POST", "/search/approximate-count", {"jql": ""})


class TestIndexLag:
    """A change is there at once for who reads by id, and later for who searches."""

    @pytest.fixture(name="lagging")
    def _lagging(self, open_jira):
        return open_jira(index_lag=60)

    def test_a_change_is_found_when_its_lag_is_over(self, lagging):
        id_ = lagging.ids(SUP)[0]
        lagging.world("issues", id=id_, fields={"summary": "marmalade"})
        assert lagging.get(f"/issue/{id_}")["fields"]["summary"] == "marmalade"
        lagging.time += 59
        assert lagging.ids("summary ~ marmalade") == []
        lagging.time += 1
        assert lagging.ids("summary ~ marmalade") == [id_]

    def test_a_new_issue_is_found_later_and_a_deleted_one_still(self, lagging):
        before = lagging.ids(SUP)
        new = int(lagging.world("issues", fields={"summary": "new"})["id"])
        gone = int(lagging.world("delete", count=1, jql="project = SUP", **{"except": [new]})["ids"][0])
        assert lagging.ids(SUP) == before
        assert lagging.post("/issue/bulkfetch", {"issueIdsOrKeys": [str(gone)]})["issues"] == []
        assert gone not in [int(i["id"]) for i in lagging.page(SUP, fields=["key"], maxResults=5000)["issues"]]
        lagging.time += 60
        assert lagging.ids(SUP) == [*(id_ for id_ in before if id_ != gone), new]

    def test_reconciled_issues_are_searched_as_they_are_and_still_have_to_match(self, lagging):
        first, second, third = lagging.ids(SUP)[:3]
        lagging.world("issues", id=first, fields={"summary": "marmalade"})
        lagging.world("issues", id=second, fields={"summary": "something else"})
        assert lagging.ids("summary ~ marmalade", reconcileIssues=[first, second]) == [first]
        assert lagging.ids("summary ~ marmalade", reconcileIssues=[third]) == []
        assert first not in lagging.ids("summary !~ marmalade", reconcileIssues=[first])
        assert first in lagging.ids("summary !~ marmalade")

    def test_a_frozen_index_takes_nothing_until_it_thaws(self, open_jira):
        jira = open_jira(index_frozen=True)
        id_ = jira.ids(SUP)[0]
        jira.world("issues", id=id_, fields={"summary": "marmalade"})
        jira.time += 10_000
        assert jira.ids("summary ~ marmalade") == []
        jira.turn(index_frozen=False)
        assert jira.ids("summary ~ marmalade") == [id_]

    def test_the_index_can_be_brought_up_to_date_at_once(self, lagging):
        id_ = lagging.ids(SUP)[0]
        lagging.world("issues", id=id_, fields={"summary": "marmalade"})
        lagging.world("index")
        assert lagging.ids("summary ~ marmalade") == [id_]

    def test_permissions_are_never_late(self, lagging):
        first, second = lagging.ids(SUP)[:2]
        lagging.world("hide", ids=[first])
        assert lagging.ids(SUP)[0] == second


def test_an_issue_edited_during_a_walk_by_updated_is_seen_again_and_not_lost(jira):
    jql = "project = SUP order by updated, id"
    first = jira.page(jql, maxResults=10)
    seen = [int(issue["id"]) for issue in first["issues"]]
    jira.world("issues", id=seen[0], fields={"summary": "edited"})
    while first.get("nextPageToken"):
        first = jira.page(jql, maxResults=10, nextPageToken=first["nextPageToken"])
        seen += [int(issue["id"]) for issue in first["issues"]]
    assert seen.count(seen[0]) == 2
    assert seen[-1] == seen[0]
    assert set(seen) == set(jira.ids(SUP))
