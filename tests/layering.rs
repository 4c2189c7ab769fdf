//! Holds the house together: who may use whom, and where the window, the sound and the database are named.
//!
//! One crate has no compiler that would say no, so this reads the source itself. Comments and strings do not count;
//! test code does.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Each part of the house and the parts it may use, as ARCHITECTURE.md draws them.
const MAY_USE: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("boxes", &[]),
    ("ebml", &[]),
    ("transcript", &["time"]),
    ("format", &["time", "boxes", "ebml", "transcript"]),
    ("timing", &["time", "transcript"]),
    ("notes", &["time", "transcript"]),
    ("export", &["time", "transcript", "format", "timing", "notes"]),
    ("audio", &["time", "boxes", "ebml"]),
    ("library", &["time", "transcript", "notes", "timing"]),
    (
        "reader",
        &[
            "time",
            "transcript",
            "format",
            "timing",
            "notes",
            "export",
            "audio",
            "library",
        ],
    ),
    // The window sends commands: it never calls the sound or the library itself.
    (
        "ui",
        &["time", "transcript", "format", "timing", "notes", "export", "reader"],
    ),
    (
        "cli",
        &[
            "time",
            "transcript",
            "format",
            "timing",
            "notes",
            "export",
            "audio",
            "library",
            "reader",
        ],
    ),
    ("main", &["reader", "ui", "cli"]),
    ("lib", &[]),
];

/// Crates with one home each.
const HOME: &[(&str, &str)] = &[
    ("egui", "ui"),
    ("eframe", "ui"),
    ("egui_kittest", "ui"),
    ("image", "reader"),
    ("rodio", "audio"),
    ("symphonia", "audio"),
    ("rusqlite", "library"),
];

/// Parts that are values and functions, and what of the standard library they therefore leave alone.
const PURE: &[&str] = &["transcript", "format", "timing", "notes", "export"];
const EFFECTS: &[&str] = &["fs", "thread", "net", "process", "env"];

#[test]
fn the_house_keeps_its_layers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    assert!(files.len() > 10, "found only {} files under src", files.len());
    let mut breaches = Vec::new();
    for path in &files {
        let name = path
            .strip_prefix(root)
            .unwrap_or(path)
            .to_string_lossy()
            .replace('\\', "/");
        breaches.extend(check(&name, &fs::read_to_string(path).unwrap()));
    }
    let told: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    assert!(
        told.is_empty(),
        "{} breaches of the layers:\n{}",
        told.len(),
        told.join("\n")
    );
}

#[test]
fn each_kind_of_breach_is_found_at_its_line() {
    let cases = [
        (
            "src/time/mod.rs",
            "\nuse crate::transcript::Cue;",
            "src/time/mod.rs:2: time may not use transcript",
        ),
        (
            "src/audio/clock.rs",
            "use crate::{time::T,\n library};",
            "src/audio/clock.rs:2: audio may not use library",
        ),
        (
            "src/notes/a.rs",
            "fn f() { crate::timing::g(); }",
            "src/notes/a.rs:1: notes may not use timing",
        ),
        (
            "src/format/srt.rs",
            "use super::super::export::X;",
            "src/format/srt.rs:1: format may not use export",
        ),
        (
            "src/ui/app.rs",
            "use crate::audio::Engine;",
            "src/ui/app.rs:1: ui may not use audio",
        ),
        (
            "src/main.rs",
            "fn main() { earmark::library::open() }",
            "src/main.rs:1: main may not use library",
        ),
        (
            "src/reader/state.rs",
            "fn f(ui: &mut egui::Ui) {}",
            "src/reader/state.rs:1: egui belongs to ui",
        ),
        ("src/main.rs", "use eframe;", "src/main.rs:1: eframe belongs to ui"),
        (
            "src/library/a.rs",
            "use ::symphonia::core::X;",
            "src/library/a.rs:1: symphonia belongs to audio",
        ),
        (
            "src/cli/notes.rs",
            "use rusqlite as sql;",
            "src/cli/notes.rs:1: rusqlite belongs to library",
        ),
        (
            "src/format/vtt.rs",
            "use std::{fmt, fs::File};",
            "src/format/vtt.rs:1: format may not use std::fs",
        ),
        (
            "src/timing/map.rs",
            "#[cfg(test)] mod tests {\n fn f() { std::thread::yield_now() } }",
            "src/timing/map.rs:2: timing may not use std::thread",
        ),
        (
            "src/helpers.rs",
            "",
            "src/helpers.rs:1: helpers has no place in the house",
        ),
    ];
    for (file, source, expected) in cases {
        let told: Vec<String> = check(file, source).iter().map(ToString::to_string).collect();
        assert_eq!(told, [expected], "for {source:?}");
    }
}

