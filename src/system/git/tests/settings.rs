use super::*;
use crate::domain::git_config::Scope;

#[test]
fn the_files_say_what_git_says() {
    let mut bed = Bed::new("");
    bed.write(
        "home/.gitconfig",
        "[include]\npath = more\n[includeIf \"gitdir:**/work/\"]\npath = ~/at-work\n[core]\neditor = \"a b\"\n",
    );
    bed.write("home/more", "[user]\nname = More\n[Alias \"X.y\"]\nk\n");
    bed.write("home/at-work", "[user]\nemail = w@x\n");
    bed.write("home/.config/git/config", "[user]\nname = First\n");
    bed.set("GIT_CONFIG_COUNT", "1");
    bed.set("GIT_CONFIG_KEY_0", "Core.hooksPath");
    bed.set("GIT_CONFIG_VALUE_0", "h");
    let repository = bed.repository("work/p");
    let git = bed.git();
    let native = git.config(Some(&repository)).unwrap();
    // An include that only git can judge makes us ask.
    bed.write(
        "home/.gitconfig",
        &(fs_err::read_to_string(bed.path("home/.gitconfig")).unwrap() + "[includeIf \"onbranch:none\"]\npath = z\n"),
    );
    for git in gits(&bed) {
        let mut asked = git.config(Some(&repository)).unwrap();
        asked.settings.retain(|setting| setting.name != "includeif.onbranch:none.path");
        for setting in &mut asked.settings {
            setting.origin = bed.path("work/p").join(&setting.origin).display().to_string().replace("home/./", "home/");
        }
        let mut native = native.clone();
        for setting in &mut native.settings {
            setting.origin = bed
                .path("work/p")
                .join(&setting.origin)
                .canonicalize()
                .unwrap_or_else(|_| bed.path("work/p").join(&setting.origin))
                .display()
                .to_string();
        }
        assert_eq!(native, asked, "{}", git.program().display());
    }
}

#[test]
fn the_author_of_a_project_that_is_not_there_yet_is_found() {
    let bed = Bed::new("[user]\nname = Me\nemail = home@x\n[includeIf \"gitdir:**/work/\"]\npath = work.cfg\n");
    bed.write("home/work.cfg", "[user]\nemail = work@x\n");
    let author = |path: &str| identity(&bed.path(path), &bed.environment, None);
    let me = |email: &str| Identity { name: Some("Me".into()), email: Some(email.into()) };
    assert_eq!(author("play/new"), me("home@x"));
    assert_eq!(author("work/new"), me("work@x"));
}

#[test]
fn no_author_is_invented() {
    let mut bed = Bed::new("");
    assert_eq!(identity(&bed.path("p"), &bed.environment, Some(&bed.git())), Identity::default());
    bed.set("GIT_AUTHOR_NAME", "A");
    bed.set("EMAIL", "e@x");
    let both = Identity { name: Some("A".into()), email: Some("e@x".into()) };
    assert_eq!(identity(&bed.path("p"), &bed.environment, Some(&bed.git())), both);
    bed.write("home/.gitconfig", IDENTITY);
    bed.set("GIT_CONFIG_GLOBAL", "/dev/null");
    bed.environment.overrides.insert("EMAIL".into(), None);
    assert_eq!(identity(&bed.path("p"), &bed.environment, Some(&bed.git())).email, None);
}

#[test]
fn a_broken_file_is_reported_in_git_s_words() {
    let bed = Bed::new("[user\n");
    let error = bed.git().config(None).unwrap_err();
    assert!(error.to_string().contains("bad config line 1"), "{error:#}");
    assert_eq!(identity(&bed.path("p"), &bed.environment, Some(&bed.git())), Identity::default());
}

#[test]
fn the_installation_s_file_is_the_weakest() {
    let mut bed = Bed::new("");
    let repository = bed.repository("p");
    bed.environment.overrides.insert("GIT_CONFIG_NOSYSTEM".into(), None);
    bed.set("GIT_CONFIG_SYSTEM", bed.write("system", "[core]\nhooksPath = s\n[commit]\ngpgSign\n"));
    bed.write("home/.gitconfig", "[commit]\ngpgSign = off\n");
    let config = bed.git().config(Some(&repository)).unwrap();
    assert_eq!(config.get("core.hookspath").map(|setting| setting.scope), Some(Scope::System));
    assert_eq!(config.flag("commit.gpgsign"), Some(false));
    // Without the variable it is git that knows where the file is.
    bed.environment.overrides.insert("GIT_CONFIG_SYSTEM".into(), None);
    let git = bed.git();
    let known = git.config(Some(&repository)).unwrap();
    let asked = git.ask(Some(&repository)).unwrap();
    for name in ["core.hookspath", "commit.gpgsign", "user.name", "init.defaultbranch", "core.bare"] {
        assert_eq!(known.text(name), asked.text(name), "{name}");
    }
}
