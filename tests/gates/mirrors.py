"""Local git repositories that stand for the mirrors of pre-commit hooks, which are not always within reach.

usage: mirrors.py FOLDER

Reads the tools' manifests, makes one repository for each mirror that they name, with a tag for each version that they
write, and beside them a file `gitconfig`, which sends git there once `include.path` names it (pre-commit drops
GIT_CONFIG_GLOBAL, but not GIT_CONFIG_COUNT and its companions). As in the mirrors themselves, a tag holds
a package that depends on exactly that version of the tool, and the declaration of its hooks.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "templates" / "tools"

# What the mirrors declare, by repository. Keys of a hook that pre-commit has as defaults are left out.
PYTHON = "types_or: [python, pyi], require_serial: true"
JUPYTER = "types_or: [python, pyi, jupyter], require_serial: true"
DECLARED = {
    "https://github.com/psf/black-pre-commit-mirror": {"black": f"entry: black, {PYTHON}"},
    "https://github.com/PyCQA/isort": {
        "isort": "entry: isort, types_or: [cython, pyi, python], require_serial: true, args: [--filter-files]"
    },
    "https://github.com/PyCQA/flake8": {"flake8": "entry: flake8, types: [python], require_serial: true"},
    "https://github.com/astral-sh/ruff-pre-commit": {
        "ruff-check": f"entry: ruff check --force-exclude, {JUPYTER}",
        "ruff-format": f"entry: ruff format --force-exclude, {JUPYTER}",
    },
    "https://github.com/pre-commit/mirrors-mypy": {
        "mypy": f"entry: mypy, {PYTHON}, args: [--ignore-missing-imports, --scripts-are-modules]"
    },
    "https://github.com/pre-commit/pre-commit-hooks": {
        "check-added-large-files": "entry: check-added-large-files, minimum_pre_commit_version: 3.2.0",
        "check-toml": "entry: check-toml, types: [toml]",
        "check-yaml": "entry: check-yaml, types: [yaml]",
        "end-of-file-fixer": "entry: end-of-file-fixer, types: [text]",
        "trailing-whitespace": "entry: trailing-whitespace-fixer, types: [text]",
    },
}


def tags(manifest: dict, hook: dict) -> dict[str, str]:
    """The mirror's tags with the requirement that each stands for."""
    name = hook.get("distribution") or manifest["requirements"][0]["name"]
    versions = {release.get("with", {}).get(name, release["version"]) for release in manifest["releases"]}
    return {hook["rev"].replace("<< version >>", version): f"{name}=={version}" for version in sorted(versions)}


def wanted() -> dict[str, dict[str, str]]:
    """For each mirror that a manifest names: its tags with their requirements."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(TOOLS.glob("*/tool.toml")):
        manifest = tomllib.loads(path.read_text(encoding="utf-8"))
        for hook in manifest.get("hooks", []):
            if hook["id"] not in DECLARED.get(hook["repo"], {}):
                raise SystemExit(f"mirrors.py: what does {hook['repo']} declare for the hook {hook['id']}?")
            found.setdefault(hook["repo"], {}).update(tags(manifest, hook))
    return found


def git(folder: Path, *words: str) -> None:
    """Run git in *folder*, whatever the user's own configuration says."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    environment |= {
        f"GIT_{who}_{what}": f"{who}@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    subprocess.run(["git", *words], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)


def make(url: str, tagged: dict[str, str], folder: Path) -> None:
    """Make the repository that stands for *url*."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    hooks = [f"- {{id: {name}, name: {name}, language: python, {keys}}}\n" for name, keys in DECLARED[url].items()]
    (folder / ".pre-commit-hooks.yaml").write_text("".join(hooks), encoding="utf-8")
    for tag, requirement in tagged.items():
        package = f'from setuptools import setup\n\nsetup(name="mirror", version="0", py_modules=[], install_requires=["{requirement}"])\n'
        (folder / "setup.py").write_text(package, encoding="utf-8")
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "--message", tag)
        git(folder, "tag", tag)


def make_all(parent: Path) -> Path:
    """Make all repositories in a folder of *parent*; return the git configuration that leads to them.

    The folder is named after what stands in it, so that it is made once and never changed under another run.
    """
    folder = parent / hashlib.sha256(repr((wanted(), DECLARED)).encode()).hexdigest()[:12]
    config = folder / "gitconfig"
    if config.is_file():
        return config
    shutil.rmtree(folder, ignore_errors=True)
    lines = ["[user]\n\tname = Ada Lovelace\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n"]
    for url, tagged in wanted().items():
        mirror = folder / url.removeprefix("https://github.com/")
        make(url, tagged, mirror)
        lines.append(f'[url "{mirror.as_uri()}"]\n\tinsteadOf = {url}\n')
    config.write_text("".join(lines), encoding="utf-8")
    return config


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    print(make_all(Path(sys.argv[1]).resolve()))
