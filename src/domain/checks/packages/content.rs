//! PKG02 to PKG05: whether the files of what is installed are there, once and whole.

use std::collections::BTreeMap;

use pep440_rs::Version;

use super::super::{Action, Check, Docs, EVERYWHERE, Family, Finding, Findings, Fix, Fixable, Location, Severity};
use super::{completed, info, installed, own_name, pip};
use crate::domain::facts::{Altered, Facts, Need, Packages};
use crate::domain::groups::normalise;
use crate::domain::installed::Distribution;

pub const DUPLICATE: Check = Check {
    id: "PKG02",
    family: Family::Packages,
    title: "a package is installed twice",
    docs: Docs {
        what: "Two `.dist-info` folders in the environment describe the same package.",
        why: "There is only one set of files, so one of the two tells a version that is not there. pip, and whoever \
              asks for the version, believes one or the other by chance.",
        origin: "An upgrade was interrupted, two installers worked at the same time, or an environment was copied \
                 over another one.",
        remedy: "Move the folder that is wrong away; where you cannot tell, both, and install the package again.",
    },
    needs: &[Need::Environments, Need::Packages, Need::Altered],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: duplicate,
};

fn duplicate(facts: &Facts) -> Findings {
    let (project, environment, packages) = installed(facts)?;
    let altered = project.altered.get()?;
    let is_whole = |found: &&&Distribution| altered.get(&info(found)).is_some_and(Vec::is_empty);
    let mut findings = Vec::new();
    for (name, all) in twice(packages) {
        let versions: Vec<&str> = all.iter().map(|found| found.version.as_str()).collect();
        let whole: Vec<&&Distribution> = all.iter().filter(is_whole).collect();
        let newest = all.iter().max_by_key(|found| found.version.parse::<Version>().ok()).map(|found| &found.version);
        let (fix, again) = match (&whole[..], newest) {
            // The files that are there are those of one of them.
            ([kept], _) => {
                let spare = all.iter().filter(|found| found.info != kept.info);
                let fix = Fix::asking(format!("set aside what describes {name} wrongly, and keep {}", kept.version));
                (Some(spare.fold(fix, |fix, found| set_aside(fix, found))), format!("{name}=={}", kept.version))
            }
            (_, newest) => {
                let again = newest.map_or_else(|| name.clone(), |version| format!("{name}=={version}"));
                let fix =
                    all.iter().fold(Fix::asking(format!("install {again} again")), |fix, found| set_aside(fix, found));
                (completed(environment, fix, vec![again.clone()]), again)
            }
        };
        let folders: Vec<String> = all.iter().map(|found| info(found)).collect();
        findings.push(
            Finding::new(format!("{name} is installed twice: {}", versions.join(" and ")))
                .because(format!("{} holds {}", packages.site.display(), folders.join(" and ")))
                .so("programs disagree about its version, and the files can be those of only one of them")
                .remedy(pip(environment, &format!("install --force-reinstall --no-deps {again}")))
                .at(Location::file(&all[0].info))
                .fix(fix),
        );
    }
    Ok(findings)
}

fn set_aside(fix: Fix, found: &Distribution) -> Fix {
    fix.action(Action::SetAside { path: found.info.clone() })
}

/// What is there more than once, by normalised name.
fn twice(packages: &Packages) -> BTreeMap<String, Vec<&Distribution>> {
    let mut by_name: BTreeMap<String, Vec<&Distribution>> = BTreeMap::new();
    for found in &packages.distributions {
        by_name.entry(normalise(&found.name)).or_default().push(found);
    }
    by_name.retain(|_, all| all.len() > 1);
    by_name
}

pub const LEFTOVERS: Check = Check {
    id: "PKG03",
    family: Family::Packages,
    title: "an interrupted installation left something behind",
    docs: Docs {
        what: "The environment's `site-packages` holds names that begin with `~`, such as `~umpy`.",
        why: "pip warns of an \"invalid distribution\" each time that it runs, and the space is lost. Nothing uses \
              these files.",
        origin: "pip renames what it is going to replace, and was stopped before it removed it; on Windows, because a \
                 program still had the file open.",
        remedy: "Remove what begins with `~` in `site-packages`.",
    },
    needs: &[Need::Environments, Need::Packages],
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::Safely,
    run: leftovers,
};

