"""Definition files: every problem with file, line, key, what was found and the mend; a broken task alone is broken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_jira.model.later import LATER_KEYS
from airflow_provider_jira.model.yaml_file import dag_id, file_of, load_file, load_folder

HEAD = """\
connector: acme
jira_conn_id: jira_acme
esm_conn_id: esm_acme
timezone: Europe/Helsinki
defaults: {owner: iam-team, retries: 2, retry_delay: 5m}

scheduled_tasks:
"""

TASK = """\
  - id: tickets
    mapping_type: generic
    fetch_type: full
    schedule: "0 */4 * * *"
    jql: project = SUP
    target: {template: jira_issue, folder: jira_issues, key: jiraId, task_id_attribute: taskId}
    attributes:
      jiraId: id
      jiraKey: key
      subject: summary
      description: {source: description, as: markdown}
      team: {source: Support Team, when_empty: keep}
      contact: {source: [Contact person, reporter.displayName]}
      due: {source: duedate, format: date}
      origin: {value: jira}
      priority: {source: priority.name, map: {Highest: "1", High: {code: second}}, default: "3"}
    removed_records: {attribute: recordStatus, value: "5 - Removed", max_percent: 10, max_count: 500}
    refused_records: {max: 0}
    cache: {clear_hours: [0]}
"""

EVENTS = """\
event_tasks:
  - id: make
    activity: create_issue
    card: {template: incident}
    poll: {filter: "$jiraKey$ is null", every: 60}
    attributes: {project: {value: SUP}, issueType: {value: Bug}, summary: subject, Team: {source: team, map: {a: b}}}
    write_back: {jiraKey: key}
    on_exception: {set: {jiraSync: "09 - Failed"}, attribute: trouble}
  - {id: say, activity: add_comment, card: {template: incident}, issue: jiraKey, comment: {source: solution, as: plain}}
