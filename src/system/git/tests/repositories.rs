use super::*;

#[test]
fn a_folder_is_placed_in_the_repository_around_it() {
    let bed = Bed::new("");
    let repository = bed.repository("outer repo");
    let found = Repository::enclosing(&bed.path("outer repo/not/yet/there"), &bed.environment).unwrap();
    assert_eq!(found, repository);
    assert_eq!(found.top, bed.path("outer repo"));
    assert_eq!((found.git_dir.clone(), found.common_dir), (found.top.join(".git"), found.git_dir));
    assert_eq!(Repository::enclosing(&bed.path("elsewhere"), &bed.environment), None);
}

#[test]
fn a_git_folder_that_is_no_repository_is_passed_by() {
    let bed = Bed::new("");
    let outer = bed.repository("outer");
    fs_err::create_dir_all(bed.path("outer/inner/.git")).unwrap();
    assert_eq!(Repository::enclosing(&bed.path("outer/inner/x"), &bed.environment), Some(outer));
    assert_eq!(Repository::at(&bed.path("outer/inner")), None);
    bed.write("outer/inner/lost/.git", "gitdir: ../nowhere\n");
    assert_eq!(Repository::enclosing(&bed.path("outer/inner/lost"), &bed.environment), None);
}

#[test]
fn git_folders_and_bare_repositories_have_no_working_tree() {
    let bed = Bed::new("");
    bed.repository("outer");
    assert_eq!(Repository::enclosing(&bed.path("outer/.git/info"), &bed.environment), None);
    bed.ask(&bed.path("outer"), &["init", "-q", "--bare", "bare"]);
    assert_eq!(Repository::enclosing(&bed.path("outer/bare/new"), &bed.environment), None);
}

#[test]
fn ceilings_stop_the_search_but_not_in_the_folder_itself() {
    let mut bed = Bed::new("");
    let outer = bed.repository("outer");
    bed.set("GIT_CEILING_DIRECTORIES", bed.path("outer"));
    assert_eq!(Repository::enclosing(&bed.path("outer"), &bed.environment), Some(outer));
    fs_err::create_dir(bed.path("outer/inner")).unwrap();
    assert_eq!(Repository::enclosing(&bed.path("outer/inner"), &bed.environment), None);
}

#[test]
fn worktrees_and_submodules_are_found_with_git_s_own_answers() {
    let bed = Bed::new(IDENTITY);
    let main = bed.repository("main");
    bed.ask(&main.top, &["commit", "-qm", "x", "--allow-empty"]);
    bed.ask(&main.top, &["worktree", "add", "../tree", "-b", "side"]);
    bed.repository("lib");
    bed.ask(&bed.path("lib"), &["commit", "-qm", "x", "--allow-empty"]);
    bed.ask(&main.top, &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../lib", "sub"]);
    for folder in ["main", "tree", "main/sub"] {
        let found = Repository::enclosing(&bed.path(folder).join("new"), &bed.environment).unwrap();
        let said = |option: &str| {
            let text = bed.ask(&bed.path(folder), &["rev-parse", option]);
            bed.path(folder).join(text.trim_end()).canonicalize().unwrap()
        };
        assert_eq!(found.top, said("--show-toplevel"), "{folder}");
        assert_eq!(found.git_dir.canonicalize().unwrap(), said("--git-dir"), "{folder}");
        assert_eq!(found.common_dir.canonicalize().unwrap(), said("--git-common-dir"), "{folder}");
    }
}

#[test]
fn a_repository_is_made_whatever_the_variables_and_folders_around_say() {
    let mut bed = Bed::new("");
    let decoy = bed.repository("decoy");
    bed.repository("outer");
    bed.set("GIT_DIR", &decoy.git_dir);
    bed.set("GIT_WORK_TREE", &decoy.top);
    bed.set("GIT_INDEX_FILE", decoy.git_dir.join("other"));
    bed.set("GIT_NAMESPACE", "n");
    bed.set("GIT_CEILING_DIRECTORIES", bed.path("outer"));
    bed.set("GIT_TRACE", "1");
    bed.set("GIT_PAGER", "false");
    for (number, git) in gits(&bed).iter().enumerate() {
        let folder = bed.path(&format!("outer/-new {number} \n'$x\" ü"));
        fs_err::create_dir(&folder).unwrap();
        let Initialised::Fresh(made) = git.init(&folder).unwrap() else { panic!("there was one") };
        assert_eq!(made.git_dir, folder.join(".git"));
        assert_eq!(fs_err::read_to_string(folder.join(".git/HEAD")).unwrap(), "ref: refs/heads/main\n");
        assert_eq!(git.init(&folder).unwrap(), Initialised::Existing(made));
    }
}

#[test]
fn branch_template_and_hash_are_what_git_is_configured_to() {
    let mut bed = Bed::new("");
    bed.write("template/hooks/pre-commit", "#!/bin/sh\n");
    let template = bed.path("template");
    bed.write("home/.gitconfig", &format!("[init]\ndefaultBranch = trunk\ntemplateDir = \"{}\"\n", template.display()));
    bed.set("GIT_DEFAULT_HASH", "sha256");
    for (number, git) in gits(&bed).iter().enumerate() {
        let folder = bed.path(&format!("p{number}"));
        fs_err::create_dir(&folder).unwrap();
        git.init(&folder).unwrap();
        assert_eq!(bed.ask(&folder, &["symbolic-ref", "HEAD"]), "refs/heads/trunk\n");
        assert_eq!(bed.ask(&folder, &["rev-parse", "--show-object-format"]), "sha256\n");
        assert!(folder.join(".git/hooks/pre-commit").exists());
    }
}

#[test]
fn a_refused_init_is_reported_in_git_s_words() {
    let bed = Bed::new("[init]\ndefaultBranch = \"two words\"\n");
    let error = bed.git().init(&bed.path("")).unwrap_err();
    assert!(error.to_string().contains("invalid"), "{error:#}");
}
