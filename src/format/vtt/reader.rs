//! The reader of WebVTT; see the format's own head for what it takes.

use memchr::{memchr, memrchr};

use super::super::draft::{Draft, Drafts};
use super::super::markup::Plain;
use super::super::stamp::{LineCounter, TimeLine, TimeLines, read_time};
use super::super::warning::shorten;
use super::super::writing::MOST_LINE_ENDS;
use super::super::{WarningKind, Warnings, srt};
use super::{Style, has_header, is_blank, push_times};
use crate::time::{CueTime, TimeDelta};
use crate::transcript::CueOrigin;

/// Reads the cues of a WebVTT text.
pub(super) fn parse(text: &str, drafts: &mut Drafts, warnings: &mut Warnings) {
    let mut reader = Reader {
        text,
        drafts,
        warnings,
        plain: Plain::default(),
        lines: LineCounter::new(text),
        times: TimeLines::new(text),
        cues: 0,
        style: Style::default(),
        knows_style: false,
        lost_breaks: false,
        first_map: None,
        is_joined: false,
        shift: TimeDelta::ZERO,
        scratch: String::new(),
    };
    reader.read();
    let ends = text.len() - text.trim_end_matches('\n').len();
    reader.style.ends = Some(ends.min(MOST_LINE_ENDS)).filter(|ends| *ends != 1);
    let style = reader.style.to_words();
    drafts.style = style;
}

struct Reader<'a, 'd> {
    text: &'a str,
    drafts: &'d mut Drafts,
    warnings: &'d mut Warnings,
    plain: Plain,
    lines: LineCounter<'a>,
    times: TimeLines<'a>,
    /// How many cues there were.
    cues: usize,
    style: Style,
    /// Whether a time below one hour has shown how they are written.
    knows_style: bool,
    /// Whether lost line breaks were told.
    lost_breaks: bool,
    first_map: Option<Map>,
    /// Whether several files put together were told.
    is_joined: bool,
    /// By how much the cues of this segment are moved.
    shift: TimeDelta,
    scratch: String,
}

