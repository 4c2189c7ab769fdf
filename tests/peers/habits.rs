//! Where we and a peer disagree, who is right, and why. What is not listed here fails the test.

use super::Heard;

/// Who reads or writes a file as it is meant. Where the peer is right, we are mended instead of it being listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    Ours,
    /// The format has no description that says.
    Nobody,
}

/// A disagreement: `apply` turns the cues as they are meant into what comes of them.
pub struct Habit {
    pub name: &'static str,
    /// Peers and formats it is seen with. In each it must be seen, or it is no longer true.
    pub seen: &'static [Place],
    pub right: Right,
    pub why: &'static str,
    pub apply: fn(&mut Vec<Heard>),
}

/// A peer, what it does, and its word for the format.
pub type Place = (&'static str, Deed, &'static str);

/// What a peer does; we do the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Reads,
    Writes,
}

use Deed::{Reads, Writes};

/// Where a peer's clock ends. Beyond that it reads or writes other times than it was given, and must be seen to.
pub struct Limit {
    pub seen: &'static [Place],
    pub hours: i64,
    pub right: Right,
    pub why: &'static str,
}

pub const LIMITS: &[Limit] = &[
    Limit {
        seen: &[("pysubs2", Reads, "srt"), ("pysubs2", Reads, "ass")],
        hours: 100,
        right: Right::Ours,
        why: "it takes two digits of the hours: of 123:00:00 it reads the 23 in SubRip, and refuses the file in ASS",
    },
    Limit {
        seen: &[("pysubs2", Writes, "srt"), ("pysubs2", Writes, "vtt")],
        hours: 100,
        right: Right::Ours,
        why: "later times are written as 99:59:59.999, with a warning",
    },
    Limit {
        seen: &[
            ("pysubs2", Writes, "ass"),
            ("pysubs2", Writes, "ssa"),
            ("ffmpeg", Writes, "ass"),
        ],
        hours: 10,
        right: Right::Nobody,
        why: "later times are written as 9:59:59.99, since the format's clock has one digit for the hours; players read more",
    },
];

