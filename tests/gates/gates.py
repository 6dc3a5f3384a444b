"""Runs everything that a generated project must pass.

usage: gates.py PROJECT... [--python PYTHON] [--cache FOLDER] [--only GATE...]

Each project is copied, put into a new environment of PYTHON and held against every gate whose tools it has; a gate that
does not apply says why. What the project is, is read from its own files, so that projects from elsewhere can be judged
as well. FOLDER keeps the checkers, the stand-ins for hook mirrors and the environments of hooks for the next run.

One line for each gate: `ok`, `FAIL`, `none` (nothing to check yet) or `--` (does not apply). Exit status 1 after a FAIL.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import mirrors

try:
    import fcntl
except ImportError:  # Windows, where the gates run one at a time
    fcntl = None

HERE = Path(__file__).resolve().parent
WINDOWS = os.name == "nt"
BIN = "Scripts" if WINDOWS else "bin"
TIME_OUT = 900

# Files of CI services and the schema that check-jsonschema has for each.
SCHEMAS = {
    ".github/workflows/*.y*ml": ["vendor.github-workflows"],
    ".github/dependabot.yml": ["vendor.dependabot"],
    ".gitlab-ci.yml": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    ".circleci/config.yml": ["vendor.circle-ci"],
    ".travis.yml": ["vendor.travis"],
    ".readthedocs.yaml": ["vendor.readthedocs"],
    "bitbucket-pipelines.yml": ["vendor.bitbucket-pipelines"],
    "azure-pipelines.yml": [
        "vendor.azure-pipelines",
        "--data-transform",
        "azure-pipelines",
        "--regex-variant",
        "python",
    ],
}


class Failed(Exception):
    """A gate was not passed; the text says why."""


class Skipped(Exception):
    """A gate does not apply; the text says why."""


class Nothing(Exception):
    """The tool found nothing to check yet."""


@dataclass
class Project:
    """A copy of a project, and what its own files say of it."""

    root: Path
    environment: Path
    tools: Path
    python: str
    process: dict[str, str]
    scratch: Path
    data: dict = field(default_factory=dict)
    dependencies: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.data = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        self.dependencies = set(names(self.data.get("dependency-groups", {}).get("dev", [])))

    @property
    def builds(self) -> bool:
        return "build-system" in self.data

    @property
    def sources(self) -> list[str]:
        return [folder for folder in ("src", "tests") if (self.root / folder).is_dir()] or ["."]

    def own(self, *words: str, nothing: tuple[int, str] | None = None) -> str:
        """Run a console script of the project's environment."""
        return run([str(self.environment / BIN / words[0]), *words[1:]], self.root, self.process, nothing)

    def checker(self, *words: str) -> str:
        """Run one of our checkers."""
        return run([str(self.tools / BIN / words[0]), *words[1:]], self.root, self.process)

    def need(self, tool: str) -> None:
        if tool not in self.dependencies:
            raise Skipped(f"the project has no {tool}")


def names(group: list) -> Iterator[str]:
    """The distributions of a dependency group."""
    for item in group:
        if isinstance(item, str):
            yield "".join(c if c.isalnum() or c in "-_." else " " for c in item).split()[0].lower()


def run(words: list[str], cwd: Path, environment: dict[str, str], nothing: tuple[int, str] | None = None) -> str:
    """Run a command; return what it printed. *nothing* is the status and the words of one with nothing to check."""
    done = subprocess.run(
        words,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=TIME_OUT,
        check=False,
    )
    if nothing and done.returncode == nothing[0] and nothing[1] in done.stdout:
        raise Nothing(nothing[1])
    if done.returncode:
        raise Failed(f"{' '.join(words)}\nexit status {done.returncode}\n{done.stdout}")
    return done.stdout


# The gates, in the order in which they run.


def install(project: Project) -> None:
    """A fresh environment, with the project editable and its group."""
    run([project.python, "-c", "import sys; assert sys.prefix == sys.base_prefix"], project.root, project.process)
    shutil.rmtree(project.environment, ignore_errors=True)
    project.checker("uv", "venv", "--quiet", "--seed", "--python", project.python, str(project.environment))
    words = ["uv", "pip", "install", "--quiet", "--python", str(project.environment)]
    if "dev" in project.data.get("dependency-groups", {}):
        words += ["--group", "dev"]
    if project.builds:
        words += ["--editable", "."]
    project.checker(*words)


def consistent(project: Project) -> None:
    """No requirement in the environment contradicts another."""
    project.own("python", "-m", "pip", "check")


def black(project: Project) -> None:
    project.need("black")
    project.own("black", "--check", ".")


def isort(project: Project) -> None:
    project.need("isort")
    project.own("isort", "--check-only", ".")


def flake8(project: Project) -> None:
    project.need("flake8")
    project.own("flake8")


def ruff(project: Project) -> None:
    project.need("ruff")
    project.own("ruff", "check")
    project.own("ruff", "format", "--check")


