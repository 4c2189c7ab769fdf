//! Transcripts in word processors' files: their paragraphs are lines of plain text, read as such.
//!
//! Both kinds are ZIP archives with one XML file that holds the text. Nothing else is unpacked, nothing they refer to
//! is fetched, and what unpacks to more than any transcript is refused.
//!
//! | layout | who | read as |
//! |---|---|---|
//! | `Ada Reyes  0:03`, text below or in the next paragraph | Teams, Otter | a name before a time code |
//! | two times with an arrow, name, text | Teams until 2023 | SubRip, the names marked |
//! | `Speaker 1 (00:12):`, `[00:12] text` | Rev, Trint, people | time codes |
//! | a table of time, speaker and text, in any order | Rev, Descript, researchers | `[time] speaker: text` |
//! | SubRip or WebVTT pasted | people | that |

pub(super) mod docx;
pub(super) mod odt;

use std::borrow::Cow;
use std::io::{Cursor, Read};

use zip::result::ZipError;

use super::draft::Drafts;
use super::speakers::name_form;
use super::stamp::TimeLines;
use super::timed_text::only_times;
use super::{Options, ReadError, WarningKind, Warnings, detect};

type Archive<'a> = zip::ZipArchive<Cursor<&'a [u8]>>;

/// A text that unpacks to more is no transcript: a hundred hours of speech with all of Word's markup are a quarter.
const LARGEST: u64 = 64 << 20;
/// A document has a few dozen parts, and one for each picture.
const MOST_PARTS: usize = 20_000;
/// Tables inside tables beyond this are read as their text alone.
const DEEPEST: usize = 8;

fn broken(what: impl Into<String>) -> ReadError {
    ReadError::Broken { what: what.into() }
}

/// Whether bytes hold a name.
fn holds(bytes: &[u8], name: &[u8]) -> bool {
    bytes.windows(name.len()).any(|window| window == name)
}

/// Opens the archive, if it has no more parts than a document.
fn open(bytes: &[u8]) -> Result<Archive<'_>, ReadError> {
    // Each part has such a mark in the archive's list, which is read whole before it can be counted.
    let marks = bytes.windows(4).filter(|window| window == b"PK\x01\x02");
    if marks.take(MOST_PARTS + 1).count() > MOST_PARTS {
        return Err(broken(format!(
            "the archive has more than {MOST_PARTS} parts; it is no document"
        )));
    }
    Archive::new(Cursor::new(bytes)).map_err(|error| broken(format!("the archive cannot be opened: {error}")))
}

/// The text of a part, and why it ends early if it does.
fn part(archive: &mut Archive<'_>, name: &str) -> Result<(String, Option<String>), ReadError> {
    let file = match archive.by_name(name) {
        Ok(file) => file,
        Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => return Err(locked()),
        Err(error) => return Err(broken(format!("{name} cannot be unpacked: {error}"))),
    };
    let mut bytes = Vec::new();
    let cut = file.take(LARGEST + 1).read_to_end(&mut bytes).err();
    if bytes.len() as u64 > LARGEST {
        let limit = LARGEST >> 20;
        return Err(broken(format!(
            "{name} unpacks to more than {limit} MB; it is no transcript"
        )));
    }
    // What is no UTF-8 is no XML as these programs write it; the mistake shows as such where the text is taken apart.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok((text, cut.map(|error| format!("{name} cannot be unpacked: {error}"))))
}

fn locked() -> ReadError {
    broken("the document is encrypted; save it without a password")
}

/// Reads the lines of a document as what they are. Where the archive is damaged, what stands before is read.
fn hand_over(
    lines: &str,
    cut: Option<String>,
    options: &Options<'_>,
    drafts: &mut Drafts,
    warnings: &mut Warnings,
) -> Result<(), ReadError> {
    detect::read_inside(&with_names_marked(lines), options, drafts, warnings)?;
    match cut {
        Some(why) if drafts.cues.is_empty() => Err(broken(why)),
        Some(why) => {
            warnings.push(0, WarningKind::CutOff { why });
            Ok(())
        }
        None => Ok(()),
    }
}