impl<'a> Reader<'a, '_> {
    fn read(&mut self) {
        let mut next = self.times.next();
        let to = next.map_or(self.text.len(), |line| line.from);
        let from = self.header(to, next.is_some());
        if next.is_some_and(|first| is_collapsed(self.text, first)) {
            return srt::parse(self.text, from, srt::Numbers::Optional, self.drafts, self.warnings);
        }
        let mut identifier = self.blocks(from, to, next.is_some());
        while let Some(head) = next {
            next = self.times.next();
            let to = next.map_or(self.text.len(), |line| line.from);
            let stray_arrow = next.map_or_else(|| self.times.rejected(), |line| line.rejected);
            identifier = self.cue(identifier, head, to, next.is_some(), stray_arrow);
        }
    }

    /// The line that begins at `from`, and where the next begins, none beyond `to`.
    fn line(&self, from: usize, to: usize) -> (&'a str, usize) {
        let rest = self.text.get(from..to).unwrap_or("");
        match memchr(b'\n', rest.as_bytes()) {
            Some(at) => (rest.get(..at).unwrap_or(""), from + at + 1),
            None => (rest, to),
        }
    }

    /// Where the next empty line begins, or `to`.
    fn next_empty_line(&self, from: usize, to: usize) -> usize {
        let mut at = from;
        while at < to && self.text.as_bytes().get(at) != Some(&b'\n') {
            at = self.line(at, to).1;
        }
        at
    }

    /// The first place that is no line break.
    fn skip_empty_lines(&self, from: usize, to: usize) -> usize {
        let rest = self.text.as_bytes().get(from..to).unwrap_or_default();
        from + rest.iter().take_while(|byte| **byte == b'\n').count()
    }

    /// The signature's line and the headers below it. `Kind` and `Language` come from an early draft of the format
    /// and are still written by YouTube. Gives back where they end.
    fn header(&mut self, to: usize, time_follows: bool) -> usize {
        if !has_header(self.text) {
            let (what, text) = ("the first line is missing", "WEBVTT".to_owned());
            self.warnings.push(1, WarningKind::Malformed { what, text });
            return 0;
        }
        let from = self.text.len() - self.text.trim_start_matches(is_blank).len();
        let (signature, mut at) = self.line(from, to);
        let said = signature.strip_prefix("WEBVTT").unwrap_or("").trim();
        self.drafts.title = said.strip_prefix('-').map(|title| title.trim().to_owned());
        said.split(';').for_each(|said| self.header_line(said));
        let mut is_sheet = false;
        while at < to && self.text.as_bytes().get(at) != Some(&b'\n') {
            let (line, after) = self.line(at, to);
            let is_field = line.contains([':', '=']);
            if after == to && time_follows && !is_field {
                break; // the first cue's identifier
            }
            is_sheet |= is_definition(line);
            self.header_line(line);
            if !is_field && !is_sheet && !is_comment(line) {
                self.tell_stray(at, line);
            }
            at = after;
        }
        if at == to && !self.text.get(..to).unwrap_or("").ends_with('\n') {
            // Line breaks were lost: what stands behind the signature may be the first cue's number.
            self.drafts.head.push_str("WEBVTT\n");
            return from + "WEBVTT".len();
        }
        let head = self.text.get(from..at).unwrap_or("").trim_end_matches('\n');
        self.drafts.head.push_str(head);
        self.drafts.head.push('\n');
        at
    }

    fn header_line(&mut self, line: &str) {
        if let Some(map) = line.strip_prefix("X-TIMESTAMP-MAP") {
            self.first_map = Map::read(map);
            if self.first_map.is_none() {
                let (what, text) = ("a map of times that is none", shorten(line));
                self.warnings.push(1, WarningKind::Malformed { what, text });
            }
        } else if let Some((name, value)) = line.split_once(':')
            && name.trim().eq_ignore_ascii_case("language")
            && !value.trim().is_empty()
        {
            self.drafts.language = Some(value.trim().chars().take(35).collect());
        }
    }

    fn tell_stray(&mut self, at: usize, line: &str) {
        let text = shorten(line);
        let kind = if line.contains("-->") {
            // The description drops such a cue; with the cue before, its text would be read at the wrong time.
            let what = "a cue whose times cannot be read was left out";
            WarningKind::Malformed { what, text }
        } else {
            WarningKind::StrayText { text }
        };
        self.warnings.push(self.lines.line_at(at), kind);
    }

    /// What stands between a cue's text, or the header, and the next time line. Gives the identifier above that.
    fn blocks(&mut self, from: usize, to: usize, time_follows: bool) -> Option<&'a str> {
        let mut at = from;
        while at < to {
            let block = self.skip_empty_lines(at, to);
            let is_last = block == to && !time_follows;
            if block > at + 1 && !is_last {
                let further = self.text.get(at + 1..block).unwrap_or("");
                self.drafts.blocks.push((self.lines.line_at(at), further.to_owned()));
            }
            at = self.next_empty_line(block, to);
            let above_times = time_follows && at == to;
            if block < at
                && let Some(identifier) = self.block(block, at, above_times)
            {
                return Some(identifier);
            }
        }
        None
    }

    /// A block of lines. Gives its last one where that is the identifier of the time line below.
    fn block(&mut self, from: usize, to: usize, above_times: bool) -> Option<&'a str> {
        let (first, second) = self.line(from, to);
        let is_single = second == to;
        let whole = self.text.get(from..to).unwrap_or("");
        if is_comment(first) || is_definition(first) && !(is_single && above_times) || whole.trim().is_empty() {
            let block = (self.lines.line_at(from), whole.trim_end_matches('\n').to_owned());
            self.drafts.blocks.push(block);
            return None;
        }
        if has_header(first) && !is_single {
            self.further_header(from, whole);
            return None;
        }
        let mut at = from;
        while at < to {
            let (line, after) = self.line(at, to);
            if above_times && after == to && !line.contains("-->") {
                let is_whole = self.text.get(..to).unwrap_or("").ends_with('\n');
                return Some(if is_whole { line } else { line.trim() });
            }
            self.tell_stray(at, line);
            at = after;
        }
        None
    }

    /// Segments of a stream put together: the header of the next one.
    fn further_header(&mut self, from: usize, header: &str) {
        let what = "several files one after the other; their X-TIMESTAMP-MAP tells their order";
        if !self.is_joined {
            self.is_joined = true;
            self.warnings
                .push(self.lines.line_at(from), WarningKind::Mended { what });
        }
        let map = header
            .lines()
            .find_map(|line| Map::read(line.strip_prefix("X-TIMESTAMP-MAP")?));
        self.shift = match (self.first_map, map) {
            (Some(first), Some(map)) => map.shift_from(first),
            _ => TimeDelta::ZERO,
        };
    }

    /// A cue: its time line, its text, and what stands between that and the time line at `to`. Gives the identifier
    /// above that.
    fn cue(
        &mut self,
        identifier: Option<&'a str>,
        head: TimeLine,
        to: usize,
        time_follows: bool,
        stray_arrow: Option<usize>,
    ) -> Option<&'a str> {
        self.cues += 1;
        let line = self.lines.line_at(head.from);
        let (tail, mut from) = self.line(head.to, to);
        let mut settings_to = head.to;
        let mut is_flat = !head.at_line_start;
        let mut text_from = from;
        if !tail.trim().is_empty() {
            if is_settings(tail) {
                settings_to += tail.len();
            } else {
                text_from = head.to;
                is_flat = true;
            }
        }
        if is_flat && !self.lost_breaks {
            self.lost_breaks = true;
            self.warnings.push(line, WarningKind::LostLineBreaks);
        }
        // A blank line between the times and the text is no end: there was nothing yet to end.
        let below = self.skip_empty_lines(from, to);
        if text_from == from && below > from && self.is_text_alone(below, to, time_follows) {
            (from, text_from) = (below, below);
        }
        let mut text_to = self.next_empty_line(from, to);
        let mut following = None;
        if text_to == to && time_follows {
            (text_to, following) = self.number_above_times(text_from, to);
        }
        let mut draft = Draft::new(line, head.start + self.shift, Some(head.end + self.shift));
        let settings = self.text.get(head.settings..settings_to).unwrap_or("").trim();
        draft.origin = self.origin(identifier, head, settings, is_flat);
        draft.payload = (text_from..text_to).into();
        let text = self.text.get(text_from..text_to).unwrap_or("");
        self.plain.read(text, is_flat, line, self.warnings);
        self.drafts.add(draft, &self.plain);
        if let Some(at) = stray_arrow.filter(|at| (text_from..text_to).contains(at)) {
            srt::tell_bad_time_line(self.text, text_from, at, self.lines.line_at(at), self.warnings);
        }
        following.or_else(|| self.blocks(text_to, to, time_follows))
    }

    /// Whether the block at `from` can only be the text of the cue above.
    fn is_text_alone(&self, from: usize, to: usize, time_follows: bool) -> bool {
        let (first, second) = self.line(from, to);
        let is_identifier = time_follows && second == to;
        from < to
            && !is_identifier
            && !is_comment(first)
            && !is_definition(first)
            && !has_header(first)
            && !first.contains("-->")
    }

    /// Where no blank line parts two cues, a number on the last line, or behind it, is the second one's.
    fn number_above_times(&self, from: usize, to: usize) -> (usize, Option<&'a str>) {
        let text = self.text.get(from..to).unwrap_or("");
        let lines = text.strip_suffix('\n').unwrap_or(text);
        let last_from = memrchr(b'\n', lines.as_bytes()).map_or(0, |at| at + 1);
        let last = lines.get(last_from..).unwrap_or("");
        if is_number(last) {
            return (from + last_from, Some(last));
        }
        let word = last.split_whitespace().next_back().unwrap_or("");
        let is_next = lines.len() == text.len() && self.style.numbered && word.parse() == Ok(self.cues + 1);
        if is_next {
            return (from + lines.trim_end().len() - word.len(), Some(word));
        }
        (to, None)
    }

    /// What a cue has beside its text, where it has anything.
    fn origin(
        &mut self,
        identifier: Option<&str>,
        head: TimeLine,
        settings: &str,
        is_flat: bool,
    ) -> Option<Box<CueOrigin>> {
        if self.cues == 1 {
            self.style.numbered = identifier.is_some_and(|identifier| identifier.trim_end() == "1");
        }
        let is_running = |identifier: &str| {
            let identifier = identifier.trim_end();
            self.style.numbered && identifier.parse() == Ok(self.cues) && !identifier.starts_with(['0', '+'])
        };
        let identifier = match identifier {
            Some(identifier) => Some(identifier).filter(|identifier| !is_running(identifier)),
            None => self.style.numbered.then_some(""),
        };
        let extra = if is_flat {
            None
        } else {
            self.unusual_time_line(head, settings)
        };
        if identifier.is_none() && settings.is_empty() && extra.is_none() {
            return None;
        }
        Some(Box::new(CueOrigin {
            identifier: identifier.map(str::to_owned),
            settings: (!settings.is_empty()).then(|| settings.to_owned()),
            extra: extra.map(Into::into),
            ..CueOrigin::default()
        }))
    }

    /// The time line, where it is right and still not as it would be written.
    fn unusual_time_line(&mut self, head: TimeLine, settings: &str) -> Option<&'a str> {
        let hour = CueTime::from_millis(3_600_000);
        if !self.knows_style && head.start < hour {
            self.knows_style = true;
            self.style.short = memchr(b':', self.text.as_bytes().get(head.from + 3..head.from + 6)?).is_none();
        }
        let line_from = memrchr(b'\n', self.text.as_bytes().get(..head.from)?).map_or(0, |at| at + 1);
        let (line, _) = self.line(line_from, self.text.len());
        let times = self.text.get(head.from..head.settings)?;
        let is_usual = line.strip_prefix(times).is_some_and(|rest| {
            let is_usual = match rest.strip_prefix(' ') {
                Some(rest) => rest == settings && !settings.is_empty(),
                None => rest.is_empty(),
            };
            is_usual && self.is_written_so(head, times)
        });
        (!is_usual && is_valid_time_line(line)).then_some(line)
    }

    /// Whether times stand there as the writer would write them.
    fn is_written_so(&mut self, head: TimeLine, times: &str) -> bool {
        // What nearly all are: two digits everywhere, and three at the end.
        if !self.style.short
            && let [
                _,
                _,
                b':',
                b'0'..=b'5',
                _,
                b':',
                b'0'..=b'5',
                _,
                b'.',
                _,
                _,
                _,
                rest @ ..,
            ] = times.as_bytes()
            && let [b' ', b'-', b'-', b'>', b' ', rest @ ..] = rest
            && let [_, _, b':', b'0'..=b'5', _, b':', b'0'..=b'5', _, b'.', _, _, _] = rest
        {
            return true;
        }
        self.scratch.clear();
        push_times(head.start, head.end, self.style.short, &mut self.scratch);
        times == self.scratch
    }
}

