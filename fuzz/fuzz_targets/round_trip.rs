//! What was read is written in every format there is a writer for, and read again.
#![no_main]

use earmark::{Case, oracle};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(case) = Case::new(data)
        && let Some(reading) = oracle::read_and_check(case.file, &case.options)
    {
        oracle::check_written(&reading);
    }
});
