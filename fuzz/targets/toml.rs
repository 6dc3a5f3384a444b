//! `pyproject.toml`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pyenvkit_fuzz::{Kind, hold};

fuzz_target!(|file: &[u8]| hold(Kind::Toml, file));