/// Whether the file's line breaks were lost: the text of the first cue stands on the line of its times, and the next
/// times, if there are any, stand there as well.
fn is_collapsed(text: &str, first: TimeLine) -> bool {
    let (line, _) = text
        .get(first.to..)
        .unwrap_or("")
        .split_once('\n')
        .unwrap_or((text.get(first.to..).unwrap_or(""), ""));
    let is_flat = !first.at_line_start || !line.trim().is_empty() && !is_settings(line);
    is_flat && {
        let second = TimeLines::starting_at(text, first.to).next();
        let to = second.map_or(text.trim_end().len(), |second| second.from);
        text.get(first.to..to).is_some_and(|between| !between.contains('\n'))
    }
}

/// Settings that the scanner of time lines does not know: of a later description, or mistaken ones.
fn is_settings(tail: &str) -> bool {
    const KNOWN: [&str; 6] = ["align", "line", "position", "region", "size", "vertical"];
    let is_setting = |token: &str| {
        let parts = token.split_once([':', '=']);
        parts.is_some_and(|(name, value)| !value.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()))
    };
    let first = tail.split_whitespace().next().unwrap_or("");
    let name = first.split([':', '=']).next().unwrap_or("");
    KNOWN.contains(&name) || tail.split_whitespace().all(is_setting)
}

