//! The `pyenvkit` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    pyenvkit::run()
}
