"""Commands below ``airflow jira-connector``."""
