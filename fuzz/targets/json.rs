//! Settings of editors: JSON with comments.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pyenvkit_fuzz::{Kind, hold};

fuzz_target!(|file: &[u8]| hold(Kind::Json, file));