pub const HABITS: &[Habit] = &[
    Habit {
        name: "voices are not handed out",
        seen: &[
            ("pysubs2", Reads, "vtt"),
            ("pysubs2", Reads, "ttml"),
            ("pysubs2", Reads, "whisper"),
            ("ffmpeg", Reads, "vtt"),
            ("ffmpeg", Reads, "ass"),
        ],
        right: Right::Ours,
        why: "<v>, ttm:agent, \"speaker\" and Name say who speaks; the peers look at times and texts only",
        apply: |cues| cues.iter_mut().for_each(|cue| cue.2 = None),
    },
    Habit {
        name: "escapes stay as they are",
        seen: &[("pysubs2", Reads, "vtt"), ("webvtt", Reads, "vtt")],
        right: Right::Ours,
        why: "WebVTT, section 4.2.2: &amp;, &lt; and &gt; in a cue's text stand for a character; the peers hand out the letters",
        apply: |cues| {
            of_texts(cues, |text| {
                text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
            });
        },
    },
    Habit {
        name: "an arrow is written shorter",
        seen: &[
            ("pysubs2", Reads, "srt"),
            ("srt", Reads, "srt"),
            ("webvtt", Reads, "srt"),
        ],
        right: Right::Nobody,
        why: "SubRip has no way to write --> in a text; to some readers it begins a cue, so we write ->",
        apply: |cues| of_texts(cues, |text| text.replace("-->", "->")),
    },
    Habit {
        name: "what looks like markup is written with entities",
        seen: &[
            ("pysubs2", Reads, "srt"),
            ("srt", Reads, "srt"),
            ("webvtt", Reads, "srt"),
            ("webvtt", Reads, "sbv"),
            ("ffmpeg", Reads, "srt"),
        ],
        right: Right::Nobody,
        why: "no escape is agreed on; <i> as it is would be dropped as markup, so &lt;i> is what is left to see",
        apply: |cues| of_texts(cues, guarded),
    },
    Habit {
        name: "braces and backslashes that are text are marked",
        seen: &[("pysubs2", Reads, "ass"), ("ffmpeg", Reads, "ass")],
        right: Right::Ours,
        why: "players know \\{ of late, and show no U+FEFF, which keeps \\N from being a line break; the peers hand out both",
        apply: |cues| of_texts(cues, marked),
    },
    Habit {
        name: "a last line of digits is the number of the next cue",
        seen: &[("pysubs2", Reads, "vtt")],
        right: Right::Ours,
        why: "WebVTT, section 4.1: a cue ends with a blank line, and numbers are not needed; the year 2024 was said",
        apply: |cues| of_texts(cues, without_number),
    },
    Habit {
        name: "a last line of digits in the last cue is the number of the next",
        seen: &[("pysubs2", Reads, "srt")],
        right: Right::Ours,
        why: "there is no next cue",
        apply: |cues| {
            if let Some(cue) = cues.last_mut() {
                cue.3 = without_number(&cue.3);
            }
        },
    },
    Habit {
        name: "blanks beside a line break go",
        seen: &[("pysubs2", Reads, "ttml")],
        right: Right::Ours,
        why: "it takes \\N for a line break here already",
        apply: |cues| {
            of_texts(cues, |text| {
                let text = text.replace("\\N", "\n");
                let lines: Vec<&str> = text.split('\n').map(str::trim).collect();
                lines.join("\n")
            });
        },
    },
    Habit {
        name: "braces and backslashes are codes in every format",
        seen: &[
            ("pysubs2", Reads, "srt"),
            ("pysubs2", Reads, "vtt"),
            ("pysubs2", Reads, "ass"),
            ("pysubs2", Reads, "ttml"),
            ("pysubs2", Reads, "whisper"),
        ],
        right: Right::Ours,
        why: "it keeps all texts as ASS, where {…} is a code and \\N a line break; in the other formats both are text",
        apply: |cues| {
            of_texts(cues, |text| {
                let text = without_tags(text, '{', '}', |_| true);
                text.replace("\\h", " ").replace("\\n", "\n").replace("\\N", "\n")
            });
        },
    },
    Habit {
        name: "a tag goes on over the end of the line",
        seen: &[("pysubs2", Reads, "srt")],
        right: Right::Ours,
        why: "nobody writes tags so; all that is said until some later > is lost",
        apply: |cues| {
            of_texts(cues, |text| {
                without_tags(text, '<', '>', |inside| {
                    let name = inside.trim_start().trim_start_matches('/').trim_start();
                    name.starts_with(|letter: char| letter.is_ascii_alphabetic())
                })
            });
        },
    },
    Habit {
        name: "braces that are text are codes where they hold a backslash",
        seen: &[("ffmpeg", Reads, "ass")],
        right: Right::Ours,
        why: "in \\{\\an8} the brace is escaped, as players of late know; this ffmpeg takes the code and leaves the backslash",
        apply: |cues| {
            of_texts(cues, |text| {
                // A line break is a backslash, too; a code that nothing closes goes on to the end.
                let text = text.replace('\n', "\\N");
                let text = without_tags(&text, '{', '}', |inside| inside.starts_with('\\'));
                let text = text.split_once("{\\").map_or(text.as_str(), |(before, _)| before);
                text.replace("\\N", "\n")
            });
        },
    },
    Habit {
        name: "whatever stands between < and > is a tag",
        seen: &[("webvtt", Reads, "srt"), ("webvtt", Reads, "sbv")],
        right: Right::Ours,
        why: "these formats have few tags, if any, and < -> is none",
        apply: |cues| {
            of_texts(cues, |text| {
                without_tags(text, '<', '>', |inside| !inside.contains('\n'))
            });
        },
    },
    Habit {
        name: "a tag of a known name goes on over the end of the line",
        seen: &[("ffmpeg", Reads, "srt")],
        right: Right::Ours,
        why: "nobody writes tags so; this peer at least wants a name it knows, and a blank",
        apply: |cues| {
            of_texts(cues, |text| {
                without_tags(text, '<', '>', |inside| inside.starts_with("b "))
            });
        },
    },
    Habit {
        name: "a cell that begins like a formula is guarded",
        seen: &[("csv", Reads, "csv")],
        right: Right::Nobody,
        why: "spreadsheets would calculate it; programs that are none see the apostrophe that we take off again",
        apply: |cues| {
            of_texts(cues, |text| {
                let guard = if text.starts_with(['=', '+', '-', '@']) {
                    "'"
                } else {
                    ""
                };
                format!("{guard}{text}")
            });
        },
    },
    Habit {
        name: "a line that begins with / is in italics",
        seen: &[("pysubs2", Writes, "mpl2")],
        right: Right::Ours,
        why: "the format has it so, and the peer reads it so itself; it does not escape what it writes",
        apply: |cues| without_slashes(cues),
    },
    Habit {
        name: "a line that begins with / is in italics, as in MPL2",
        seen: &[("pysubs2", Writes, "microdvd")],
        right: Right::Nobody,
        why: "the format has {Y:i} for it; we take the slash in both, the peer in MPL2 alone",
        apply: |cues| without_slashes(cues),
    },
    Habit {
        name: "if the first cue is later than 35:47, cues follow each other from zero",
        seen: &[("ffmpeg", Writes, "mp4")],
        right: Right::Ours,
        why: "more than 2^31 microseconds do not fit the length of the empty sample before it; the file says so, and ffprobe reads it so",
        apply: |cues| {
            if cues.first().is_some_and(|cue| cue.0 * 1_000 > i64::from(i32::MAX)) {
                let mut end = 0;
                for cue in cues {
                    (cue.0, cue.1) = (end, end + cue.1 - cue.0);
                    end = cue.1;
                }
            }
        },
    },
    Habit {
        name: "a tier without a letter or digit is no speech",
        seen: &[
            ("praatio", Writes, "long_textgrid"),
            ("praatio", Writes, "short_textgrid"),
            ("pympi", Writes, "TextGrid"),
        ],
        right: Right::Nobody,
        why: "Praat's tiers hold tones and breaks as well, in signs; that the tier was left out is told",
        apply: |cues| {
            let has_word = |cue: &Heard| cue.3.chars().any(char::is_alphanumeric);
            let speak: Vec<Option<String>> = cues
                .iter()
                .filter(|cue| has_word(cue))
                .map(|cue| cue.2.clone())
                .collect();
            cues.retain(|cue| speak.contains(&cue.2));
            if cues.is_empty() {
                let refused = "no cue found; it was read as Praat TextGrid".to_owned();
                cues.push(Heard(0, 0, None, refused));
            }
        },
    },
];

