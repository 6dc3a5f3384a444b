//! The yardsticks of *start*, *new*, *add-tool* and *doctor*: ratios against peers and floors that ran in the same rounds. It judges nothing.
//!
//! Every round runs each case once, in rotating order; a ratio is taken inside each round, and the median of the rounds is
//! shown. Every run gets a new path, and nothing is deleted before the end, because file systems are slow after a mass
//! delete. Packages come from an index on loopback. `cargo bench --bench yardsticks -- [--rounds N] [WORD]...` runs the
//! tables whose names have one of the words.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench has effects and fails by panicking"
)]

#[path = "../tests/it/common/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the tests' own world; a bench needs a part of it")]
mod common;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Instant;

use common::{World, shared};

/// What the by-hand flows install; ours installs the same and the project itself.
const TOOLS: [&str; 4] = ["black", "flake8", "pytest", "pre-commit"];

/// How many projects doctor looks at in one run.
const PROJECTS: usize = 500;

/// What one case does in a folder that does not exist yet, whose parent is its own.
type Run<'b> = Box<dyn Fn(&Path) + 'b>;

struct Case<'b> {
    name: &'static str,
    /// For peers and floors: the most that our time may be of theirs.
    goal: Option<f64>,
    /// What has to be there first; its time does not count.
    before: Option<Run<'b>>,
    run: Run<'b>,
}

/// Prepares the cases of a table, ours first.
type Make = for<'b> fn(&'b Bench) -> Vec<Case<'b>>;

fn main() {
    let options = Options::parse();
    let bench = Bench::new();
    println!("| what | median ms | ours is | goal |\n|---|---:|---:|---:|");
    // A table that nobody wants prepares nothing.
    for (name, prepare) in Bench::TABLES.into_iter().filter(|(name, _)| options.wants(name)) {
        let cases = prepare(&bench);
        print(name, &cases, &measure(&bench, &cases, options.rounds));
    }
    if options.wants("doctor, memory") {
        bench.memory();
    }
}

struct Options {
    rounds: usize,
    words: Vec<String>,
}

impl Options {
    fn parse() -> Self {
        let mut options = Self { rounds: 7, words: Vec::new() };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            match arg.as_str() {
                // cargo's own word.
                "--bench" => {}
                "--rounds" => options.rounds = args.next().and_then(|text| text.parse().ok()).expect("--rounds N"),
                _ => options.words.push(arg),
            }
        }
        options
    }

    fn wants(&self, table: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| table.contains(word.as_str()))
    }
}

