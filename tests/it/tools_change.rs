//! `add-tool`, `remove-tool` and `undo` on projects that somebody else made: what they add, and that nothing else changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::common::kinds::KINDS;
#[cfg(unix)]
use crate::common::pty;
use crate::common::world::{finish, make_executable};
use crate::common::{Behaviour, Index, Outcome, World, shared};

/// The tools that a project can have, each in a project of every kind.
fn tools() -> Vec<String> {
    shared::tools_as_data().into_iter().map(|tool| tool.name).filter(|name| name != "pip").collect()
}

/// Every file below `folder` but git's own.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap().flatten() {
            let path = entry.path();
            if entry.file_name() == ".git" {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Run the binary in `folder`; nothing is asked.
fn change(world: &World, folder: &Path, line: &str) -> Outcome {
    let mut command = world.pyenvkit(line.split(' ').chain(["--yes", "--no-sync"]));
    command.current_dir(folder);
    finish(command)
}

/// Whether the lines of `before` stand in `after` in their order, but for a comma or a line ending that the last of a list
/// or of the file gained.
fn only_gains(before: &[u8], after: &[u8]) -> bool {
    let bare = |line: &&[u8]| -> Vec<u8> {
        let text = String::from_utf8_lossy(line);
        text.trim_end_matches(['\r', '\n'])
            .trim_end_matches(',')
            .replace("\",  #", "\" #")
            .replace("\", #", "\" #")
            .into()
    };
    let lines =
        |text: &[u8]| -> Vec<Vec<u8>> { text.split_inclusive(|byte| *byte == b'\n').map(|line| bare(&line)).collect() };
    let mut rest = lines(after).into_iter();
    lines(before).iter().all(|line| rest.any(|other| other == *line))
}

#[test]
fn each_tool_comes_and_goes_in_each_kind_of_project() {
    let world = World::new();
    for kind in KINDS {
        let project = world.existing(kind, kind.name);
        let top = world.work().join(kind.name);
        let before = files(&top);
        for tool in tools() {
            let what = format!("{tool} in {}", kind.name);
            change(&world, &project, &format!("add-tool {tool}")).ok();
            let with = files(&top);
            assert_ne!(with, before, "{what}: nothing was added");
            for (path, bytes) in &before {
                assert!(only_gains(bytes, &with[path]), "{what}: {path} is not what it was, with more");
            }
            change(&world, &project, &format!("add-tool {tool}")).ok().says("nothing has to be changed");
            assert_eq!(files(&top), with, "{what}: a second time is not nothing");
            change(&world, &project, &format!("remove-tool {tool}")).ok();
            assert!(
                files(&top) == before,
                "{what}: removing does not give back what was\n{}",
                world.git(&top, ["status", "--porcelain"])
            );
        }
    }
}

#[test]
fn removing_one_of_two_leaves_what_the_other_alone_gives() {
    let world = World::new();
    for kind in KINDS.iter().filter(|kind| ["src", "flat", "setup-cfg"].contains(&kind.name)) {
        let project = world.existing(kind, kind.name);
        let top = world.work().join(kind.name);
        let before = files(&top);
        let mut alone = BTreeMap::new();
        for tool in tools() {
            change(&world, &project, &format!("add-tool {tool}")).ok();
            alone.insert(tool.clone(), files(&top));
            change(&world, &project, &format!("remove-tool {tool}")).ok();
        }
        for one in tools() {
            for other in tools().iter().filter(|other| **other != one) {
                change(&world, &project, &format!("add-tool {one} --force")).ok();
                change(&world, &project, &format!("add-tool {other} --force")).ok();
                change(&world, &project, &format!("remove-tool {one}")).ok();
                let what = format!("{one}, {other}, not {one} in {}", kind.name);
                assert!(files(&top) == alone[other], "{what}\n{}", world.git(&top, ["diff"]));
                change(&world, &project, &format!("remove-tool {other}")).ok();
                assert!(files(&top) == before, "{what}, not {other}");
            }
        }
    }
}

#[test]
fn several_tools_are_one_change_that_undo_takes_back() {
    let world = World::new();
    for kind in KINDS {
        let project = world.existing(kind, kind.name);
        let top = world.work().join(kind.name);
        let before = files(&top);
        change(&world, &project, "add-tool black isort flake8 pytest coverage mypy pre-commit").ok();
        assert_ne!(files(&top), before);
        world.args(["undo", "--yes", "--directory", project.to_str().unwrap()]).ok().says("taken back");
        let left: Vec<String> = files(&top).into_keys().filter(|path| !before.contains_key(path)).collect();
        assert!(files(&top) == before, "{}: {left:?}", kind.name);
        world.args(["undo", "--yes", "--directory", project.to_str().unwrap()]).code(1).says("nothing to undo");
    }
}

#[test]
fn undo_leaves_alone_what_was_changed_since() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    change(&world, &project, "add-tool black").ok();
    let path = project.join("pyproject.toml");
    let edited = fs::read_to_string(&path).unwrap() + "# more\n";
    fs::write(&path, &edited).unwrap();
    world.args(["undo", "--yes", "--directory", "p"]).code(1).says("pyproject.toml").one_error();
    assert_eq!(fs::read_to_string(&path).unwrap(), edited);
}

