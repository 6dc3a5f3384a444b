use super::*;
use std::time::Instant;

/// A fresh repository at `name` with these files in it, committed by `git`.
fn first(bed: &Bed, git: &Git, name: &str, files: &[&str]) -> (Repository, Committed) {
    let folder = bed.path(name);
    fs_err::create_dir_all(&folder).unwrap();
    let Initialised::Fresh(repository) = git.init(&folder).unwrap() else { panic!("there was one") };
    for file in files {
        bed.write(&format!("{name}/{file}"), "x\n");
    }
    let committed = commit(git, &repository, files);
    (repository, committed)
}

fn commit(git: &Git, repository: &Repository, files: &[&str]) -> Committed {
    let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
    let terminal = Terminal::Detached;
    git.commit_all(&Commit { repository, folder: &repository.top, files: &files, message: "Begin", terminal }).unwrap()
}

fn commits(bed: &Bed, repository: &Repository) -> usize {
    bed.ask(&repository.top, &["rev-list", "--all"]).lines().count()
}

fn staged(bed: &Bed, repository: &Repository) -> String {
    bed.ask(&repository.top, &["ls-files", "--stage", "-z"])
}

#[test]
fn exactly_the_files_are_committed_whatever_their_names() {
    let mut bed = Bed::new(IDENTITY);
    bed.write("home/ignore", "*.toml\n");
    bed.write(
        "home/.gitconfig",
        &format!("{IDENTITY}[core]\nexcludesFile = ~/ignore\nautocrlf = true\nsafecrlf = true\n"),
    );
    bed.set("GIT_DIR", bed.path("nowhere"));
    bed.set("GIT_GLOB_PATHSPECS", "1");
    bed.set("LC_ALL", "POSIX");
    let mut files = vec!["pyproject.toml", "a b.py", "-rf", "ü/ö.py", "*.py", ":(top)x"];
    if cfg!(unix) {
        files.push("new\nline");
    }
    files.sort_unstable();
    for (number, git) in gits(&bed).iter().enumerate() {
        let name = format!("p{number}");
        bed.write(&format!("{name}/left.py"), "x\n");
        let (repository, committed) = first(&bed, git, &name, &files);
        assert_eq!(committed, Committed::Done);
        let listed = bed.ask(&repository.top, &["ls-tree", "-rz", "--name-only", "HEAD"]);
        let mut listed: Vec<&str> = listed.split_terminator('\0').collect();
        listed.sort_unstable();
        assert_eq!(listed, files);
        assert_eq!(bed.ask(&repository.top, &["log", "--format=%an <%ae> %s"]), "Jörg Ünal <j@example.com> Begin\n");
        assert_eq!(commit(git, &repository, &files), Committed::Nothing);
    }
}

#[test]
fn what_else_is_staged_stays_staged() {
    let bed = Bed::new(IDENTITY);
    let repository = bed.repository("p");
    bed.write("p/theirs", "x\n");
    bed.write("p/ours", "x\n");
    bed.ask(&repository.top, &["add", "theirs"]);
    assert_eq!(commit(&bed.git(), &repository, &["ours"]), Committed::Done);
    assert_eq!(bed.ask(&repository.top, &["status", "--porcelain"]), "A  theirs\n");
}

