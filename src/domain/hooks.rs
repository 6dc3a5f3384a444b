//! The pre-commit hooks of a project's tools, from mirrors or from the package index.

use anyhow::Result;

use super::catalog::{Bound, Hook, Tool};
use super::piece::{Locator, Piece};
use super::render::Format;
use super::spec::{HookStyle, ToolUse};
use super::tree::{Place, RelPath, Root};
use super::wanted::{Scope, holds, piece, requirement, version_of};

/// The file that pre-commit reads, at the top of the repository.
pub const CONFIG: &str = ".pre-commit-config.yaml";

/// Add the hook pieces of all used tools, in their order. Each hook says itself when it is wanted (`with = "pre-commit"`).
pub(super) fn pieces(used: &[(&ToolUse, &Tool, Scope)], all: &mut Vec<Piece>) -> Result<()> {
    for (_, tool, scope) in used {
        for hook in &tool.hooks {
            if !holds(&hook.when, scope)? {
                continue;
            }
            let place = Place { root: Root::Repository, path: RelPath::new(CONFIG)? };
            let additional = additional(hook, used)?;
            let (at, text) = match scope.hooks {
                HookStyle::Mirrors => mirror(hook, tool, scope, &additional)?,
                HookStyle::Local => local(hook, tool, scope, &additional)?,
            };
            all.push(piece(tool, place, at, text));
        }
    }
    Ok(())
}

/// The requirements of the tools that a hook wants beside it and that the project has.
fn additional(hook: &Hook, used: &[(&ToolUse, &Tool, Scope)]) -> Result<Vec<String>> {
    let mut requirements = Vec::new();
    for (_, tool, scope) in used {
        if hook.additional.contains(&tool.name)
            && let Some(wanted) = tool.requirements.first()
        {
            let version = version_of(tool, scope, &wanted.name)?;
            requirements.push(requirement(&wanted.name, &wanted.extras, Bound::Exact, version));
        }
    }
    Ok(requirements)
}

fn mirror(hook: &Hook, tool: &Tool, scope: &Scope, additional: &[String]) -> Result<(Locator, String)> {
    let mut of_hook = scope.clone();
    version_of(tool, scope, distribution(hook, tool))?.clone_into(&mut of_hook.version);
    let rev = of_hook.render(Format::Plain, "rev", &hook.rev)?;
    let mut text = format!("id: {}\n", hook.id);
    if !additional.is_empty() {
        text += &dependencies(additional);
    }
    text += &below(scope);
    text += &scope.render(Format::Plain, "mirror", &hook.mirror)?;
    let at = Locator::Hook { repo: hook.repo.clone(), rev: Some(rev), id: hook.id.clone() };
    Ok((at, text.trim_end().to_owned()))
}

fn local(hook: &Hook, tool: &Tool, scope: &Scope, additional: &[String]) -> Result<(Locator, String)> {
    let name = distribution(hook, tool);
    let extras = tool.requirements.iter().find(|it| it.name == name).map_or(&[][..], |it| &it.extras);
    let mut requirements = vec![requirement(name, extras, Bound::Exact, version_of(tool, scope, name)?)];
    requirements.extend_from_slice(additional);
    let mut text = format!("id: {0}\nname: {0}\nlanguage: python\n", hook.id);
    text += &dependencies(&requirements);
    text += &below(scope);
    text += &scope.render(Format::Plain, "local", &hook.local)?;
    let at = Locator::Hook { repo: "local".into(), rev: None, id: hook.id.clone() };
    Ok((at, text.trim_end().to_owned()))
}

/// The hooks of a repository see all its files; those of a project below its top are for that project's alone.
fn below(scope: &Scope) -> String {
    if scope.prefix.is_empty() {
        return String::new();
    }
    let mut pattern = String::new();
    for character in scope.prefix.chars() {
        if !character.is_alphanumeric() && !"/_-".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    format!("files: '^{}'\n", pattern.replace('\'', "''"))
}

/// The distribution that has the hook: the one it names, else the tool's first.
fn distribution<'t>(hook: &'t Hook, tool: &'t Tool) -> &'t str {
    let own = || tool.requirements.first().map_or(tool.name.as_str(), |it| it.name.as_str());
    hook.distribution.as_deref().unwrap_or_else(own)
}

fn dependencies(requirements: &[String]) -> String {
    let quoted: Vec<String> = requirements.iter().map(|requirement| format!("\"{requirement}\"")).collect();
    format!("additional_dependencies: [{}]\n", quoted.join(", "))
}
