# Airflow with the provider and its sandbox, for docker-compose.yml.
FROM apache/airflow:3.3.2-python3.12
COPY --chown=airflow:0 pyproject.toml README.md LICENSE constraints.txt /opt/provider/
COPY --chown=airflow:0 airflow_provider_jira /opt/provider/airflow_provider_jira
RUN pip install --no-cache-dir -c /opt/provider/constraints.txt '/opt/provider[sandbox]'