#[test]
fn what_the_user_edited_stays_and_is_said() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    change(&world, &project, "add-tool pytest").ok();
    let path = project.join("pyproject.toml");
    let edited = fs::read_to_string(&path).unwrap().replace("log_level = \"INFO\"", "log_level = \"DEBUG\"");
    fs::write(&path, edited).unwrap();
    change(&world, &project, "remove-tool pytest").ok().says("DEBUG").says("kept");
    let left = fs::read_to_string(&path).unwrap();
    assert!(left.contains("[tool.pytest]\nlog_level = \"DEBUG\""), "{left}");
    assert!(!left.contains("minversion"), "{left}");
    change(&world, &project, "remove-tool pytest").ok().says("--force");
    change(&world, &project, "remove-tool pytest --force").ok();
    assert!(!fs::read_to_string(&path).unwrap().contains("pytest"));
}

#[test]
fn a_users_own_configuration_goes_only_by_force() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    let path = project.join("pyproject.toml");
    let own = fs::read_to_string(&path).unwrap()
        + "\n\n[tool.pytest.ini_options]\naddopts = \"-q\"\n\n[dependency-groups]\ntest = [\"pytest<9\", \"wheel\"]\n";
    fs::write(&path, &own).unwrap();
    change(&world, &project, "add-tool pytest").ok().says("that stands").says("stays as you have it");
    let with = fs::read_to_string(&path).unwrap();
    assert_eq!(with, own, "requirement and configuration were there");
    change(&world, &project, "remove-tool pytest").ok().says("--force");
    assert_eq!(fs::read_to_string(&path).unwrap(), own);
    change(&world, &project, "remove-tool pytest --force").ok().never_says("--force");
    let left = fs::read_to_string(&path).unwrap();
    assert!(!left.contains("pytest") && left.contains("\"wheel\""), "{left}");
}

#[test]
fn what_goes_by_force_takes_its_comments_along_and_no_others() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    let path = project.join("pyproject.toml");
    let bare = fs::read_to_string(&path).unwrap() + "\n# Tools\n\n[tool.mypy]\nstrict = true\n\n# ---- the end ----\n";
    let table = "\n# as the others do it\n[tool.black]\n# wide screens\nline-length = 100 # really\n\n# old\nfast = true\n# more to come\n";
    let own = bare.replace("# Tools\n", &format!("# Tools\n{table}"));
    fs::write(&path, own).unwrap();
    let requirements = "# Checks\n\nwheel\nblack==24.8.0 # as in CI\n";
    fs::write(project.join("requirements-dev.txt"), requirements).unwrap();
    change(&world, &project, "remove-tool black --force").ok().never_says("--force");
    assert_eq!(fs::read_to_string(&path).unwrap(), bare);
    assert_eq!(fs::read_to_string(project.join("requirements-dev.txt")).unwrap(), "# Checks\n\nwheel\n");

    let bare = "[metadata]\nname = p\n\n# Style\n\n[mypy]\nstrict = true\n";
    let section = "\n# as black does it\n[flake8]\n# wide screens\nmax-line-length = 100\n; no more\nignore = E203\n# more to come\n";
    fs::write(project.join("setup.cfg"), bare.replace("# Style\n", &format!("# Style\n{section}"))).unwrap();
    change(&world, &project, "remove-tool flake8 --force").ok().never_says("--force");
    assert_eq!(fs::read_to_string(project.join("setup.cfg")).unwrap(), bare);

    let groups = "[dependency-groups]\ndev = [\n    \"wheel\",\n    \"black<25\", # why\n    # last\n]\n";
    fs::write(&path, groups).unwrap();
    change(&world, &project, "remove-tool black --force").ok().never_says("--force");
    assert_eq!(fs::read_to_string(&path).unwrap(), groups.replace("    \"black<25\", # why\n", ""));
}