/// Section 4.1: two-digit minutes and seconds, three digits of a second, blanks around the arrow.
fn is_valid_time_line(line: &str) -> bool {
    let Some((start, rest)) = line.split_once("-->") else {
        return false;
    };
    let end = rest.trim_start_matches([' ', '\t']);
    let end = end.split([' ', '\t']).next().unwrap_or("");
    start.ends_with([' ', '\t']) && rest.starts_with([' ', '\t']) && is_valid_time(start.trim()) && is_valid_time(end)
}

fn is_valid_time(stamp: &str) -> bool {
    let is_read = read_time(stamp.as_bytes()).is_some_and(|read| read.length == stamp.len() && read.in_range);
    let lengths: Vec<usize> = stamp.split([':', '.']).take(5).map(str::len).collect();
    let is_full = matches!(lengths.as_slice(), [2, 2, 3] | [_, 2, 2, 3]);
    is_read && is_full && lengths.first() > Some(&1) && !stamp.starts_with('-')
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `NOTE` and nothing longer (section 4.1): a cue may be called `NOTEBOOK`.
fn is_comment(text: &str) -> bool {
    text.strip_prefix("NOTE")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

/// A style sheet or a region; a cue whose identifier is that word has its times below.
fn is_definition(text: &str) -> bool {
    matches!(text.trim_end(), "STYLE" | "REGION")
}

/// What `X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000` says: at that time of the cues' clock the stream's shows
/// so many ticks.
#[derive(Debug, Clone, Copy)]
struct Map {
    local: CueTime,
    ticks: u64,
}

impl Map {
    /// A stream's clock has 90,000 ticks a second and begins again after 33 bits of them: once in 26 hours.
    const WRAP: u64 = 1 << 33;

    fn read(after_name: &str) -> Option<Self> {
        let (mut local, mut ticks) = (None, None);
        for part in after_name.trim().strip_prefix('=')?.split(',') {
            match part.trim().split_once(':')? {
                ("LOCAL", time) => local = read_time(time.as_bytes()).map(|stamp| stamp.time),
                ("MPEGTS", count) => ticks = count.trim().parse::<u64>().ok(),
                _ => {}
            }
        }
        let ticks = ticks? % Self::WRAP;
        Some(Self { local: local?, ticks })
    }

    fn shift_from(self, first: Self) -> TimeDelta {
        let ahead = (self.ticks + Self::WRAP - first.ticks) % Self::WRAP;
        let ticks = if ahead > Self::WRAP / 2 {
            ahead as i64 - Self::WRAP as i64
        } else {
            ahead as i64
        };
        TimeDelta::from_micros(ticks * 100 / 9) - (self.local - first.local)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Drafts, Vec<(u32, &'static str)>) {
        let (mut drafts, mut warnings) = (Drafts::default(), Warnings::default());
        parse(text, &mut drafts, &mut warnings);
        (
            drafts,
            warnings
                .into_sorted()
                .iter()
                .map(|warning| (warning.line, warning.kind.name()))
                .collect(),
        )
    }

    fn texts(drafts: &Drafts) -> Vec<&str> {
        drafts.cues.iter().map(|cue| drafts.text_of(cue)).collect()
    }

    #[test]
    fn blocks_of_every_kind() {
        let (drafts, warnings) = read(
            "WEBVTT - a talk\nKind: captions\nLanguage: en-GB\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:r\n\n\
             NOTE about\nthis\n\nintro\n00:01.000 --> 00:02.000 align:start line:0\nOne\n\n00:02.000 --> 00:03.000\nTwo\nlines\n",
        );
        assert_eq!(warnings, []);
        assert_eq!(drafts.language.as_deref(), Some("en-GB"));
        assert_eq!(texts(&drafts), ["One", "Two\nlines"]);
        let origin = drafts.cues[0].origin.as_deref();
        let expected = CueOrigin {
            identifier: Some("intro".into()),
            settings: Some("align:start line:0".into()),
            ..CueOrigin::default()
        };
        assert_eq!(origin, Some(&expected));
        assert_eq!(drafts.cues[1].origin, None);
    }

    #[test]
    fn words_have_the_times_given() {
        let (drafts, _) = read("WEBVTT\n\n00:01.000 --> 00:03.000\n<00:01.000>Hello <00:02.000><c>world</c>\n");
        assert_eq!(texts(&drafts), ["Hello world"]);
        let starts: Vec<CueTime> = drafts.words.iter().map(|word| word.span.start).collect();
        assert_eq!(starts, [CueTime::from_millis(1_000), CueTime::from_millis(2_000)]);
    }
}
