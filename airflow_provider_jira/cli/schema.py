"""``airflow jira-connector schema``: the JSON Schema of definition files."""

from __future__ import annotations

import json
import sys
from argparse import Namespace

from airflow_provider_jira.model.schema import definition_schema


def schema(args: Namespace) -> None:  # noqa: ARG001 - what Airflow calls
    """Print the schema."""
    sys.stdout.write(json.dumps(definition_schema(), indent=2) + "\n")
