//! Who made a project, under which licence, and where it lives.

use toml::Value;

use super::sources::Sources;
use crate::domain::spec::Author;

pub fn authors(sources: &Sources) -> Vec<Author> {
    for key in ["authors", "maintainers"] {
        if let Some(Value::Array(people)) = sources.project(key) {
            let text = |person: &Value, key: &str| person.get(key).and_then(Value::as_str).map(str::to_owned);
            let people = people.iter().map(|it| Author { name: text(it, "name"), email: text(it, "email") });
            let people: Vec<Author> = people.filter(|it| it.name.is_some() || it.email.is_some()).collect();
            if !people.is_empty() {
                return people;
            }
        }
        if let Some(Value::Array(people)) = sources.tool(&["poetry", key]) {
            return people.iter().filter_map(Value::as_str).filter_map(author).collect();
        }
    }
    for who in ["author", "maintainer"] {
        let flit = |key: &str| sources.tool(&["flit", "metadata", key]).and_then(Value::as_str);
        let of = |key: &str, flits: &str| {
            flit(flits).or_else(|| sources.ini("metadata", key)).or_else(|| sources.keyword(key)).unwrap_or_default()
        };
        let people = paired(of(who, who), of(&format!("{who}_email"), &format!("{who}-email")));
        if !people.is_empty() {
            return people;
        }
    }
    Vec::new()
}

/// Names and addresses of the old formats: two texts, each of which may be a list.
fn paired(names: &str, emails: &str) -> Vec<Author> {
    let split = |text: &str| -> Vec<String> {
        text.split([',', ';', '\n']).map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect()
    };
    let (all_names, all_emails) = (split(names), split(emails));
    if all_names.len() == all_emails.len() {
        let pairs = all_names.into_iter().zip(all_emails);
        return pairs.map(|(name, email)| Author { name: Some(name), email: Some(email) }).collect();
    }
    let name = all_names.join(", ");
    let email = all_emails.into_iter().find(|email| email.contains('@'));
    if name.is_empty() && email.is_none() {
        return Vec::new();
    }
    vec![Author { name: (!name.is_empty()).then_some(name), email }]
}

/// An author as `Name <address>`, as Poetry has them; of what stands in the brackets and is no address, the name is left.
fn author(text: &str) -> Option<Author> {
    let name = || text.split('<').next().map(str::trim).filter(|name| !name.is_empty());
    Author::parse(text).ok().or_else(|| Author::parse(name()?).ok())
}

/// An SPDX expression: as it is said, or as a usual name of a licence or a classifier means.
pub fn license(sources: &Sources) -> Option<String> {
    let table = || sources.project("license").and_then(|it| it.as_str().or_else(|| it.get("text")?.as_str()));
    let flit = || sources.tool(&["flit", "metadata", "license"]).and_then(Value::as_str);
    let said = table().or_else(flit).map(str::to_owned).or_else(|| sources.text("license"));
    let said = said.filter(|text| !text.trim().is_empty() && text.lines().count() == 1);
    said.as_deref().and_then(expression).or_else(|| {
        let all = sources.classifiers();
        let mut meant = all.iter().filter(|it| it.starts_with("License :: ")).filter_map(|it| of_classifier(it));
        // Two classifiers may mean either of two licences, or both.
        let first = meant.next()?;
        meant.all(|other| other == first).then(|| first.to_owned())
    })
}

fn expression(said: &str) -> Option<String> {
    if spdx::Expression::parse(said).is_ok() {
        return Some(said.to_owned());
    }
    // Of the licences called BSD, that knows no better than to guess one.
    let is_vague = said.starts_with("BSD") && !said.contains(['2', '3']);
    let (id, length) = spdx::imprecise_license_id(said)?;
    (length == said.len() && !is_vague).then(|| id.name.to_owned())
}

/// Classifiers that mean one licence; `BSD License` means several.
const CLASSIFIERS: &[(&str, &str)] = &[
    ("MIT License", "MIT"),
    ("MIT No Attribution License (MIT-0)", "MIT-0"),
    ("Apache Software License", "Apache-2.0"),
    ("ISC License (ISCL)", "ISC"),
    ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
    ("The Unlicense (Unlicense)", "Unlicense"),
    ("Python Software Foundation License", "PSF-2.0"),
    ("GNU General Public License v2 (GPLv2)", "GPL-2.0-only"),
    ("GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later"),
    ("GNU General Public License v3 (GPLv3)", "GPL-3.0-only"),
    ("GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
    ("GNU Affero General Public License v3", "AGPL-3.0-only"),
    ("GNU Affero General Public License v3 or later (AGPLv3+)", "AGPL-3.0-or-later"),
    ("GNU Lesser General Public License v3 (LGPLv3)", "LGPL-3.0-only"),
    ("GNU Lesser General Public License v3 or later (LGPLv3+)", "LGPL-3.0-or-later"),
    ("Zope Public License", "ZPL-2.1"),
];

fn of_classifier(classifier: &str) -> Option<&'static str> {
    let name = classifier.rsplit(" :: ").next()?;
    CLASSIFIERS.iter().find(|(known, _)| *known == name).map(|(_, id)| *id)
}

