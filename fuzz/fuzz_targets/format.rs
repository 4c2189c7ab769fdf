//! Any bytes, said to be of a format: each reader also meets what detection would have kept from it.
#![no_main]

use earmark::{Case, oracle};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(case) = Case::new(data) {
        oracle::read_and_check(case.file, &case.of_format());
    }
});
