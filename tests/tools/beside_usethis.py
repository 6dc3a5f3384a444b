"""Add and remove the tools that both have with pyenvkit and with usethis, and print what becomes of the files.

beside_usethis.py [--pyenvkit PROGRAM] [--usethis PROGRAM] [FOLDER]

FOLDER holds manifests (`pyproject.toml`, whatever they are called), by default those of tests/corpus. Each is a project of
its own in a fresh repository, once for each tool that it does not speak of yet. Neither program may use the network or
install anything: `--no-sync --offline` here, `--frozen --offline` there, which also changes no lock file. Lines count as
the user's own where they stood in the manifest before; one that only gained something, such as an item of a list, is whole.
"""

import argparse
import datetime
import difflib
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time
import tomllib

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

# The tools that both programs have, by the names that each gives them.
TOOLS = {"coverage": "coverage.py", "pre-commit": "pre-commit", "pytest": "pytest", "ruff": "ruff"}

# A program that takes longer than this, in seconds, has hung.
PATIENCE = 120


class Pyenvkit:
    name = "pyenvkit"

    def __init__(self, program):
        self.program = program

    def version(self):
        return [self.program, "--version"]

    def add(self, tool, _manifest):
        return [self.program, "add-tool", tool, "--yes", "--no-sync", "--offline"]

    def remove(self, tool, _manifest):
        return [self.program, "remove-tool", tool, "--yes", "--no-sync", "--offline"]


class Usethis:
    name = "usethis"

    def __init__(self, program):
        self.program = program

    def version(self):
        return [self.program, "version"]

    def add(self, tool, manifest):
        # Without an example, as the other writes none; with the manager that it is made for, or else it declares nothing.
        example = ["--no-example"] if tool == "pytest" else []
        manager = "auto" if b"tool.poetry" in manifest else "uv"
        return [self.program, "tool", TOOLS[tool], "--frozen", "--offline", "--backend", manager, *example]

    def remove(self, tool, manifest):
        return [*self.add(tool, manifest), "--remove"]


class Tally:
    def __init__(self):
        self.runs = self.done = self.refused = self.crashed = self.invalid = 0
        self.lines = self.comments = self.identical = 0
        self.seconds = []

    def row(self, program):
        milliseconds = f"{statistics.median(self.seconds) * 1000:.0f}" if self.seconds else ""
        cells = [program.name, self.runs, self.done, self.refused, self.crashed, self.invalid]
        cells += [self.lines, self.comments, f"{self.identical} of {self.done}", milliseconds]
        return "| " + " | ".join(map(str, cells)) + " |"


HEADER = (
    "| | projects × tools | added | refused | crashed | file left invalid | lines of the user's changed or removed "
    "| comments lost | same bytes after removal | median ms to add |\n|---|" + "---:|" * 9
)


def run(command, folder, environment):
    begin = time.monotonic()
    done = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
    )
    return done, time.monotonic() - begin


def only_gained(before, after):
    """Whether a line is another one with something put in."""
    start = os.path.commonprefix([before, after])
    end = os.path.commonprefix([before[len(start) :][::-1], after[len(start) :][::-1]])
    return len(start) + len(end) >= len(before)


def lost(before, after):
    """How many lines that are not blank another text does not have in their order."""
    # The last line may gain its line ending.
    one, two = before.decode(errors="replace").splitlines(), after.decode(errors="replace").splitlines()
    count = 0
    for tag, start, end, from_, to in difflib.SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if tag in ("delete", "replace"):
            left = two[from_:to]
            for line in one[start:end]:
                whole = next((other for other in left if only_gained(line.rstrip(), other.rstrip())), None)
                if not line.strip():
                    continue
                if whole is None:
                    count += 1
                else:
                    left.remove(whole)
    return count


def comments(text):
    """The comments of a TOML text, near enough: `#` outside of quotes of one line."""
    found = []
    for line in text.decode(errors="replace").splitlines():
        quote = None
        for at, char in enumerate(line):
            if quote:
                quote = None if char == quote else quote
            elif char in "\"'":
                quote = char
            elif char == "#":
                found.append(line[at:].strip())
                break
    return found


def valid(path):
    try:
        tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return False
    return True


def judge(program, tool, source, tally, environment):
    before = source.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder) / "demo"
        folder.mkdir()
        manifest = folder / "pyproject.toml"
        manifest.write_bytes(before)
        subprocess.run(["git", "init", "-q", folder], check=True, env=environment)
        tally.runs += 1
        done, seconds = run(program.add(tool, before), folder, environment)
        if done.returncode != 0:
            said = done.stdout + done.stderr
            is_crash = b"Traceback" in said or b"panicked" in said or done.returncode < 0
            tally.crashed += is_crash
            tally.refused += not is_crash
            if manifest.read_bytes() != before:
                tally.lines += lost(before, manifest.read_bytes())
            return
        tally.done += 1
        tally.seconds.append(seconds)
        added = manifest.read_bytes()
        tally.invalid += not valid(manifest)
        run(program.remove(tool, before), folder, environment)
        removed = manifest.read_bytes() if manifest.exists() else b""
        tally.lines += max(lost(before, added), lost(before, removed))
        left = [comments(text) for text in (added, removed)]
        own = comments(before)
        tally.comments += sum(any(one.count(comment) < own.count(comment) for one in left) for comment in set(own))
        tally.identical += removed == before


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=REPOSITORY / "tests/corpus/pyproject")
    parser.add_argument("--pyenvkit", default=REPOSITORY / "target/release/pyenvkit")
    parser.add_argument("--usethis", default=shutil.which("usethis") or "usethis")
    arguments = parser.parse_args()
    programs = [Pyenvkit(str(arguments.pyenvkit)), Usethis(str(arguments.usethis))]
    with tempfile.TemporaryDirectory() as home:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        environment = {**kept, "HOME": home, "NO_COLOR": "1", "COLUMNS": "200"}
        sources = [path for path in sorted(arguments.folder.iterdir()) if path.suffix == ".toml" and valid(path)]
        tallies = [Tally() for _ in programs]
        versions = [run(program.version(), home, environment)[0].stdout.decode().split()[-1] for program in programs]
        for source in sources:
            text = source.read_text(encoding="utf-8-sig").lower()
            for tool in TOOLS:
                if tool not in text:
                    for program, tally in zip(programs, tallies):
                        judge(program, tool, source, tally, environment)
    named = ", ".join(f"{program.name} {version}" for program, version in zip(programs, versions))
    print(f"{len(sources)} manifests, {', '.join(TOOLS)}; {named}; {datetime.date.today()}\n")
    print(HEADER)
    for program, tally in zip(programs, tallies):
        print(tally.row(program))


main()
