//! Hooks of a pre-commit configuration: which are there, where a new one goes, what goes with the last of them.

use std::ops::Range;

use super::super::splice::{Splice, line_end, line_start, unsupported};
use super::super::{EditError, Glue};
use super::list::{self, Style, dedented};
use super::tree::{Document, Kind, Node, parse, parse_events};
use super::{Step, keys};
use crate::domain::agree::escape;

/// A hook's place.
#[derive(Debug, Clone, Copy)]
pub struct Hook<'a> {
    pub repo: &'a str,
    pub rev: Option<&'a str>,
    pub id: &'a str,
    /// The folder that it is for, if it is not for the whole repository.
    pub folder: Option<&'a str>,
}

/// A hook that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The repository's URL, `local` or `meta`.
    pub repo: String,
    /// The repository's `rev`, if it has one.
    pub rev: Option<String>,
    /// Where that stands, in bytes of the text.
    pub rev_span: Range<usize>,
    pub id: String,
    /// The only folder whose files it sees, as far as its `files` says that for certain.
    pub folder: Option<String>,
    /// Where the hook's mapping stands.
    pub span: Range<usize>,
    /// Its `language`, where it names one.
    pub language: Option<String>,
    /// Its `additional_dependencies`.
    pub additional: Vec<String>,
    /// What it starts its program with: the words behind the program in its `entry`, and its `args`.
    pub arguments: Vec<String>,
}

/// All hooks, in the order of the file.
pub fn standing(document: &Document) -> Vec<Standing> {
    let list = |node: &Node, key: &str| -> Vec<Node> {
        document.get(node, key).and_then(Node::items).map(<[Node]>::to_vec).unwrap_or_default()
    };
    let text = |node: &Node, key: &str| document.get(node, key).and_then(Node::scalar).map(str::to_owned);
    let mut all = Vec::new();
    for entry in document.root.iter().flat_map(|root| list(root, REPOS)) {
        let Some(repo) = text(&entry, "repo") else { continue };
        for hook in list(&entry, HOOKS) {
            let Some(id) = text(&hook, "id") else { continue };
            let additional = list(&hook, "additional_dependencies");
            let additional = additional.iter().filter_map(Node::scalar).map(str::to_owned).collect();
            let started = text(&hook, "entry").unwrap_or_default();
            let args = list(&hook, "args");
            let args = args.iter().filter_map(Node::scalar);
            let arguments = started.split_whitespace().skip(1).chain(args).map(str::to_owned).collect();
            let rev_span = document.get(&entry, "rev").map_or(0..0, |rev| rev.start..rev.end);
            let (rev, language) = (text(&entry, "rev"), text(&hook, "language"));
            let folder = folder_of(document, &hook);
            all.push(Standing {
                repo: repo.clone(),
                rev,
                rev_span,
                id,
                folder,
                span: hook.start..hook.end,
                language,
                additional,
                arguments,
            });
        }
    }
    all
}

/// The key of the list of repositories.
pub const REPOS: &str = "repos";
const HOOKS: &str = "hooks";

/// Marks a `repos:` or `hooks:` that stood there without a value and got its list from us.
pub fn filled(repo: &str, key: &str) -> Glue {
    Glue::HookList { repo: repo.to_owned(), id: String::new(), key: key.to_owned() }
}

/// Whether two URLs name one repository: case, a slash at the end and `.git` do not count.
pub fn same_repository(one: &str, other: &str) -> bool {
    let bare = |url: &str| {
        let url = url.trim_end_matches('/').to_lowercase();
        url.strip_suffix(".git").unwrap_or(&url).trim_end_matches('/').to_owned()
    };
    bare(one) == bare(other)
}

/// The entries of a repository, by index.
pub fn entries_of(document: &Document, repo: &str) -> Vec<usize> {
    let repos = document.root.as_ref().and_then(|root| document.get(root, REPOS)).and_then(Node::items);
    let of_repo = |entry: &Node| {
        let url = document.get(entry, "repo").and_then(Node::scalar);
        url.is_some_and(|url| same_repository(url, repo))
    };
    let all = repos.unwrap_or_default().iter().enumerate();
    all.filter(|(_, entry)| of_repo(entry)).map(|(index, _)| index).collect()
}

/// The folder that a hook is for, where its `files` is that and nothing else (`^pkgs/a/`).
fn folder_of(document: &Document, hook: &Node) -> Option<String> {
    let written = document.get(hook, "files").and_then(Node::scalar)?.strip_prefix('^')?;
    let plain = written.replace('\\', "");
    (plain.ends_with('/') && escape(&plain) == written).then_some(plain)
}