#[test]
fn without_its_record_a_tool_is_known_by_what_we_would_write() {
    let world = World::new();
    for kind in KINDS.iter().filter(|kind| kind.name != "empty") {
        let project = world.existing(kind, kind.name);
        for tool in ["black", "pytest", "mypy", "isort"] {
            change(&world, &project, &format!("add-tool {tool}")).ok();
            fs::remove_dir_all(project.join(".pyenvkit")).unwrap();
            change(&world, &project, &format!("remove-tool {tool}")).ok();
            let left = fs::read_to_string(project.join("pyproject.toml")).unwrap_or_default();
            assert!(!left.contains(&format!("tool.{tool}")), "{tool} in {}: {left}", kind.name);
        }
    }
}

#[test]
fn tools_agree_with_what_is_there() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    let path = project.join("pyproject.toml");
    let own = fs::read_to_string(&path).unwrap()
        + "\n[tool.black]\nline-length = 100\nskip-string-normalization = true\nextend-exclude = \"^/(vendor|docs/conf\\\\.py)\"\n";
    fs::write(&path, &own).unwrap();
    change(&world, &project, "add-tool ruff flake8 isort mypy").ok().says("100");
    let manifest: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
    let ruff = &manifest["tool"]["ruff"];
    assert_eq!(ruff["line-length"].as_integer(), Some(100));
    assert_eq!(ruff["extend-exclude"].as_array().unwrap().len(), 2);
    assert!(ruff.get("format").is_none(), "black formats here");
    assert!(!ruff["lint"]["extend-select"].to_string().contains("\"I\""), "isort sorts here");
    assert_eq!(manifest["tool"]["isort"]["line_length"].as_integer(), Some(100));
    let flake8 = fs::read_to_string(project.join(".flake8")).unwrap();
    assert!(flake8.contains("max-line-length = 100") && flake8.contains("    vendor\n"), "{flake8}");
}

#[test]
fn a_second_tool_for_a_role_is_refused() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    change(&world, &project, "add-tool ruff").ok();
    let before = files(&project);
    for tool in ["black", "isort"] {
        change(&world, &project, &format!("add-tool {tool}")).code(2).says("ruff is the").says("--force").one_error();
        assert_eq!(files(&project), before);
    }
    change(&world, &project, "add-tool black --force").ok().says("ruff is not the formatter");
}

#[test]
fn a_pinned_version_decides_table_and_hook() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    let path = project.join("pyproject.toml");
    let own =
        fs::read_to_string(&path).unwrap() + "\n\n[dependency-groups]\ndev = [\"pytest~=8.0\", \"black==24.8.0\"]\n";
    fs::write(&path, &own).unwrap();
    change(&world, &project, "add-tool pytest black pre-commit").ok();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("[tool.pytest.ini_options]") && !text.contains("[tool.pytest]\n"), "{text}");
    assert!(text.contains("\"pytest~=8.0\", \"black==24.8.0\""), "{text}");
    let hooks = fs::read_to_string(project.join(".pre-commit-config.yaml")).unwrap();
    assert!(hooks.contains("rev: 24.8.0"), "{hooks}");
}

