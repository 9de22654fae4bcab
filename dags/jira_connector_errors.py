"""Has no DAGs: shows what is wrong with the definitions of the Jira connector in Airflow's list of import errors.

It is a file of its own because Airflow disables every DAG of a file that has an import error.
"""

from __future__ import annotations

from airflow_provider_jira.factory import report_errors

report_errors(beside=__file__)
