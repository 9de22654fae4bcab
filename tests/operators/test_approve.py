"""The approval: asks when review says so, with review's words, and a rejection is final."""

from __future__ import annotations

import pytest
from airflow.sdk.exceptions import AirflowFailException, TaskDeferred

from airflow_provider_jira.operators.approve import ApproveOperator

try:
    from airflow.sdk.exceptions import TaskAwaitingInput
except ImportError:  # before Airflow 3.3 the triggerer waits
    TaskAwaitingInput = TaskDeferred

QUESTION = {"subject": "Mark 7 of 9 cards?", "body": "**7 cards** {{ not_a_template }} of `jira_issue`"}
ANSWER = {"params_input": {}, "responded_at": None, "responded_by_user": None}


class Task:
    """The part of Airflow's running task that the operator reads."""

    id = "0195f4a0-0000-7000-8000-000000000000"
    dag_id, run_id, task_id = "acme__support_tickets", "manual__1", "approve"

    def __init__(self, reviewed):
        self.reviewed = reviewed

    def xcom_pull(self, task_ids, key, map_indexes):
        return self.reviewed if (task_ids, key) == ("review", "reviewed") else None


def context(reviewed):
    task = Task(reviewed)
    return {"ti": task, "task_instance": task}


def test_nobody_is_asked_when_there_is_nothing_to_decide(supervisor):
    assert ApproveOperator(task_id="approve").execute(context({"approval": None})) is None
    assert supervisor.asked == []


def test_an_administrator_is_asked_in_review_s_own_words_and_the_task_waits(supervisor):
    operator = ApproveOperator(task_id="approve")
    with pytest.raises((TaskAwaitingInput, TaskDeferred)):
        operator.execute(context({"approval": QUESTION}))
    (asked,) = supervisor.asked
    assert (asked.subject, asked.body) == (QUESTION["subject"], QUESTION["body"])
    assert asked.options == ["Approve", "Reject"]
    assert not asked.params
    assert not asked.defaults


def test_the_parameters_of_the_dag_are_not_asked_for_again_and_an_answer_without_them_is_good(supervisor):
    from datetime import datetime, timezone

    from airflow.sdk import DAG, Param

    with DAG("acme__support_tickets", schedule=None, params={"clear_cache": Param(False, type="boolean")}):
        operator = ApproveOperator(task_id="approve")
    with pytest.raises((TaskAwaitingInput, TaskDeferred)):
        operator.execute(context({"approval": QUESTION}))
    assert not supervisor.asked[0].params
    answer = {"chosen_options": ["Approve"], "params_input": {}, "responded_at": datetime.now(timezone.utc)}
    operator.execute_complete(context({}), {**answer, "responded_by_user": None})


def test_nothing_in_the_question_is_rendered_as_a_template():
    assert tuple(ApproveOperator.template_fields) == ()


def test_a_rejection_is_final_and_says_what_was_done():
    operator = ApproveOperator(task_id="approve", retries=5)
    with pytest.raises(AirflowFailException, match="Nothing was written"):
        operator.execute_complete(context({}), {**ANSWER, "chosen_options": ["Reject"]})


def test_an_approval_lets_the_run_go_on_and_leaves_no_name_behind():
    from datetime import datetime, timezone

    event = {**ANSWER, "responded_at": datetime.now(timezone.utc), "chosen_options": ["Approve"]}
    event["responded_by_user"] = {"id": "7", "name": "Ada"}
    assert ApproveOperator(task_id="approve").execute_complete(context({}), event) is None


def test_without_review_s_result_the_task_fails_at_once():
    with pytest.raises(AirflowFailException, match="Clear review"):
        ApproveOperator(task_id="approve").execute(context(None))
