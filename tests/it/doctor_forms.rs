//! The documents that doctor prints fit their schemas, and pass on nothing that steers a terminal.

use std::fs;

use crate::common::{World, shared};

/// What doctor prints as `format` of healthy and broken projects, one and many, and of the machine.
fn documents(format: &str) -> Vec<String> {
    let mut world = World::with_uv();
    let mut documents = Vec::new();
    let mut run = |world: &World, line: &str| {
        documents.push(world.run(&format!("{line} --context developer --format {format}")).stdout);
    };
    run(&world, "doctor");
    let project = world.healthy();
    run(&world, "doctor demo");
    run(&world, "doctor demo --strict --ignore VEN --select VEN,PKG");
    // Faults with and without a place, in texts and in folders, with and without a fix, and one that follows from another.
    fs::remove_file(project.path(".git/hooks/pre-commit")).unwrap();
    fs::remove_dir_all(project.path(".venv/bin")).unwrap();
    let manifest = project.read("pyproject.toml").replace("[project]", "[project]\nlicence = \"x\"");
    fs::write(project.path("pyproject.toml"), manifest).unwrap();
    fs::write(project.path(".flake8"), "[flake8]\nmax-line-length = 79\n").unwrap();
    fs::write(project.path("pytest.ini"), "").unwrap();
    run(&world, "doctor demo");
    world.set("VIRTUAL_ENV", "/nowhere").set("PYTHONHOME", "/usr/local");
    world.write("work/a b/pyproject.toml", "[tool.pyenvkit.doctor]\nselect = 3\n");
    world.write("work/c%d/pyproject.toml", "[project\n");
    run(&world, "doctor --recursive .");
    run(&world, "doctor demo c%d");
    documents
}

#[test]
fn json_fits_its_schema() {
    let documents = documents("json");
    let texts: Vec<&str> = documents.iter().map(String::as_str).collect();
    shared::validate("schemas/doctor-1.schema.json", &texts);
    let version: serde_json::Value = serde_json::from_str(texts[0]).unwrap();
    assert_eq!(version["version"], 1, "the schema of another version is another file");
}

#[test]
fn sarif_fits_the_published_schema() {
    let documents = documents("sarif");
    let texts: Vec<&str> = documents.iter().map(String::as_str).collect();
    shared::validate("tests/schemas/sarif-2.1.0-rtm.5.json", &texts);
    let results = |text: &str| {
        let document: serde_json::Value = serde_json::from_str(text).unwrap();
        document["runs"][0]["results"].as_array().unwrap().len()
    };
    assert_eq!((results(texts[1]), results(texts[3]) > 3), (0, true));
}

/// A check of the check: what does not fit is refused.
#[test]
#[should_panic(expected = "is a required property")]
fn what_does_not_fit_is_refused() {
    shared::validate("schemas/doctor-1.schema.json", &["{\"version\": 1}"]);
}

#[test]
#[cfg(unix)]
fn nothing_of_a_file_or_a_name_steers_the_terminal() {
    let world = World::with_uv();
    let project = world.healthy();
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}";
    // Names of folders, keys, values and source lines that findings quote, and what is in the way of understanding them.
    let manifest = project.read("pyproject.toml");
    let escaped = "\\u001b]0;owned\\u0007\\u009b31m\\u202e";
    let table = format!("\n[tool.black]\nline-length = 100\n\n[\"{escaped}\"]\n");
    let manifest = manifest.replace("[project]", &format!("[project]\n\"licence{escaped}\" = \"x\"")) + &table;
    fs::write(project.path("pyproject.toml"), manifest).unwrap();
    fs::create_dir(project.path(&format!("{hostile}venv"))).unwrap();
    fs::write(project.path(&format!("{hostile}venv/pyvenv.cfg")), format!("home = /{hostile}\nversion = 3.9\n"))
        .unwrap();
    fs::write(project.path(".flake8"), format!("[flake8]\nmax-line-length = 79 # {hostile}\n")).unwrap();
    project.git(["config", "core.hooksPath", &format!("/{hostile}hooks")]);
    let activate = project.read(".venv/bin/activate");
    let activate = activate.replace(project.folder.to_str().unwrap(), &format!("/{hostile}gone"));
    fs::write(project.path(".venv/bin/activate"), activate).unwrap();
    let name = format!("work/{hostile}/pyproject.toml");
    world.write(
        &name,
        format!("[project]\nname = \"x\"\nversion = \"1\"\n[tool.pyenvkit.doctor]\nignore = \"{escaped}\"\n"),
    );
    let below = [
        "",
        " --format json",
        " --format sarif",
        " --format github",
        " -v",
        " --fix=all --dry-run",
        " --fix=all --diff",
    ];
    for line in
        below.iter().flat_map(|more| ["doctor demo", "doctor --recursive ."].map(|line| format!("{line}{more}")))
    {
        let said = world.run(&format!("{line} --context developer --color never"));
        let steers = |c: char| c.is_control() && !matches!(c, '\n' | '\t') || c == '\u{202e}';
        for (stream, text) in [("stdout", &said.stdout), ("stderr", &said.stderr)] {
            let line_of = |at: usize| text[..at].lines().last().unwrap_or_default().to_owned();
            assert!(!text.contains(steers), "{line}: {stream}: {:?}", line_of(text.find(steers).unwrap() + 1));
        }
        assert!(said.stdout.contains("owned") || line.contains("-d"), "{line} quotes nothing hostile\n{}", said.text());
    }
    let folder = world.work().join(hostile);
    let said = crate::common::world::finish({
        let mut command = world.pyenvkit(["doctor", "."]);
        command.current_dir(folder);
        command
    });
    assert!(said.status.code() == Some(2) && !said.stderr.contains('\u{9b}'), "{}", said.text());
}