/// The index of the entry and of the hook in it: of the one for that folder, else of one that is for no other; where no
/// folder is asked for, of the first that is for all, else of the first.
pub fn find(document: &Document, wanted: Hook<'_>) -> Option<(usize, usize)> {
    let repos = document.get(document.root.as_ref()?, REPOS)?.items()?;
    let mut same = Vec::new();
    for entry in entries_of(document, wanted.repo) {
        let hooks = repos.get(entry).and_then(|entry| document.get(entry, HOOKS)).and_then(Node::items);
        for (index, hook) in hooks.unwrap_or_default().iter().enumerate() {
            if document.get(hook, "id").and_then(Node::scalar) == Some(wanted.id) {
                same.push(((entry, index), folder_of(document, hook)));
            }
        }
    }
    let exact = same.iter().find(|(_, folder)| folder.as_deref() == wanted.folder);
    let other = || same.iter().find(|(_, folder)| sees(folder.as_deref(), wanted.folder));
    exact.or_else(other).map(|(at, _)| *at)
}

/// Whether a hook for `folder` sees files of `project`, a folder as well; `None` is the whole repository.
fn sees(folder: Option<&str>, project: Option<&str>) -> bool {
    match (folder, project) {
        (Some(folder), Some(project)) => project.starts_with(folder),
        _ => true,
    }
}

/// The hook's node.
pub fn node(document: &Document, at: (usize, usize)) -> Option<&Node> {
    let repos = document.get(document.root.as_ref()?, REPOS)?.items()?;
    document.get(repos.get(at.0)?, HOOKS)?.items()?.get(at.1)
}

/// The hook's text as block YAML at column 0.
pub fn text_of(text: &str, hook: &Node) -> String {
    let column = hook.start - line_start(text, hook.start);
    let end = if hook.flow { hook.end } else { line_end(text, hook.end) };
    dedented(text, hook.start..end, column)
}

/// How entries and the hooks in them are written.
pub struct Layout {
    pub entry: Style,
    /// Columns between the key `hooks` and the dashes below it.
    offset: usize,
    gap: String,
}

/// That of a file without any.
impl Default for Layout {
    fn default() -> Self {
        let entry = Style { indent: "  ".to_owned(), gap: " ".to_owned(), blank: 0 };
        Self { entry, offset: 2, gap: " ".to_owned() }
    }
}

impl Layout {
    /// The style of hooks, seen from the entry that they are in.
    pub fn hooks(&self) -> Style {
        Style { indent: " ".repeat(self.offset), gap: self.gap.clone(), blank: 0 }
    }
}

/// How entries and hooks are written: as the last of them.
fn layout(text: &str, repos: Option<&Node>) -> Result<(Layout, Option<usize>), EditError> {
    let entries = repos.map_or(Ok(Vec::new()), |repos| list::entries(text, repos))?;
    let Some((entry, at)) = list::style(text, &entries) else { return Ok((Layout::default(), None)) };
    let (offset, gap) = repos
        .and_then(Node::items)
        .unwrap_or_default()
        .iter()
        .rev()
        .find_map(|entry| hook_style(text, entry))
        .unwrap_or_else(|| (if entry.indent.is_empty() { 0 } else { 2 }, entry.gap.clone()));
    Ok((Layout { entry, offset, gap }, Some(at)))
}

fn hook_style(text: &str, entry: &Node) -> Option<(usize, String)> {
    let (key, hooks) = entry.pair(HOOKS)?;
    let entries = if entry.flow || hooks.flow { None } else { list::entries(text, hooks).ok() }?;
    let (style, _) = list::style(text, &entries)?;
    let column = key.start - line_start(text, key.start);
    Some((style.indent.len().checked_sub(column)?, style.gap))
}