#[test]
fn a_hook_that_is_there_is_not_doubled() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    let own = "repos:\n  - repo: https://github.com/psf/black\n    rev: 24.8.0\n    hooks:\n      - id: black\n  - repo: https://github.com/astral-sh/ruff-pre-commit\n    rev: v0.9.0\n    hooks:\n      - id: ruff\n";
    fs::write(project.join(".pre-commit-config.yaml"), own).unwrap();
    change(&world, &project, "add-tool black ruff").ok().says("its hook stays");
    assert_eq!(fs::read_to_string(project.join(".pre-commit-config.yaml")).unwrap(), own);
    let text = fs::read_to_string(project.join("pyproject.toml")).unwrap();
    assert!(text.contains("\"black==24.8.0\"") && text.contains("\"ruff==0.9.0\""), "{text}");
}

#[test]
fn malformed_files_are_named_by_line_and_column() {
    let world = World::new();
    for (file, text, place, tool) in [
        ("pyproject.toml", "[project]\nname = \n", "pyproject.toml", "black"),
        (".pre-commit-config.yaml", "repos:\n  - repo: [\n", ".pre-commit-config.yaml:", "black"),
        ("setup.cfg", "[flake8]\nx = 1\n[flake8]\n", "setup.cfg:3:", "flake8"),
    ] {
        let project = world.existing(&KINDS[1], &format!("p-{file}"));
        change(&world, &project, "add-tool pre-commit").ok();
        fs::write(project.join(file), text).unwrap();
        let before = files(&project);
        change(&world, &project, &format!("add-tool {tool}")).code(2).says(place).one_error();
        assert_eq!(files(&project), before);
    }
}

#[test]
fn twenty_at_once_are_all_in() {
    let world = World::new();
    for number in 0..20 {
        world.write(
            &format!("home/.config/pyenvkit/tools/own{number}/tool.toml"),
            format!(
                "summary = \"x\"\nfamily = \"lint\"\nhomepage = \"https://example.com\"\norder = {number}\nprove = []\n\
                 releases = [{{ version = \"{number}.1\", python = \"3.8\" }}]\nrequirements = [{{ name = \"own{number}\", bound = \"exact\" }}]\n\
                 homes = [{{ file = \"pyproject.toml\", table = \"tool.own{number}\", default = true }}]\n[[settings]]\ntext = \"number = {number}\"\n"
            ),
        );
    }
    let project = world.existing(&KINDS[1], "p");
    let before = files(&project);
    let children: Vec<_> = (0..20)
        .map(|number| {
            let mut command = world.pyenvkit(["add-tool", &format!("own{number}"), "--yes", "--no-sync"]);
            command.current_dir(&project).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let manifest: toml::Table = fs::read_to_string(project.join("pyproject.toml")).unwrap().parse().unwrap();
    assert_eq!(manifest["dependency-groups"]["dev"].as_array().unwrap().len(), 20);
    assert_eq!(manifest["tool"].as_table().unwrap().len(), 20);
    let names: Vec<String> = (0..20).map(|number| format!("own{number}")).collect();
    change(&world, &project, &format!("remove-tool {}", names.join(" "))).ok();
    assert_eq!(files(&project), before);
}

#[test]
fn the_environment_follows_and_the_tools_run() {
    let world = World::with_uv();
    for kind in KINDS {
        let project = world.existing(kind, kind.name);
        let mut command = world.pyenvkit(["add-tool", "pytest", "black", "--yes"]);
        command.current_dir(&project);
        finish(command).ok().says("✓ pytest").says("✓ black");
        let code = fs::read_dir(project.join("tests"));
        if code.is_ok() {
            // A member of a workspace has the workspace's.
            let pytest = project.ancestors().map(|folder| folder.join(".venv/bin/pytest"));
            world
                .tool(
                    { pytest }.find(|path| path.exists()).unwrap(),
                    ["-q", "--rootdir", project.to_str().unwrap(), project.to_str().unwrap()],
                )
                .ok();
        }
    }
}

#[test]
fn a_sync_that_fails_keeps_the_files_and_names_the_ways_on() {
    let mut world = World::with_uv();
    let project = world.existing(&KINDS[1], "p");
    world
        .set("HTTPS_PROXY", "http://127.0.0.1:9")
        .pip_conf("[global]\nindex-url = http://127.0.0.1:9/simple\nretries = 0\n");
    let mut command = world.pyenvkit(["add-tool", "pytest", "--yes"]);
    command.current_dir(&project);
    finish(command).code(1).says("pyenvkit sync").says("pyenvkit undo").one_error();
    assert!(fs::read_to_string(project.join("pyproject.toml")).unwrap().contains("pytest"));
}

#[test]
fn hooks_of_a_manager_that_left_stop_no_commit() {
    let world = World::with_uv();
    let project = world.existing(&KINDS[1], "p");
    fs::write(project.join(".git/hooks/pre-commit"), "#!/bin/sh\nexit 0\n").unwrap();
    make_executable(&project.join(".git/hooks/pre-commit"));
    let mut command = world.pyenvkit(["add-tool", "pre-commit", "--yes"]);
    command.current_dir(&project);
    finish(command).ok();
    assert!(fs::read_to_string(project.join(".git/hooks/pre-commit")).unwrap().contains("pre-commit"));
    change(&world, &project, "remove-tool pre-commit").ok().says("git hook removed");
    assert_eq!(fs::read_to_string(project.join(".git/hooks/pre-commit")).unwrap(), "#!/bin/sh\nexit 0\n");
}

#[test]
fn a_preview_writes_nothing_and_shows_what_is_applied() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    let before = world.snapshot();
    for flag in ["--dry-run", "--diff", "--plan=json"] {
        let mut command = world.pyenvkit(["add-tool", "black", flag]);
        command.current_dir(&project);
        finish(command).ok().prints("pyproject.toml");
    }
    before.assert_same(&world.snapshot());
}

#[test]
fn a_wrong_name_and_a_wrong_option_are_said() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    change(&world, &project, "add-tool blakc").code(2).says("did you mean \"black\"").one_error();
    change(&world, &project, "remove-tool blakc").code(2).says("did you mean \"black\"").one_error();
    change(&world, &project, "add-tool coverage --set fail-undr=3")
        .code(2)
        .says("did you mean \"fail-under\"")
        .one_error();
    change(&world, &project, "add-tool black --set line-length=wide").code(2).says("columns").one_error();
    change(&world, &project, "add-tool black --dev-group -dev").code(2);
    change(&world, &project, "add-tool black --dev-group dev/x").code(2).says("\"dev/x\" cannot be").one_error();
    change(&world, &project, "remove-tool mypy").ok().says("mypy is not in");
    change(&world, &project, "add-tool coverage --set fail-under=90 --dev-group Checks").ok();
    let text = fs::read_to_string(project.join("pyproject.toml")).unwrap();
    assert!(text.contains("fail_under = 90") && text.contains("Checks = ["), "{text}");
}

