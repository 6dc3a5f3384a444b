//! `.pre-commit-config.yaml`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pyenvkit_fuzz::{Kind, hold};

fuzz_target!(|file: &[u8]| hold(Kind::Yaml, file));
