"""The demo: the sandbox's Jira and ESM, a private Airflow between them, and a check of what came of it."""
