//! Our stretcher and our resampler beside those of other libraries, on the same sound in the same run.
//!
//! - `earmark-dsp-bench stretch SPEECH.wav`: a line for each speed and stretcher;
//! - `earmark-dsp-bench resample`: a line for each pair of rates and resampler.
//!
//! Both print the rows of a table in Markdown.

mod resample;
mod spectrum;
mod stretch;

use std::error::Error;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["stretch", speech] => stretch::compare(std::path::Path::new(speech)),
        ["resample"] => resample::compare(),
        _ => Err("usage: earmark-dsp-bench stretch SPEECH.wav | resample".into()),
    }
}

/// What is made, and the least of three times in seconds.
fn timed<T>(mut work: impl FnMut() -> Outcome<T>) -> Outcome<(T, f64)> {
    let mut best = f64::INFINITY;
    let mut made = None;
    for _ in 0..3 {
        let began = Instant::now();
        made = Some(work()?);
        best = best.min(began.elapsed().as_secs_f64());
    }
    Ok((made.ok_or("nothing was made")?, best))
}