/// A scalar as it is written plainly, or in double quotes where YAML 1.1 would read it as something else than a text.
pub fn scalar(value: &str) -> String {
    let plain = is_word(value)
        || parse(&format!("x: {value}\n")).ok().and_then(|document| document.root).is_some_and(|root| {
            root.pair("x")
                .is_some_and(|(_, node)| node.scalar() == Some(value) && root.pairs().is_some_and(|p| p.len() == 1))
        });
    let lower = value.to_lowercase();
    let word = ["", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(&lower.as_str());
    let based = ["0x", "0o", "0b"].iter().any(|prefix| lower.starts_with(prefix));
    let digits = value.chars().all(|c| c.is_ascii_digit() || "-+:_.".contains(c)) && value.matches('.').count() < 2;
    if plain && !word && !based && !digits && value.parse::<f64>().is_err() {
        return value.to_owned();
    }
    serde_json::Value::from(value).to_string()
}

/// Whether a text is one that YAML reads as it stands, whatever it means: URLs and versions are, and need no parser.
fn is_word(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || "./-+_:".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(inside) && !text.ends_with(':')
}

/// Whether a hook's mapping names it so.
pub fn has_id(node: &Node, id: &str) -> bool {
    node.pair("id").and_then(|(_, id)| id.scalar()) == Some(id)
}

/// A hook's mapping as the text of a piece has it.
pub fn wanted(hook: Hook<'_>, body: &str) -> Result<Node, EditError> {
    let wanted = parse_events(body)?.root.filter(|node| has_id(node, hook.id));
    wanted.ok_or_else(|| unsupported(format!("the text for the hook `{}` is not its mapping", hook.id)))
}

/// The text of an entry for the repository of `hook`, with the lines of its hooks.
pub fn entry_text(hook: Hook<'_>, items: &str) -> String {
    let rev = hook.rev.map(|rev| format!("rev: {}\n", scalar(rev))).unwrap_or_default();
    format!("repo: {}\n{rev}hooks:\n{items}", scalar(hook.repo))
}

/// The same as a value.
pub fn entry_node(hook: Hook<'_>, hooks: Vec<Node>) -> Node {
    let value = |text: &str| {
        let plain = !scalar(text).starts_with('"');
        Node::new(Kind::Scalar { value: text.to_owned(), plain })
    };
    let mut pairs = vec![(Node::text("repo"), value(hook.repo))];
    pairs.extend(hook.rev.map(|rev| (Node::text("rev"), value(rev))));
    pairs.push((Node::text(HOOKS), Node::new(Kind::Sequence(hooks))));
    Node::new(Kind::Mapping(pairs))
}

/// Inserts a hook, into the entry of its repository or with a new entry.
pub fn insert(text: &str, document: &Document, hook: Hook<'_>, body: &str) -> Result<Step, EditError> {
    let wanted = wanted(hook, body)?;
    // In the whole repository's place one for a folder may stand, and that is another project's.
    let is_there = |found: &&Node| hook.folder.is_some() || folder_of(document, found).is_none();
    if let Some(found) = find(document, hook).and_then(|at| node(document, at)).filter(is_there) {
        return Ok(Step::Present(text_of(text, found)));
    }
    let root = document.root.clone().unwrap_or_else(|| Node::new(Kind::Mapping(Vec::new())));
    keys::must_be_block(text, document, &root)?;
    let repos = root.pair(REPOS).map(|(_, repos)| repos);
    if let Some(repos) = repos {
        document.must_not_be_shared(repos)?;
        if repos.items().is_none() && !repos.is_missing() {
            return Err(unsupported("`repos` is not a list"));
        }
    }
    let mut step = match entries_of(document, hook.repo).first() {
        Some(&entry) => into_entry(text, document, &root, NewHook { hook, body, wanted, entry })?,
        None => new_entry(text, &root, (hook, body, wanted))?,
    };
    if let Step::Edit { glue, .. } = &mut step {
        glue.extend(shared(document, hook.repo));
    }
    Ok(step)
}

/// What goes with the last hook, whichever project's it is: entries and files in which each hook is for one project.
fn shared(document: &Document, repo: &str) -> Vec<Glue> {
    let all = standing(document);
    let is_shared = |hooks: &[&Standing]| !hooks.is_empty() && hooks.iter().all(|hook| hook.folder.is_some());
    let mut glue = Vec::new();
    if is_shared(&all.iter().filter(|hook| same_repository(&hook.repo, repo)).collect::<Vec<_>>()) {
        glue.push(Glue::HookRepo { repo: repo.to_owned() });
    }
    if is_shared(&all.iter().collect::<Vec<_>>()) {
        glue.extend([Glue::File, Glue::YamlKey { key: REPOS.to_owned() }]);
    }
    glue
}

fn new_entry(text: &str, root: &Node, (hook, body, wanted): (Hook<'_>, &str, Node)) -> Result<Step, EditError> {
    let pair = root.pair(REPOS);
    let listed = pair.map(|(_, repos)| repos).filter(|repos| repos.items().is_some_and(|items| !items.is_empty()));
    let (layout, at) = layout(text, listed)?;
    let item = layout.entry.item(&entry_text(hook, &layout.hooks().item(body)));
    let made = entry_node(hook, vec![wanted]);

    let mut glue = vec![Glue::HookRepo { repo: hook.repo.to_owned() }];
    let mut expected = root.clone();
    let splices = match (pair, at) {
        (_, Some(at)) => {
            vec![Splice::insert(at, format!("{}{item}", "\n".repeat(layout.entry.blank)))]
        }
        (Some((key, repos)), None) => {
            if repos.is_missing() {
                glue.push(filled("", REPOS));
            }
            fill_empty(text, key, repos, &item)?
        }
        (None, None) => {
            glue.push(Glue::YamlKey { key: REPOS.to_owned() });
            let column = root.pairs().and_then(|pairs| pairs.first()).map_or(0, |(key, _)| keys::column(text, key));
            let lines = format!("repos:\n{item}");
            let lines = format!("{}{}", " ".repeat(column), list::hanging(&lines, column));
            vec![Splice::insert(keys::end(text, root), lines)]
        }
    };
    match expected.value_mut(REPOS) {
        Some(repos) => match repos.items_mut() {
            Some(items) => items.push(made),
            None => repos.kind = Kind::Sequence(vec![made]),
        },
        None => keys::push(&mut expected, REPOS, Node::new(Kind::Sequence(vec![made]))),
    }
    Ok(Step::Edit { splices, expected, glue })
}

/// Gives a key without value, or with ` []`, a list of its own below it.
fn fill_empty(text: &str, key: &Node, value: &Node, items: &str) -> Result<Vec<Splice>, EditError> {
    let colon = colon(text, key)?;
    let mut splices = Vec::with_capacity(2);
    if !value.is_missing() {
        if text.get(colon + 1..value.end) != Some(" []") {
            return Err(unsupported("an empty list that is not written as `[]` behind its key"));
        }
        splices.push(Splice::cut(colon + 1..value.end));
    }
    let below = list::behind_comments(text, line_end(text, colon), keys::column(text, key));
    splices.push(Splice::insert(below, items));
    Ok(splices)
}

fn colon(text: &str, key: &Node) -> Result<usize, EditError> {
    keys::colon(text, key).ok_or_else(|| unsupported("a key and its colon do not stand side by side"))
}

/// A hook for an entry that is there.
struct NewHook<'a> {
    hook: Hook<'a>,
    body: &'a str,
    /// The parsed body.
    wanted: Node,
    /// The entry, counted in `repos`.
    entry: usize,
}

fn into_entry(text: &str, document: &Document, root: &Node, new: NewHook<'_>) -> Result<Step, EditError> {
    let NewHook { hook, body, wanted, entry: index } = new;
    let repos = root.pair(REPOS).map(|(_, repos)| repos);
    let entry = repos.and_then(Node::items).and_then(|items| items.get(index));
    let entry = entry.ok_or_else(|| unsupported("`repos` is not a list"))?;
    keys::must_be_block(text, document, entry)?;
    let missing = || unsupported(format!("the entry of `{}` has no `hooks` of its own", hook.repo));
    let (key, hooks) = entry.pair(HOOKS).ok_or_else(missing)?;
    document.must_not_be_shared(hooks)?;
    let mut glue = Vec::new();
    let splices = match hooks.items() {
        Some([_, ..]) => {
            let (style, at) = list::style(text, &list::entries(text, hooks)?).ok_or_else(missing)?;
            vec![Splice::insert(at, format!("{}{}", "\n".repeat(style.blank), style.item(body)))]
        }
        None if !hooks.is_missing() => return Err(missing()),
        _ => {
            if hooks.is_missing() {
                glue.push(filled(hook.repo, HOOKS));
            }
            let (layout, _) = layout(text, repos)?;
            let indent = " ".repeat(keys::column(text, key) + layout.offset);
            fill_empty(text, key, hooks, &Style { indent, gap: layout.gap, blank: 0 }.item(body))?
        }
    };
    let mut expected = root.clone();
    let list = expected.value_mut(REPOS).and_then(Node::items_mut).and_then(|repos| repos.get_mut(index));
    let list = list.and_then(|entry| entry.value_mut(HOOKS)).ok_or_else(missing)?;
    match list.items_mut() {
        Some(items) => items.push(wanted),
        None => list.kind = Kind::Sequence(vec![wanted]),
    }
    Ok(Step::Edit { splices, expected, glue })
}

/// Cuts a hook whose text is known to be ours; with the last hook of an entry that we created, the entry.
pub fn cut(text: &str, document: &Document, at: (usize, usize), glue: &[Glue]) -> Result<Step, EditError> {
    let gone = || unsupported("the hook stands in an alias or a merged mapping");
    let root = document.root.as_ref().ok_or_else(gone)?;
    let (repos_key, repos) = root.pair(REPOS).ok_or_else(gone)?;
    document.must_not_be_shared(repos)?;
    let entry = repos.items().and_then(|items| items.get(at.0)).ok_or_else(gone)?;
    keys::must_be_block(text, document, entry)?;
    let (hooks_key, hooks) = entry.pair(HOOKS).ok_or_else(gone)?;
    document.must_not_be_shared(hooks)?;
    let mut expected = root.clone();
    let new_repos = expected.value_mut(REPOS).ok_or_else(gone)?;

    let lines = list::entries(text, hooks)?;
    if lines.len() > 1 || !is_ours(text, document, entry, glue) {
        let new_entry = new_repos.items_mut().and_then(|items| items.get_mut(at.0));
        let list = new_entry.and_then(|entry| entry.value_mut(HOOKS)).ok_or_else(gone)?;
        let url = document.get(entry, "repo").and_then(Node::scalar).unwrap_or_default();
        let span = list::lines_of(text, &lines, at.1);
        let emptied = Emptied::of(glue, url, HOOKS);
        let splices = cut_item(text, ItemCut { key: hooks_key, list, index: at.1, span, emptied })?;
        return Ok(Step::Edit { splices, expected, glue: Vec::new() });
    }
    let entries = list::entries(text, repos)?;
    if entries.len() == 1 && glue.contains(&Glue::YamlKey { key: REPOS.to_owned() }) {
        keys::remove(&mut expected, REPOS);
        let span = keys::lines(text, repos_key, repos);
        return Ok(Step::Edit { splices: vec![Splice::cut(span)], expected, glue: Vec::new() });
    }
    let span = list::lines_of(text, &entries, at.0);
    let emptied = Emptied::of(glue, "", REPOS);
    let splices = cut_item(text, ItemCut { key: repos_key, list: new_repos, index: at.0, span, emptied })?;
    Ok(Step::Edit { splices, expected, glue: Vec::new() })
}

/// What a list is written as once its last item is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emptied {
    Nothing,
    Brackets,
}

