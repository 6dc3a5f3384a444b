//! The pre-commit hooks of a project's tools, from mirrors or from the package index.

use anyhow::Result;
use serde::Deserialize;

use super::agree;
use super::catalog::{Bound, Hook, Tool};
use super::declared::Wish;
use super::piece::{Locator, Piece};
use super::render::Format;
use super::scope::{Scope, holds};
use super::spec::HookStyle;
use super::tree::{Place, RelPath, Root, Tree};
use super::wanted::{Standing, Used, Wanted, home, piece};

/// The file that pre-commit reads, at the top of the repository.
pub const CONFIG: &str = ".pre-commit-config.yaml";

/// Add the hook pieces of all used tools, in their order. Each hook says itself when it is wanted (`with = "pre-commit"`).
/// One that the user has already, in whatever repository, is left as it is.
pub(super) fn pieces(wanted: &Wanted<'_>, used: &[Used<'_>], base: &mut Tree<'_>) -> Result<Vec<Piece>> {
    let mut all = Vec::new();
    for Used { tool, scope } in used {
        // General hooks come with a configuration of ours; to the user's own we add only those of tools.
        let is_of_user = tool.hooks.iter().any(|hook| hook.distribution.is_some())
            && wanted.home_of_ours(tool).is_none()
            && home(tool, scope, base)?.1 == Standing::OfUser;
        for hook in &tool.hooks {
            let is_there = wanted.ground.hook(hook).is_some() || is_of_user && hook.distribution.is_some();
            if is_there || !holds(&hook.when, scope)? {
                continue;
            }
            let place = Place { root: Root::Repository, path: RelPath::new(CONFIG)? };
            let (at, text) = OneHook { wanted, hook, tool, scope }.written()?;
            all.push(piece(tool, place, at, text));
        }
    }
    Ok(all)
}

/// The hooks among `ids` that a configuration gives to another folder than the project below `prefix`, as far as that is
/// certain: to one that is named as `below` names it.
#[must_use]
pub fn elsewhere(config: &str, prefix: &str, ids: &[&str]) -> Vec<String> {
    #[derive(Deserialize)]
    struct File {
        #[serde(default)]
        repos: Vec<Repo>,
    }
    #[derive(Deserialize)]
    struct Repo {
        #[serde(default)]
        hooks: Vec<Listed>,
    }
    #[derive(Deserialize)]
    struct Listed {
        id: String,
        files: Option<String>,
    }
    let is_elsewhere = |hook: &Listed| {
        let folder = hook.files.as_ref().and_then(|files| files.strip_prefix('^')).filter(|it| it.ends_with('/'));
        let plain = folder
            .map(|folder| folder.replace('\\', ""))
            .filter(|plain| agree::escape(plain) == folder.unwrap_or_default());
        plain.is_some_and(|folder| !prefix.starts_with(&folder))
    };
    // One that is not YAML is refused by whoever has to edit it.
    let file = serde_saphyr::from_str::<File>(config).unwrap_or(File { repos: Vec::new() });
    let hooks: Vec<Listed> = file.repos.into_iter().flat_map(|repo| repo.hooks).collect();
    let unseen = |id: &&&str| {
        let mut same = hooks.iter().filter(|hook| hook.id == **id).peekable();
        same.peek().is_some() && same.all(is_elsewhere)
    };
    ids.iter().filter(unseen).map(|id| (*id).to_owned()).collect()
}

/// A hook of a tool in a project.
struct OneHook<'h> {
    wanted: &'h Wanted<'h>,
    hook: &'h Hook,
    tool: &'h Tool,
    scope: &'h Scope,
}