#[cfg(unix)]
const TOKEN: &str = "ghp_s3cr3tT0ken0123456789abcdefghijkl";

/// Faults in the healthy project whose findings quote what is secret.
#[cfg(unix)]
fn plant(world: &World, token: &str) {
    let project = world.project("demo");
    let site = crate::common::faults::site(&project.folder);
    let home = world.home();
    // The project has a name of its own, and its home is somebody's.
    let manifest = project.read("pyproject.toml").replace("name = \"demo\"", "name = \"zeppelin-plans\"");
    let manifest = manifest.replace("[project]", &format!("[project]\n\"licence-{token}\" = \"{token}\""));
    let manifest = manifest.replace("[tool.black]", &format!("[tool.black] # {token}\nline-length = 100"));
    let tables = format!("\n[[tool.uv.index]]\nurl = \"http://bob:{token}@index.zeppelin.corp/simple\"\n");
    fs::write(project.path("pyproject.toml"), manifest + &tables).unwrap();
    fs::write(project.path(".flake8"), format!("[flake8]\nmax-line-length = 79 # {token}\n")).unwrap();
    project.git(["config", "core.hooksPath", &format!("{}/hooks/{token}", home.display())]);
    project.git(["remote", "add", "origin", &format!("https://bob:{token}@code.zeppelin.corp/x.git")]);
    let other = format!("/home/grace/zeppelin-plans/{token}");
    let activate = project.read(".venv/bin/activate").replace(project.folder.to_str().unwrap(), &other);
    fs::write(project.path(".venv/bin/activate"), activate).unwrap();
    fs::write(site.join("zeppelin.pth"), format!("{}/{token}\n", home.display())).unwrap();
    fs::create_dir(site.join("zzz-1.0.dist-info")).unwrap();
    fs::write(
        site.join("zzz-1.0.dist-info/METADATA"),
        format!("Metadata-Version: 2.1\nName: zzz\nVersion: 1.0\nRequires-Dist: nosuch @ https://bob:{token}@index.zeppelin.corp/nosuch.whl\n"),
    )
    .unwrap();
    fs::write(
        site.join("zzz-1.0.dist-info/direct_url.json"),
        format!("{{\"url\": \"file://{}/{token}\", \"dir_info\": {{\"editable\": true}}}}", home.display()),
    )
    .unwrap();
    fs::create_dir(project.path(&format!("{token}-env"))).unwrap();
    fs::write(project.path(&format!("{token}-env/pyvenv.cfg")), format!("home = {}\n", home.display())).unwrap();
}

/// Secrets in every place that a finding can quote: paths, names, values, lines, settings, scripts, variables.
#[test]
#[cfg(unix)]
fn a_shared_report_tells_no_secrets() {
    let mut world = World::with_uv();
    world.healthy();
    let token = TOKEN;
    let (home, work) = (world.home(), world.work());
    plant(&world, TOKEN);
    world.git_config("user.name", "Grace Hopper");
    world.git_config("user.email", "grace@zeppelin.corp");
    for (name, value) in [
        ("USER", "grace"),
        ("HOSTNAME", "airship-7"),
        ("PIP_INDEX_URL", &format!("http://bob:{token}@index.zeppelin.corp/simple")),
        ("PIP_EXTRA_INDEX_URL", &format!("https://{token}@airship-7/simple")),
        ("PIP_TRUSTED_HOST", "zeppelin-index"),
        ("HTTPS_PROXY", &format!("http://grace:{token}@proxy.zeppelin.corp:8080")),
        ("PYTHONPATH", &format!("{}/{token}", home.display())),
        ("PYTHONHOME", &format!("{}/python-{token}", home.display())),
        ("VIRTUAL_ENV", &format!("{}/envs/{token}", home.display())),
        ("REQUESTS_CA_BUNDLE", &format!("{}/{token}.pem", home.display())),
        ("SSL_CERT_FILE", &format!("{}/{token}.pem", home.display())),
        ("CONDA_PREFIX", &format!("{}/conda", home.display())),
        ("CONDA_DEFAULT_ENV", "base"),
    ] {
        world.set(name, value);
    }
    let hostile = format!("work/other/{token}/pyproject.toml");
    world.write(&hostile, format!("[project]\nname = \"zeppelin-x\"\n[tool.pyenvkit.doctor]\nignore = \"{token}\"\n"));
    for line in ["doctor demo", "doctor demo -v", "doctor --recursive .", "doctor --recursive . -v"] {
        for format in ["text", "json", "sarif", "github"] {
            let line = format!("{line} --context developer --share --format {format}");
            let said = world.run(&line);
            let open = world.run(&line.replace(" --share", ""));
            assert_eq!(said.status.code(), open.status.code(), "{}", said.text());
            assert!(open.stdout.contains("zeppelin") || !line.contains("-v"), "nothing was planted\n{}", open.text());
            assert!(said.stdout.lines().count() > 1, "{}", said.text());
            let told = format!("{}{}", said.stdout, said.stderr).to_lowercase();
            let (home, work) = (home.display().to_string(), work.display().to_string());
            let secrets = [token, "s3cr3t", "zeppelin", "grace", "hopper", "airship", "bob", &home, &work];
            for secret in secrets {
                assert!(!told.contains(&secret.to_lowercase()), "{line}: {secret:?}\n{}", said.text());
            }
        }
    }
    world.run("doctor --share --fix").code(2);
}
