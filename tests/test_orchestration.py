"""The examples of docs/orchestration.md, run as far as they can be, against one list of what is to happen.

`salesml` is a stand-in with planned exit codes for how they branch, and the real one for the whole way.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from tests.conftest import need

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "orchestration"
AIRFLOW = ROOT / ".venv" / ".airflow" / "bin" / "python"
DATE = "2026-03-02"

STAND_IN = """#!/bin/sh
# Writes down how it was called and ends with the next code that is planned for the command, or 0; where
# that is planned it kills whoever called it first.
echo "$*" >>"$PLAN/called"
if [ "$1" = monitor ]; then
    case "$*" in
    *--json*) printf '{"advice": {"kind": "%s"}}\\n' "$(cat "$PLAN/advice")" ;;
    *) printf 'No alarm for churn\\n\\nTrain again: %s. It says why.\\n' "$(cat "$PLAN/advice")" ;;
    esac
fi
code=0
if [ -s "$PLAN/$1" ]; then
    code=$(sed -n 1p "$PLAN/$1")
    sed -i 1d "$PLAN/$1"
fi
[ "$code" != kill ] || kill -9 "$PPID"
exit "$code"
"""


@dataclass(frozen=True)
class Case:
    """What commands end with, and what is to follow.

    Parameters
    ----------
    codes : dict
        Of each command the exit codes of its first calls; 0 afterwards.
    calls : str
        The commands, in order.
    code : int
        What a shell script ends with. Others have alarms pass, and fail where this is neither 0 nor 3.
    """

    advice: str
    calls: str
    code: int
    codes: dict[str, list[int]] = field(default_factory=dict)


NEW = "monitor train promote score publish tidy"
CASES = {
    "quiet": Case("not yet", "monitor tidy", 0),
    "alarms, too early to train": Case("not yet", "monitor tidy", 3, {"monitor": [3]}),
    "nothing to gain": Case("pointless", "monitor tidy", 3, {"monitor": [3]}),
    "a better one": Case("now", NEW, 3, {"monitor": [3]}),
    "none that is better": Case("now", "monitor train promote tidy", 3, {"monitor": [3], "promote": [1]}),
    "tables refused": Case("not yet", "monitor", 1, {"monitor": [1]}),
    "wrong usage": Case("not yet", "monitor", 2, {"monitor": [2]}),
    "training refused": Case("now", "monitor train", 1, {"monitor": [3], "train": [1]}),
    "scores refused": Case("now", "monitor train promote score", 1, {"monitor": [3], "score": [1]}),
}
AWAY = {
    "away once": Case("not yet", "monitor monitor tidy", 0, {"monitor": [4]}),
    "the registry away while judging": Case(
        "now", "monitor train promote promote score publish tidy", 3, {"monitor": [3], "promote": [4]}
    ),
    "away for good": Case("now", "monitor monitor", 4, {"monitor": [4] * 9}),
}


@dataclass(frozen=True)
class Plan:
    """A folder with the stand-in, its plan and what it was called with."""

    folder: Path
    environment: dict[str, str]

    def of(self, case: Case) -> Plan:
        (self.folder / "advice").write_text(case.advice)
        for command, codes in case.codes.items():
            (self.folder / command).write_text("".join(f"{code}\n" for code in codes))
        return self

    @property
    def calls(self) -> list[str]:
        file = self.folder / "called"
        return file.read_text().splitlines() if file.exists() else []

    @property
    def commands(self) -> str:
        return " ".join(call.split()[0] for call in self.calls)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(tmp_path / "plans" / "one")


def make_plan(folder: Path) -> Plan:
    """A project with the stand-in for its command; what it does is planned in a folder beside."""
    folder.mkdir(parents=True)
    command = folder.parent.parent / "shop" / ".venv" / "bin" / "salesml"
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text(STAND_IN)
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    own = {"OUT": "/data/scores", "STORE": "sqlite:///store.db", "WAIT": "0", "TRIES": "2"}
    return Plan(folder, {**os.environ, **own, "PLAN": str(folder)})


def shop(plan: Plan) -> Path:
    return plan.folder.parent.parent / "shop"


def as_told(calls: list[str], date: str = DATE) -> None:
    """Each command is called with what the page says."""
    where = f"/data/scores/task=churn/as_of={date}"
    told = {
        "monitor": f"monitor churn --as-of {date}", "train": "train churn",
        "promote": "promote churn challenger",
        "score": f"score churn --as-of {date} --out /data/scores",
        "publish": f"publish --scores {where} --crm crm.yaml --store sqlite:///store.db",
        "tidy": "tidy churn",
    }  # fmt: skip
    for call in calls:
        assert call.removesuffix(" --json") == told[call.split()[0]]


def script(plan: Plan, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(EXAMPLES / "retrain.sh"), *words], cwd=shop(plan), env={**plan.environment, **more},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("name", CASES | AWAY)
def test_the_script(plan: Plan, name: str) -> None:
    case = (CASES | AWAY)[name]
    done = script(plan.of(case), "churn", DATE)
    assert (plan.commands, done.returncode) == (case.calls, case.code), done.stdout + done.stderr
    as_told(plan.calls)
    assert "Train again:" in done.stdout, "what a person reads"


@pytest.mark.parametrize("command", NEW.split())
def test_a_script_that_was_killed_is_run_again(plan: Plan, command: str) -> None:
    """Its lock is free, and nothing is left over that the next one trips on."""
    case = CASES["a better one"]
    plan.of(case)
    (plan.folder / command).write_text("kill\n")
    assert script(plan, "churn", DATE).returncode == -9
    before = len(plan.calls)
    (plan.folder / "monitor").write_text("3\n")
    assert script(plan, "churn", DATE).returncode == 3
    assert [call.split()[0] for call in plan.calls[before:]] == NEW.split()


def test_the_script_takes_today_and_a_command_of_several_words(plan: Plan) -> None:
    done = script(plan.of(CASES["quiet"]), "churn", SALESML="sh .venv/bin/salesml", STORE="")
    assert done.returncode == 0
    today = subprocess.run(["date", "+%F"], capture_output=True, text=True, check=True).stdout.strip()
    assert plan.calls[0] == f"monitor churn --as-of {today}"


def test_without_a_store_nothing_is_published(plan: Plan) -> None:
    assert script(plan.of(CASES["a better one"]), "churn", DATE, STORE="").returncode == 3
    assert plan.commands == "monitor train promote score tidy"


def test_without_a_name_it_says_so(plan: Plan) -> None:
    done = script(plan)
    assert done.returncode != 0
    assert "name a model" in done.stderr
    assert not plan.calls


def test_a_second_one_at_the_same_time_does_nothing(plan: Plan) -> None:
    lock = shop(plan) / ".retrain.churn.lock"
    holder = subprocess.Popen(
        ["flock", str(lock), "sh", "-c", "echo held; read line"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        done = script(plan.of(CASES["quiet"]), "churn", DATE)
        assert (done.returncode, plan.calls) == (4, [])
        assert "under way" in done.stdout
        assert script(plan, "conversion", DATE).returncode == 0, "another model is not kept from it"
    finally:
        holder.communicate("end\n", timeout=30)
    assert script(plan, "churn", DATE).returncode == 0


def test_the_script_is_for_any_shell() -> None:
    for shell in ("sh", "bash", "dash"):
        if shutil.which(shell):
            subprocess.run([shell, "-n", str(EXAMPLES / "retrain.sh")], check=True)


def test_cron_runs_the_script(plan: Plan) -> None:
    """The line as cron reads it: five fields, a percent sign behind a backslash, sh."""
    text = (EXAMPLES / "crontab").read_text()
    (line,) = [each for each in text.splitlines() if re.match(r"[\d*]", each)]
    *when, command = line.split(maxsplit=5)
    assert len(when) == 5
    assert not re.search(r"(?<!\\)%", command), "cron ends a command there"
    command = command.replace(r"\%", "%").replace("/srv/shop", str(shop(plan)))
    shutil.copy(EXAMPLES / "retrain.sh", shop(plan))
    (shop(plan) / "retrain.env").write_text("OUT=/data/scores\nSTORE='postgresql://sales:$PGPASS@db/sales'\n")
    environment = {**plan.of(CASES["a better one"]).environment, "STORE": "", "PGPASS": "secret"}
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, plan.commands) == (3, NEW), done.stdout + done.stderr
    (published,) = [call for call in plan.calls if call.startswith("publish")]
    assert published.endswith("--store postgresql://sales:$PGPASS@db/sales"), "a password by its name only"


def test_systemd_takes_the_units(plan: Plan, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    need(program, "systemd is not installed (make services)")
    assert program
    units = [shutil.copy(EXAMPLES / f"salesml-retrain.{kind}", tmp_path) for kind in ("service", "timer")]
    done = subprocess.run(
        [program, "verify", "--man=no", *map(str, units)], capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert (done.returncode, [line for line in done.stderr.splitlines() if "salesml" in line]) == (0, [])
    (when,) = re.findall(r"^OnCalendar=(.*)$", (EXAMPLES / "salesml-retrain.timer").read_text(), re.MULTILINE)
    subprocess.run([program, "calendar", when], check=True, capture_output=True)
    (start,) = re.findall(
        r"^ExecStart=/bin/sh -c '(.*)'$", (EXAMPLES / "salesml-retrain.service").read_text(), re.MULTILINE
    )
    shutil.copy(EXAMPLES / "retrain.sh", shop(plan))
    done = subprocess.run(
        ["sh", "-c", start.replace("%%", "%")], cwd=shop(plan), env=plan.of(CASES["quiet"]).environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, plan.commands) == (0, "monitor tidy")


# GitHub Actions


def workflow() -> dict[str, object]:
    # YAML 1.1 reads the key `on` as true; GitHub does not.
    text = (EXAMPLES / "github-workflow.yml").read_text().replace("\non:", '\n"on":')
    found: dict[str, object] = yaml.safe_load(text)
    return found


def test_the_workflow_is_one_by_githubs_own_schema() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows",
         str(EXAMPLES / "github-workflow.yml")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_lets_one_run_at_a_time_and_keeps_secrets_out_of_commands() -> None:
    found = workflow()
    assert found["concurrency"] == {"group": "salesml-churn", "cancel-in-progress": False}
    job = found["jobs"]["retrain"]  # type: ignore[index]
    assert not [step for step in job["steps"] if "secrets." in step["run"]]
    assert [value for value in job["env"].values() if "secrets." in value]


OUTPUT = r"\$\{\{ steps\.(\w+)\.outputs\.(\w+) \}\}"


def run_workflow(plan: Plan) -> int:
    """Run its steps as GitHub does: bash -e with pipefail, outputs from a file, `if` by outputs of others."""
    job = workflow()["jobs"]["retrain"]  # type: ignore[index]
    outputs: dict[str, str] = {}
    for number, step in enumerate(job["steps"]):
        asked = re.fullmatch(r"steps\.(\w+)\.outputs\.(\w+) == '(\w+)'", step.get("if", ""))
        assert asked or "if" not in step
        if asked and outputs.get(f"{asked[1]}.{asked[2]}") != asked[3]:
            continue
        file, summary = plan.folder / f"output {number}", plan.folder / "summary"
        file.touch()
        own = {
            key: re.sub(OUTPUT, lambda found: outputs[f"{found[1]}.{found[2]}"], value)
            for key, value in {**job["env"], **step.get("env", {})}.items()
            if "secrets." not in value
        }
        own |= {"GITHUB_OUTPUT": str(file), "GITHUB_STEP_SUMMARY": str(summary)}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=shop(plan),
            env={**plan.environment, **own}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            return done.returncode
        for line in file.read_text().splitlines():
            key, _, value = line.partition("=")
            outputs[f"{step['id']}.{key}"] = value
    return 0


@pytest.mark.parametrize("name", CASES)
def test_the_workflow(plan: Plan, name: str) -> None:
    case = CASES[name]
    code = run_workflow(plan.of(case))
    assert plan.commands == case.calls
    assert code == (0 if case.code in (0, 3) else case.code)
    today = subprocess.run(
        ["date", "+%F"], env={**os.environ, "TZ": "Europe/London"}, capture_output=True, text=True, check=True
    ).stdout.strip()
    as_told(plan.calls, today)


# Airflow, the real one, in an environment of its own

DAG_TEST = """
import json, os, sys
home, plans = sys.argv[1:]
sys.path.insert(0, home + "/dags")
import airflow_dag
for name in sorted(os.listdir(plans)):
    os.environ["PLAN"] = os.path.join(plans, name)
    run = airflow_dag.made.test()
    with open(os.path.join(plans, name, "state"), "w") as file:
        file.write(run.state)