fn leftovers(facts: &Facts) -> Findings {
    let (_, environment, packages) = installed(facts)?;
    let Some(first) = packages.leftovers.first() else { return Ok(Vec::new()) };
    let fix = Fix::safe("set aside what an interrupted installation left behind");
    let paths = packages.leftovers.iter().map(|name| packages.site.join(name));
    let fix =
        environment.name.is_some().then(|| paths.clone().fold(fix, |fix, path| fix.action(Action::SetAside { path })));
    let listed: Vec<String> = paths.map(|path| format!("'{}'", path.display())).collect();
    Ok(vec![
        Finding::new("an interrupted installation left files behind")
            .because(format!("{} holds {}", packages.site.display(), packages.leftovers.join(", ")))
            .so("pip warns of an invalid distribution each time that it runs")
            .remedy(format!("rm -r {}", listed.join(" ")))
            .at(Location::file(packages.site.join(first)))
            .fix(fix),
    ])
}

pub const WITHOUT_METADATA: Check = Check {
    id: "PKG04",
    family: Family::Packages,
    title: "the description of an installed package is gone",
    docs: Docs {
        what: "A `.dist-info` folder has no `METADATA` with a name and a version, or no `RECORD`.",
        why: "Without `METADATA` the package has no version: pip shows `None`, uv counts it as not installed, and nobody \
              knows what it needs. Without `RECORD` pip can neither upgrade nor uninstall it (\"no RECORD file was \
              found\").",
        origin: "An installation was interrupted, the disk was full, or something removed files from the environment.",
        remedy: "Move the `.dist-info` folder away and install the package again.",
    },
    needs: &[Need::Environments, Need::Packages, Need::Altered, Need::Pyproject],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: without_metadata,
};

fn without_metadata(facts: &Facts) -> Findings {
    let (project, environment, packages) = installed(facts)?;
    let recorded = project.altered.get()?;
    let own = own_name(project)?;
    let several = twice(packages);
    // Conda keeps its records elsewhere.
    let lacks_record = |found: &&Distribution| {
        !environment.conda && !recorded.contains_key(&info(found)) && !several.contains_key(&normalise(&found.name))
    };
    let unrecorded = packages.distributions.iter().filter(lacks_record).map(|found| (info(found), "RECORD"));
    let unreadable = packages.unreadable.iter().map(|folder| (folder.clone(), "METADATA"));
    let finding = |(folder, lacks): (String, &str)| {
        let (name, version) = name_and_version(&folder);
        let is_own = own.as_deref() == Some(&normalise(name));
        let again = version.map_or_else(|| name.to_owned(), |version| format!("{name}=={version}"));
        let path = packages.site.join(&folder);
        let fix = Fix::asking(format!("install {again} again")).action(Action::SetAside { path: path.clone() });
        let also = if is_own { Vec::new() } else { vec![again.clone()] };
        let remedy = if is_own { "install --editable .".to_owned() } else { format!("install {again}") };
        Finding::new(format!("{lacks} of the installed package {name} is gone"))
            .because(format!("{} has no usable {lacks}", path.display()))
            .so(match lacks {
                "RECORD" => format!("{name} can be neither upgraded nor uninstalled"),
                _ => format!("nobody can tell the version of {name} or what it needs, and for uv it is not installed"),
            })
            .remedy(format!("mv '{0}' '{0}.old' && {1}", path.display(), pip(environment, &remedy)))
            .at(Location::file(path))
            .fix(completed(environment, fix, also))
    };
    Ok(unrecorded.chain(unreadable).map(finding).collect())
}