"""

GOOD = HEAD + TASK
OTHER = TASK.replace("tickets", "others")


@pytest.fixture
def load(tmp_path):
    def write_and_load(text, name="acme.yaml"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_file(tmp_path / name)

    return write_and_load


def texts(loaded):
    return [str(each) for each in loaded.problems]


def edited(before, after, text=GOOD):
    assert text.count(before) == 1, before
    return text.replace(before, after)


def test_a_good_file_gives_its_tasks_with_the_connectors_settings(load):
    loaded = load(GOOD)
    assert loaded.problems == ()
    assert loaded.broken == ()
    assert loaded.connector_id == "acme"
    (task,) = loaded.tasks
    assert loaded.connector.scheduled_tasks == (task,)
    assert loaded.connector.settings(task).owner == "iam-team"
    assert task.attributes["contact"].source == ("Contact person", "reporter.displayName")
    assert task.attributes["priority"].map == {"Highest": "1", "High": {"code": "second"}}
    assert dag_id("acme", task.id) == "acme__tickets"


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (
            "fetch_type",
            "fetch_typ",
            '10: scheduled_tasks[0].fetch_typ: unknown key "fetch_typ"; did you mean fetch_type?',
        ),
        (
            "    fetch_type: full\n",
            "",
            '8: scheduled_tasks[0].fetch_type: "fetch_type" is missing; add fetch_type: full (full: every',
        ),
        (
            "key: jiraId, ",
            "",
            '13: scheduled_tasks[0].target.key: "key" is missing; add key: jiraId (ESM attribute that',
        ),
        (
            "folder: jira",
            "folders: jira",
            '13: scheduled_tasks[0].target.folders: unknown key "folders"; did you mean folder?',
        ),
        ("    cache:", "    zzz:", '26: scheduled_tasks[0].zzz: unknown key "zzz"; the keys here are id, mapping_type'),
        ("timezone", "time_zone", '4: time_zone: unknown key "time_zone"; did you mean timezone?'),
        (
            "Europe/Helsinki",
            "Europe/Helsinky",
            '4: timezone: unknown time zone "Europe/Helsinky"; did you mean Europe/Helsinki?',
        ),
        ("jira_acme", "5", '2: jira_conn_id: 5 is not text; write it in quotes: "5"'),
        (
            "retries: 2",
            "retries: two",
            '5: defaults.retries: "two" is not a whole number; write a whole number without quotes',
        ),
        ("retry_delay: 5m", "retry_delay: 5", "5: defaults.retry_delay: 5 is no duration; write a number and a unit"),
        (
            "retry_delay: 5m",
            "retry_delay: soon",
            '5: defaults.retry_delay: "soon" is no duration; write a whole number and a',
        ),
        ("owner: iam-team", "ownr: iam-team", '5: defaults.ownr: unknown key "ownr"; did you mean owner?'),
        (
            "{owner: iam-team, retries: 2, retry_delay: 5m}",
            "none",
            '5: defaults: "none" is not a mapping; write key: value',
        ),
        (
            "as: markdown",
            "as: markdwn",
            '18: scheduled_tasks[0].attributes.description.as: as cannot be "markdwn"; did you mean markdown?',
        ),
        (
            "as: markdown",
            "ass: markdown",
            '18: scheduled_tasks[0].attributes.description.ass: unknown key "ass"; did you mean as?',
        ),
        (
            "jiraKey: key",
            "jiraKey: 5",
            "16: scheduled_tasks[0].attributes.jiraKey: 5 is not a Jira source; for a constant write {value: 5}",
        ),
        (
            "jiraKey: key",
            "jiraKey:",
            "16: scheduled_tasks[0].attributes.jiraKey: nothing says where the value comes from",
        ),
        ("jiraKey: key", "jiraKey: []", "16: scheduled_tasks[0].attributes.jiraKey: the list of sources is empty"),
        (
            "jiraKey: key",
            "jira key: key",
            '16: scheduled_tasks[0].attributes["jira key"]: "jira key" cannot be the code of an ESM attribute',
        ),
        (
            "reporter.displayName",
            "5",
            '20: scheduled_tasks[0].attributes.contact.source[1]: 5 is not text; write it in quotes: "5"',
        ),
        (
            "{code: second}",
            "{cod: second}",
            '23: scheduled_tasks[0].attributes.priority.map.High: unknown key "cod" in a value',
        ),
        (
            "Highest:",
            "on:",
            "23: scheduled_tasks[0].attributes.priority.map.on: the key on without quotes means true in YAML",
        ),
        (
            "value: jira}",
            "value: yes}",
            "22: scheduled_tasks[0].attributes.origin.value: yes without quotes means true in YAML",
        ),
        (
            "jiraId: id",
            "jiraId: key",
            '15: scheduled_tasks[0].attributes.jiraId: the key is made from "key", which can change',
        ),
        (
            "subject: summary",
            "jiraKey: summary",
            '17: scheduled_tasks[0].attributes.jiraKey: "jiraKey" is given twice, in lines 16 and 17',
        ),
        (
            "subject: summary",
            "taskId: summary",
            '17: scheduled_tasks[0].attributes.taskId: attribute "taskId" is the task id attribute',
        ),
        (
            "subject: summary",
            "recordStatus: key",
            '24: scheduled_tasks[0].removed_records.attribute: attribute "recordStatus" is also mapped',
        ),
        (
            "key: jiraId",
            "key: jiraID",
            '13: scheduled_tasks[0].target.key: the key attribute "jiraID" is not mapped; did you mean jiraId?',
        ),
        (
            "max_percent: 10",
            "max_percent: 110",
            "24: scheduled_tasks[0].removed_records.max_percent: 110 is too high; write 100 or less",
        ),
        (
            "max_percent: 10",
            "max_percent: lots",
            '24: scheduled_tasks[0].removed_records.max_percent: "lots" is not a number',
        ),
        (
            "max_count: 500",
            "max_count: -1",
            "24: scheduled_tasks[0].removed_records.max_count: -1 is too low; write 0 or more",
        ),
        (
            "max_count: 500",
            "max_count: 0.5",
            "24: scheduled_tasks[0].removed_records.max_count: 0.5 is not a whole number",
        ),
        (
            "max_count: 500",
            "on_exceeded: ask",
            '24: scheduled_tasks[0].removed_records.on_exceeded: on_exceeded cannot be "ask"; write one of',
        ),
        ("[0]", "[24]", "26: scheduled_tasks[0].cache.clear_hours[0]: 24 is too high; write 23 or less"),
        ("[0]", "[0, 0]", "26: scheduled_tasks[0].cache.clear_hours: hour 0 is given twice"),
        ("[0]", "0", "26: scheduled_tasks[0].cache.clear_hours: 0 is not a list; write a list: [one, two]"),
        (
            '"0 */4 * * *"',
            '"* * *"',
            '11: scheduled_tasks[0].schedule: "* * *" is no cron expression of five fields; write five cron fields',
        ),
        ("project = SUP", "ORDER BY key", "12: scheduled_tasks[0].jql: the JQL has no condition"),
        ("project = SUP", '""', "12: scheduled_tasks[0].jql: the JQL has no condition"),
        ("id: tickets", "id: Tickets", '8: scheduled_tasks[0].id: "Tickets" cannot be an id; write lower-case letters'),
        (
            "- id: tickets",
            "- tickets\n  - id: tickets",
            '8: scheduled_tasks[0]: "tickets" is not a mapping; write key: value lines',
        ),
        (
            "connector: acme\n",
            "",
            '1: connector: "connector" is missing; add connector: acme (Id of the connector, the same as',
        ),
        (
            "connector: acme",
            "connector: other",
            '1: connector: the file is named "acme", its connector "other"; rename the file to other.yaml',
        ),
        (
            "mapping_type: generic",
            "mapping_type: gneric",
            '9: scheduled_tasks[0].mapping_type: mapping_type cannot be "gneric"; did you mean generic?',
        ),
        (
            "mapping_type: generic",
            "mapping_type: [generic]",
            "9: scheduled_tasks[0].mapping_type: mapping_type cannot be a list; write generic",
        ),
    ],
)
def test_a_mistake_is_told_with_line_key_finding_and_mend(load, before, after, problem):
    loaded = load(edited(before, after))
    assert any(text.startswith(f"acme.yaml:{problem}") for text in texts(loaded)), texts(loaded)
    assert loaded.errors
    assert loaded.tasks == () or problem.startswith("8: scheduled_tasks[0]: ")


def test_one_mistake_is_told_once(load):
    assert texts(load(edited("fetch_type", "fetch_typ"))) == [
        'acme.yaml:10: scheduled_tasks[0].fetch_typ: unknown key "fetch_typ"; did you mean fetch_type?'
    ]


def test_a_key_in_capitals_is_recognised(load):
    (told,) = texts(load(edited("timezone", "TIMEZONE")))
    assert told == 'acme.yaml:4: TIMEZONE: unknown key "TIMEZONE"; did you mean timezone?'


def test_a_rule_that_cannot_be_read_is_not_blamed_for_what_it_might_say(load):
    (told,) = texts(load(edited("jiraId: id", "jiraId: 5")))
    assert told.startswith("acme.yaml:15: scheduled_tasks[0].attributes.jiraId: 5 is not a Jira source")


def test_all_mistakes_of_a_file_are_told_at_once(load):
    text = edited("fetch_type", "fetch_typ", edited("timezone", "timezon", edited("jiraId: id", "jiraId: key")))
    assert [(each.line, each.key) for each in load(text).problems] == [
        (4, "timezon"),
        (10, "scheduled_tasks[0].fetch_typ"),
        (15, "scheduled_tasks[0].attributes.jiraId"),
    ]


def test_a_rule_between_keys_is_checked_beside_another_mistake_in_the_same_attribute_table(load):
    text = edited("jiraKey: key", "jiraKey: 5", edited("key: jiraId", "key: jiraID"))
    assert [each.key for each in load(text).problems] == [
        "scheduled_tasks[0].target.key",
        "scheduled_tasks[0].attributes.jiraKey",
    ]


@pytest.mark.parametrize("name", sorted(LATER_KEYS["GenericTask"]))
def test_a_key_of_a_later_version_is_called_so(load, name):
    loaded = load(f"{GOOD}    {name}: {{}}\n")
    assert f"acme.yaml:27: scheduled_tasks[0].{name}: {name} comes in a later version; remove it for now" in texts(
        loaded
    )


def test_a_broken_task_leaves_its_neighbour_whole_and_keeps_its_name(load):
    loaded = load(edited("fetch_type", "fetch_typ") + OTHER)
    assert [task.id for task in loaded.tasks] == ["others"]
    assert loaded.connector.scheduled_tasks == loaded.tasks
    (broken,) = loaded.broken
    assert (broken.task_id, broken.dag_id) == ("tickets", "acme__tickets")
    assert broken.problems == loaded.problems


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  - id: tickets", "  - !task\n    id: tickets"),
        ("jiraId: id", "jiraId: id\n      jiraId: id"),
        ("full", "yes"),
    ],
)
def test_a_yaml_trap_inside_a_task_breaks_that_task_alone(load, before, after):
    loaded = load(edited(before, after) + OTHER)
    assert [task.id for task in loaded.tasks] == ["others"]
    assert [each.task_id for each in loaded.broken] == ["tickets"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("timezone:", "timezon:"),
        ("timezone: Europe/Helsinki", "timezone: UTC\ntimezone: UTC"),
        ("jira_conn_id: jira_acme\n", ""),
        ("owner: iam-team", "owner: on"),
        ("connector: acme", "connector: other"),
    ],
)
def test_a_mistake_of_the_connector_breaks_all_its_tasks_and_keeps_their_names(load, before, after):
    loaded = load(edited(before, after) + OTHER)
    assert loaded.tasks == ()
    assert loaded.connector is None
    assert [each.task_id for each in loaded.broken] == ["tickets", "others"]
    assert all(each.problems for each in loaded.broken)


def test_two_tasks_of_one_id_are_both_broken_and_named_once(load):
    loaded = load(GOOD + TASK + OTHER)
    assert [(each.line, each.key, each.found) for each in loaded.problems] == [
        (8, "scheduled_tasks[0].id", '2 tasks have the id "tickets"'),
        (27, "scheduled_tasks[1].id", '2 tasks have the id "tickets"'),
    ]
    assert [each.dag_id for each in loaded.broken] == ["acme__tickets"]
    assert len(loaded.broken[0].problems) == 2
    assert [task.id for task in loaded.tasks] == ["others"]


def test_an_event_task_cannot_have_the_id_of_a_scheduled_task(load):
    loaded = load(f"{GOOD}event_tasks:\n  - id: tickets\n")
    assert any("2 tasks have the id" in text for text in texts(loaded))
    assert loaded.tasks == ()
    assert [each.dag_id for each in loaded.broken] == ["acme__tickets"]


def test_a_dag_id_that_is_too_long_is_refused(load):
    name = "a" * 194
    loaded = load(GOOD.replace("acme", name, 1), f"{name}.yaml")
    assert "the DAG id would have 203 characters" in texts(loaded)[0]
    assert loaded.tasks == ()


def test_a_custom_field_as_key_is_a_warning_and_runs(load):
    loaded = load(edited("jiraId: id", "jiraId: External id"))
    (told,) = texts(loaded)
    assert told.startswith(
        "acme.yaml:15: warning: scheduled_tasks[0].attributes.jiraId: the key is made from the custom"
    )
    assert "a second card is created; use id, unless" in told
    assert (loaded.errors, len(loaded.warnings), len(loaded.tasks), loaded.broken) == ((), 1, 1, ())


@pytest.mark.parametrize("text", [HEAD.replace("scheduled_tasks:\n", ""), HEAD.replace("tasks:", "tasks: []")])
def test_a_file_without_tasks_is_a_warning(load, text):
    loaded = load(text)
    assert [each.severity for each in loaded.problems] == ["warning"]
    assert loaded.connector is not None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "acme.yaml:1: the file is empty; begin with connector: and the connector's id"),
        ("# nothing\n", "acme.yaml:1: the file is empty"),
        ("- a\n", "acme.yaml:1: the file holds a list"),
        ("text", 'acme.yaml:1: the file holds "text"'),
        (HEAD, "acme.yaml:7: scheduled_tasks: nothing is not a list; write the tasks below it"),
        (HEAD.replace("tasks:", "tasks: {id: a}"), "acme.yaml:7: scheduled_tasks: a mapping is not a list"),
        (HEAD + "  -\n", "acme.yaml:8: scheduled_tasks[0]: nothing is not a mapping"),
        (b"connector: \xff", "acme.yaml:1: the file is not UTF-8 text"),
        (GOOD + "---\na: 1\n", "acme.yaml:27: a second document begins here"),
    ],
)
def test_a_file_that_holds_no_connector_is_told_so(load, text, problem):
    loaded = load(text)
    assert any(each.startswith(problem) for each in texts(loaded)), texts(loaded)
    assert loaded.tasks == ()


def test_a_file_that_is_no_yaml_keeps_the_names_of_its_dags(load):
    loaded = load(edited("project = SUP", "a: b: c") + OTHER.replace("id: others", '{id: "others", x: y}'))
    assert len(loaded.problems) == 1
    assert str(loaded.problems[0]).startswith("acme.yaml:12: this is not YAML: mapping values are not allowed")
    assert [each.dag_id for each in loaded.broken] == ["acme__tickets", "acme__others"]
    assert loaded.broken[0].problems == loaded.problems


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path):
    (missing,) = load_file(tmp_path / "acme.yaml").problems
    assert "the file cannot be read (No such file or directory)" in str(missing)
    (tmp_path / "folder.yaml").mkdir()
    (folder,) = load_folder(tmp_path)
    assert "cannot be read (Is a directory)" in str(folder.problems[0])


def test_a_problem_of_a_file_that_is_not_acme_names_that_file(tmp_path):
    (tmp_path / "other.yml").write_text(GOOD, encoding="utf-8")
    (loaded,) = load_folder(tmp_path)
    assert str(loaded.problems[0]).startswith("other.yml:1: connector: the file is named")


def write(folder, **files):
    for name, text in files.items():
        (folder / name.replace("_yaml", ".yaml").replace("_yml", ".yml")).write_text(text, encoding="utf-8")


def test_a_folder_is_read_by_name_and_without_hidden_and_other_files(tmp_path):
    write(tmp_path, beta_yml=GOOD.replace("acme", "beta", 1), acme_yaml=GOOD, notes="x", README="y")
    (tmp_path / ".acme.yaml").write_text("{", encoding="utf-8")
    (tmp_path / "deeper").mkdir()
    assert [each.path.name for each in load_folder(tmp_path)] == ["acme.yaml", "beta.yml"]
    assert all(each.problems == () for each in load_folder(tmp_path))


def test_a_folder_that_is_not_there_is_a_problem_and_not_an_empty_one(tmp_path):
    (loaded,) = load_folder(tmp_path / "missing")
    assert "the folder of definitions cannot be read (No such file or directory)" in str(loaded.problems[0])
    assert load_folder(tmp_path) == ()


def test_two_files_of_one_connector_the_one_of_its_name_keeps_its_tasks(tmp_path):
    write(tmp_path, aaa_yaml=GOOD, acme_yaml=GOOD)
    copy, right = load_folder(tmp_path)
    assert [task.id for task in right.tasks] == ["tickets"]
    assert right.problems == ()
    assert (copy.tasks, copy.broken, copy.connector) == ((), (), None)
    (told,) = texts(copy)
    assert told.startswith('aaa.yaml:1: connector: the connector id "acme" belongs to acme.yaml; give this connector')


def test_two_files_of_one_name_the_longer_ending_counts(tmp_path):
    write(tmp_path, acme_yaml=GOOD, acme_yml=GOOD + OTHER)
    right, second = load_folder(tmp_path)
    assert (len(right.tasks), right.problems) == (1, ())
    assert (second.tasks, second.broken) == ((), ())
    assert "belongs to acme.yaml" in texts(second)[0]
    assert file_of(tmp_path, "acme__tickets") == right.path


def test_a_broken_file_leaves_the_others_whole(tmp_path):
    write(tmp_path, acme_yaml="{", beta_yaml=GOOD.replace("acme", "beta", 1), gamma_yaml="connector: acme\n")
    acme, beta, gamma = load_folder(tmp_path)
    assert (len(acme.errors), len(beta.problems), len(beta.tasks)) == (1, 0, 1)
    assert "belongs to acme.yaml" in texts(gamma)[0]


def test_a_worker_finds_the_file_from_the_dag_id(tmp_path):
    write(tmp_path, acme_yaml=GOOD, beta_yml=GOOD.replace("acme", "beta", 1))
    for loaded in load_folder(tmp_path):
        for task in loaded.tasks:
            assert file_of(tmp_path, dag_id(loaded.connector_id, task.id)) == loaded.path
    assert file_of(tmp_path, "missing__tickets") == tmp_path / "missing.yaml"


@pytest.mark.parametrize("dag", ["acme", "acme__", "__a", "../x__a", "a/b__c", "acme__a__b", "Acme__a", ""])
def test_the_id_of_another_dag_leads_to_no_file(tmp_path, dag):
    with pytest.raises(ValueError, match="no DAG of a definition"):
        file_of(tmp_path, dag)


IDS = st.from_regex(r"[a-z][a-z0-9]{0,3}(_[a-z0-9]{1,3}){0,2}", fullmatch=True)


@given(IDS, IDS)
def test_no_two_pairs_of_ids_make_one_dag_id(connector, task):
    assert file_of(Path("x"), dag_id(connector, task)) == Path("x") / f"{connector}.yaml"


SNIPPETS = st.sampled_from(
    [": ", "\n", "- ", "  ", "{", "}", "[", "]", '"', "'", "#", "&a ", "*a", "<<: *a", "!!x ", "on", "null", "id",
     "key", "0", "-1", "12:30", "\t", "---\n", "\r", "\u2028", "\x00", "ä", "|", ">", "?", "@", "%", "value", "jiraId"]
) | st.text(max_size=3)  # fmt: skip


@st.composite
def mutated_texts(draw):
    """A good file with some pieces cut out, doubled, moved or put in."""
    text = GOOD + OTHER + EVENTS
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 3, 10, 60, 400])))
        text = text[:start] + draw(SNIPPETS | st.just(text[start:end] * 2)) + text[end:]
    return text


SCALARS = st.none() | st.booleans() | st.integers(-2, 200) | st.floats() | st.text(max_size=6) | st.sampled_from(
    ["id", "keep", "update_issue", "delete_group", "generic", "incremental", "identity", "@daily", "a__b", "0 0 31 2 *", "UTC", "{code: a}"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["id", "jql", "target", "attributes", "map", "value", "source", "as", "default", "code", "reference", "users",
     "companion_of", "activity", "issue", "poll", "write_back", "via", "event_tasks", "scheduled_tasks", "defaults", "cache", "clear_hours", "x"]
) | st.text(max_size=4)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)


@st.composite
def mutated_data(draw):
    """A good file whose tree was changed at some places, keys added, removed, renamed."""
    data = yaml.safe_load(GOOD + OTHER + EVENTS)
    for _ in range(draw(st.integers(1, 3))):
        at = data
        while isinstance(at, (dict, list)) and at:
            step = draw(st.sampled_from(list(at) if isinstance(at, dict) else list(range(len(at)))))
            if draw(st.booleans()) or not isinstance(at[step], (dict, list)) or not at[step]:
                change = draw(st.sampled_from(["set", "remove", "add"]))
                if change == "remove":
                    del at[step]
                elif change == "set" or isinstance(at, list):
                    at[step] = draw(VALUES)
                else:
                    at[draw(NAMES)] = draw(VALUES)
                break
            at = at[step]
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


@settings(max_examples=300, deadline=None)
@given(mutated_texts() | mutated_data())
def test_any_change_of_a_good_file_gives_tasks_or_problems_inside_the_file(text):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "acme.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        loaded = load_file(path)
    lines = 1 + sum(text.count(each) for each in ("\n", "\r", "\x85", "\u2028", "\u2029"))
    for problem in loaded.problems:
        assert 1 <= problem.line <= lines
        assert problem.found
        assert problem.mend
        assert "is not accepted" not in problem.found  # every mistake has words of its own
        assert "\n" not in str(problem)
    assert all(each.problems and set(each.problems) <= set(loaded.problems) for each in loaded.broken)
    named = [each.task_id for each in loaded.broken] + [task.id for task in (*loaded.tasks, *loaded.event_tasks)]
    assert len(named) == len(set(named))
    assert (loaded.connector is None) or not any(
        each.severity == "error" and "tasks[" not in each.key for each in loaded.problems
    )
    if loaded.tasks or loaded.event_tasks:
        assert loaded.connector is not None
        assert loaded.connector.scheduled_tasks == loaded.tasks
        assert loaded.connector.event_tasks == loaded.event_tasks
    elif not loaded.problems:
        raise AssertionError("neither tasks nor problems")


def test_many_files_are_all_loaded(tmp_path):
    tasks = "".join(TASK.replace("tickets", f"t{at}") for at in range(5))
    for at in range(200):
        (tmp_path / f"c{at}.yaml").write_text(HEAD.replace("acme", f"c{at}", 1) + tasks, encoding="utf-8")
    loaded = load_folder(tmp_path)
    assert sum(len(each.tasks) for each in loaded) == 1000


def test_reading_definitions_imports_neither_airflow_nor_a_network_client():
    script = (
        "import sys, airflow_provider_jira.model.yaml_file\n"
        "heavy = {'airflow', 'httpx', 'tenacity', 'rich', 'anyio', 'requests', 'jsonschema', 'lark'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