def mypy(project: Project) -> None:
    project.need("mypy")
    project.own("mypy", nothing=(2, "There are no .py[i] files"))


def pytest(project: Project) -> None:
    project.need("pytest")
    covered = {"pytest-cov"} & project.dependencies
    project.own("pytest", *(["--cov"] if covered else []), nothing=(5, "no tests ran"))


def pre_commit(project: Project) -> None:
    project.need("pre-commit")
    project.own("pre-commit", "install")
    project.own("pre-commit", "run", "--all-files", "--show-diff-on-failure")


def prek(project: Project) -> None:
    project.need("pre-commit")
    project.checker("prek", "run", "--all-files", "--show-diff-on-failure")


def other_checkers(project: Project) -> None:
    """Formatters and linters that the project does not use: the code is stable under them as well."""
    isolated = project.scratch / "isolated"
    isolated.mkdir(exist_ok=True)
    (isolated / "empty.toml").write_text("", encoding="utf-8")
    empty = str(isolated / "empty.toml")
    if not list(project.root.glob("src/**/*.py")):
        raise Nothing("no Python file")
    project.checker("black", "--config", empty, "--check", *project.sources)
    project.checker("isort", "--profile", "black", "--check-only", *project.sources)
    project.checker("flake8", "--isolated", "--max-line-length", "88", "--extend-ignore", "E203,E701", *project.sources)
    select = ["--extend-select", "B,C4,I,PT,SIM,UP", "--target-version", target(project)]
    project.checker("ruff", "check", "--isolated", *select, *project.sources)
    project.checker("ruff", "format", "--isolated", "--target-version", target(project), "--check", *project.sources)
    strict = [
        "--config-file",
        os.devnull,
        "--strict",
        "--warn-unreachable",
        "--python-executable",
        str(interpreter(project)),
    ]
    project.checker("mypy", *strict, *project.sources)


def target(project: Project) -> str:
    """The oldest Python of `requires-python`, as ruff names it."""
    oldest = project.data["project"]["requires-python"].removeprefix(">=").split(",")[0]
    return "py" + "".join(oldest.split(".")[:2])


def interpreter(project: Project) -> Path:
    return project.environment / BIN / ("python.exe" if WINDOWS else "python")


def pyright(project: Project) -> None:
    if not list(project.root.glob("src/**/*.py")):
        raise Nothing("no Python file")
    project.checker("pyright", "--pythonpath", str(interpreter(project)), *project.sources)


def ty(project: Project) -> None:
    if not list(project.root.glob("src/**/*.py")):
        raise Nothing("no Python file")
    project.checker("ty", "check", "--error-on-warning", "--python", str(project.environment), *project.sources)


def valid(project: Project) -> None:
    project.checker("validate-pyproject", "pyproject.toml")


def schemas(project: Project) -> None:
    """The files of CI services against their schemas."""
    found = 0
    for pattern, words in SCHEMAS.items():
        for path in project.root.glob(pattern):
            found += 1
            project.checker("check-jsonschema", "--builtin-schema", *words, str(path.relative_to(project.root)))
    if not found:
        raise Skipped("no file of a CI service")


def build(project: Project) -> None:
    """Both distributions are built and described well, and the wheel runs where nothing else is installed."""
    if not project.builds:
        raise Skipped("nothing to build")
    folder = project.scratch / "dist"
    shutil.rmtree(folder, ignore_errors=True)
    project.checker("python", "-m", "build", "--installer", "uv", "--outdir", str(folder))
    files = sorted(folder.iterdir())
    project.checker("twine", "check", "--strict", *map(str, files))
    wheel = next(path for path in files if path.suffix == ".whl")
    held = zipfile.ZipFile(wheel).namelist()
    packages = {name.split("/")[0] for name in held if not name.split("/")[0].endswith(".dist-info")}
    for package in packages:
        if f"{package}/py.typed" not in held:
            raise Failed(f"{wheel.name} has no {package}/py.typed")
    if (project.root / "LICENSE").is_file() and not any(name.endswith("/licenses/LICENSE") for name in held):
        raise Failed(f"{wheel.name} has no licence")
    clean = project.scratch / "clean"
    project.checker("uv", "venv", "--quiet", "--clear", "--python", project.python, str(clean))
    project.checker("uv", "pip", "install", "--quiet", "--python", str(clean), str(wheel))
    for package in packages:
        run([str(clean / BIN / "python"), "-c", f"import {package}"], project.scratch, project.process)
    for script in project.data["project"].get("scripts", {}):
        run([str(clean / BIN / script), "--help"], project.scratch, project.process)
        run([str(clean / BIN / script), "--version"], project.scratch, project.process)


def clean_tree(project: Project) -> None:
    """Nothing that ran left a file that git sees."""
    status = run(["git", "status", "--porcelain"], project.root, project.process)
    if status:
        raise Failed(f"git status --porcelain\n{status}")