/// Milliseconds of each case, by round.
fn measure(bench: &Bench, cases: &[Case<'_>], rounds: usize) -> Vec<Vec<f64>> {
    let mut times = vec![Vec::new(); cases.len()];
    // The first round warms the caches and is not counted.
    for round in 0..=rounds {
        for at in 0..cases.len() {
            let at = (at + round) % cases.len();
            let folder = bench.fresh();
            if let Some(before) = &cases[at].before {
                before(&folder);
            }
            rustix::fs::sync();
            let start = Instant::now();
            (cases[at].run)(&folder);
            let took = start.elapsed();
            if round > 0 {
                times[at].push(took.as_secs_f64() * 1000.0);
            }
        }
    }
    times
}

fn print(name: &str, cases: &[Case<'_>], times: &[Vec<f64>]) {
    println!("| **{name}** | | | |");
    for (case, own) in cases.iter().zip(times) {
        let ratios = times[0].iter().zip(own).map(|(ours, theirs)| ours / theirs).collect();
        let ratio = median(ratios);
        let verdict = case
            .goal
            .map_or(String::new(), |goal| format!("{goal}x {}", if ratio <= goal { "met" } else { "**missed**" }));
        println!("| {} | {:.1} | {ratio:.2}x | {verdict} |", case.name, median(own.clone()));
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    if numbers.len() % 2 == 1 { numbers[middle] } else { f64::midpoint(numbers[middle - 1], numbers[middle]) }
}

struct Bench {
    world: World,
    uv: PathBuf,
    git: PathBuf,
    hello: PathBuf,
    /// The files of a project as we make it, for the flows that start with files.
    rendered: Vec<(PathBuf, Vec<u8>)>,
    hook: Vec<u8>,
    count: AtomicU32,
    many: OnceLock<PathBuf>,
}

impl Bench {
    /// Every table by its name.
    const TABLES: [(&'static str, Make); 11] = [
        ("start, 20 times", Self::start),
        ("new, files only", Self::files),
        ("new, files, git, first commit", Self::git_too),
        ("new to ready, uv, warm", Self::ready_with_uv),
        ("new to ready, uv, cold", Self::ready_with_uv_cold),
        ("new to ready, pip", Self::ready_with_pip),
        ("add-tool without sync, 60 lines", |bench| bench.add(60, 0.3)),
        ("add-tool without sync, 10,000 lines", |bench| bench.add(10_000, 0.6)),
        ("doctor, 24 packages", |bench| bench.doctor_one(24)),
        ("doctor, 300 packages", |bench| bench.doctor_one(300)),
        ("doctor, 500 projects", Self::doctor_many),
    ];

    fn new() -> Self {
        let world = World::with_uv();
        let listed = TOOLS.map(|tool| format!("{tool:?}")).join(", ");
        world.write(
            "home/.config/pyenvkit/config.toml",
            format!("preset = \"four\"\n[presets.four]\ntools = [{listed}]\n"),
        );
        world.run("new sample --yes").ok();
        let sample = world.project("sample");
        let files = sample.files();
        let rendered = files.iter().map(|path| (PathBuf::from(path), std::fs::read(sample.path(path)).unwrap()));
        let rendered = rendered.collect();
        let hook = std::fs::read(sample.path(".git/hooks/pre-commit")).unwrap();
        let binary = Path::new(env!("CARGO_BIN_EXE_pyenvkit"));
        let hello = binary.with_file_name("examples").join("hello-clap");
        assert!(hello.exists(), "cargo build --release --example hello-clap comes first");
        Self {
            rendered,
            hook,
            uv: shared::uv(),
            git: shared::git(),
            hello,
            count: AtomicU32::new(0),
            many: OnceLock::new(),
            world,
        }
    }

    /// A path in a folder of its own that does not exist yet.
    fn fresh(&self) -> PathBuf {
        let parent = self.world.work().join(self.count.fetch_add(1, Ordering::Relaxed).to_string());
        std::fs::create_dir(&parent).unwrap();
        parent.join("proj")
    }

    fn start(&self) -> Vec<Case<'_>> {
        // One start is too short to time; twenty are not.
        let many = |program: &Path, args: &'static [&'static str]| -> Run<'_> {
            let program = program.to_path_buf();
            Box::new(move |_| (0..20).for_each(|_| must(self.world.command(&program).args(args))))
        };
        let ours = Path::new(env!("CARGO_BIN_EXE_pyenvkit"));
        let case = |name, goal, run| Case { name, goal, before: None, run };
        vec![
            case("pyenvkit --version", None, many(ours, &["--version"])),
            case("hello-clap --version", Some(2.0), many(&self.hello, &["--version"])),
            case("pyenvkit --help", None, many(ours, &["--help"])),
            case("pyenvkit completions bash", None, many(ours, &["completions", "bash"])),
            case("uv --version", None, many(&self.uv, &["--version"])),
            case("git --version", None, many(&self.git, &["--version"])),
        ]
    }

    fn files(&self) -> Vec<Case<'_>> {
        vec![
            self.ours("pyenvkit new --no-venv --no-git", &["--no-venv", "--no-git"]),
            case("uv init --lib --vcs none", Some(0.15), |folder| {
                must(self.world.command(&self.uv).args(["init", "-q", "--lib", "--vcs", "none"]).arg(folder));
            }),
            case("floor: the files written", None, |folder| self.write(folder)),
        ]
    }

    fn git_too(&self) -> Vec<Case<'_>> {
        vec![
            self.ours("pyenvkit new --no-venv", &["--no-venv"]),
            case("git init, add, commit of the same files", Some(1.25), |folder| {
                self.write(folder);
                self.commit(folder);
            }),
        ]
    }

    fn ready_with_uv(&self) -> Vec<Case<'_>> {
        vec![
            self.ours("pyenvkit new --backend uv", &["--backend", "uv"]),
            case("by hand: uv init, uv add --dev, uv run pre-commit install, commit", Some(0.35), |folder| {
                self.uv_by_hand(folder, &self.world);
            }),
            case("best by hand: uv venv, uv pip install beside git, hook written", Some(1.25), |folder| {
                self.uv_best(folder);
            }),
        ]
    }

    fn ready_with_uv_cold(&self) -> Vec<Case<'_>> {
        let cold = |folder: &Path, command: &mut Command| {
            must(command.env("XDG_CACHE_HOME", folder.with_file_name("cache")));
        };
        vec![
            case("pyenvkit new --backend uv", None, move |folder| {
                cold(folder, self.world.pyenvkit(["new", "--yes", "--backend", "uv"]).arg(folder));
            }),
            case("by hand: uv init, uv add --dev, uv run pre-commit install, commit", Some(0.65), |folder| {
                let mut command = self.world.command("/bin/sh");
                // One shell for the flow, so that one cache serves it.
                let script = "set -e; uv init -q --lib \"$0\"; cd \"$0\"; \
                        uv add -q --dev black flake8 pytest pre-commit; cp \"$1\" .pre-commit-config.yaml; \
                        uv run -q pre-commit install >/dev/null; git add -A; git commit -q --no-verify -m 'Initial commit'";
                let hooks = self.world.project("sample").path(".pre-commit-config.yaml");
                command.env("UV_DEFAULT_INDEX", common::Index::shared().url());
                must(
                    command
                        .args(["-c", script])
                        .arg(folder)
                        .arg(hooks)
                        .env("XDG_CACHE_HOME", folder.with_file_name("cache")),
                );
            }),
        ]
    }

    fn ready_with_pip(&self) -> Vec<Case<'_>> {
        vec![
            self.ours("pyenvkit new --backend pip", &["--backend", "pip"]),
            case("by hand: git init, venv, pip install, pre-commit install, commit", Some(0.3), |folder| {
                self.write(folder);
                must(self.world.command(shared::python()).args(["-m", "venv", ".venv"]).current_dir(folder));
                must(
                    self.world
                        .command(folder.join(".venv/bin/pip"))
                        .args(["install", "-q"])
                        .args(TOOLS)
                        .current_dir(folder),
                );
                must(&mut self.git(folder, &["init", "-q"]));
                must(self.world.command(folder.join(".venv/bin/pre-commit")).arg("install").current_dir(folder));
                must(&mut self.git(folder, &["add", "-A"]));
                must(&mut self.git(folder, &["commit", "-q", "--no-verify", "-m", "Initial commit"]));
            }),
        ]
    }

    /// pytest declared and configured in a `pyproject.toml` of so many lines.
    fn add(&self, lines: usize, goal: f64) -> Vec<Case<'_>> {
        let text = manifest(lines);
        let project = move |folder: &Path| {
            std::fs::create_dir(folder).unwrap();
            std::fs::write(folder.join("pyproject.toml"), &text).unwrap();
            must(&mut self.git(folder, &["init", "-q"]));
        };
        let uv = |folder: &Path| {
            must(self.world.command(&self.uv).args(["add", "-q", "--frozen", "--dev", "pytest"]).current_dir(folder));
        };
        let cases = [
            case("pyenvkit add-tool pytest --no-sync", None, |folder| {
                must(self.world.pyenvkit(["add-tool", "pytest", "--yes", "--no-sync"]).current_dir(folder));
            }),
            case("uv add --frozen --dev pytest", Some(goal), uv),
            case("floor: the bytes spliced", None, splice),
        ];
        cases.into_iter().map(|case| Case { before: Some(Box::new(project.clone())), ..case }).collect()
    }

    /// One project with so many packages, looked at by doctor with all of its checks, and by what others look with.
    fn doctor_one(&self, packages: usize) -> Vec<Case<'_>> {
        let project = self.fresh();
        must(self.world.command("/bin/cp").arg("-a").arg(self.world.project("sample").folder).arg(&project));
        top_up(&common::faults::site(&project), packages);
        let python = project.join(".venv/bin/python");
        let validate =
            shared::environment("validate-pyproject", "validate-pyproject==0.27").join("bin/validate-pyproject");
        let (at, uv, pre_commit) = (project.clone(), self.uv.clone(), shared::pre_commit());
        let run = move |program: &Path, args: &[&str]| {
            looks(self.world.command(program).args(args).current_dir(&at));
        };
        let run = std::rc::Rc::new(run);
        let (uv_check, pip_check, by_hand) = (run.clone(), run.clone(), run);
        vec![
            case("pyenvkit doctor", None, move |_| looks(self.world.pyenvkit(["doctor"]).arg(&project))),
            case("uv pip check", Some(1.0), move |_| uv_check(&self.uv, &["pip", "check", "-q"])),
            case("pip check", Some(0.05), move |_| pip_check(&python, &["-m", "pip", "check"])),
            case(
                "by hand: uv pip check, validate-pyproject, pre-commit validate-config, git status",
                Some(0.1),
                move |_| {
                    by_hand(&uv, &["pip", "check", "-q"]);
                    by_hand(&validate, &["pyproject.toml"]);
                    by_hand(&pre_commit, &["validate-config"]);
                    by_hand(&self.git, &["status", "--porcelain"]);
                },
            ),
        ]
    }

    fn doctor_many(&self) -> Vec<Case<'_>> {
        let many = self.many();
        let recursive = |folder: &Path| looks(self.world.pyenvkit(["doctor", "--recursive"]).arg(folder));
        let (all, each) = (many.clone(), many);
        vec![
            case("pyenvkit doctor --recursive", None, move |_| recursive(&all)),
            case("500 times pyenvkit doctor", Some(0.6), move |_| {
                for number in 0..PROJECTS {
                    looks(self.world.pyenvkit(["doctor"]).arg(each.join(number.to_string())));
                }
            }),
        ]
    }

    /// The peak of memory over 500 projects against that over 50 of them, without findings and with many of each project.
    fn memory(&self) {
        let many = self.many();
        let few = many.with_file_name("few");
        std::fs::create_dir(&few).unwrap();
        for number in (0..PROJECTS / 10).map(|number| number.to_string()) {
            std::fs::rename(many.join(&number), few.join(&number)).unwrap();
        }
        println!("| **doctor --recursive, MiB at most** | | | |");
        for (what, format) in [("", "text"), (" with 25 findings each, as JSON", "json")] {
            if format == "json" {
                spoil(&few);
                spoil(&many);
            }
            let less = self.peak(&few, format);
            let inside = many.join("few");
            std::fs::rename(&few, &inside).unwrap();
            let more = self.peak(&many, format);
            std::fs::rename(&inside, &few).unwrap();
            println!(
                "| 500 projects{what} | {more:.1} | {:.2}x | |\n| 50 projects{what} | {less:.1} | | |",
                more / less
            );
        }
    }

    fn peak(&self, folder: &Path, format: &str) -> f64 {
        let code = "import resource, subprocess, sys\n\
            subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n\
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
        let mut command = self.world.command(shared::python());
        command.args(["-I", "-c", code, env!("CARGO_BIN_EXE_pyenvkit"), "doctor", "--format", format, "--recursive"]);
        let output = command.arg(folder).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse::<f64>().unwrap() / 1024.0
    }

    /// A folder with copies of the sample project, numbered: its files, its repository, and of its environment the
    /// descriptions of the packages: with the packages themselves it would be gigabytes.
    fn many(&self) -> PathBuf {
        self.many.get_or_init(|| self.copies()).clone()
    }

    fn copies(&self) -> PathBuf {
        let model = self.fresh();
        must(self.world.command("/bin/cp").arg("-a").arg(self.world.project("sample").folder).arg(&model));
        for path in std::fs::read_dir(common::faults::site(&model)).unwrap().map(|entry| entry.unwrap().path()) {
            let extension = path.extension().and_then(std::ffi::OsStr::to_str);
            match extension {
                Some("dist-info" | "pth") => {}
                _ if path.is_dir() => std::fs::remove_dir_all(path).unwrap(),
                _ => std::fs::remove_file(path).unwrap(),
            }
        }
        let many = self.fresh();
        std::fs::create_dir(&many).unwrap();
        for number in 0..PROJECTS {
            must(self.world.command("/bin/cp").arg("-a").arg(&model).arg(many.join(number.to_string())));
        }
        many
    }

    fn ours(&self, name: &'static str, options: &'static [&'static str]) -> Case<'_> {
        case(name, None, move |folder| {
            must(self.world.pyenvkit(["new", "--yes"]).args(options).arg(folder));
            assert!(folder.join("pyproject.toml").exists());
        })
    }

    fn write(&self, folder: &Path) {
        for (path, bytes) in &self.rendered {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }

    fn git(&self, folder: &Path, args: &[&str]) -> Command {
        let mut command = self.world.command(&self.git);
        command.current_dir(folder).args(args);
        command
    }

    fn commit(&self, folder: &Path) {
        must(&mut self.git(folder, &["init", "-q"]));
        must(&mut self.git(folder, &["add", "-A"]));
        must(&mut self.git(folder, &["commit", "-q", "--no-verify", "-m", "Initial commit"]));
    }

    fn uv_by_hand(&self, folder: &Path, world: &World) {
        let uv = |args: &[&str]| {
            let mut command = world.command(&self.uv);
            command.args(args).env("UV_DEFAULT_INDEX", common::Index::shared().url());
            command
        };
        must(uv(&["init", "-q", "--lib"]).arg(folder));
        must(uv(&["add", "-q", "--dev"]).args(TOOLS).current_dir(folder));
        std::fs::copy(world.project("sample").path(".pre-commit-config.yaml"), folder.join(".pre-commit-config.yaml"))
            .unwrap();
        must(uv(&["run", "-q", "pre-commit", "install"]).current_dir(folder));
        must(&mut self.git(folder, &["add", "-A"]));
        must(&mut self.git(folder, &["commit", "-q", "--no-verify", "-m", "Initial commit"]));
    }

    fn uv_best(&self, folder: &Path) {
        self.write(folder);
        let mut venv = self.world.command(&self.uv);
        venv.args(["venv", "-q", "-p"]).arg(shared::python()).arg(".venv").current_dir(folder);
        let mut install = self.world.command(&self.uv);
        install.args(["pip", "install", "-q", "-p", ".venv/bin/python"]).args(TOOLS).current_dir(folder);
        install.env("UV_DEFAULT_INDEX", common::Index::shared().url());
        let mut git: Vec<Command> =
            [&["init", "-q"][..], &["add", "-A"], &["commit", "-q", "--no-verify", "-m", "Initial commit"]]
                .map(|args| self.git(folder, args))
                .into();
        thread::scope(|scope| {
            scope.spawn(|| {
                git.iter_mut().for_each(must);
                std::fs::write(folder.join(".git/hooks/pre-commit"), &self.hook).unwrap();
            });
            must(&mut venv);
            must(&mut install);
        });
    }
}

/// Misspell two dozen keys of every project in a folder.
fn spoil(folder: &Path) {
    for project in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let path = project.join("pyproject.toml");
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let keys: String = (0..25).map(|number| format!("licence{number} = \"MIT\"\n")).collect();
        std::fs::write(&path, text.replacen("[project]\n", &format!("[project]\n{keys}"), 1)).unwrap();
    }
}

/// Let a `site-packages` hold so many distributions: with metadata, requirements and files as packages usually have.
fn top_up(site: &Path, packages: usize) {
    let is_info = |entry: &std::fs::DirEntry| entry.path().extension().is_some_and(|end| end == "dist-info");
    let have = std::fs::read_dir(site).unwrap().flatten().filter(is_info).count();
    for number in 0..packages.saturating_sub(have) {
        let name = format!("synth{number:04}");
        let info = format!("{name}-1.{number}.0.dist-info");
        std::fs::create_dir_all(site.join(&info)).unwrap();
        std::fs::create_dir_all(site.join(&name)).unwrap();
        let requires: String =
            (number.saturating_sub(3)..number).map(|other| format!("Requires-Dist: synth{other:04}>=1.0\n")).collect();
        let metadata = format!(
            "Metadata-Version: 2.1\nName: {name}\nVersion: 1.{number}.0\nRequires-Python: >=3.8\n{requires}\
             Requires-Dist: pytest>=7; extra == \"test\"\nProvides-Extra: test\n\n{}",
            "A line of a long description.\n".repeat(120)
        );
        std::fs::write(site.join(&info).join("METADATA"), metadata).unwrap();
        std::fs::write(site.join(&info).join("INSTALLER"), "uv\n").unwrap();
        let mut record = format!("{info}/METADATA,,\n{info}/INSTALLER,,\n{info}/RECORD,,\n");
        for module in 0..26 {
            std::fs::write(site.join(&name).join(format!("m{module}.py")), "").unwrap();
            record += &format!("{name}/m{module}.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n");
        }
        std::fs::write(site.join(&info).join("RECORD"), record).unwrap();
    }
}

fn case<'b>(name: &'static str, goal: Option<f64>, run: impl Fn(&Path) + 'b) -> Case<'b> {
    Case { name, goal, before: None, run: Box::new(run) }
}

/// A `pyproject.toml` of about so many lines.
fn manifest(lines: usize) -> String {
    let mut text =
        "[project]\nname = \"demo\"\nversion = \"0.1.0\"\nrequires-python = \">=3.11\"\ndependencies = []\n\n\
        [dependency-groups]\ndev = []\n\n[tool.black]\nline-length = 88\n"
            .to_owned();
    for number in 0..lines.saturating_sub(11) / 5 {
        text += &format!(
            "\n[[tool.mypy.overrides]]\nmodule = \"pkg.sub{number}.*\"\nignore_missing_imports = true  # keep\n\
             disable_error_code = [\"attr-defined\", \"misc\"]\n"
        );
    }
    text
}

/// A requirement put into the project's group, in this process and without a look at what else stands there.
fn splice(folder: &Path) {
    let file = folder.join("pyproject.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(file, text.replacen("dev = []", "dev = [\"pytest>=9\"]", 1)).unwrap();
}

/// Run to a successful end; a case that did not do its work has no time.
fn must(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Run doctor to an end at which it has judged, whatever it found.
fn looks(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(matches!(output.status.code(), Some(0 | 1)), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