#[test]
fn a_lock_file_of_uv_follows_in_the_same_change() {
    let mut world = World::with_uv();
    world.set("UV_DEFAULT_INDEX", Index::shared().url());
    let project = world.existing(&KINDS[1], "p");
    world.tool("uv", ["lock", "-q", "--project", project.to_str().unwrap()]).ok();
    let before = files(&project);
    change(&world, &project, "add-tool black").ok();
    let lock = fs::read_to_string(project.join("uv.lock")).unwrap();
    assert!(lock.contains("name = \"black\""), "{lock}");
    world.tool("uv", ["lock", "-q", "--check", "--project", project.to_str().unwrap()]).ok();
    world.args(["undo", "--yes", "--directory", "p"]).ok();
    assert!(files(&project) == before, "undo takes both back");
}

#[test]
fn a_lock_file_that_cannot_follow_is_named_with_its_command() {
    let mut world = World::new();
    let folders = [world.bin(), "/usr/bin".into(), "/bin".into()];
    world.only_path(folders);
    for (lock, command) in [
        ("poetry.lock", "poetry lock"),
        ("pdm.lock", "pdm lock --update-reuse"),
        ("Pipfile.lock", "pipenv lock"),
        ("pylock.toml", "pip lock"),
    ] {
        let project = world.existing(&KINDS[1], lock);
        fs::write(project.join(lock), if lock == "Pipfile.lock" { "{}" } else { "" }).unwrap();
        change(&world, &project, "add-tool black").code(1).says(lock).says(command).one_error();
        assert!(fs::read_to_string(project.join("pyproject.toml")).unwrap().contains("black"));
        change(&world, &project, "add-tool black").ok().says("nothing has to be changed");
    }
}