def review(project: Project) -> str:
    """The score of sp-repo-review: told, not judged, since much of it is a matter of choice."""
    words = [str(project.tools / BIN / "sp-repo-review"), ".", "--format", "json", "--show", "all"]
    done = subprocess.run(words, cwd=project.root, env=project.process, capture_output=True, text=True, check=False)
    try:
        checks = json.loads(done.stdout)["checks"]
    except (ValueError, KeyError) as error:
        raise Failed(done.stdout + done.stderr) from error
    passed = sum(check["result"] is True for check in checks.values())
    failed = [name for name, check in checks.items() if check["result"] is False]
    skipped = len(checks) - passed - len(failed)
    return f"{passed} passed, {len(failed)} failed, {skipped} skipped: {' '.join(failed)}"


GATES: list[Callable[[Project], str | None]] = [
    install,
    consistent,
    black,
    isort,
    flake8,
    ruff,
    mypy,
    pytest,
    pre_commit,
    prek,
    other_checkers,
    pyright,
    ty,
    valid,
    schemas,
    build,
    clean_tree,
    review,
]


def prepare(cache: Path) -> tuple[Path, Path]:
    """The environment of the checkers and the git configuration of the stand-ins, made where they are missing.

    Two runs that begin at once make them once: the second waits for the first.
    """
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "lock", "w", encoding="utf-8") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        return make(cache)


def make(cache: Path) -> tuple[Path, Path]:
    tools = cache / "tools"
    stamp = tools / "requirements.txt"
    requirements = (HERE / "requirements.txt").read_bytes()
    if not stamp.is_file() or stamp.read_bytes() != requirements:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(tools)], check=True)
        pip = [str(tools / BIN / "python"), "-m", "pip", "install", "--quiet", "--requirement"]
        subprocess.run([*pip, str(HERE / "requirements.txt")], check=True)
        stamp.write_bytes(requirements)
    return tools, mirrors.make_all(cache / "mirrors")


def environment(cache: Path, config: Path) -> dict[str, str]:
    """The variables of every child: nothing of an active environment, git led to the stand-ins, hooks cached."""
    dropped = ("VIRTUAL_ENV", "PYTHON", "GIT_", "PRE_COMMIT", "PREK_", "UV_", "CONDA", "COVERAGE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return (
        kept
        | {
            "GIT_CONFIG_GLOBAL": str(config),
            "GIT_CONFIG_NOSYSTEM": "1",
            # pre-commit fetches without GIT_CONFIG_GLOBAL, but keeps these.
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "include.path",
            "GIT_CONFIG_VALUE_0": str(config),
            "PRE_COMMIT_HOME": str(cache / "pre-commit"),
            "PREK_HOME": str(cache / "prek"),
            "PYTHONUTF8": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        | ({"UV_FIND_LINKS": kept["PIP_FIND_LINKS"]} if "PIP_FIND_LINKS" in kept else {})
    )


def copy(source: Path, target: Path, process: dict[str, str]) -> None:
    """Copy a project without its environment; put it under git if it is not."""
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns(".venv"))
    if not (target / ".git").exists():
        run(["git", "init", "--quiet"], target, process)
    hooks = target / ".git" / "hooks" / "pre-commit"
    hooks.unlink(missing_ok=True)
    run(["git", "add", "--all"], target, process)
    with contextlib.suppress(Failed):
        run(["git", "commit", "--quiet", "--message", "A project"], target, process)


def judge(source: Path, options: argparse.Namespace, tools: Path, process: dict[str, str]) -> bool:
    """Run the gates for one project; say whether it passed them all."""
    passed = True
    with tempfile.TemporaryDirectory(prefix="gates-") as scratch:
        root = Path(scratch).resolve() / "project"
        copy(source, root, process)
        project = Project(root, root / ".venv", tools, options.python, process, root.parent)
        print(f"{source} with {options.python}", flush=True)
        for gate in GATES:
            if options.only and gate.__name__ not in {*options.only, "install"}:
                continue
            start = time.perf_counter()
            details = ""
            try:
                verdict, said = "ok", gate(project) or ""
            except Skipped as reason:
                verdict, said = "--", str(reason)
            except Nothing as reason:
                verdict, said = "none", str(reason)
            except (Failed, subprocess.TimeoutExpired, OSError) as reason:
                verdict, said, details, passed = "FAIL", "", str(reason), False
            print(f"  {verdict:4} {gate.__name__:15} {time.perf_counter() - start:6.1f} s  {said}".rstrip(), flush=True)
            if details:
                print("    " + details.strip().replace("\n", "\n    "), flush=True)
                if gate is install:
                    break
    return passed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("projects", nargs="+", type=Path, metavar="PROJECT")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "pyenvkit-gates")
    parser.add_argument("--only", nargs="+", choices=[gate.__name__ for gate in GATES], default=[])
    options = parser.parse_args()
    cache = options.cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    tools, config = prepare(cache)
    process = environment(cache, config)
    results = [judge(path.resolve(), options, tools, process) for path in options.projects]
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
