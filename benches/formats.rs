//! Reading transcripts and finding one's way in them, timed from inside: `formats make FOLDER` writes the material,
//! `formats read FILE` times reading it, `formats look` the lookups. Each prints numbers for `beside.py`.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on fails")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use earmark::format::{Format, Options, read, write};
use earmark::time::{CueSpan, CueTime, MediaTime};
use earmark::timing::{Timeline, Timing};
use earmark::transcript::{Cue, Folded, Transcript, estimate_words, search};

const RUNS: usize = 7;
/// So many readings are timed as one: the system counts in steps of some milliseconds, and a reading takes a few of them.
const TOGETHER: u32 = 5;
const WORDS: [&str; 24] = [
    "the", "river", "came", "up", "over", "field", "and", "nobody", "had", "seen", "it", "before", "lantern", "keeper",
    "walked", "along", "bridge", "because", "café", "größer", "house", "seven", "windows", "turned",
];

fn main() {
    let words: Vec<String> = std::env::args().collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[1..] {
        ["make", folder] => make(Path::new(folder)),
        ["read", file] => time_reading(Path::new(file)),
        ["look"] => look(),
        _ => panic!("formats make FOLDER | read FILE | look"),
    }
}

/// A generator that gives the same material every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    fn sentence(&mut self, words: usize) -> String {
        (0..words)
            .map(|_| WORDS[self.below(WORDS.len())])
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Cues of `words` words in two lines, three seconds each.
fn transcript(cues: usize, words: usize, timed: bool) -> Transcript {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let cue = |place: usize| {
        let at = |place: usize| CueTime::from_millis(place as i64 * 3_000);
        let span = CueSpan::new(at(place), at(place + 1));
        let text = format!("{}\n{}.", dice.sentence(words / 2), dice.sentence(words - words / 2));
        let mut given_words = if timed { estimate_words(&text, span) } else { Vec::new() };
        for word in &mut given_words {
            word.given = true;
        }
        Cue {
            span,
            speaker: None,
            text: text.into(),
            given_words: given_words.into(),
            origin: None,
        }
    };
    Transcript {
        cues: (0..cues).map(cue).collect(),
        ..Transcript::default()
    }
}

fn make(folder: &Path) {
    let long = transcript(100_000, 14, false);
    let put = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    let srt = write(&long, Format::Srt).unwrap().text;
    // The same with every line break lost, as web pages leave it.
    put("collapsed.srt", &srt.split_whitespace().collect::<Vec<_>>().join(" "));
    put("long.srt", &srt);
    for (name, format) in [
        ("long.vtt", Format::WebVtt),
        ("long.ass", Format::Ass),
        ("long.ttml", Format::Ttml),
    ] {
        put(name, &write(&long, format).unwrap().text);
    }
    put(
        "words.json",
        &write(&transcript(20_000, 10, true), Format::Whisper).unwrap().text,
    );
    put("long.TextGrid", &textgrid(&long));
    put("long.eaf", &eaf(&long));
}

fn textgrid(transcript: &Transcript) -> String {
    let end = transcript.cues.len() * 3;
    let count = transcript.cues.len();
    let mut out = format!(
        "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = {end}\ntiers? <exists>\nsize = 1\nitem []:\n    \
         item [1]:\n        class = \"IntervalTier\"\n        name = \"speech\"\n        xmin = 0\n        xmax = {end}\n        \
         intervals: size = {count}\n"
    );
    for (place, cue) in transcript.cues.iter().enumerate() {
        let (from, to) = (cue.span.start.as_secs_f64(), cue.span.end.as_secs_f64());
        let text = cue.text.replace('\n', " ");
        write!(
            out,
            "        intervals [{}]:\n            xmin = {from}\n            xmax = {to}\n            text = \"{text}\"\n",
            place + 1
        )
        .unwrap();
    }
    out
}

fn eaf(transcript: &Transcript) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ANNOTATION_DOCUMENT FORMAT=\"3.0\" VERSION=\"3.0\">\n<TIME_ORDER>\n",
    );
    for place in 0..=transcript.cues.len() {
        writeln!(
            out,
            "<TIME_SLOT TIME_SLOT_ID=\"ts{place}\" TIME_VALUE=\"{}\"/>",
            place * 3_000
        )
        .unwrap();
    }
    out.push_str("</TIME_ORDER>\n<TIER LINGUISTIC_TYPE_REF=\"speech\" TIER_ID=\"speech\">\n");
    for (place, cue) in transcript.cues.iter().enumerate() {
        writeln!(
            out,
            "<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a{place}\" TIME_SLOT_REF1=\"ts{place}\" TIME_SLOT_REF2=\"ts{}\">\
             <ANNOTATION_VALUE>{}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>",
            place + 1,
            cue.text.replace('\n', " ")
        )
        .unwrap();
    }
    out.push_str("</TIER>\n</ANNOTATION_DOCUMENT>\n");
    out
}

/// What this thread has had of a processor. The programs beside are measured by theirs, so that a busy machine is fair.
fn processor_seconds() -> f64 {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    spent.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

/// Prints the median processor seconds of reading a file, its bytes, its cues, and the most memory the process ever had, in bytes.
fn time_reading(file: &Path) {
    let bytes = std::fs::read(file).unwrap();
    let options = Options::named(file.extension().and_then(|extension| extension.to_str()));
    let mut cues = read(&bytes, &options).unwrap().transcript.cues.len();
    // Asked for after one reading: a second beside the first would not be what a reader needs.
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let most: usize = most.trim().trim_end_matches(" kB").parse().unwrap();
    let seconds = median((0..RUNS).map(|_| {
        let mut spent = 0.0;
        for _ in 0..TOGETHER {
            let began = processor_seconds();
            let reading = read(&bytes, &options).unwrap();
            spent += processor_seconds() - began;
            cues = reading.transcript.cues.len();
        }
        spent / f64::from(TOGETHER)
    }));
    println!("{seconds} {} {cues} {}", bytes.len(), most * 1024);
}

/// Prints nanoseconds for a cue and word in sequence and at random, and milliseconds for the slowest keystroke.
fn look() {
    const LOOKUPS: usize = 1_000_000;
    let text = std::sync::Arc::new(transcript(100_000, 10, true));
    let timeline = Timeline::new(std::sync::Arc::clone(&text), Timing::default());
    let mut dice = Dice(0xdead_beef_1234);
    let end = 100_000 * 3_000_000;
    let in_order: Vec<MediaTime> = (0..LOOKUPS)
        .map(|i| MediaTime::from_micros((i * (end / LOOKUPS)) as i64))
        .collect();
    let random: Vec<MediaTime> = (0..LOOKUPS)
        .map(|_| MediaTime::from_micros(dice.below(end) as i64))
        .collect();
    let word = |at: MediaTime| timeline.word_at(timeline.primary(at)?, at);
    let each = |times: &[MediaTime]| {
        median((0..RUNS).map(|_| {
            let began = Instant::now();
            for at in times {
                black_box(word(*at));
            }
            began.elapsed().as_secs_f64() * 1e9 / times.len() as f64
        }))
    };
    let folded = Folded::new(&text);
    let mut slowest = 0.0_f64;
    for query in ["lantern keeper", "größer house", "zebra", "e"] {
        for end in query.char_indices().map(|(at, c)| at + c.len_utf8()) {
            let typed = &query[..end];
            slowest = slowest.max(median((0..RUNS).map(|_| {
                let began = Instant::now();
                black_box(search(&text, &folded, typed));
                began.elapsed().as_secs_f64() * 1e3
            })));
        }
    }
    println!("{} {} {slowest}", each(&in_order), each(&random));
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