impl OneHook<'_> {
    fn written(&self) -> Result<(Locator, String)> {
        match self.scope.hooks {
            HookStyle::Mirrors => self.mirror(),
            HookStyle::Local => self.local(),
        }
    }

    /// The requirements of the tools that the hook wants beside it and that the project has.
    fn additional(&self) -> Result<Vec<String>> {
        let companions = self.wanted.tools.iter().filter(|tool| self.hook.additional.contains(&tool.name));
        companions
            .filter_map(|tool| tool.requirements.first().map(|wanted| (tool, wanted)))
            .map(|(tool, wanted)| self.exact(tool, &wanted.name, &wanted.extras))
            .collect()
    }

    fn exact(&self, tool: &Tool, name: &str, extras: &[String]) -> Result<String> {
        let version = self.wanted.version(tool, name, self.scope.python_min)?;
        Ok(Wish { name, extras, bound: Bound::Exact, version: &version }.requirement())
    }

    fn mirror(&self) -> Result<(Locator, String)> {
        let mut of_hook = self.scope.clone();
        of_hook.version = self.wanted.version(self.tool, self.distribution(), self.scope.python_min)?;
        let rev = of_hook.render(Format::Plain, "rev", &self.hook.rev)?;
        let mut text = format!("id: {}\n", self.hook.id);
        let additional = self.additional()?;
        if !additional.is_empty() {
            text += &dependencies(&additional);
        }
        text += &below(self.scope);
        text += &self.scope.render(Format::Plain, "mirror", &self.hook.mirror)?;
        let at = Locator::Hook { repo: self.hook.repo.clone(), rev: Some(rev), id: self.hook.id.clone() };
        Ok((at, text.trim_end().to_owned()))
    }

    fn local(&self) -> Result<(Locator, String)> {
        let name = self.distribution();
        let extras = self.tool.requirements.iter().find(|it| it.name == name).map_or(&[][..], |it| &it.extras);
        let mut requirements = vec![self.exact(self.tool, name, extras)?];
        requirements.extend(self.additional()?);
        let mut text = format!("id: {0}\nname: {0}\nlanguage: python\n", self.hook.id);
        text += &dependencies(&requirements);
        text += &below(self.scope);
        text += &self.scope.render(Format::Plain, "local", &self.hook.local)?;
        let at = Locator::Hook { repo: "local".into(), rev: None, id: self.hook.id.clone() };
        Ok((at, text.trim_end().to_owned()))
    }

    /// The distribution that has the hook: the one it names, else the tool's first.
    fn distribution(&self) -> &str {
        let own = || self.tool.requirements.first().map_or(self.tool.name.as_str(), |it| it.name.as_str());
        self.hook.distribution.as_deref().unwrap_or_else(own)
    }
}

/// The hooks of a repository see all its files; those of a project below its top are for that project's alone.
fn below(scope: &Scope) -> String {
    if scope.prefix.is_empty() {
        return String::new();
    }
    format!("files: '^{}'\n", agree::escape(&scope.prefix).replace('\'', "''"))
}

fn dependencies(requirements: &[String]) -> String {
    let quoted: Vec<String> = requirements.iter().map(|requirement| format!("\"{requirement}\"")).collect();
    format!("additional_dependencies: [{}]\n", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_for_another_folder_do_not_see_this_one() {
        let of = |files: &str| format!("repos:\n- repo: local\n  hooks:\n  - id: a\n{files}  - id: b\n");
        let unseen = |files: &str| elsewhere(&of(files), "pkgs/c/", &["a", "b", "c"]);
        assert_eq!(unseen("    files: '^pkgs/a/'\n"), ["a"]);
        assert_eq!(unseen("    files: '^pkgs/c\\.old/'\n"), ["a"]);
        for seen in
            ["", "    files: '^pkgs/'\n", "    files: '^pkgs/c/'\n", "    files: '^pkgs/./'\n", "    files: ''\n"]
        {
            assert!(unseen(seen).is_empty(), "{seen}");
        }
        // Listed twice, it sees both.
        assert!(unseen("    files: '^pkgs/a/'\n  - id: a\n    files: '^pkgs/c/'\n").is_empty());
        assert!(elsewhere("repos: [", "x/", &["a"]).is_empty());
    }
}
