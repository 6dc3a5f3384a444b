# What a change must pass, what it must be measured with, and what looks for surprises.

set positional-arguments

# The recipes.
default:
    @just --list --unsorted

# What each change must pass: unit tests and the real binary, within 15 minutes on two cores.
test *ARGS:
    cargo test "$@"

# Format, lints, documentation, licences.
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps
    cargo deny check licenses bans sources

# The full products: every template, preset, hook style and Python, and what needs more than Rust, Python and git.
full: pythons
    cargo test --test edit -- --ignored --test-threads=2
    cargo test --test it -- --ignored --test-threads=2

# What a generated project must pass, for one project that exists.
gates PROJECT:
    python3 tests/gates/gates.py "$1"

# CPython 3.13 to 3.15 for the tests, below target/.
pythons:
    bash tests/tools/get-pythons.sh target/test-pythons

# The yardsticks, as ratios against peers and floors of the same run.
bench *ARGS:
    cargo build --release --example hello-clap
    cargo bench --bench yardsticks -- "$@"

# The laws of the editors and of all tools on the manifests below a folder: a table, and 1 where a law is broken.
corpus DIR=(justfile_directory() / "tests/corpus"):
    PYENVKIT_CORPUS="$(cd "{{ invocation_directory() }}" && realpath "$1")" \
        cargo test --quiet --test edit of_a_given_folder -- --nocapture --test-threads=1 || exit 1

# Random input for each editor for some seconds, guided by coverage: needs a nightly toolchain and a C++ compiler.
fuzz SECONDS="180" *TARGETS:
    bash fuzz/run "$@"
