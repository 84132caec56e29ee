"""For Airflow 3: looks at a model in use once a month, and trains it again where that pays.

Only what may pass by itself is tried again (exit code 4, or a kill). What is refused fails the task, and its
log says why; alarms do not fail it, and stand in the log and in MLflow. See docs/orchestration.md.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from datetime import timedelta

import pendulum
from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

NAME = "churn"
FOLDER = os.environ.get("SALESML_FOLDER", "/srv/shop")
SALESML = shlex.split(os.environ.get("SALESML", ".venv/bin/salesml"))
OUT = os.environ.get("OUT", "/data/scores")
STORE = os.environ.get("STORE", "")
ZONE = "Europe/London"
RETRY = {"retries": 5, "retry_delay": timedelta(seconds=int(os.environ.get("WAIT", "600")))}


def run(*words: str, fine: tuple[int, ...] = (0, 3)) -> tuple[int, str]:
    """Run one command; its last line and its exit code, where that is a fine one."""
    done = subprocess.run([*SALESML, *words], cwd=FOLDER, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout)
    if done.returncode in fine:
        return done.returncode, done.stdout
    if done.returncode in (1, 2):
        raise AirflowFailException(f"salesml {words[0]} refused with exit code {done.returncode}: see above")
    raise AirflowException(f"salesml {words[0]} ended with {done.returncode}: it may pass when tried again")


@dag(
    dag_id=f"salesml_retrain_{NAME}",
    schedule="30 4 2 * *",
    start_date=pendulum.datetime(2026, 1, 1, tz=ZONE),
    catchup=False,
    max_active_runs=1,  # one at a time
    default_args=RETRY,
    tags=["salesml"],
)
def retrain() -> None:
    """Look, train, judge, score, publish, tidy."""

    @task
    def today() -> str:
        """The date of all tasks, so that a retry after midnight does not mix two."""
        return pendulum.today(ZONE).to_date_string()

    @task
    def monitor(as_of: str) -> str:
        _, printed = run("monitor", NAME, "--as-of", as_of, "--json")
        return str(json.loads(printed)["advice"]["kind"])

    @task.short_circuit(ignore_downstream_trigger_rules=False)
    def pays(advice: str) -> bool:
        return advice == "now"

    @task
    def train() -> None:
        run("train", NAME)

    @task.short_circuit(ignore_downstream_trigger_rules=False)
    def promoted() -> bool:
        code, _ = run("promote", NAME, "challenger", fine=(0, 1))
        return code == 0

    @task
    def score(as_of: str) -> None:
        run("score", NAME, "--as-of", as_of, "--out", OUT)

    @task
    def publish(as_of: str) -> None:
        if STORE:
            scores = f"{OUT}/task={NAME}/as_of={as_of}"
            run("publish", "--scores", scores, "--crm", "crm.yaml", "--store", STORE)

    @task(trigger_rule="none_failed")
    def tidy() -> None:
        run("tidy", NAME)

    as_of = today()
    pays(monitor(as_of)) >> train() >> promoted() >> score(as_of) >> publish(as_of) >> tidy()


made = retrain()
