"""The settings in ``[jira_connector]``. Reading them costs nothing, so a DAG file may do it while it is parsed."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from airflow.sdk import conf

if TYPE_CHECKING:
    from airflow_provider_jira.sync.staging import Staging

_SECTION = "jira_connector"


class ConfigProblem(ValueError):
    """A setting in ``[jira_connector]`` cannot be used as it is. Trying again cannot help."""


def definitions_folder(beside: str | None = None) -> Path:
    """Find the folder with the definition files: the setting, or the folder ``definitions`` beside the DAG file.

    :param beside: path of the DAG file that asks; left out, ``[core] dags_folder`` is looked in (DAG files that come
        from another bundle are elsewhere)
    """
    named = _text("definitions_folder")
    if named:
        return Path(named).expanduser()
    folder = Path(beside).parent if beside else Path(conf.get("core", "dags_folder")).expanduser()
    return folder / "definitions"


def cache_clear_hours() -> tuple[int, ...]:
    """Read the clear hours (UTC) of tasks that name none.

    :raises ConfigProblem: the setting is not a list of hours
    """
    text = conf.get(_SECTION, "cache_clear_hours", fallback="0")
    words = [word for word in re.split(r"[\s,]+", text.strip("[] \t")) if word]
    if not all(re.fullmatch(r"\d{1,2}", word) and int(word) < 24 for word in words):
        raise ConfigProblem(
            f"[{_SECTION}] cache_clear_hours is {text!r}: write hours of the day (UTC) from 0 to 23, separated by "
            "commas, or nothing for never."
        )
    return tuple(sorted({int(word) for word in words}))


def staging() -> Staging:
    """Open the staging location.

    :raises ConfigProblem: it is a folder, and tasks may run on several machines
    """
    from airflow_provider_jira.sync.staging import Staging  # noqa: PLC0415 - not needed to parse a DAG file

    named = _text("staging_path")
    if named and "://" in named and not named.startswith("file://"):
        from airflow.sdk import ObjectStoragePath  # noqa: PLC0415 - fsspec is not needed otherwise

        return Staging(ObjectStoragePath(named))
    _refuse_several_machines()
    return Staging(Path(named.removeprefix("file://")).expanduser() if named else _home() / _SECTION / "staging")


def _refuse_several_machines() -> None:
    executors = [part.strip() for part in conf.get("core", "executor", fallback="LocalExecutor").split(",")]
    # An executor may be written with a team before it and with a module path: "team=package.LocalExecutor".
    elsewhere = [name for name in executors if re.split(r"[=:.]", name)[-1] != "LocalExecutor"]
    if elsewhere and not conf.getboolean(_SECTION, "staging_shared", fallback=False):
        raise ConfigProblem(
            f"[{_SECTION}] staging_path is a folder, and [core] executor is {elsewhere[0]!r}, which may run the "
            "tasks of one run on several machines. Set staging_path to an object store, such as "
            "s3://aws_default@bucket/path, or, if every machine mounts the same folder, set staging_shared = True."
        )


def _home() -> Path:
    return Path(os.environ.get("AIRFLOW_HOME") or "~/airflow").expanduser()


def _text(key: str) -> str:
    return str(conf.get(_SECTION, key, fallback="") or "").strip()
