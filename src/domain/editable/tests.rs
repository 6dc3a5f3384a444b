use super::*;

const FULL: &str = r#"
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "My.Ed_Lib"
version = "0.1.0"
description = "A short description"
readme = "README.md"
license = "MIT"
license-files = ["LICENSE"]
authors = [{ name = "Ada Lovelace", email = "ada@example.com" }, {name="Bob"}, {email="c@example.com"}]
maintainers = [{ name = "Müller, X", email = "m@example.com" }]
keywords = ["b", "a"]
requires-python = ">=3.11"
classifiers = ["Programming Language :: Python :: 3", "Typing :: Typed"]
dependencies = ["Rich>=13 ; python_version < \"3.20\"", "click"]
[project.optional-dependencies]
Extra_One = ["attrs>=22", "idna ; sys_platform == 'win32' or os_name == 'nt'"]
[project.urls]
Homepage = "https://example.com/x"
Issues = "https://example.com/y"
[project.scripts]
my-ed = "my_ed_lib.cli:main"
[project.gui-scripts]
my-gui = "my_ed_lib.cli:main"
[project.entry-points."pytest11"]
edp = "my_ed_lib.cli"
"#;

/// What hatchling 1.33 writes for [`FULL`], with the version of the format that is written here.
const METADATA: &str = "Metadata-Version: 2.4
Name: My.Ed_Lib
Version: 0.1.0
Summary: A short description
Project-URL: Homepage, https://example.com/x
Project-URL: Issues, https://example.com/y
Author: Bob
Author-email: Ada Lovelace <ada@example.com>, c@example.com
Maintainer-email: \"Müller, X\" <m@example.com>
License-Expression: MIT
License-File: LICENSE
Keywords: a,b
Classifier: Programming Language :: Python :: 3
Classifier: Typing :: Typed
Requires-Python: >=3.11
Requires-Dist: click
Requires-Dist: rich>=13; python_version < '3.20'
Provides-Extra: extra-one
Requires-Dist: attrs>=22; extra == 'extra-one'
Requires-Dist: idna; (sys_platform == 'win32' or os_name == 'nt') and extra == 'extra-one'
Description-Content-Type: text/markdown

# read ü
";

fn project(text: &str) -> Result<Project, Refusal> {
    Project::read(&Manifest::parse(text).expect("TOML"))
}

fn material() -> Material {
    Material {
        readme: Some("# read ü\n".into()),
        licenses: vec![("LICENSE".into(), b"LIC\n".to_vec())],
        import_root: "/a b/src".into(),
        url: "file:///a%20b".into(),
    }
}

#[test]
fn metadata_is_what_hatchling_writes() {
    let project = project(FULL).expect("static");
    assert_eq!(project.metadata(&material()).unwrap(), METADATA);
    assert_eq!(project.candidates(), ["my_ed_lib", "src/my_ed_lib"]);
    assert_eq!(project.scripts.len(), 2);
}