/// Until 2023 Teams wrote the times, the name on the next line and the text below: the name gets a colon, by which it
/// is known for one. A cue of SubRip that begins so is rare, so nearly all must.
fn with_names_marked(text: &str) -> Cow<'_, str> {
    let is_times = |line: &str| TimeLines::new(line).next().is_some_and(|times| times.at_line_start);
    let mut names = Vec::new();
    let mut count = 0_usize;
    let mut lines = text.split('\n').filter(|line| !line.trim().is_empty()).peekable();
    while let Some(line) = lines.next() {
        if !is_times(line) {
            continue;
        }
        count += 1;
        let name = lines.next_if(|line| name_form(line.trim()).is_some());
        if let (Some(name), Some(next)) = (name, lines.peek())
            && !is_times(next)
        {
            names.push(name.as_ptr() as usize - text.as_ptr() as usize + name.trim_end().len());
        }
    }
    if names.is_empty() || names.len() * 10 < count * 8 {
        return Cow::Borrowed(text);
    }
    let mut marked = String::with_capacity(text.len() + names.len());
    let mut from = 0;
    for end in names {
        marked.push_str(text.get(from..end).unwrap_or(""));
        marked.push(':');
        from = end;
    }
    marked.push_str(text.get(from..).unwrap_or(""));
    Cow::Owned(marked)
}

/// The lines of a document while it is read.
#[derive(Debug, Default)]
struct Lines {
    done: String,
    paragraph: String,
    /// The rows of tables that are open, the inner last, each with its cells.
    rows: Vec<Vec<String>>,
    /// How many rows are open beyond those.
    deeper: usize,
    /// What was left out, and how often.
    left_out: Vec<(&'static str, usize)>,
}

impl Lines {
    fn push(&mut self, text: &str) {
        self.paragraph.push_str(text);
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        self.add(&paragraph);
    }

    /// Adds lines to the innermost cell.
    fn add(&mut self, lines: &str) {
        let to = self
            .rows
            .last_mut()
            .and_then(|cells| cells.last_mut())
            .unwrap_or(&mut self.done);
        to.push_str(lines);
        to.push('\n');
    }

    fn open_row(&mut self) {
        self.end_open_paragraph();
        if self.rows.len() < DEEPEST {
            self.rows.push(Vec::new());
        } else {
            self.deeper += 1;
        }
    }

    fn open_cell(&mut self) {
        self.end_open_paragraph();
        if let Some(cells) = self.rows.last_mut() {
            cells.push(String::new());
        }
    }

    fn close_row(&mut self) {
        self.end_open_paragraph();
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some(cells) = self.rows.pop() {
            self.add(&row(&cells));
        }
    }

    /// A paragraph begins inside another where text stands in a frame.
    fn end_open_paragraph(&mut self) {
        if !self.paragraph.is_empty() {
            self.end_paragraph();
        }
    }

    fn leave_out(&mut self, what: &'static str) {
        match self.left_out.iter_mut().find(|(left_out, _)| *left_out == what) {
            Some((_, count)) => *count += 1,
            None => self.left_out.push((what, 1)),
        }
    }

