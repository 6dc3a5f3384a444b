//! What doctor says of installed packages beside what `pip check` and `uv pip check` say, on environments of real packages,
//! healthy and broken. Where the two differ, doctor follows pip.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::faults::Said;
use crate::common::world::finish;
use crate::common::{World, shared};

/// Who complains, and of what; nothing where what he requires cannot be read.
type Complaints = BTreeSet<(String, String)>;

const WHEEL: &str = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n";

/// A way to break an environment.
struct Break {
    name: &'static str,
    /// Why uv says something else than pip, where it does.
    differs: Option<&'static str>,
    inject: fn(&mut Site),
}

const BREAKS: &[Break] = &[
    Break { name: "nothing", differs: None, inject: |_| {} },
    Break { name: "one removed", differs: None, inject: |site| site.remove(1) },
    Break { name: "a tenth removed", differs: None, inject: |site| site.remove(site.infos().len() / 10) },
    Break { name: "old versions", differs: None, inject: |site| site.change_versions("0.0.1") },
    Break { name: "new versions", differs: None, inject: |site| site.change_versions("9999.1") },
    Break { name: "pre-releases", differs: None, inject: |site| site.change_versions("1.0rc1") },
    Break { name: "local versions", differs: None, inject: |site| site.change_versions("2.0+local.3") },
    Break { name: "other versions in the metadata alone", differs: None, inject: other_versions_inside },
    Break { name: "another Python required", differs: Some("pip does not ask"), inject: other_python },
    Break { name: "metadata gone", differs: Some("for pip it is there still"), inject: metadata_gone },
    Break { name: "extras that nobody has", differs: None, inject: extras },
    Break { name: "markers", differs: None, inject: markers },
    Break { name: "specifiers", differs: Some("for pip `===` compares texts"), inject: specifiers },
    Break { name: "names in all forms", differs: None, inject: names },
    Break { name: "headers in all forms", differs: None, inject: headers },
    Break { name: "the same twice", differs: Some("uv tells that it is, and asks both"), inject: twice },
    Break { name: "leftovers", differs: None, inject: |site| site.put("~equests", "1.0", "Requires-Dist: nosuch\n") },
    Break { name: "what cannot be read", differs: Some("uv reads what is not allowed"), inject: illegible },
    Break {
        name: "everything at once",
        differs: Some("as above"),
        inject: |site| {
            site.remove(site.infos().len() / 20);
            site.change_versions("1.0rc1");
            for inject in [other_python, extras, markers, names, headers] {
                inject(site);
            }
        },
    },
];