#[test]
fn the_files_of_an_install() {
    let files = project(FULL).unwrap().files(&material()).unwrap();
    let find = |name: &str| files.iter().find(|(path, _)| path.ends_with(name)).map(|(_, bytes)| bytes.clone());
    assert_eq!(find("_editable_impl_my_ed_lib.pth").unwrap(), b"/a b/src");
    assert_eq!(find("my_ed_lib-0.1.0.dist-info/licenses/LICENSE").unwrap(), b"LIC\n");
    assert_eq!(find("direct_url.json").unwrap(), br#"{"dir_info": {"editable": true}, "url": "file:///a%20b"}"#);
    assert_eq!(
        String::from_utf8(find("entry_points.txt").unwrap()).unwrap(),
        "[console_scripts]\nmy-ed = my_ed_lib.cli:main\n\n[gui_scripts]\nmy-gui = my_ed_lib.cli:main\n\n\
         [pytest11]\nedp = my_ed_lib.cli\n"
    );
}

#[test]
fn what_only_the_backend_can_do_is_refused() {
    let changes = [
        ("version = \"0.1.0\"", "dynamic = [\"version\"]"),
        ("version = \"0.1.0\"", "version = \"0.1.0-alpha\""),
        ("\"click\"", "\"click @ https://example.com/click.whl\""),
        ("license = \"MIT\"", "license = { text = \"MIT\" }"),
        ("license-files = [\"LICENSE\"]", "license-files = [\"licenses/*\"]"),
        ("\"hatchling\"]", "\"hatchling\", \"hatch-vcs\"]"),
        ("hatchling.build", "poetry.core.masonry.api"),
        ("my_ed_lib.cli:main\"\n[project.gui", "my_ed_lib.cli\"\n[project.gui"),
        ("[project.urls]", "[tool.hatch.build.targets.wheel]\npackages = [\"x\", \"y\"]\n[project.urls]"),
        ("[project.urls]", "[tool.hatch.build.targets.wheel]\npackages = [\"../x\"]\n[project.urls]"),
        ("[project.urls]", "[tool.hatch.build.targets.wheel]\npackages = [\"x\"]\nexclude = [\"y\"]\n[project.urls]"),
        ("[project.urls]", "[tool.hatch.metadata]\n[project.urls]"),
        ("description =", "import-names = [\"x\"]\ndescription ="),
    ];
    for (from, to) in changes {
        assert!(FULL.contains(from));
        assert!(project(&FULL.replacen(from, to, 1)).is_err(), "{to}");
    }
    let harmless = "[tool.hatch.build.targets.sdist]\nonly-include = [\"src\"]\n[project.urls]";
    assert!(project(&FULL.replacen("[project.urls]", harmless, 1)).is_ok());
}

#[test]
fn the_one_package_that_the_backend_is_told_of() {
    let told = "[tool.hatch.build.targets.wheel]\npackages = [\"src/other\"]\n[project.urls]";
    let project = project(&FULL.replacen("[project.urls]", told, 1)).unwrap();
    assert_eq!(project.candidates(), ["src/other"]);
    assert_eq!(project.path_file(), "_editable_impl_my_ed_lib.pth");
}

#[test]
fn a_path_with_a_line_break_becomes_a_statement() {
    let line = project(FULL).unwrap().path_line("/a\nb'ü");
    assert_eq!(line, "import os, sys; sys.path.append(os.fsdecode(b'/a\\x0ab\\x27\\xc3\\xbc'))\n");
}

#[test]
fn licence_files_by_default_and_by_pattern() {
    let names: Vec<String> = ["README.md", "NOTICE", "LICENSE-MIT", "LICENSE"].map(str::to_owned).to_vec();
    assert_eq!(project(FULL).unwrap().licenses(&names), ["LICENSE"]);
    let default = FULL.replace("license-files = [\"LICENSE\"]\n", "");
    assert_eq!(project(&default).unwrap().licenses(&names), ["LICENSE", "LICENSE-MIT", "NOTICE"]);
}

#[test]
fn shebangs() {
    assert_eq!(shebang(b"/v/bin/python"), b"#!/v/bin/python\n");
    assert_eq!(shebang(b"/a b/bin/python"), b"#!/bin/sh\n'''exec' '/a b/bin/python' \"$0\" \"$@\"\n' '''\n");
    let quote = shebang(b"/a b'c/bin/python");
    assert_eq!(quote, b"#!/bin/sh\n'''exec' '/a b'\"'\"'c/bin/python' \"$0\" \"$@\"\n' '''\n");
    assert!(shebang(b"/a\\b c/bin/python").windows(8).any(|window| window == b"realpath"));
    assert!(shebang(b"/\xff/bin/python").starts_with(b"#!/bin/sh\n"));
    let long = format!("/{}/bin/python", "x".repeat(120));
    assert!(shebang(long.as_bytes()).starts_with(b"#!/bin/sh\n"));
    assert!(needs_repair(b"/a b\"/bin/python"));
    assert!(!needs_repair(b"/a\"b/bin/python"));
    assert!(!needs_repair(b"/a b/bin/python"));
}
