//! Whether a project belongs to an environment or a workspace.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::domain::declared::at;
use crate::system::environment::editable::file_url;
use crate::system::environment::{installed, venv};
use crate::system::regular;

/// Whether `project` is installed editable in `venv`: as its metadata say (PEP 610), or by a `.pth` file or `.egg-link`
/// that names its folder or the `src` in it.
pub(super) fn is_installed_in(project: &Path, venv: &Path) -> bool {
    let Some(site) = venv::site_packages(venv, None) else { return false };
    let Ok(entries) = fs::read_dir(site) else { return false };
    let url = file_url(project);
    let source = project.join("src");
    entries.flatten().map(|entry| entry.path()).any(|path| {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("dist-info") => installed::origin(&path).is_some_and(|origin| origin.is_editable_of(&url)),
            Some("pth" | "egg-link") => regular::utf8(&path).is_some_and(|text| {
                text.lines().map(|line| Path::new(line.trim())).any(|line| line == project || line == source)
            }),
            _ => false,
        }
    })
}

/// Whether `folder` has a workspace of uv that `project` is a member of.
pub(super) fn is_member_of(project: &Path, folder: &Path) -> bool {
    let text = fs::read_to_string(folder.join("pyproject.toml")).unwrap_or_default();
    if !text.contains("workspace") {
        return false;
    }
    let manifest: Table = text.parse().unwrap_or_default();
    let Some(path) = project.strip_prefix(folder).ok().and_then(Path::to_str) else { return false };
    let lists = |key: &str| {
        let patterns = at(&manifest, &["tool", "uv", "workspace", key]).and_then(Value::as_array);
        let mut patterns = patterns.into_iter().flatten().filter_map(Value::as_str);
        patterns.any(|pattern| matches(pattern.trim_start_matches("./").trim_end_matches('/'), path))
    };
    lists("members") && !lists("exclude")
}

/// Whether a path fits a pattern in which `*` stands for anything within a part of it, and `**` for any parts.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern_first, pattern_rest) = pattern.split_once('/').map_or((pattern, None), |(a, b)| (a, Some(b)));
    let (first, rest) = path.split_once('/').map_or((path, None), |(a, b)| (a, Some(b)));
    if pattern_first == "**" {
        let here = pattern_rest.is_none_or(|pattern| matches(pattern, path));
        return here || rest.is_some_and(|rest| matches(pattern, rest));
    }
    part_matches(pattern_first, first)
        && match (pattern_rest, rest) {
            (None, None) => true,
            (Some(pattern), Some(rest)) => matches(pattern, rest),
            _ => false,
        }
}

fn part_matches(pattern: &str, part: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == part,
        Some((before, after)) => part.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).filter(|at| rest.is_char_boundary(*at)).any(|at| part_matches(after, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_members() {
        for (pattern, path, expected) in [
            ("libs/*", "libs/a", true),
            ("libs/*", "libs/a/b", false),
            ("libs/**", "libs/a/b", true),
            ("**/x", "a/b/x", true),
            ("a*c/d", "abbc/d", true),
            ("a", "a", true),
            ("a", "b", false),
            ("*", "a/b", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }
}
