"""What waits in Airflow's triggerer, where many wait in one process: nothing here blocks.

``polling`` is one question asked again and again until it has an answer, ``jira`` and ``esm`` the questions that
sensors defer to, ``events`` the one that starts runs. A trigger's arguments stand in Airflow's database: they name
connections and conditions, never a secret.
"""
