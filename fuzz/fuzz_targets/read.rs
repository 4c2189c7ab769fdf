//! Any bytes, whose format is told by their content.
#![no_main]

use earmark::{Case, oracle};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(case) = Case::new(data) {
        oracle::read_and_check(case.file, &case.options);
    }
});
