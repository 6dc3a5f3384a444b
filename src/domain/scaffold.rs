//! A new project's files: the template's and its tools', in a [`Tree`].

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};

use super::agree::agree;
use super::catalog::{FileWhen, Template, Tool};
use super::ground::Ground;
use super::piece::Piece;
use super::provenance::Provenance;
use super::reconcile::{Note, Owned, reconcile};
use super::render::Format;
use super::scope::Scope;
use super::spec::Spec;
use super::tree::{Entry, File, Place, RelPath, Root, Tree};
use super::wanted::Wanted;

/// What a new project is made from.
pub struct Scaffold<'a> {
    pub spec: &'a Spec,
    pub template: &'a Template,
    pub tools: &'a [Tool],
    /// The text of the licence, as a template, where we have it.
    pub licence: Option<&'a str>,
    /// Whether the project is the top of its repository: what belongs to the repository then goes into the project.
    pub top: Top,
}

/// Where the project lies in its repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Top {
    /// It is the top, or there is no repository.
    Project,
    /// It lies in this folder of a repository, given from the repository's top with `/` between its parts.
    Below(String),
}

impl Top {
    /// Let pieces of the repository stand in the project where that is its top.
    pub fn settle(&self, pieces: &mut [Piece]) {
        for piece in pieces.iter_mut().filter(|_| *self == Self::Project) {
            if piece.place.root == Root::Repository {
                piece.place.root = Root::Project;
            }
        }
    }
}

/// What stood there before and was kept as it is, and what the tools could not have as they wish.
#[derive(Debug, Default)]
pub struct Scaffolded {
    pub kept: Vec<Place>,
    pub notes: Vec<Note>,
    /// What is ours in the repository around the project.
    pub around: Owned,
}

/// Put the project's files into the tree. What stands there already is kept as it is.
///
/// # Errors
/// A template does not render, or an existing file cannot be read or edited.
pub fn scaffold(wish: &Scaffold<'_>, tree: &mut Tree<'_>) -> Result<Scaffolded> {
    let mut scope = Scope::new(wish.spec)?;
    scope.license_file = wish.licence.is_some();
    for tool in wish.tools.iter().filter(|tool| !tool.releases.is_empty()) {
        if tool.releases.iter().all(|release| release.python > scope.python_min) {
            bail!("no version of {} runs on Python {}", tool.name, scope.python_min);
        }
    }
    if let Top::Below(folder) = &wish.top {
        scope.prefix = format!("{folder}/");
    }
    // A tool that is told of a folder fails where it is not there, and a template's tests may hang on a tool.
    let brings_tests = |path: &String| {
        path.starts_with("tests/") && wish.template.when.get(path).is_none_or(|when| file_holds(when, &scope))
    };
    if !wish.template.sources.keys().any(brings_tests) {
        scope.tests.clear();
    }
    let mut done = Scaffolded::default();
    let mut base = Vec::new();
    for (place, text) in rendered(wish, &scope)? {
        if stands(tree, &place)? {
            done.kept.push(place);
        } else {
            base.push((place.clone(), text.clone()));
            tree.put(place, Entry::File(File { bytes: text.into_bytes(), executable: false }))?;
        }
    }
    let mut ground_tree = tree.clone();
    if let Top::Below(folder) = &wish.top {
        ground_tree.settle_below(folder);
    }
    let ground = Ground::read(&mut ground_tree, BTreeMap::new())?;
    scope.agree(&agree(&wish.spec.tools, &[], &mut ground_tree)?.0);
    let wanted =
        Wanted { spec: wish.spec, tools: wish.tools, ground: &ground, owned: &Owned::default(), is_group_named: false };
    let mut pieces = wanted.pieces(&scope, &mut ground_tree)?;
    let versions = wanted.versions(&scope)?;
    tree.learn(ground_tree);
    wish.top.settle(&mut pieces);
    // What stands in the environment is written when that is made.
    pieces.retain(|piece| !done.kept.contains(&piece.place) && piece.place.root != Root::Environment);
    let outcome = reconcile(tree, &Owned::default(), &pieces)?;
    done.notes = outcome.notes;
    done.around = outcome.owned.within(Root::Repository);
    let mut provenance = Provenance::new(wish.spec, outcome.owned);
    provenance.record_versions(&versions);
    for (place, text) in base {
        provenance.record_base(place, text.as_bytes());
    }
    provenance.write(tree)?;
    Ok(done)
}

/// The files of the template, and the licence's.
fn rendered(wish: &Scaffold<'_>, scope: &Scope) -> Result<Vec<(Place, String)>> {
    let (mut written, renderer) = (Vec::new(), scope.renderer());
    for (path, source) in &wish.template.sources {
        let when = wish.template.when.get(path);
        if !when.is_none_or(|when| file_holds(when, scope)) {
            continue;
        }
        let place = Place::project(path.replace("{package}", &scope.package).replace("{name}", &scope.name))?;
        let text = renderer
            .render(Format::of(path), path, source)
            .with_context(|| format!("template {}", wish.template.name))?;
        written.push((place, text));
    }
    if let Some(licence) = wish.licence {
        written.push((Place::project("LICENSE")?, renderer.render(Format::Plain, "LICENSE", licence)?));
    }
    Ok(written)
}

fn file_holds(when: &FileWhen, scope: &Scope) -> bool {
    let known = |value: &String| match value.as_str() {
        "license" => scope.license.is_some(),
        "url" => scope.url.is_some(),
        "authors" => !scope.authors.is_empty(),
        _ => false,
    };
    when.with.as_ref().is_none_or(|tool| scope.tools.contains(tool)) && when.known.as_ref().is_none_or(known)
}

/// Whether something stands at the place, in whatever case its name is written, or under another ending of the same
/// kind of file (`README.rst` for `README.md`).
fn stands(tree: &mut Tree<'_>, place: &Place) -> Result<bool> {
    if *tree.get(place)? != Entry::Absent {
        return Ok(true);
    }
    let kin: &[&str] = match place.path.as_str() {
        "README.md" => &["README", "README.rst", "README.txt", "readme.md", "Readme.md"],
        "LICENSE" => &["LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING", "license", "license.txt", "UNLICENSE"],
        _ => &[],
    };
    for name in kin {
        if *tree.get(&Place { root: place.root, path: RelPath::new(*name)? })? != Entry::Absent {
            return Ok(true);
        }
    }
    Ok(false)
}
