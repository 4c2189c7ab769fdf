//! A file with a piece of it said over and over, up to a size at which a reader that is not linear takes for ever, and
//! one that makes much of little fills the memory. libFuzzer's own inputs are too small for that.
#![no_main]

use earmark::{Case, oracle};
use libfuzzer_sys::fuzz_target;

const SIZE: usize = 1 << 19;

fuzz_target!(|data: &[u8]| {
    // The last bytes say which piece: where it begins, in 65536ths of the file, and how long it is.
    if let Some(case) = Case::new(data)
        && let Some((file, &[high, low, length])) = case.file.split_last_chunk()
    {
        let from = file.len() * usize::from(u16::from_be_bytes([high, low])) >> 16;
        let to = (from + 1 + usize::from(length)).min(file.len());
        let piece = &file[from..to];
        if !piece.is_empty() {
            let stretched = [&file[..from], &piece.repeat(SIZE / piece.len()), &file[to..]].concat();
            oracle::read_and_check(&stretched, &case.options);
        }
    }
});