#[cfg(unix)]
#[test]
fn control_c_in_the_sync_keeps_the_files_and_says_so() {
    let mut world = World::new();
    world.own_cache();
    world.pip_conf(&format!("[global]\nindex-url = {}\n", Index::start(Behaviour::Hang).url()));
    let project = world.existing(&KINDS[1], "p");
    let mut session = world.pty(["add-tool", "black", "--yes", "--directory", "p"]);
    session.exp_string("files changed").unwrap();
    session.send_control('c').unwrap();
    session.exp_string("pyenvkit undo takes the change back").unwrap();
    pty::assert_cursor_visible(&session.exp_eof().unwrap());
    assert!(fs::read_to_string(project.join("pyproject.toml")).unwrap().contains("black=="));
    world.args(["undo", "--yes", "--directory", "p"]).ok();
    assert_eq!(world.git(&project, ["status", "--porcelain", "--", ":!.venv"]), "");
}

#[cfg(unix)]
#[test]
fn killed_at_any_moment_all_is_as_before_or_as_after() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    let before = files(&project);
    let line = "add-tool black flake8 isort pytest coverage mypy pre-commit";
    let start = std::time::Instant::now();
    change(&world, &project, line).ok();
    let whole = start.elapsed();
    let after = files(&project);
    change(&world, &project, &line.replace("add-", "remove-")).ok();
    assert!(files(&project) == before);
    for part in 0..40 {
        let mut command = world.pyenvkit(line.split(' ').chain(["--yes", "--no-sync"]));
        let mut child = command.current_dir(&project).spawn().unwrap();
        if crate::common::world::wait(&mut child, whole * part / 40).is_none() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        // The next command may be one that reads, and says that something is half done, or any that writes.
        world.args(["tools", "--directory", "p"]).ok();
        if part % 2 == 0 {
            change(&world, &project, "remove-tool ruff").ok().says("ruff is not in");
            let now = files(&project);
            assert!(now == before || now == after, "part {part}: half changed");
        }
        change(&world, &project, line).ok();
        assert!(files(&project) == after, "part {part}");
        change(&world, &project, &line.replace("add-", "remove-")).ok();
        assert!(files(&project) == before, "part {part}");
    }
}

#[test]
fn requirements_are_edited_in_their_own_encoding() {
    let world = World::new();
    world.write("work/p/setup.cfg", "[metadata]\nname = p\n");
    let file = world.work().join("p/requirements-dev.txt");
    let utf16 = |text: &str| -> Vec<u8> {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    let said = b"# coding: latin-1\nidna # f\xfcr sp\xe4ter\n".to_vec();
    let unsaid = b"# as the locale has it\nidna # f\xfcr sp\xe4ter\n".to_vec();
    let found = |bytes: &[u8], is_wide: bool| {
        let text: Vec<u8> = bytes.iter().copied().filter(|byte| !is_wide || *byte != 0).collect();
        String::from_utf8_lossy(&text).contains("black==")
    };
    for (before, is_wide) in [(said, false), (unsaid, false), (utf16("idna # f\u{fc}r\r\n"), true)] {
        fs::write(&file, &before).unwrap();
        world.args(["add-tool", "black", "--yes", "--no-sync", "--directory", "p"]).ok();
        let after = fs::read(&file).unwrap();
        assert!(found(&after, is_wide), "{after:?}");
        let kept: &[u8] = if is_wide { &before[..2] } else { &before[..18] };
        assert!(after.starts_with(kept) && after.len() > before.len());
        world.args(["remove-tool", "black", "--yes", "--directory", "p"]).ok();
        assert_eq!(fs::read(&file).unwrap(), before);
    }
    for (text, why) in [
        (&b"# coding: utf-8\nidna # f\xfcr\n"[..], "requirements-dev.txt:2: not valid UTF-8"),
        (b"# \x95\x5c\n", "requirements-dev.txt:1: not valid UTF-8"),
        (&utf16("idna\n")[2..], "requirements-dev.txt:1:2: a NUL, so not text, or UTF-16"),
    ] {
        fs::write(&file, text).unwrap();
        let before = world.snapshot();
        world.args(["add-tool", "black", "--yes", "--no-sync", "--directory", "p"]).code(1).says(why).one_error();
        before.assert_same(&world.snapshot());
    }
}
