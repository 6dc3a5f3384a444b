//! The Pythons that a project supports.

use anyhow::Result;
use toml::Value;

use super::sources::Sources;
use crate::domain::declared::{at, lossy, poetry_specifiers};
use crate::domain::edit::ini;
use crate::domain::python::{DEFAULT_FLOOR, Minor, end_of_life};
use crate::domain::spec::allowed_pythons;
use crate::domain::tree::{Place, Tree};

/// Version specifiers (PEP 440) that allow a Python we know: what the project says, else what its classifiers name (whom it
/// is for), else its pin (with what it is made), else what it is tested with. `None` where nothing says it; that is added to `open`.
///
/// # Errors
/// A file cannot be read.
pub fn requires_python(tree: &mut Tree<'_>, sources: &Sources, open: &mut Vec<String>) -> Result<Option<String>> {
    let said = said(sources).filter(|said| !said.trim().is_empty());
    if let Some(specifiers) = said.as_deref().and_then(usable) {
        return Ok(Some(specifiers));
    }
    if let Some(said) = &said {
        open.push(format!("its Pythons: {said:?} allows none that is known"));
    }
    let classified = sources.classifiers();
    let of_classifier = |it: &String| minor(it.trim().strip_prefix("Programming Language :: Python :: ")?);
    let oldest = match classified.iter().filter_map(of_classifier).min() {
        Some(oldest) => Some(oldest),
        None => match pinned(tree)? {
            Some(pinned) => Some(pinned),
            None => tested(tree)?,
        },
    };
    if oldest.is_none() {
        open.push(format!("its Pythons: {DEFAULT_FLOOR} and newer are assumed"));
    }
    Ok(oldest.map(|oldest| format!(">={oldest}")))
}

/// What is said in so many words, by whatever rules.
fn said(sources: &Sources) -> Option<String> {
    let poetry = || {
        let python = sources.tool(&["poetry", "dependencies", "python"])?;
        let text = python.as_str().or_else(|| python.get("version")?.as_str())?;
        Some(of_poetry(text))
    };
    let flit = || sources.tool(&["flit", "metadata", "requires-python"])?.as_str().map(str::to_owned);
    let pipenv = || {
        let of = |key: &str| at(&sources.pipfile, &["requires", key]).and_then(Value::as_str);
        of("python_version")
            .map(|it| format!("=={it}.*"))
            .or_else(|| of("python_full_version").map(|it| format!("=={it}")))
    };
    let setup_cfg = || {
        let found = sources.ini("options", "python_requires").or_else(|| sources.ini("metadata", "python_requires"));
        found.or_else(|| sources.ini("metadata", "requires_python")).map(str::to_owned)
    };
    sources
        .project("requires-python")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .or_else(poetry)
        .or_else(flit)
        .or_else(setup_cfg)
        .or_else(|| sources.keyword("python_requires").map(str::to_owned))
        .or_else(pipenv)
}

/// Poetry's constraint as specifiers; of alternatives (`~2.7 || ^3.8`) the oldest Python and newer.
fn of_poetry(text: &str) -> String {
    let alternatives: Vec<_> = text.split("||").map(|part| poetry_specifiers(part.trim())).collect();
    if let [one] = alternatives.as_slice() {
        return one.as_ref().map_or_else(|| text.to_owned(), ToString::to_string);
    }
    let oldest =
        alternatives.into_iter().flatten().filter_map(|it| allowed_pythons(&it.to_string()).ok()?.first().copied());
    oldest.min().map_or_else(|| text.to_owned(), |oldest| format!(">={oldest}"))
}