/// The page of the repository, else of the project.
pub fn url(sources: &Sources) -> Option<String> {
    let urls = sources.project("urls").or_else(|| sources.tool(&["poetry", "urls"])).and_then(Value::as_table);
    let of_flit = sources.tool(&["flit", "metadata", "urls"]).and_then(Value::as_table);
    let mut labelled: Vec<(String, String)> = Vec::new();
    let of_hatch = sources.tool(&["hatch", "metadata", "hooks", "vcs", "urls"]).and_then(Value::as_table);
    for (label, url) in urls.or(of_flit).or(of_hatch).into_iter().flatten() {
        labelled.extend(url.as_str().map(|url| (label.clone(), url.to_owned())));
    }
    for line in sources.ini("metadata", "project_urls").into_iter().flat_map(str::lines) {
        labelled.extend(line.split_once('=').map(|(label, url)| (label.trim().to_owned(), url.trim().to_owned())));
    }
    labelled.extend(sources.arguments().into_iter().flat_map(|it| it.pairs("project_urls")));
    let poetry = |key: &str| sources.tool(&["poetry", key]).and_then(Value::as_str).map(str::to_owned);
    labelled.extend(poetry("repository").map(|url| ("repository".to_owned(), url)));
    labelled.extend(poetry("homepage").map(|url| ("homepage".to_owned(), url)));
    let flit = sources.tool(&["flit", "metadata", "home-page"]).and_then(Value::as_str);
    let home = flit.or_else(|| sources.ini("metadata", "url")).or_else(|| sources.ini("metadata", "home_page"));
    labelled.extend(home.or_else(|| sources.keyword("url")).map(|url| ("homepage".to_owned(), url.to_owned())));
    labelled.retain(|(_, url)| url.starts_with("http") && !url.contains(char::is_whitespace));
    let called = |words: &[&str]| {
        let is_it = |label: &str| words.contains(&label.to_lowercase().replace([' ', '-', '_'], "").as_str());
        labelled.iter().find(|(label, _)| is_it(label)).map(|(_, url)| url)
    };
    let of_host = || labelled.iter().map(|(_, url)| url).find(|url| repository(url).is_some());
    let found = called(&["repository", "source", "sourcecode", "github", "gitlab", "code"]).or_else(of_host);
    let found = found.or_else(|| called(&["homepage", "home"]))?;
    Some(repository(found).unwrap_or_else(|| found.trim_end_matches('/').to_owned()))
}

/// Hosts whose repositories are `owner/name`; GitLab's may lie deeper, and have what belongs to them below `-`.
const HOSTS: &[&str] = &["github.com", "codeberg.org", "bitbucket.org"];
const GITLAB: &str = "gitlab.com";

/// The page of a repository that an address on a host of many leads into: `https://github.com/ada/demo`.
fn repository(url: &str) -> Option<String> {
    let (host, path) = url.split_once("://")?.1.split_once('/')?;
    let path = path.split(['?', '#']).next()?;
    let path = if host == GITLAB { path.split("/-/").next()? } else { path };
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let parts = if HOSTS.contains(&host) { parts.get(..2)? } else { &parts };
    if !HOSTS.contains(&host) && host != GITLAB || parts.len() < 2 {
        return None;
    }
    let path = parts.join("/");
    Some(format!("https://{host}/{}", path.strip_suffix(".git").unwrap_or(&path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_paired_where_they_can_be() {
        let shown = |names: &str, emails: &str| paired(names, emails).iter().map(Author::display).collect::<Vec<_>>();
        assert_eq!(shown("Ada; Bob", "ada@x.org, bob@x.org"), ["Ada <ada@x.org>", "Bob <bob@x.org>"]);
        assert_eq!(shown("Ada, Bob and others", "ada@x.org"), ["Ada, Bob and others <ada@x.org>"]);
        assert_eq!(shown("Ada", ""), ["Ada"]);
        assert_eq!(shown("", "ada@x.org"), ["ada@x.org"]);
        assert!(shown("", "").is_empty());
        assert_eq!(author("Ada <nowhere>").unwrap().display(), "Ada");
    }

    #[test]
    fn usual_names_of_licences_are_expressions() {
        for (said, expected) in [
            ("MIT", Some("MIT")),
            ("Apache 2.0", Some("Apache-2.0")),
            ("MIT OR Apache-2.0", Some("MIT OR Apache-2.0")),
            ("BSD", None),
            ("Copyright 2020 Ada", None),
        ] {
            assert_eq!(expression(said).as_deref(), expected, "{said}");
        }
        assert_eq!(of_classifier("License :: OSI Approved :: MIT License"), Some("MIT"));
        assert_eq!(of_classifier("License :: OSI Approved :: BSD License"), None);
    }

    #[test]
    fn an_address_in_a_repository_leads_to_its_page() {
        for (url, expected) in [
            ("https://github.com/ada/demo.git", Some("https://github.com/ada/demo")),
            ("http://github.com/ada/demo/tree/main/x#readme", Some("https://github.com/ada/demo")),
            ("https://gitlab.com/ada/group/demo/-/issues", Some("https://gitlab.com/ada/group/demo")),
            ("https://github.com/ada", None),
            ("https://demo.example.org/a/b", None),
        ] {
            assert_eq!(repository(url).as_deref(), expected, "{url}");
        }
    }
}
