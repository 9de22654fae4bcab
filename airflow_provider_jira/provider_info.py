"""What Airflow's provider discovery reads. Imported in every Airflow process: nothing heavy here."""

from __future__ import annotations

from typing import Any

_VERSION = "0.1.0"


def get_provider_info() -> dict[str, Any]:
    """Describe the provider to Airflow: connection types with their forms, settings, commands."""
    return {
        "package-name": "airflow-provider-jira",
        "name": "Jira Connector",
        "description": "Keeps Jira Cloud and Matrix42 Pro / Efecte Service Management in step.",
        "connection-types": [_jira_cloud(), _efecte_esm()],
        "hooks": [_modules("Jira Cloud", "hooks.jira", "hooks.http"), _modules("Efecte ESM", "hooks.esm")],
        "operators": [_modules("Jira Cloud", "operators.issues", "operators.people", "operators.http")],
        "sensors": [_modules("Jira Cloud", "sensors.jira"), _modules("Efecte ESM", "sensors.esm")],
        "triggers": [
            _modules("Jira Cloud", "triggers.jira"),
            _modules("Efecte ESM", "triggers.esm", "triggers.events"),
        ],
        "extra-links": ["airflow_provider_jira.links.issue.JiraIssueLink"],
        "integrations": [
            {
                "integration-name": "Jira Cloud",
                "external-doc-url": "https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/",
                "tags": ["service"],
            },
            {
                "integration-name": "Efecte ESM",
                "external-doc-url": "https://www.matrix42.com/",
                "tags": ["service"],
            },
        ],
        "config": {
            "jira_connector": {
                "description": "The Jira connector: where its definitions are, and where a run keeps its data.",
                "options": _options(),
            }
        },
        "cli": ["airflow_provider_jira.cli.commands.get_commands"],
    }


def _modules(integration: str, *modules: str) -> dict[str, Any]:
    return {
        "integration-name": integration,
        "python-modules": [f"airflow_provider_jira.{module}" for module in modules],
    }


def _jira_cloud() -> dict[str, Any]:
    return {
        "connection-type": "jira_cloud",
        "hook-class-name": "airflow_provider_jira.hooks.jira.JiraCloudHook",
        "hook-name": "Jira Cloud",
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "port"],
            "relabeling": {"host": "Site", "login": "E-mail", "password": "API token"},
            "placeholders": {
                "host": "https://acme.atlassian.net",
                "login": "e-mail address of the Jira account",
                "password": "made at id.atlassian.com, Security, API tokens",
            },
        },
        "conn-fields": {
            "auth": _field(
                "Kind of token",
                "basic: an API token without scopes. scoped: an API token with scopes, which works through Atlassian's "
                "gateway only.",
                enum=["basic", "scoped"],
                default="basic",
            ),
            "cloud_id": _field(
                "Cloud id",
                "For scoped tokens: the id of the site. Left empty, it is asked of the site itself.",
            ),
            "gateway": _field("Gateway", "For scoped tokens; left empty: https://api.atlassian.com."),
            "token_expires_on": _field(
                "Token expires on",
                "YYYY-MM-DD, as id.atlassian.com shows it. The connector warns before that day.",
            ),
            "requests_per_second": _field(
                "Requests a second",
                "How often one task asks one endpoint of Jira at most, from 1 to 100. Jira allows all apps of a site "
                "100 together. Left empty: 50.",
            ),
        },
    }


def _efecte_esm() -> dict[str, Any]:
    return {
        "connection-type": "efecte_esm",
        "hook-class-name": "airflow_provider_jira.hooks.esm.EfecteEsmHook",
        "hook-name": "Efecte ESM (Matrix42 Pro)",
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "port"],
            "relabeling": {"host": "Address", "login": "WebAPI user"},
            "placeholders": {"host": "https://acme.efectecloud.com", "login": "WebAPI user", "password": ""},
        },
        "conn-fields": {
            "api": _field(
                "API",
                "rest: REST v1. webapi: the XML Web API, for installations whose licence has no REST.",
                enum=["rest", "webapi"],
                default="rest",
            ),
            "api_path": _field("Path of REST", "Left empty: /rest-api/itsm/v1."),
            "webapi_path": _field("Path of the XML Web API", "Left empty: /api/itsm."),
            "timezone": _field(
                "Time zone of the server",
                "For the XML Web API, whose dates have no zone: an IANA name such as Europe/Helsinki. Left empty: UTC.",
            ),
            "batch_cards": _field("Cards a write request", "A number. Left empty: 100.", kind="integer"),
        },
    }


def _field(
    label: str,
    description: str,
    *,
    kind: str = "string",
    enum: list[str] | None = None,
    default: str | None = None,
) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": [kind, "null"]}
    if enum:
        schema["enum"] = enum
    if default:
        schema["default"] = default
    return {"label": label, "description": description, "schema": schema}


def _options() -> dict[str, Any]:
    def option(description: str, kind: str = "string", example: str | None = None, default: str | None = None) -> Any:
        return {
            "description": description,
            "version_added": _VERSION,
            "type": kind,
            "example": example,
            "default": default,
        }

    return {
        "definitions_folder": option(
            "Folder with the definition files, one a connector. Left out: the folder ``definitions`` in "
            "``[core] dags_folder``.",
            example="/opt/airflow/connectors",
        ),
        "staging_path": option(
            "Where the data of a run waits between its tasks: a folder, or an object store's URL as Airflow's "
            "ObjectStoragePath takes it. Left out: ``jira_connector/staging`` in ``$AIRFLOW_HOME``.",
            example="s3://aws_default@bucket/jira-connector",
        ),
        "staging_shared": option(
            "Set to True when ``staging_path`` is a folder that every machine that runs tasks shares (NFS, for "
            "instance). Without it a folder is refused by executors that may use several machines.",
            kind="boolean",
            default="False",
        ),
        "cache_clear_hours": option(
            "Hours of the day (UTC, separated by commas) at which the cache of every task that names none of its own "
            "counts as empty: the next run pushes everything. An empty value: never.",
            example="0,12",
            default="0",
        ),
    }