impl Emptied {
    /// What the list was before: nothing, if we filled an empty value.
    fn of(glue: &[Glue], repo: &str, key: &str) -> Self {
        let filled = glue.iter().any(|glue| {
            matches!(glue, Glue::HookList { repo: of, id, key: name }
                if id.is_empty() && name == key && same_repository(of, repo))
        });
        if filled { Self::Nothing } else { Self::Brackets }
    }
}

/// An item to cut from a block list.
pub struct ItemCut<'a> {
    /// The list's key, as it stands in the text.
    pub key: &'a Node,
    /// The list in the tree that is expected afterwards.
    pub list: &'a mut Node,
    pub index: usize,
    /// The item's lines, in bytes of the text.
    pub span: std::ops::Range<usize>,
    pub emptied: Emptied,
}

/// Cuts the lines of an item; a list that has no other becomes what [`Emptied`] says.
///
/// # Errors
/// [`EditError::Unsupported`] if `list` is not a list, or its key and colon do not stand side by side.
pub fn cut_item(text: &str, cut: ItemCut<'_>) -> Result<Vec<Splice>, EditError> {
    let ItemCut { key, list, index, span, emptied } = cut;
    let mut splices = vec![Splice::cut(span)];
    let items = list.items_mut().ok_or_else(|| unsupported("not a list"))?;
    items.remove(index);
    if items.is_empty() {
        match emptied {
            Emptied::Nothing => list.kind = Node::text("~").kind,
            Emptied::Brackets => splices.push(Splice::insert(colon(text, key)? + 1, " []")),
        }
    }
    Ok(splices)
}

/// Whether the entry is one that we created, with nothing in it but what we wrote.
fn is_ours(text: &str, document: &Document, entry: &Node, glue: &[Glue]) -> bool {
    let url = document.get(entry, "repo").and_then(Node::scalar).unwrap_or_default();
    let created = glue.iter().any(|glue| matches!(glue, Glue::HookRepo { repo } if same_repository(repo, url)));
    let pairs = entry.pairs().unwrap_or_default();
    let known = pairs.iter().all(|(key, _)| key.scalar().is_some_and(|key| ["repo", "rev", HOOKS].contains(&key)));
    let first = document.get(entry, HOOKS).and_then(Node::items).and_then(<[Node]>::first);
    let head = first.and_then(|hook| text.get(entry.start..hook.start)).unwrap_or_default();
    created && known && !head.lines().any(|line| line.trim_start().starts_with('#'))
}
