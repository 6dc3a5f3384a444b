//! Requirements files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pyenvkit_fuzz::{Kind, hold};

fuzz_target!(|file: &[u8]| hold(Kind::Requirements, file));