/// `foo-1.0.dist-info`.
fn name_and_version(folder: &str) -> (&str, Option<&str>) {
    let stem = folder.strip_suffix(".dist-info").unwrap_or(folder);
    let (name, version) = stem.split_once('-').map_or((stem, None), |(name, version)| (name, Some(version)));
    (name, version.filter(|version| version.parse::<Version>().is_ok()))
}

pub const ALTERED: Check = Check {
    id: "PKG05",
    family: Family::Packages,
    title: "files of an installed package are missing or changed",
    docs: Docs {
        what: "A file that a package's `RECORD` lists is not there, or has another size than when it was installed. \
               Compiled `.pyc` files do not count, and neither do scripts that were adapted to their place.",
        why: "The package fails when the missing part is imported, or does something else than its version does \
              elsewhere: nobody can reproduce that.",
        origin: "Files were deleted to save space or by mistake, an installation was interrupted, or somebody edited \
                 the installed package while looking for a fault.",
        remedy: "`pip install --force-reinstall --no-deps NAME==VERSION`",
    },
    needs: &[Need::Environments, Need::Packages, Need::Altered, Need::Pyproject],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: changed,
};

fn changed(facts: &Facts) -> Findings {
    let (project, environment, packages) = installed(facts)?;
    let altered = project.altered.get()?;
    let own = own_name(project)?;
    let several = twice(packages);
    let mut findings = Vec::new();
    let has_pip = environment.scripts.contains_key("pip") && packages.modules.iter().any(|module| module == "pip");
    for found in &packages.distributions {
        // That a package is there twice, or that pip as a whole is not, is a fault of its own.
        if several.contains_key(&normalise(&found.name)) || !has_pip && normalise(&found.name) == "pip" {
            continue;
        }
        let files: Vec<&Altered> =
            altered.get(&info(found)).into_iter().flatten().filter(|file| counts(file)).collect();
        let Some(first) = files.first() else { continue };
        let name = &found.name;
        let is_own = own.as_deref() == Some(&normalise(name));
        let gone = files.iter().filter(|file| file.found.is_none()).count();
        let message = match (gone, files.len() - gone) {
            (1, 0) => format!("a file of the installed package {name} is gone"),
            (gone, 0) => format!("{gone} files of the installed package {name} are gone"),
            (0, 1) => format!("a file of the installed package {name} was changed"),
            (0, changed) => format!("{changed} files of the installed package {name} were changed"),
            (gone, changed) => format!("of the installed package {name}, {gone} files are gone and {changed} changed"),
        };
        let cause = match (first.found, first.recorded) {
            (Some(size), Some(recorded)) => {
                format!("{} has {size} bytes and should have {recorded}", first.path)
            }
            _ => format!("RECORD lists {}, which is not there", first.path),
        };
        let again = if is_own { Vec::new() } else { vec![found.as_requirement()] };
        let fix = Fix::asking(format!("install {name} {} again", found.version));
        let code = files.iter().any(|file| file.found.is_none() && is_code(&file.path));
        let argument = if is_own { "--editable .".to_owned() } else { format!("\"{}\"", found.as_requirement()) };
        findings.push(
            Finding::new(message)
                .because(cause)
                .so(if code {
                    "it fails when that part is imported"
                } else {
                    "it is not what its version is elsewhere"
                })
                .remedy(pip(environment, &format!("install --force-reinstall --no-deps {argument}")))
                .at(Location::file(packages.site.join(&first.path)))
                .severity(if code { Severity::Failure } else { Severity::Warning })
                .fix(completed(environment, set_aside(fix, found), again)),
        );
    }
    Ok(findings)
}

fn is_code(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| ["py", "so", "pyd", "pth"].contains(&extension))
}

/// Whether a file's state is a fault: scripts and metadata may be written anew, so their size says nothing.
fn counts(file: &Altered) -> bool {
    let is_rewritten = file.path.starts_with("..") || file.path.starts_with('/') || file.path.contains(".dist-info/");
    file.found.is_none() || !is_rewritten
}