#[test]
fn what_is_allowed_passes() {
    let cases = [
        (
            "src/format/srt.rs",
            "use crate::{time::{self, CueTime}, transcript::Cue};\nuse super::warning::W;",
        ),
        (
            "src/format/srt.rs",
            "//! uses [`crate::audio`], not egui::Ui\n/* std::fs /* std::fs */ */ const A: &str = \"x\";",
        ),
        (
            "src/format/srt.rs",
            "const A: &str = r#\"use \"egui::Ui\" crate::ui::x\"#; const B: char = '\"'; // crate::ui::x",
        ),
        (
            "src/format/srt.rs",
            "const A: &str = \"\\\" crate::ui::x\"; fn f<'a>(x: &'a str) -> &'a str { x }",
        ),
        (
            "src/time/mod.rs",
            "mod timecode; mod tests { use super::timecode; use super::*; }",
        ),
        (
            "src/ui/app.rs",
            "use eframe::egui; use crate::reader::Command; fn f(u: &egui::Ui) {}",
        ),
        (
            "src/audio/decode.rs",
            "use symphonia::core::X; use std::fs::File; use crate::time::MediaTime;",
        ),
        (
            "src/cli/mod.rs",
            "use crate::library::Library; pub(crate) fn f() { crate::cli::g::<u8>() }",
        ),
        ("src/export/csv.rs", "fn f(rodio: u8, egui: u8) -> u8 { rodio + egui }"),
        ("src/main.rs", "fn main() { earmark::cli::run() }"),
    ];
    for (file, source) in cases {
        let told: Vec<String> = check(file, source).iter().map(ToString::to_string).collect();
        assert!(told.is_empty(), "{told:?} for {source:?}");
    }
}

/// A rule broken, with its place.
struct Breach {
    file: String,
    line: usize,
    what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// All breaches in one file of `src`, whose name is given from the root of the repository.
fn check(file: &str, source: &str) -> Vec<Breach> {
    // `src/format/srt.rs` is the module path [format, srt].
    let mut module: Vec<&str> = file
        .trim_start_matches("src/")
        .trim_end_matches(".rs")
        .split('/')
        .collect();
    if module.last() == Some(&"mod") {
        module.pop();
    }
    let here = module.first().copied().unwrap_or_default();
    let breach = |line, what| Breach {
        file: file.to_owned(),
        line,
        what,
    };
    let Some((_, may_use)) = MAY_USE.iter().find(|(name, _)| *name == here) else {
        return vec![breach(1, format!("{here} has no place in the house"))];
    };
    let is_part = |name: &str| MAY_USE.iter().any(|(part, _)| *part == name);

    let mut breaches = Vec::new();
    for path in paths(&tokens(source)) {
        let names: Vec<&str> = path.names.iter().map(String::as_str).collect();
        let supers = names.iter().take_while(|name| **name == "super").count();
        let part = match names.as_slice() {
            ["crate" | "earmark", part, ..] => Some(*part),
            // As many `super` as the file is deep lead to the crate's root.
            _ if supers >= module.len() => names.get(supers).copied(),
            _ => None,
        };
        if let Some(part) = part.filter(|part| is_part(part) && *part != here && !may_use.contains(part)) {
            breaches.push(breach(path.line, format!("{here} may not use {part}")));
        }
        if let Some((name, home)) = HOME.iter().find(|(name, home)| names[0] == *name && here != *home)
            && (names.len() > 1 || path.imported)
        {
            breaches.push(breach(path.line, format!("{name} belongs to {home}")));
        }
        if let ["std", effect, ..] = names.as_slice()
            && PURE.contains(&here)
            && EFFECTS.contains(effect)
        {
            breaches.push(breach(path.line, format!("{here} may not use std::{effect}")));
        }
    }
    breaches
}

/// A word of the source, or one of `::`, `{`, `}` and other single signs.
struct Token {
    text: String,
    line: usize,
}

impl Token {
    fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphanumeric() || c == '_')
    }
}

