"""Judge edits of configuration files with the parsers of their readers.

A line of stdin is `{"old": text, "new": text, "wanted": [{"at": locator, "text": text}]}`. A line of stdout is `true`
where the new text says what the old one said and what was wanted, `false` where no reader accepts the old text, else a
string that says what is wrong.
"""

import configparser
import copy
import json
import re
import sys
import tomllib

import iniconfig
import yaml
from pip._internal.req.req_file import preprocess


class Wrong(Exception):
    """The edit did something else than what was wanted."""


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(verdict(json.loads(line))), flush=False)


def verdict(case: dict) -> bool | str:
    old, new = (case[key].removeprefix("\ufeff") for key in ("old", "new"))
    wanted = [(*next(iter(wish["at"].items())), wish["text"]) for wish in case["wanted"]]
    kind = wanted[0][0]
    judge = next(judge for prefix, judge in JUDGES.items() if kind.startswith(prefix))
    try:
        return judge(old, new, wanted)
    except Wrong as error:
        return str(error)
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"


def normalized(requirement: str) -> str:
    name = re.match(r"\s*[A-Za-z0-9._-]*", requirement)[0].strip()
    return re.sub(r"[-_.]+", "-", name).lower().rstrip("-")


def same(what: str, left: object, right: object) -> None:
    # `repr` tells 1 from True and an order of keys from another, and takes nan for nan.
    if repr(left) != repr(right):
        raise Wrong(f"{what}: {left!r} is not {right!r}")


def pruned(new: object, old: object) -> object:
    """`new` without the empty containers that `old` does not have."""
    if isinstance(new, dict) and isinstance(old, dict):
        for key in list(new):
            new[key] = pruned(new[key], old[key]) if key in old else pruned(new[key], type(new[key])())
            if key not in old and new[key] in ({}, []):
                del new[key]
    return new


def sorted_keys(value: object) -> object:
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value)}
    return value


def take(tree: dict, path: list[str], what: str) -> object:
    for part in path[:-1]:
        tree = tree[part]
    if path[-1] not in tree:
        raise Wrong(f"{what} is missing")
    return tree.pop(path[-1])


def take_item(items: list, value: object) -> None:
    if value not in items:
        raise Wrong(f"{value!r} is missing in {items!r}")
    items.remove(value)


def toml(old: str, new: str, wanted: list) -> bool:
    before, after = tomllib.loads(old), tomllib.loads(new)
    for kind, at, text in wanted:
        path = [*at["table"], at["key"]]
        if kind == "toml-key":
            same("the key", take(after, path, at["key"]), tomllib.loads(text)[at["key"]])
        else:
            items = after
            for part in path:
                items = items[part]
            take_item(items, tomllib.loads(f"x = {text}")["x"])
    same("the rest", sorted_keys(pruned(after, before)), sorted_keys(before))
    return True


def parsers() -> dict:
    """How setuptools, flake8 and mypy, coverage and tox, isort, and setuptools with names as they stand read INI."""
    with_case = configparser.RawConfigParser()
    with_case.optionxform = str
    return {
        "raw": configparser.RawConfigParser(),
        "no interpolation": configparser.ConfigParser(interpolation=None),
        "not strict": configparser.ConfigParser(strict=False, interpolation=None),
        "names as they stand": with_case,
    }


def with_configparser(name: str, text: str) -> dict:
    parser = parsers()[name]
    # As from a file: universal newlines.
    parser.read_string(text.replace("\r\n", "\n").replace("\r", "\n"))
    sections = {section: dict(parser._sections[section]) for section in parser.sections()}
    return {**sections, "DEFAULT": dict(parser.defaults())}


def with_iniconfig(text: str) -> dict:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    config = iniconfig.IniConfig("x.ini", data=text)
    return {section.name: dict(section.items()) for section in config}


def tokens(value: str) -> list[str]:
    return [token.strip() for token in re.split(r"[\n,]", value) if token.strip()]


def ini(old: str, new: str, wanted: list) -> bool:
    judged = False
    for name in [*parsers(), "iniconfig"]:
        read = with_iniconfig if name == "iniconfig" else lambda text, name=name: with_configparser(name, text)
        try:
            before = read(old)
        except (configparser.Error, iniconfig.ParseError, AttributeError):
            # AttributeError: bpo-41379, a continuation line behind a key without a value.
            continue
        judged = True
        after = read(new)
        try:
            of_ini(before, after, wanted, read)
        except Wrong as error:
            raise Wrong(f"{name}: {error}") from error
    return judged


