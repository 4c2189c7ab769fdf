//! Recordings, which are read by seeking.
#![no_main]

use std::io::Cursor;

use earmark::format::read_media;
use earmark::{Case, oracle};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(case) = Case::new(data)
        && let Ok(reading) = read_media(&mut Cursor::new(case.file), &case.options)
    {
        oracle::check(&reading);
    }
});