#[test]
fn many_files_take_more_than_one_command_line() {
    let bed = Bed::new(IDENTITY);
    let names: Vec<String> = (0..300).map(|number| format!("{number:0>100}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (repository, committed) = first(&bed, &bed.git(), "p", &names);
    assert_eq!(committed, Committed::Done);
    assert_eq!(bed.ask(&repository.top, &["ls-files"]).lines().count(), 300);
}

#[test]
fn without_an_identity_the_files_are_staged_only() {
    for (global, variable) in
        [("", None), ("[user]\nuseConfigOnly = true\nname = x\n", None), (IDENTITY, Some("/dev/null"))]
    {
        let mut bed = Bed::new(global);
        if let Some(file) = variable {
            bed.set("GIT_CONFIG_GLOBAL", file);
        }
        let (repository, committed) = first(&bed, &bed.git(), "p", &["a"]);
        assert_eq!(committed, Committed::NoIdentity, "{global:?}");
        assert_eq!(commits(&bed, &repository), 0);
        assert!(staged(&bed, &repository).ends_with("\ta\0"));
    }
}

#[test]
fn an_address_from_the_environment_is_an_identity() {
    let mut bed = Bed::new("[user]\nname = x\n");
    bed.set("EMAIL", "e@example.com");
    let (_, committed) = first(&bed, &bed.git(), "p", &["a"]);
    assert_eq!(committed, Committed::Done);
}

#[cfg(unix)]
#[test]
fn a_signature_that_cannot_be_made_makes_no_commit() {
    let bed = Bed::new("");
    let failing = bed.script("failing", "#!/bin/sh\necho no secret key >&2\nexit 2\n");
    for (format, program, said) in [
        ("openpgp", failing.display().to_string(), "no secret key"),
        ("openpgp", bed.path("missing").display().to_string(), "missing"),
        ("ssh", failing.display().to_string(), "no secret key"),
    ] {
        let text = format!(
            "{IDENTITY}signingKey = /k\n[commit]\ngpgSign\n[gpg]\nformat = {format}\nprogram = \"{program}\"\n[gpg \"ssh\"]\nprogram = \"{program}\"\n"
        );
        bed.write("home/.gitconfig", &text);
        let name = format!("p-{format}-{said}");
        let (repository, committed) = first(&bed, &bed.git(), &name, &["a"]);
        let Committed::SigningFailed { words } = &committed else { panic!("{committed:?}") };
        // Git before 2.41 keeps what gpg said to itself.
        assert!(words.contains(said) || words.contains("gpg failed to sign the data"), "{words}");
        let asked = Commit {
            repository: &repository,
            folder: &repository.top,
            files: &["a".into()],
            message: "Begin",
            terminal: Terminal::Attached,
        };
        assert_eq!(bed.git().commit_all(&asked).unwrap(), committed);
        assert_eq!(commits(&bed, &repository), 0);
        assert!(staged(&bed, &repository).ends_with("\ta\0"));
    }
}

#[cfg(unix)]
#[test]
fn a_signing_program_that_hangs_is_stopped() {
    let bed = Bed::new("");
    let hanging = bed.script("hanging", "#!/bin/sh\nexec sleep 600\n");
    bed.write(
        "home/.gitconfig",
        &format!("{IDENTITY}[commit]\ngpgSign = yes\n[gpg]\nprogram = \"{}\"\n", hanging.display()),
    );
    let git = bed.git().signing_within(Duration::from_millis(300));
    let started = Instant::now();
    let (repository, committed) = first(&bed, &git, "p", &["a"]);
    assert!(matches!(&committed, Committed::SigningFailed { words } if words.contains("did not end")), "{committed:?}");
    assert!(started.elapsed() < Duration::from_secs(30));
    assert!(!repository.git_dir.join("index.lock").exists());
    assert_eq!(commits(&bed, &repository), 0);
}

#[cfg(unix)]
#[test]
fn a_signature_that_can_be_made_is_made() {
    let bed = Bed::new("");
    let signing = bed.script(
        "signing",
        "#!/bin/sh\ncat > /dev/null\nprintf '\\n[GNUPG:] SIG_CREATED \\n' >&2\nprintf -- '-----BEGIN PGP SIGNATURE-----\\nx\\n-----END PGP SIGNATURE-----\\n'\n",
    );
    bed.write(
        "home/.gitconfig",
        &format!("{IDENTITY}[commit]\ngpgSign = yes\n[gpg]\nprogram = \"{}\"\n", signing.display()),
    );
    let (repository, committed) = first(&bed, &bed.git(), "p", &["a"]);
    assert_eq!(committed, Committed::Done);
    assert!(bed.ask(&repository.top, &["cat-file", "-p", "HEAD"]).contains("gpgsig -----BEGIN PGP SIGNATURE"));
}

#[cfg(unix)]
#[test]
fn a_hook_of_the_user_s_may_refuse() {
    let bed = Bed::new("");
    for (hook, setting) in [
        ("hooks/commit-msg", format!("[core]\nhooksPath = \"{}\"\n", bed.path("hooks").display())),
        ("template/hooks/pre-commit", format!("[init]\ntemplateDir = \"{}\"\n", bed.path("template").display())),
    ] {
        bed.script(hook, "#!/bin/sh\necho not today >&2\nexit 1\n");
        bed.write("home/.gitconfig", &format!("{IDENTITY}{setting}"));
        let (repository, committed) = first(&bed, &bed.git(), &format!("of {hook}"), &["a"]);
        assert_eq!(committed, Committed::HookRejected { words: "not today".into() });
        assert_eq!(commits(&bed, &repository), 0);
    }
}

#[test]
fn what_git_refuses_is_told_in_its_words() {
    let bed = Bed::new(IDENTITY);
    let repository = bed.repository("p");
    let committed = commit(&bed.git(), &repository, &["missing"]);
    assert!(
        matches!(&committed, Committed::Failed { words } if words.contains("did not match any files")),
        "{committed:?}"
    );
    bed.write("p/a", "x\n");
    bed.write("p/.git/index.lock", "");
    let committed = commit(&bed.git(), &repository, &["a"]);
    assert!(matches!(&committed, Committed::Failed { words } if words.contains("index.lock")), "{committed:?}");
    assert!(repository.remove_dead_index_lock().unwrap());
    assert!(!repository.remove_dead_index_lock().unwrap());
    assert_eq!(commit(&bed.git(), &repository, &["a"]), Committed::Done);
}

#[test]
fn what_a_killed_git_left_does_not_stop_the_next_one() {
    let bed = Bed::new(IDENTITY);
    bed.write("p/a", "x\n");
    for lock in ["config.lock", "HEAD.lock", "refs/heads/main.lock"] {
        bed.write(&format!("p/.git/{lock}"), "");
    }
    remove_dead_locks(&bed.path("p")).unwrap();
    let repository = bed.repository("p");
    assert_eq!(commit(&bed.git(), &repository, &["a"]), Committed::Done);
}

#[test]
fn an_owner_that_git_does_not_trust_is_told() {
    let mut bed = Bed::new(IDENTITY);
    bed.set("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    let repository = bed.repository("p");
    bed.write("p/a", "x\n");
    let committed = commit(&bed.git(), &repository, &["a"]);
    assert!(matches!(&committed, Committed::Failed { words } if words.contains("dubious ownership")), "{committed:?}");
}