def of_ini(before: dict, after: dict, wanted: list, read: object) -> None:
    for kind, at, text in wanted:
        section, key = at["section"], at["key"]
        names = [name for name in after.get(section, {}) if name.lower() == key.lower()]
        if not names:
            raise Wrong(f"{key} is missing")
        if kind == "ini-key":
            alone = read(f"[x]\n{text}\n")["x"]
            same("the key", after[section].pop(names[0]), next(iter(alone.values())))
        else:
            left = tokens(after[section][names[0]])
            take_item(left, text)
            was = before.get(section, {}).get(names[0])
            if was is None and not left:
                del after[section][names[0]]
            else:
                after[section][names[0]] = "\n".join(left)
                if was is not None:
                    before[section][names[0]] = "\n".join(tokens(was))
        if not after[section] and section not in before:
            del after[section]
    same("the rest", after, before)


def repository(url: object) -> str:
    return str(url).rstrip("/").lower().removesuffix(".git").rstrip("/")


def of_yaml(old: str, new: str, wanted: list) -> bool:
    try:
        before = yaml.safe_load(old) or {}
    except (yaml.YAMLError, ValueError, TypeError):
        # ValueError: a date that is none; TypeError: a key that cannot be hashed.
        return False
    after = yaml.safe_load(new)
    after = copy.deepcopy(after)  # aliases are shared objects
    before = copy.deepcopy(before)
    for kind, at, text in wanted:
        value = yaml.safe_load(text)
        if kind == "yaml-key":
            same("the key", take(after, [at["key"]], at["key"]), value[at["key"]])
        else:
            of_repository = [entry for entry in after["repos"] if repository(entry.get("repo")) == repository(at["repo"])]
            holders = [entry for entry in of_repository if value in (entry.get("hooks") or [])]
            if not holders:
                raise Wrong(f"{value!r} is missing")
            hooks = holders[0]["hooks"]
            hooks.remove(value)
            was = next((e for e in before.get("repos") or [] if repository(e.get("repo")) == repository(at["repo"])), None)
            if was is None:
                same("the rev", holders[0].get("rev"), at["rev"])
            if not hooks and was is None:
                after["repos"].remove(holders[0])
            elif not hooks:
                holders[0]["hooks"] = was["hooks"]
    if "repos" in after and not after["repos"]:
        after["repos"] = before.get("repos")
        if "repos" not in before:
            del after["repos"]
    same("the rest", sorted_keys(after), sorted_keys(before))
    return True


def without_comments(text: str) -> str:
    """JSON with comments and commas at the end as plain JSON."""
    strings_or_comments = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.S)
    bare = strings_or_comments.sub(lambda found: found[1] or " ", text)
    strings_or_commas = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[\]}])', re.S)
    return strings_or_commas.sub(lambda found: found[1] or "", bare)


def of_json(old: str, new: str, wanted: list) -> bool:
    try:
        before = json.loads(without_comments(old))
    except ValueError:
        return False
    after = json.loads(without_comments(new))
    for kind, at, text in wanted:
        if kind == "json-key":
            same("the key", take(after, at["path"], at["path"]), json.loads(text))
        else:
            items = after
            for part in at["path"]:
                items = items[part]
            take_item(items, json.loads(text))
    same("the rest", pruned(after, before), before)
    return True


def requirements(old: str, new: str, wanted: list) -> bool:
    before, after = ([line for _, line in preprocess(text)] for text in (old, new))
    for _, _, text in wanted:
        take_item(after, text)
    same("the rest", after, before)
    return True


def lines(old: str, new: str, wanted: list) -> bool:
    before, after = (re.split(r"\r?\n", text.rstrip("\r\n")) for text in (old, new))
    for _, _, text in wanted:
        take_item(after, text)
    same("the rest", [line for line in after if line], [line for line in before if line])
    return True


JUDGES = {
    "toml": toml,
    "ini": ini,
    "hook": of_yaml,
    "yaml": of_yaml,
    "json": of_json,
    "requirement": requirements,
    "line": lines,
}

main()
