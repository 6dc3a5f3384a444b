"""Judge edits of configuration files with the parsers of their readers.

A line of stdin is `{"old": text, "new": text, "wanted": [{"at": locator, "text": text}]}`. A line of stdout is `true`
where the new text says what the old one said and what was wanted, `false` where no reader accepts the old text, else a
string that says what is wrong.
"""

import configparser
import copy
import functools
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
    # A number may be long; `repr` would refuse it.
    sys.set_int_max_str_digits(0)
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
        return {key: sorted_keys(value[key]) for key in sorted(value, key=repr)}
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


def before(read: object, old: str) -> object:
    """What `read` makes of the old text, which is the same for many edits in a row. For the caller to change."""
    return copy.deepcopy(remembered(read, old))


remembered = functools.lru_cache(maxsize=16)(lambda read, old: read(old))


def toml(old: str, new: str, wanted: list) -> bool:
    was, after = before(tomllib.loads, old), tomllib.loads(new)
    for kind, at, text in wanted:
        path = [*at["table"], at["key"]]
        if kind == "toml-key":
            same("the key", take(after, path, at["key"]), tomllib.loads(text)[at["key"]])
        else:
            items = after
            for part in path:
                items = items[part]
            take_item(items, tomllib.loads(f"x = {text}")["x"])
    same("the rest", sorted_keys(pruned(after, was)), sorted_keys(was))
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


def ini_readers() -> dict:
    """Each gives `None` for a text that its parser refuses."""

    def of(read: object) -> object:
        def reader(text: str) -> dict | None:
            try:
                return read(text)
            except (configparser.Error, iniconfig.ParseError, AttributeError):
                # AttributeError: bpo-41379, a continuation line behind a key without a value.
                return None

        return reader

    readers = {name: of(functools.partial(with_configparser, name)) for name in parsers()}
    return {**readers, "iniconfig": of(with_iniconfig)}


INI_READERS = ini_readers()


def ini(old: str, new: str, wanted: list) -> bool:
    judged = False
    for name, read in INI_READERS.items():
        was = before(read, old)
        if was is None:
            continue
        judged = True
        after = read(new)
        if after is None:
            raise Wrong(f"{name} refuses the new text")
        try:
            of_ini(was, after, wanted, read)
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


def load_yaml(text: str) -> object:
    """With the loader of pre-commit. Aliases are objects of their own."""
    return unshared(yaml.load(text, Loader=yaml.CSafeLoader))  # noqa: S506


def unshared(value: object) -> object:
    if isinstance(value, dict):
        return {key: unshared(inner) for key, inner in value.items()}
    return [unshared(inner) for inner in value] if isinstance(value, list) else value


def of_yaml(old: str, new: str, wanted: list) -> bool:
    try:
        was_read = before(load_yaml, old) or {}
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        # ValueError: a date that is none; TypeError: a key that cannot be hashed; RecursionError: an alias of itself.
        return False
    after = load_yaml(new)
    for kind, at, text in wanted:
        value = load_yaml(text)
        if kind == "yaml-key":
            same("the key", take(after, [at["key"]], at["key"]), value[at["key"]])
        else:
            of_repository = [entry for entry in after["repos"] if repository(entry.get("repo")) == repository(at["repo"])]
            holders = [entry for entry in of_repository if value in (entry.get("hooks") or [])]
            if not holders:
                raise Wrong(f"{value!r} is missing")
            hooks = holders[0]["hooks"]
            hooks.remove(value)
            was = next((e for e in was_read.get("repos") or [] if repository(e.get("repo")) == repository(at["repo"])), None)
            if was is None:
                same("the rev", holders[0].get("rev"), at["rev"])
            if not hooks and was is None:
                after["repos"].remove(holders[0])
            elif not hooks:
                holders[0]["hooks"] = was["hooks"]
    if "repos" in after and not after["repos"]:
        after["repos"] = was_read.get("repos")
        if "repos" not in was_read:
            del after["repos"]
    same("the rest", sorted_keys(after), sorted_keys(was_read))
    return True


def without_comments(text: str) -> str:
    """JSON with comments and commas at the end as plain JSON."""
    strings_or_comments = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.S)
    bare = strings_or_comments.sub(lambda found: found[1] or " ", text)
    strings_or_commas = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[\]}])', re.S)
    return strings_or_commas.sub(lambda found: found[1] or "", bare)


def of_json(old: str, new: str, wanted: list) -> bool:
    try:
        was = before(load_json, old)
    except ValueError:
        return False
    after = load_json(new)
    for kind, at, text in wanted:
        if kind == "json-key":
            same("the key", take(after, at["path"], at["path"]), json.loads(text))
        else:
            items = after
            for part in at["path"]:
                items = items[part]
            take_item(items, json.loads(text))
    same("the rest", pruned(after, was), was)
    return True


def load_json(text: str) -> object:
    return json.loads(without_comments(text))


def requirements(old: str, new: str, wanted: list) -> bool:
    same_lines(([line for _, line in preprocess(text)] for text in (old, new)), wanted)
    return True


def same_lines(texts: object, wanted: list) -> None:
    """The old lines stand among the new ones in their order, and the others are those that were wanted."""
    was, after = texts
    missing = iter(was)
    awaited = next(missing, None)
    others = []
    for line in after:
        if line == awaited:
            awaited = next(missing, None)
        else:
            others.append(line)
    same("what is gone", awaited, None)
    same("what came", sorted(others), sorted(text for _, _, text in wanted))


def lines(old: str, new: str, wanted: list) -> bool:
    same_lines(([line for line in re.split(r"\r?\n", text) if line] for text in (old, new)), wanted)
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
