"""What Airflow is told about the provider, held against Airflow's own rules and its own reader."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import airflow
import jsonschema
import pytest

from airflow_provider_jira.provider_info import get_provider_info


def _schema(name: str) -> dict:
    return json.loads((Path(airflow.__file__).parent / name).read_text())


@pytest.mark.parametrize("name", ["provider_info.schema.json", "provider.yaml.schema.json"])
def test_airflows_schema_accepts_the_provider_info(name):
    path = Path(airflow.__file__).parent / name
    if not path.exists():
        pytest.skip(f"this Airflow has no {name}")
    info = get_provider_info()
    if name.startswith("provider.yaml"):
        schema = _schema(name)
        parts = {
            key: info[key]
            for key in ("connection-types", "config", "cli", "extra-links", "hooks", "operators", "sensors", "triggers")
        }
        for key, part in parts.items():
            jsonschema.validate(part, {**schema["properties"][key], "definitions": schema.get("definitions", {})})
    else:
        jsonschema.validate(info, _schema(name))


def test_everything_named_can_be_imported():
    info = get_provider_info()
    names = [each["hook-class-name"] for each in info["connection-types"]] + info["cli"] + info["extra-links"]
    for name in names:
        module, _, attribute = name.rpartition(".")
        assert getattr(importlib.import_module(module), attribute)
    for each in [*info["hooks"], *info["operators"], *info["sensors"], *info["triggers"]]:
        for module in each["python-modules"]:
            assert importlib.import_module(module)


def test_connection_types_and_settings_reach_airflow():
    code = """
import json
from airflow.providers_manager import ProvidersManager
from airflow.configuration import conf
manager = ProvidersManager()
hooks = {name: (hook.hook_name, hook.hook_class_name) for name, hook in manager.hooks.items()
         if name in ("jira_cloud", "efecte_esm")}
forms = sorted(name for name in manager.connection_form_widgets if "jira_cloud" in name or "efecte_esm" in name)
manager.initialize_providers_configuration()
print("RESULT", json.dumps([hooks, forms, conf.get("jira_connector", "cache_clear_hours")]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    hooks, forms, hours = json.loads(done.stdout.split("RESULT ", 1)[1])
    assert hooks["jira_cloud"] == ["Jira Cloud", "airflow_provider_jira.hooks.jira.JiraCloudHook"]
    assert hooks["efecte_esm"] == ["Efecte ESM (Matrix42 Pro)", "airflow_provider_jira.hooks.esm.EfecteEsmHook"]
    assert "extra__jira_cloud__auth" in forms
    assert "extra__efecte_esm__api" in forms
    assert hours == "0"
    assert "airflow_provider_jira" not in done.stderr  # no warning about this provider
