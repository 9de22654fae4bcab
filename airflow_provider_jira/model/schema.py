"""The JSON Schema of definition files, so that an editor completes and checks them while they are written.

The schema accepts every file that the models accept, short forms included, and refuses unknown keys, wrong types and
wrong words. Rules between keys are checked by the models alone.
"""

from __future__ import annotations

from typing import Any

from airflow_provider_jira.model.definition import Connector

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def definition_schema() -> dict[str, Any]:
    """Build the schema of one definition file.

    :returns: a JSON Schema, draft 2020-12
    """
    schema = Connector.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": DIALECT, **schema, "title": "Jira connector definition"}