/// Specifiers that allow a known Python, with the slips mended that installers take too: a comma at the end, a bare
/// version, `>=3.*`.
fn usable(said: &str) -> Option<String> {
    let plain = said.split_whitespace().collect::<Vec<_>>().join(" ");
    if !plain.is_empty() && allowed_pythons(&plain).is_ok() {
        return Some(plain);
    }
    let parts = plain.split(',').map(str::trim).filter(|part| !part.is_empty());
    let mended: Vec<String> = parts
        .map(|part| {
            let sign = part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
            let (sign, version) = (part[..sign].trim(), part[sign..].trim());
            match sign {
                "" if version.matches('.').count() < 2 && !version.ends_with('*') => format!("=={version}.*"),
                "" => format!("=={version}"),
                ">=" | ">" | "<" | "<=" | "~=" => format!("{sign}{}", version.trim_end_matches(".*")),
                _ => part.to_owned(),
            }
        })
        .collect();
    let mended = mended.join(",");
    (!mended.is_empty() && allowed_pythons(&mended).is_ok()).then_some(mended)
}

/// The first line of `.python-version`, as pyenv and uv read it.
fn pinned(tree: &mut Tree<'_>) -> Result<Option<Minor>> {
    let text = lossy(tree, &Place::project(".python-version")?)?;
    Ok(text.and_then(|text| minor(text.lines().next()?)))
}

/// The oldest Python of tox's environments.
fn tested(tree: &mut Tree<'_>) -> Result<Option<Minor>> {
    let Some(text) = lossy(tree, &Place::project("tox.ini")?)? else { return Ok(None) };
    // It is tox's own, and for tox to say where it is wrong.
    let values = ini::values(&text).unwrap_or_default();
    let list =
        values.into_iter().find(|(section, key, _)| section == "tox" && matches!(key.as_str(), "envlist" | "env_list"));
    Ok(list.and_then(|(_, _, list)| factors(&list).into_iter().min()))
}

/// The Pythons in a list of environments: `py{39,310}-x, py3.11`.
fn factors(list: &str) -> Vec<Minor> {
    let mut found = Vec::new();
    for behind in list.split("py").skip(1) {
        let numbers = match behind.strip_prefix('{') {
            Some(braced) => braced.split('}').next().unwrap_or_default(),
            None => behind.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default(),
        };
        for number in numbers.split(',').map(|number| number.trim().trim_start_matches("py")) {
            let is_short = number.len() > 1 && number.bytes().all(|byte| byte.is_ascii_digit());
            let dotted = if is_short { format!("{}.{}", &number[..1], &number[1..]) } else { number.to_owned() };
            found.extend(minor(&dotted));
        }
    }
    found
}

/// `3.12.1`, `cpython-3.12` or `3.12` as `3.12`, where that is a Python that is known.
fn minor(text: &str) -> Option<Minor> {
    let digits = text.trim().trim_start_matches(|c: char| !c.is_ascii_digit());
    let mut parts = digits.split('.');
    let (major, minor) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let minor = Minor::new(major, minor);
    end_of_life(minor).map(|_| minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_mended() {
        for (said, expected) in [
            (">=3.8", Some(">=3.8")),
            (">= 3.8 ,\n <4", Some(">= 3.8 , <4")),
            (">=3.6,", Some(">=3.6")),
            (">=3.*", Some(">=3")),
            ("3.12", Some("==3.12.*")),
            ("==3.11.*", Some("==3.11.*")),
            (">=2.7", Some(">=2.7")),
            (">=4", None),
            ("three", None),
            ("", None),
        ] {
            assert_eq!(usable(said).as_deref(), expected, "{said}");
        }
    }

    #[test]
    fn poetrys_alternatives_begin_with_the_oldest() {
        assert_eq!(of_poetry("~2.7 || ^3.8"), ">=2.7");
        assert_eq!(of_poetry("^3.8"), ">=3.8, <4");
    }

    #[test]
    fn environments_name_pythons() {
        let all = |text: &str| factors(text).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(all("lint, py{39,310}-x\npy3.12\npypy"), "3.9 3.10 3.12");
        assert_eq!(all("{py27,py36}, docs, py3"), "2.7 3.6");
        assert_eq!(all("pyé, py{, py{é"), "");
    }
}