fn of_texts(cues: &mut [Heard], change: impl Fn(&str) -> String) {
    for Heard(_, _, _, text) in cues {
        *text = change(text);
    }
}

/// The text without what stands between such brackets, if it `is_tag`.
fn without_tags(text: &str, open: char, close: char, is_tag: fn(&str) -> bool) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once(open) {
        out.push_str(before);
        let tag = from.split_once(close).filter(|(inside, _)| is_tag(inside));
        rest = tag.map_or(from, |(_, after)| after);
        if tag.is_none() {
            out.push(open);
        }
    }
    out + rest
}

fn without_slashes(cues: &mut [Heard]) {
    of_texts(cues, |text| {
        let lines: Vec<&str> = text
            .split('\n')
            .map(|line| line.strip_prefix('/').unwrap_or(line).trim_start())
            .collect();
        lines.join("\n").trim().to_owned()
    });
}

/// What we write for braces and backslashes in ASS, read letter by letter.
fn marked(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '{' => out.push_str("\\{"),
            '\\' if letters.peek().is_none_or(|next| "Nnh{}\n\\".contains(*next)) => out.push_str("\\\u{feff}"),
            other => out.push(other),
        }
    }
    out
}

/// What we write where there is no escape: nothing that we would read as a tag, an entity or a code.
fn guarded(text: &str) -> String {
    let mut out = String::new();
    for (at, letter) in text.char_indices() {
        let after = &text[at + letter.len_utf8()..];
        let inside = after
            .find(['<', '>', '\n'])
            .filter(|end| after[*end..].starts_with('>'));
        let name = after.strip_prefix('/').unwrap_or(after);
        let is_name = name.starts_with(|letter: char| letter.is_ascii_alphabetic()) || after.starts_with("00:01.000>");
        match letter {
            '<' if inside.is_some() && is_name => out.push_str("&lt;"),
            '&' if ["amp;", "lt;", "gt;"].iter().any(|name| after.starts_with(name)) => out.push_str("&\u{feff}"),
            '{' if after.starts_with('\\') => out.push_str("&#123;"),
            other => out.push(other),
        }
    }
    out
}

/// The text without a last line that is a number, if it has another.
fn without_number(text: &str) -> String {
    match text.rsplit_once('\n') {
        Some((before, last)) if last.chars().all(|letter| letter.is_ascii_digit()) => before.to_owned(),
        _ => text.to_owned(),
    }
}