"""


@pytest.fixture(scope="module")
def dags(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Plan]:
    """Every case run by Airflow, one after the other: starting it takes longer than they do."""
    need(AIRFLOW.exists(), "Airflow is not there in an environment of its own (make airflow)")
    home = tmp_path_factory.mktemp("airflow")
    (home / "dags").mkdir()
    shutil.copy(EXAMPLES / "airflow_dag.py", home / "dags")
    plans = {name: make_plan(home / "plans" / name).of(case) for name, case in (CASES | AWAY).items()}
    one = plans["quiet"]
    environment = {key: value for key, value in one.environment.items() if key != "PYTHONPATH"} | {
        "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "SALESML_FOLDER": str(shop(one)),
    }  # fmt: skip
    for words in (["-m", "airflow", "db", "migrate"], ["-c", DAG_TEST, str(home), str(home / "plans")]):
        done = subprocess.run(
            [str(AIRFLOW), *words], env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return plans


@pytest.mark.parametrize("name", CASES | AWAY)
def test_the_dag(dags: dict[str, Plan], name: str) -> None:
    case, plan = (CASES | AWAY)[name], dags[name]
    tries = "monitor " * 6
    assert plan.commands == (tries.strip() if name == "away for good" else case.calls)
    assert (plan.folder / "state").read_text() == ("success" if case.code in (0, 3) else "failed")
    as_told(plan.calls, re.findall(r"\d{4}-\d\d-\d\d", plan.calls[0])[0])
