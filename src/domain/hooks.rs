//! The pre-commit hooks of a project's tools, from mirrors or from the package index.

use anyhow::Result;
use minijinja::context;

use super::agree;
use super::catalog::{Bound, Hook, Tool};
use super::declared::Wish;
use super::piece::{Locator, Piece};
use super::render::{Format, render};
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
        // General hooks come with a configuration of ours; to the user's own we add only those of tools, and those that
        // another project of the repository has.
        let is_of_user = tool.hooks.iter().any(|hook| hook.distribution.is_some())
            && wanted.home_of_ours(tool).is_none()
            && home(tool, scope, base)?.1 == Standing::OfUser;
        for hook in &tool.hooks {
            let is_general = hook.distribution.is_some() && !wanted.ground.is_hook_of_others(hook);
            if wanted.ground.hook(hook).is_some() || is_of_user && is_general || !holds(&hook.when, scope)? {
                continue;
            }
            let place = Place { root: Root::Repository, path: RelPath::new(CONFIG)? };
            let (at, text) = OneHook { wanted, hook, tool, scope }.written()?;
            all.push(piece(tool, place, at, text));
        }
    }
    Ok(all)
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
        let version = self.wanted.version(self.tool, self.distribution(), self.scope.python_min)?;
        let rev = render(Format::Plain, "rev", &self.hook.rev, || context! { version })?;
        let mut text = format!("id: {}\n", self.hook.id);
        let additional = self.additional()?;
        if !additional.is_empty() {
            text += &dependencies(&additional);
        }
        text += &below(self.scope);
        text += &self.scope.renderer().render(Format::Plain, "mirror", &self.hook.mirror)?;
        let at = Locator::Hook {
            repo: self.hook.repo.clone(),
            rev: Some(rev),
            id: self.hook.id.clone(),
            folder: self.folder(),
        };
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
        text += &self.scope.renderer().render(Format::Plain, "local", &self.hook.local)?;
        let at = Locator::Hook { repo: "local".into(), rev: None, id: self.hook.id.clone(), folder: self.folder() };
        Ok((at, text.trim_end().to_owned()))
    }

    /// The hooks of a repository see all its files; those of a project below its top are for that project's alone.
    fn folder(&self) -> Option<String> {
        (!self.scope.prefix.is_empty()).then(|| self.scope.prefix.clone())
    }

    /// The distribution that has the hook: the one it names, else the tool's first.
    fn distribution(&self) -> &str {
        let own = || self.tool.requirements.first().map_or(self.tool.name.as_str(), |it| it.name.as_str());
        self.hook.distribution.as_deref().unwrap_or_else(own)
    }
}

/// The line that says for which folder a hook is, if it is for one.
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