/// Cuts Rust source into words and signs; comments, strings and characters are left out.
fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut found = Vec::new();
    let (mut i, mut line) = (0, 1);
    while i < chars.len() {
        let start = i;
        match at(i) {
            '/' if at(i + 1) == '/' => i += chars[i..].iter().take_while(|c| **c != '\n').count(),
            '/' if at(i + 1) == '*' => i = end_of_comment(&chars, i),
            '"' => i = end_of_string(&chars, i),
            'r' if at(i + 1) == '"' || (at(i + 1) == '#' && matches!(at(i + 2), '"' | '#')) => {
                i = end_of_raw(&chars, i + 1);
            }
            // 'a' and '\n' are characters, 'a alone is a lifetime.
            '\'' if at(i + 1) == '\\' => i += 3 + chars[i + 3..].iter().take_while(|c| **c != '\'').count() + 1,
            '\'' if at(i + 2) == '\'' => i += 3,
            ':' if at(i + 1) == ':' => {
                found.push(Token {
                    text: "::".to_owned(),
                    line,
                });
                i += 2;
            }
            c if c.is_alphanumeric() || c == '_' => {
                i += chars[i..]
                    .iter()
                    .take_while(|c| c.is_alphanumeric() || **c == '_')
                    .count();
                found.push(Token {
                    text: chars[start..i].iter().collect(),
                    line,
                });
            }
            c if c.is_whitespace() => i += 1,
            c => {
                found.push(Token {
                    text: c.to_string(),
                    line,
                });
                i += 1;
            }
        }
        i = i.min(chars.len());
        line += chars[start..i].iter().filter(|c| **c == '\n').count();
    }
    found
}

fn end_of_comment(chars: &[char], start: usize) -> usize {
    let mut depth = 0;
    let mut i = start;
    while i < chars.len() {
        match chars[i..] {
            ['/', '*', ..] => (depth, i) = (depth + 1, i + 2),
            ['*', '/', ..] => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            return i;
        }
    }
    i
}

fn end_of_string(chars: &[char], start: usize) -> usize {
    let mut i = start + 1;
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

/// `start` is the first sign after the `r`.
fn end_of_raw(chars: &[char], start: usize) -> usize {
    let hashes = chars[start..].iter().take_while(|c| **c == '#').count();
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = start + hashes + 1;
    let length = chars
        .get(body..)
        .unwrap_or_default()
        .windows(close.len())
        .take_while(|w| *w != close.as_slice())
        .count();
    body + length + close.len()
}

/// A path as it is written, one for each leaf of a `use` group.
struct Named {
    names: Vec<String>,
    line: usize,
    imported: bool,
}

/// Words that stand before a path without being part of it, so that `use ::egui` begins at `egui`.
const BEFORE_A_PATH: &[&str] = &["use", "as", "in", "return", "dyn", "impl", "mut", "for", "match", "if"];

fn paths(tokens: &[Token]) -> Vec<Named> {
    let sign = |i: usize| tokens.get(i).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        if tokens[i].is_word() && !BEFORE_A_PATH.contains(&sign(i)) {
            let imported = i > 0 && sign(i - 1) == "use";
            i = path_from(tokens, i, &[], imported, &mut found);
        } else {
            i += 1;
        }
    }
    found
}

/// Reads one path, with all of its groups, and returns the place after it.
fn path_from(tokens: &[Token], start: usize, before: &[String], imported: bool, found: &mut Vec<Named>) -> usize {
    let sign = |i: usize| tokens.get(i).map_or("", |token| token.text.as_str());
    let mut names = before.to_vec();
    let mut i = start;
    while tokens.get(i).is_some_and(Token::is_word) {
        names.push(sign(i).to_owned());
        i += 1;
        if sign(i) != "::" {
            break;
        }
        i += 1;
    }
    let line = tokens[i.min(tokens.len()) - 1].line;
    if sign(i) == "{" && sign(i - 1) == "::" {
        i += 1;
        while i < tokens.len() && sign(i) != "}" {
            let next = path_from(tokens, i, &names, imported, found);
            i = next.max(i + 1);
        }
        return i + 1;
    }
    if i > start {
        found.push(Named { names, line, imported });
    }
    i
}