#[test]
#[ignore = "full: installs 300 packages and breaks them in many ways"]
fn the_verdict_is_that_of_pip_check() {
    let mut world = World::online();
    world.add_uv();
    let mut wrong = Vec::new();
    let mut told = 0;
    for count in [10, 100, 300] {
        for it in BREAKS {
            let mut site = Site::new(&world, count);
            (it.inject)(&mut site);
            let (ours, pip, uv) = (site.doctor(), site.pip(), site.uv());
            told += ours.len();
            let more = |one: &Complaints, other: &Complaints| {
                format!("{:?}", one.difference(other).take(9).collect::<Vec<_>>())
            };
            if ours != pip {
                wrong.push(format!("{count}, {}: ours {}, pip {}", it.name, more(&ours, &pip), more(&pip, &ours)));
            }
            if (uv == pip) == it.differs.is_some() {
                wrong.push(format!("{count}, {}: pip {}, uv {}", it.name, more(&pip, &uv), more(&uv, &pip)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(told > 500, "{told} complaints are few");
}

/// `site-packages` of the project `p` with nothing but metadata.
struct Site<'w> {
    world: &'w World,
    folder: PathBuf,
    dice: u64,
}

impl<'w> Site<'w> {
    /// The first so many of `tests/tools/packages.txt`, which need no others.
    fn new(world: &'w World, count: usize) -> Self {
        let project = world.work().join("p");
        let _ = fs::remove_dir_all(&project);
        shared::run(Command::new("cp").arg("-a").arg(model(count)).arg(&project));
        let folder = project.join(format!(".venv/lib/python{}/site-packages", shared::python_minor()));
        Self { world, folder, dice: count as u64 }
    }

    fn project(&self) -> PathBuf {
        self.world.work().join("p")
    }

    /// The `.dist-info` folders, sorted.
    fn infos(&self) -> Vec<PathBuf> {
        let all = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        let mut infos: Vec<PathBuf> = all.filter(|path| path.extension().is_some_and(|it| it == "dist-info")).collect();
        infos.sort();
        infos
    }

    /// So many of them, the same in every run.
    fn some(&mut self, count: usize) -> Vec<PathBuf> {
        let mut infos = self.infos();
        let mut chosen = Vec::new();
        while chosen.len() < count && !infos.is_empty() {
            self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(self.dice >> 33).unwrap() % infos.len();
            chosen.push(infos.remove(at));
        }
        chosen
    }

    fn remove(&mut self, count: usize) {
        self.some(count).iter().for_each(|info| fs::remove_dir_all(info).unwrap());
    }

    fn change_versions(&mut self, version: &str) {
        for info in self.some(5) {
            let name = info.file_name().unwrap().to_str().unwrap().split('-').next().unwrap().to_owned();
            edit(
                &info,
                |line| if line.starts_with("Version: ") { format!("Version: {version}") } else { line.to_owned() },
            );
            fs::rename(&info, info.with_file_name(format!("{name}-{version}.dist-info"))).unwrap();
        }
    }

    /// A distribution with more lines in its metadata.
    fn put(&self, name: &str, version: &str, lines: &str) {
        let info = self.folder.join(format!("{name}-{version}.dist-info"));
        fs::create_dir(&info).unwrap();
        let text = format!("Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{lines}");
        fs::write(info.join("METADATA"), text).unwrap();
        fs::write(info.join("WHEEL"), WHEEL).unwrap();
        fs::write(info.join("RECORD"), "").unwrap();
    }

    fn doctor(&self) -> Complaints {
        let mut command =
            self.world.pyenvkit(["doctor", "--context", "developer", "--format", "json", "--select", "PKG01"]);
        command.current_dir(self.project());
        let said = Said::read(finish(command)).no_crash();
        let mut found = Complaints::new();
        for (_, finding) in said.findings() {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            if let Some(rest) = text("message").strip_prefix("pip cannot read what ") {
                found.insert((normalised(rest), String::new()));
                continue;
            }
            for one in text("cause").split("; ") {
                let (who, what) = one.split_once(" requires ").unwrap();
                found.insert((normalised(who), normalised(what)));
            }
        }
        assert_eq!(said.outcome.status.code(), Some(i32::from(!found.is_empty())), "{}", said.outcome.text());
        found
    }

    fn pip(&self) -> Complaints {
        let wheel = fs::read_dir(shared::wheels()).unwrap().map(|entry| entry.unwrap().path());
        let is_pip = |path: &PathBuf| {
            path.file_name().unwrap().to_str().unwrap().starts_with("pip-") && path.extension().unwrap() == "whl"
        };
        let wheel = wheel.into_iter().find(is_pip).unwrap();
        let mut command = self.world.command(self.project().join(".venv/bin/python"));
        command.arg("-I").arg(wheel.join("pip")).args(["--disable-pip-version-check", "check"]);
        let said = finish(command);
        let mut found = Complaints::new();
        let mut illegible = BTreeSet::new();
        for line in said.stderr.lines() {
            if let Some(rest) = line.split_once("Error parsing dependencies of ").map(|(_, rest)| rest) {
                illegible.insert(normalised(rest.split(':').next().unwrap()));
            }
        }
        for line in said.stdout.lines() {
            let missing = line.strip_suffix(", which is not installed.").and_then(|line| line.split_once(" requires "));
            let other = line
                .split_once(" has requirement ")
                .map(|(who, rest)| (who, rest.split(", but you have ").next().unwrap()));
            if let Some((who, what)) = missing.or(other) {
                found.insert((normalised(who), normalised(what)));
            }
        }
        // Who cannot be read is nobody, and missing.
        found.retain(|(_, what)| !illegible.contains(what));
        found.extend(illegible.into_iter().map(|name| (name, String::new())));
        assert_eq!(said.status.code(), Some(i32::from(!found.is_empty())), "{}", said.text());
        found
    }

    fn uv(&self) -> Complaints {
        let mut command = self.world.command(shared::uv());
        command.args(["pip", "check", "--no-config", "--python"]).arg(self.project().join(".venv/bin/python"));
        let said = finish(command);
        let mut found = Complaints::new();
        for line in said.stderr.lines() {
            let Some(rest) = line.trim().strip_prefix("The package `") else { continue };
            let (who, rest) = rest.split_once('`').unwrap();
            let what = rest.strip_prefix(" requires `").map_or_else(String::new, normalised);
            found.insert((normalised(who), what));
        }
        found
    }
}

/// The normalised name that a text begins with.
fn normalised(text: &str) -> String {
    let end = text.find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c))).unwrap_or(text.len());
    text[..end].to_lowercase().replace(['_', '.'], "-")
}

/// Change lines of the metadata.
fn edit(info: &Path, change: impl Fn(&str) -> String) {
    let path = info.join("METADATA");
    let text: Vec<String> = fs::read_to_string(&path).unwrap().lines().map(change).collect();
    fs::write(path, text.join("\n") + "\n").unwrap();
}

/// A project whose environment has the metadata of the first `count` packages and nothing else.
fn model(count: usize) -> PathBuf {
    let list = fs::read_to_string(shared::repository().join("tests/tools/packages.txt")).unwrap();
    let wanted: Vec<&str> = list.lines().take(count).collect();
    shared::once(&format!("test-packages-{count}"), &format!("{WHEEL}{}", wanted.join(" ")), |folder| {
        let whole = folder.join("whole");
        let uv = |words: &[&str]| {
            let mut command = Command::new(shared::uv());
            command.args(words).env("UV_CACHE_DIR", shared::folder("test-uv")).env("UV_NO_CONFIG", "1");
            if let Some(index) = std::env::var_os("PIP_INDEX_URL") {
                command.env("UV_DEFAULT_INDEX", index);
            }
            command
        };
        shared::run(uv(&["venv", "-q", "--python"]).arg(shared::python()).arg(&whole));
        let mut install = uv(&["pip", "install", "-q", "--no-deps", "--only-binary", ":all:", "--python"]);
        shared::run(install.arg(whole.join("bin/python")).args(&wanted));
        let inner = format!("lib/python{}/site-packages", shared::python_minor());
        shared::run(Command::new(shared::python()).args(["-m", "venv", "--without-pip"]).arg(folder.join(".venv")));
        for entry in fs::read_dir(whole.join(&inner)).unwrap() {
            let from = entry.unwrap().path();
            let Ok(text) = fs::read_to_string(from.join("METADATA")) else { continue };
            let to = folder.join(".venv").join(&inner).join(from.file_name().unwrap());
            fs::create_dir(&to).unwrap();
            fs::write(to.join("METADATA"), text.split_once("\n\n").map_or(text.as_str(), |(header, _)| header))
                .unwrap();
            fs::write(to.join("WHEEL"), WHEEL).unwrap();
            fs::write(to.join("RECORD"), "").unwrap();
        }
        fs::remove_dir_all(whole).unwrap();
        fs::write(folder.join("pyproject.toml"), "[project]\nname = \"p\"\nversion = \"1\"\n").unwrap();
    })
}

/// The folder's name tells the version.
fn other_versions_inside(site: &mut Site) {
    for info in site.some(5) {
        edit(&info, |line| if line.starts_with("Version: ") { "Version: 0.0.1".to_owned() } else { line.to_owned() });
    }
}

fn other_python(site: &mut Site) {
    for info in site.some(3) {
        edit(&info, |line| {
            if line.starts_with("Version: ") { format!("{line}\nRequires-Python: >=3.99") } else { line.to_owned() }
        });
    }
    site.put("elsewhere", "1.0", "Requires-Python: >=3.99\n");
}

fn metadata_gone(site: &mut Site) {
    site.put("lost", "1.0", "");
    site.put("asking", "1.0", "Requires-Dist: lost>=0.5\nRequires-Dist: lost>=7\nRequires-Dist: gone\n");
    fs::remove_file(site.folder.join("lost-1.0.dist-info/METADATA")).unwrap();
}

fn extras(site: &mut Site) {
    site.put("other", "1.0", "Provides-Extra: more\nRequires-Dist: nosuch; extra == 'more'\n");
    let lines = ["other[more]", "other[never]", "other[more]>=2", "nosuch; extra == 'x'", "nosuch_too; extra != 'x'"];
    site.put("extras", "1.0", &lines.map(|line| format!("Requires-Dist: {line}\n")).concat());
}

/// Each of these makes a package of its own be missed, or not.
fn markers(site: &mut Site) {
    let markers = [
        "python_version >= '3'",
        "python_version < '3'",
        "python_version > \"2.7\" and python_version < \"3.1\"",
        "python_version not in '2.7, 3.5'",
        "python_version in '3.10 3.11 3.12 3.13 3.14 3.15'",
        "python_version ~= '3.0'",
        "python_version == '3.*'",
        "python_full_version >= '3.8.0rc1'",
        "python_full_version < '4.dev0'",
        "sys_platform == 'linux'",
        "sys_platform != 'linux'",
        "sys_platform == 'win32' or sys_platform == 'cygwin'",
        "'linux' in sys_platform",
        "os_name == 'posix'",
        "os_name == 'nt' and python_version > '3'",
        "platform_system == 'Linux'",
        "platform_system != 'Windows'",
        "platform_machine == 'x86_64' or platform_machine == 'aarch64' or platform_machine == 'arm64'",
        "platform_machine == 'm68k'",
        "platform_python_implementation == 'CPython'",
        "platform_python_implementation != 'PyPy'",
        "implementation_name == 'cpython'",
        "implementation_name == 'pypy' or (python_version >= '3.8' and os_name == 'posix')",
        "(python_version < '3' or sys_platform == 'win32') and os_name == 'posix'",
        "implementation_version >= '3.8'",
        "extra == 'x' or python_version > '3'",
        "extra == 'x' and python_version > '3'",
    ];
    let lines =
        markers.iter().enumerate().map(|(number, marker)| format!("Requires-Dist: missed-{number}; {marker}\n"));
    site.put("marked", "1.0", &lines.collect::<String>());
}

/// Each version beside each specifier.
fn specifiers(site: &mut Site) {
    let versions = [
        "1.0",
        "1.0.1",
        "1.1",
        "1.0rc1",
        "1.0a1",
        "1.0.dev3",
        "1.0.post1",
        "1.0+local",
        "1.0.post1+local.2",
        "2.0",
        "1!1.0",
        "0.9",
        "1.0.0.0",
        "2.0rc1",
    ];
    let specifiers = [
        "",
        "==1.0",
        "==1",
        "==1.0.*",
        "==1.*",
        "!=1.0",
        "!=1.0.*",
        ">=1.0",
        ">1.0",
        "<1.0",
        "<=1.0",
        "~=1.0",
        "~=1.0.0",
        ">=1.0,<2",
        ">=1.0rc1",
        "<1.0rc1",
        ">1.0.post0",
        "<2.0",
        "==1.0+local",
        "!=1.0+local",
        ">=1!0",
        "(>=1.0)",
        "===1.0",
        ">=1.0.dev0,!=1.1",
        "<1.0.post1",
        "==1.0.post1",
        ">1.0a1,<1.0.1",
    ];
    for (at, version) in versions.iter().enumerate() {
        site.put(&format!("of_{at}"), version, "");
    }
    for (number, specifier) in specifiers.iter().enumerate() {
        let lines = (0..versions.len()).map(|at| format!("Requires-Dist: of-{at} {specifier}\n"));
        site.put(&format!("asking_{number}"), "1.0", &lines.collect::<String>());
    }
}

fn names(site: &mut Site) {
    site.put("Some_Name.x", "1.5", "");
    let lines = ["some-name-x", "SOME.NAME.X>=1", "Some__Name--x", "some_name_X>=2", "some-namex"];
    site.put("Asking_Names", "1.0", &lines.map(|line| format!("Requires-Dist: {line}\n")).concat());
}

/// As parsers of mail headers read them.
fn headers(site: &mut Site) {
    let lines = "requires-dist: missed-a\nREQUIRES-DIST:missed-b\nRequires-Dist:   missed-c  \nRequires-Dist:\n missed-d\n\
        Summary: Requires-Dist: missed-no\n\nRequires-Dist: missed-never\n";
    site.put("headed", "1.0", lines);
    site.put(
        "ended",
        "1.0",
        "Requires-Dist: missed-f\r\nRequires-Dist: missed-g\r\n\r\nRequires-Dist: missed-never\r\n",
    );
}

/// Of one version both, so that it is the same whichever is asked.
fn twice(site: &mut Site) {
    site.put("two_fold", "1.0", "Requires-Dist: missed\n");
    site.put("Two_Fold", "1.0", "Requires-Dist: missed\n");
    site.put("asking", "1.0", "Requires-Dist: two-fold>=1\nRequires-Dist: two.fold>=2\n");
}

fn illegible(site: &mut Site) {
    site.put("wild", "1.0", "Requires-Dist: missed\nRequires-Dist: setuptools>=1.0.*\n");
    site.put("odd", "2004d-x", "");
    site.put("asking", "1.0", "Requires-Dist: wild\nRequires-Dist: odd\nRequires-Dist: missed\n");
    site.put("listed", "1.0", "Requires-Dist: missed (>=1.0,)\nRequires-Dist: asking (>=1.0,)\n");
}