    fn finish(mut self, warnings: &mut Warnings) -> String {
        self.end_open_paragraph();
        while !self.rows.is_empty() {
            self.close_row();
        }
        for (what, count) in self.left_out {
            let text = count.to_string();
            warnings.push(0, WarningKind::Malformed { what, text });
        }
        self.done
    }
}

/// A row of a table as lines: where cells hold times these come first, in brackets, then the name; else cell by cell.
fn row(cells: &[String]) -> String {
    const LONGEST: usize = 64;
    let cells = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
    let (times, texts): (Vec<&str>, Vec<&str>) = cells.partition(|cell| only_times(cell).is_some());
    let mut texts = texts.as_slice();
    let mut out = match times
        .iter()
        .filter_map(|cell| only_times(cell))
        .collect::<Vec<_>>()
        .as_slice()
    {
        [] => return texts.join("\n"),
        [time] => format!("[{time}] "),
        [start, end, rest @ ..] => {
            let rest: Vec<&str> = rest.iter().chain(&[""]).copied().collect();
            format!("[{start} --> {end}] {}", rest.join(" "))
        }
    };
    // A column that counts the rows.
    if let [number, rest @ ..] = texts
        && !rest.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        texts = rest;
    }
    if let [name, rest @ ..] = texts
        && !rest.is_empty()
        && name.len() <= LONGEST
        && name_form(name.trim_end_matches(':')).is_some()
    {
        out.push_str(name.trim_end_matches(':'));
        out.push_str(": ");
        texts = rest;
    }
    out.push_str(&texts.join("\n"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_with_times_become_lines_with_time_codes() {
        for (cells, expected) in [
            (&["0:12", "Ada Reyes", "Hi\nthere"][..], "[0:12] Ada Reyes: Hi\nthere"),
            (&["Ada:", "[00:00:12]", "Hi"], "[00:00:12] Ada: Hi"),
            (&["00:12.5", "00:14", "Hi"], "[00:12.5 --> 00:14] Hi"),
            (&["3", "0:12", "Hi"], "[0:12] Hi"),
            (&["0:12", "0:14", "0:02", "2"], "[0:12 --> 0:14] 0:02 2"),
            (&["Time", "Speaker", " "], "Time\nSpeaker"),
        ] {
            let cells: Vec<String> = cells.iter().map(|&cell| cell.to_owned()).collect();
            assert_eq!(row(&cells), expected);
        }
    }

    fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            writer
                .start_file(*name, zip::write::SimpleFileOptions::default())
                .expect("a part");
            std::io::Write::write_all(&mut writer, bytes).expect("bytes");
        }
        writer.finish().expect("an archive").into_inner()
    }

    fn refusal(bytes: &[u8]) -> String {
        super::super::read(bytes, &Options::default())
            .expect_err("a refusal")
            .to_string()
    }

    #[test]
    fn what_unpacks_to_more_than_a_transcript_is_refused() {
        let bomb = archive(&[("word/document.xml", &vec![b' '; (LARGEST + 1) as usize])]);
        assert!(bomb.len() < 1 << 20);
        assert!(
            refusal(&bomb).contains("unpacks to more than 64 MB"),
            "{}",
            refusal(&bomb)
        );
        let name = |i: usize| format!("word/document{i}");
        let names: Vec<String> = (0..=MOST_PARTS).map(name).collect();
        let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert!(refusal(&archive(&parts)).contains("more than 20000 parts"));
    }

    #[test]
    fn tables_in_tables_cost_no_more_than_their_text() {
        let depth = 200_000;
        let xml = format!(
            "<d>{}<w:p><w:t>[0:01] deep</w:t></w:p>{}</d>",
            "<w:tr><w:tc>".repeat(depth),
            "</w:tc></w:tr>".repeat(depth)
        );
        let bytes = archive(&[("word/document.xml", xml.as_bytes())]);
        let reading = super::super::read(&bytes, &Options::default()).expect("a transcript");
        assert_eq!(&*reading.transcript.cues[0].text, "deep");
    }

    #[test]
    fn a_name_below_the_times_is_marked_where_nearly_all_have_one() {
        let times = "0:0:0.0 --> 0:0:2.5";
        let teams = format!("{times}\nAda Reyes\nHi.\n{times}\nBen Moor \nHello.");
        let marked = format!("{times}\nAda Reyes:\nHi.\n{times}\nBen Moor: \nHello.");
        assert_eq!(with_names_marked(&teams), marked);
        let srt = format!("1\n{times}\nAda\n\n2\n{times}\nit rained\nand rained");
        assert_eq!(with_names_marked(&srt), srt);
    }
}
