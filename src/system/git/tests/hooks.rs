use std::sync::OnceLock;

use super::*;
use crate::domain::git_config::Scope;

/// A venv with these packages, made once and kept under the target folder.
fn venv(name: &str, requirement: &str) -> PathBuf {
    static MAKING: OnceLock<std::sync::Mutex<()>> = OnceLock::new();
    let _one = MAKING.get_or_init(Default::default).lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let target = std::env::current_exe().unwrap().ancestors().find(|a| a.ends_with("target")).unwrap().to_owned();
    let folder = target.join("test-venvs").join(name);
    if folder.join("ready").exists() {
        return folder;
    }
    let python = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let run = |program: &Path, args: &[&str]| {
        let output = Command::new(program).args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let system = which::which("python3").or_else(|_| which::which("python")).unwrap();
    run(&system, &["-m", "venv", "--clear", folder.to_str().unwrap()]);
    run(&folder.join(python), &["-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement]);
    fs_err::write(folder.join("ready"), "").unwrap();
    folder
}

fn install(bed: &Bed, repository: &Repository, project: &Path, venv: &Path) -> Hooked {
    let git = bed.git();
    git.install_hooks(&InstallHooks { repository, project, venv, config: ".pre-commit-config.yaml" }).unwrap()
}

/// What the real program does, run as a user would.
fn run(bed: &Bed, folder: &Path, venv: &Path, args: &[&str]) -> bool {
    let program = venv.join(if cfg!(windows) { "Scripts/pre-commit.exe" } else { "bin/pre-commit" });
    let mut command = Command::new(program);
    command.args(args).current_dir(folder).env("PRE_COMMIT_HOME", bed.path("cache"));
    for (name, value) in &bed.environment.overrides {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.output().unwrap().status.success()
}

/// The hooks of a repository with their content; on Unix also their modes.
fn listing(repository: &Repository) -> Vec<(String, Vec<u8>, u32)> {
    let mut hooks: Vec<_> = std::fs::read_dir(repository.common_dir.join("hooks"))
        .unwrap()
        .flatten()
        .filter(|entry| !entry.file_name().to_string_lossy().ends_with(".sample"))
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs_err::read(entry.path()).unwrap(), mode(&entry.path()))
        })
        .collect();
    hooks.sort();
    hooks
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs_err::metadata(path).unwrap().permissions().mode()
}

#[cfg(not(unix))]
fn mode(_: &Path) -> u32 {
    0
}

#[test]
fn the_files_are_those_of_pre_commit_install() {
    for (name, requirement) in [("pre-commit-4.7.0", "pre-commit==4.7.0"), ("pre-commit-3.8.0", "pre-commit==3.8.0")] {
        let venv = venv(name, requirement);
        for (config, project) in [
            ("repos: []\n", ""),
            ("default_install_hook_types: [pre-commit, commit-msg, pre-push]\nrepos: []\n", ""),
            ("repos: []\n", "sub dir/ü"),
        ] {
            let bed = Bed::new("");
            let [ours, theirs] = ["ours", "theirs"].map(|name| {
                let repository = bed.repository(name);
                bed.write(&format!("{name}/{project}/.pre-commit-config.yaml"), config);
                bed.script(&format!("{name}/.git/hooks/pre-commit"), "#!/bin/sh\nexit 0\n");
                repository
            });
            let hooked = install(&bed, &ours, &ours.top.join(project), &venv);
            assert!(run(&bed, &theirs.top.join(project), &venv, &["install"]));
            assert_eq!(listing(&ours), listing(&theirs));
            let Hooked::Installed { hooks, legacy } = hooked else { panic!("{hooked:?}") };
            assert_eq!(hooks.len(), listing(&ours).len() - 1);
            assert_eq!(legacy, [ours.common_dir.join("hooks/pre-commit.legacy")]);
            // Again, and over a file of pre-commit's own.
            let before = listing(&ours);
            install(&bed, &ours, &ours.top.join(project), &venv);
            assert_eq!(listing(&ours), before);
            fs_err::write(&hooks[0], "# ID: d8ee923c46731b42cd95cc869add4062\n").unwrap();
            install(&bed, &ours, &ours.top.join(project), &venv);
            assert_eq!(listing(&ours), before);
        }
    }
}

#[cfg(unix)]
#[test]
fn an_installed_hook_works_from_a_subfolder_and_in_a_worktree() {
    let venv = venv("pre-commit-4.7.0", "pre-commit==4.7.0");
    let mut bed = Bed::new(IDENTITY);
    bed.set("PRE_COMMIT_HOME", bed.path("cache"));
    let main = bed.repository("main");
    let hook =
        "repos:\n- repo: local\n  hooks:\n  - {id: never, name: never, language: fail, entry: not this, files: bad}\n";
    bed.write("main/sub dir/.pre-commit-config.yaml", hook);
    bed.ask(&main.top, &["add", "."]);
    bed.ask(&main.top, &["commit", "-qm", "x"]);
    bed.ask(&main.top, &["worktree", "add", "../tree", "-b", "side"]);
    let tree = Repository::at(&bed.path("tree")).unwrap();
    assert!(matches!(install(&bed, &tree, &tree.top.join("sub dir"), &venv), Hooked::Installed { .. }));
    for repository in [&main, &tree] {
        let files = ["sub dir/bad".into()];
        fs_err::write(repository.top.join("sub dir/bad"), "x\n").unwrap();
        let commit =
            Commit { repository, folder: &repository.top, files: &files, message: "y", terminal: Terminal::Detached };
        let committed = bed.git().commit_all(&commit).unwrap();
        let words = match committed {
            Committed::HookRejected { words } => words,
            other => panic!("{other:?}"),
        };
        assert!(words.contains("not this"), "{words}");
    }
}

#[test]
fn nothing_is_written_where_git_looks_elsewhere() {
    let venv = venv("pre-commit-4.7.0", "pre-commit==4.7.0");
    let bed = Bed::new("[core]\nhooksPath = ~/hooks\n");
    let repository = bed.repository("p");
    bed.write("p/.pre-commit-config.yaml", "repos: []\n");
    let Hooked::HooksPathSet { setting } = install(&bed, &repository, &repository.top, &venv) else { panic!() };
    assert_eq!((setting.scope, setting.value.as_deref()), (Scope::Global, Some("~/hooks")));
    assert_eq!(Path::new(&setting.origin), bed.folder.path().join("home/.gitconfig"));
    assert_eq!(listing(&repository), []);
    let config = bed.git().config(Some(&repository)).unwrap();
    assert_eq!(repository.hooks(&config, &bed.environment).0, bed.folder.path().join("home/hooks"));
    assert!(!run(&bed, &repository.top, &venv, &["install"]));
}

#[test]
fn an_environment_without_either_is_told() {
    let bed = Bed::new("");
    let repository = bed.repository("p");
    assert_eq!(install(&bed, &repository, &repository.top, &bed.path("p/.venv")), Hooked::NotInVenv);
}

#[cfg(unix)]
#[test]
fn prek_installs_itself() {
    let venv = venv("prek", "prek");
    let bed = Bed::new("");
    let repository = bed.repository("p");
    bed.write("p/.pre-commit-config.yaml", "repos: []\n");
    assert!(matches!(install(&bed, &repository, &repository.top, &venv), Hooked::Installed { .. }));
    let state = hook_state(&repository.common_dir.join("hooks"), "pre-commit");
    assert_eq!(state, HookState::Prek { program: Some((venv.join("bin/prek"), Life::Alive)) });
}

#[cfg(unix)]
#[test]
fn the_state_of_a_hook_is_told() {
    let venv = venv("pre-commit-4.7.0", "pre-commit==4.7.0");
    let bed = Bed::new("");
    let repository = bed.repository("p");
    let hooks = repository.common_dir.join("hooks");
    assert_eq!(hook_state(&hooks, "pre-commit"), HookState::Absent);
    bed.write("p/.git/hooks/pre-commit", "#!/bin/sh\n");
    assert_eq!(hook_state(&hooks, "pre-commit"), HookState::Absent, "not executable");
    bed.script("p/.git/hooks/pre-commit", "#!/bin/sh\n");
    assert_eq!(hook_state(&hooks, "pre-commit"), HookState::Other);
    bed.write("p/.pre-commit-config.yaml", "repos: []\n");
    install(&bed, &repository, &repository.top, &venv);
    let state = hook_state(&hooks, "pre-commit");
    let HookState::PreCommit { current: true, python: Some((python, Life::Alive)), config, legacy } = state else {
        panic!("{state:?}")
    };
    assert_eq!(python.parent(), Some(venv.join("bin").as_path()));
    assert_eq!((config.as_deref(), legacy), (Some(".pre-commit-config.yaml"), Some(hooks.join("pre-commit.legacy"))));
    let text = fs_err::read_to_string(hooks.join("pre-commit")).unwrap();
    bed.script("p/.git/hooks/pre-commit", &text.replace("/bin/python", "/gone/python"));
    let state = hook_state(&hooks, "pre-commit");
    assert!(matches!(state, HookState::PreCommit { python: Some((_, Life::Dead)), .. }), "{state:?}");
}
