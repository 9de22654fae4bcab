"""One Airflow and one browser for all tests of Airflow's pages."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # at the end: other folders have modules of their own, and a conftest

from pages import CHROMIUM

from airflow_provider_jira.sandbox.demo.stage import FRESH, PEOPLE, TICKETS, Stage, set_stage


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A world of which one run of people and one of issues has ended."""
    with set_stage(tmp_path_factory.mktemp("screens"), issues=60, people=60, groups=12) as stage:
        stage.airflow.start()
        rest = stage.airflow.rest
        for dag_id in (PEOPLE, TICKETS):
            rest.wait_for_dag(dag_id)
            assert rest.wait(dag_id, rest.trigger(dag_id, run_id="first")) == "success"
        rest.wait_for_dag(FRESH)
        yield stage


@pytest.fixture(scope="package")
def screens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("JIRA_CONNECTOR_SCREENS") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="package")
def page(stage: Stage) -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, "CI must install Chromium"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(viewport={"width": 1600, "height": 1000}, base_url=stage.airflow.url)
        page.goto("/auth/login")
        page.get_by_label("Username").fill(stage.airflow.user)
        page.get_by_label("Password").fill(stage.airflow.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile(r"/$"))
        yield page
        browser.close()
