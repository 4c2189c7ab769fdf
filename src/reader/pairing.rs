//! Which recording belongs to which transcript, by their names in one folder.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::format::Format;

/// One half of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// The text.
    Transcript,
    /// The sound.
    Recording,
}

/// Extensions of recordings, video included for its sound.
pub const RECORDINGS: &[&str] = &[
    "mp3", "wav", "flac", "ogg", "oga", "m4a", "m4b", "aac", "mp4", "m4v", "mov", "mkv", "mka", "webm", "aif", "aiff",
    "caf", "mp2", "opus", "wave", "aifc", "mp1", "mpga", "rf64", "bwf", "wma", "wmv", "asf", "amr", "3gp", "3gpp",
    "3g2", "ac3", "eac3", "au", "snd", "spx", "wv", "tta", "ape", "w64", "avi", "mpg", "mpeg", "ts", "m2ts", "flv",
    "ogv", "ra", "dts",
];

/// Extensions of transcripts, the likeliest first, then as the table of formats has them.
pub static TRANSCRIPTS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut extensions = vec!["srt", "vtt", "txt", "md"];
    let of_text = Format::all().filter(|format| !format.is_recording());
    for extension in of_text.flat_map(|format| format.extensions().iter().copied()) {
        if !extensions.contains(&extension) {
            extensions.push(extension);
        }
    }
    extensions
});

/// Files that lie in many folders and are seldom transcripts: they need the recording's name to be taken for one.
const OFTEN_OTHERS: [&str; 9] = ["json", "xml", "html", "htm", "csv", "tsv", "docx", "odt", "rss"];

/// Which half a file is, by its extension. What is not known as sound is read as text.
pub fn half_of(path: &Path) -> Half {
    let known = extension(path).is_some_and(|ext| RECORDINGS.contains(&ext.as_str()));
    if known { Half::Recording } else { Half::Transcript }
}

/// The file in `listing` (one folder) that is the other half of `path`.
///
/// `talk.srt` and `talk.en.srt` belong to `talk.mp3`, so does `talk.mp3.vtt`; the closest name wins. Without such
/// a name, a folder that holds just one transcript and one recording is taken at its word.
pub fn partner(path: &Path, listing: &[PathBuf]) -> Option<PathBuf> {
    let wanted = match half_of(path) {
        Half::Transcript => RECORDINGS,
        Half::Recording => TRANSCRIPTS.as_slice(),
    };
    let of = |extensions: &[&str]| -> Vec<&PathBuf> {
        listing
            .iter()
            .filter(|other| extension(other).is_some_and(|ext| extensions.contains(&ext.as_str())))
            .collect()
    };
    let candidates = of(wanted);
    let best = candidates
        .iter()
        .filter(|other| other.as_path() != path)
        .filter_map(|other| Some((distance(path, other)?, rank(other, wanted), other)))
        .min();
    if let Some((_, _, found)) = best {
        return Some((*found).clone());
    }
    let mut own = of(if half_of(path) == Half::Transcript {
        TRANSCRIPTS.as_slice()
    } else {
        RECORDINGS
    });
    let mut candidates = candidates;
    for files in [&mut own, &mut candidates] {
        files.retain(|file| *file == path || extension(file).is_none_or(|ext| !OFTEN_OTHERS.contains(&ext.as_str())));
    }
    match (candidates.as_slice(), own.as_slice()) {
        ([only], [this]) if this.as_path() == path => Some((*only).clone()),
        _ => None,
    }
}

fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

fn rank(path: &Path, extensions: &[&str]) -> usize {
    extension(path)
        .and_then(|ext| extensions.iter().position(|known| *known == ext))
        .unwrap_or(usize::MAX)
}

/// How many name parts lie between the two, `None` when they are not of one family.
fn distance(a: &Path, b: &Path) -> Option<usize> {
    let (a, b) = (parts(a)?, parts(b)?);
    let common = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    // One must begin with the whole of the other: `talk` and `talk.en`, not `talk.one` and `talk.two`.
    (common > 0 && (common == a.len() || common == b.len())).then(|| a.len() + b.len() - 2 * common)
}

/// `talk.mp3.en.vtt` → `["talk"]` + `["en"]`: the name in its dotted parts, known extensions left out.
fn parts(path: &Path) -> Option<Vec<String>> {
    let name = path.file_name()?.to_str()?.to_lowercase();
    let mut parts: Vec<String> = name.split('.').map(str::to_owned).collect();
    while parts.len() > 1 && parts.last().is_some_and(|part| is_known(part)) {
        parts.pop();
    }
    let mut kept: Vec<String> = Vec::with_capacity(parts.len());
    for (i, part) in parts.into_iter().enumerate() {
        if i == 0 || !is_known(&part) {
            kept.push(part);
        }
    }
    Some(kept)
}

fn is_known(part: &str) -> bool {
    RECORDINGS.contains(&part) || TRANSCRIPTS.contains(&part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(path: &str, listing: &[&str]) -> Option<String> {
        let listing: Vec<PathBuf> = listing.iter().map(PathBuf::from).collect();
        partner(Path::new(path), &listing).map(|found| found.display().to_string())
    }

    #[test]
    fn halves_find_each_other_by_name() {
        let folder = ["talk.mp3", "talk.en.srt", "other.mp3", "other.srt", "cover.jpg"];
        assert_eq!(find("talk.en.srt", &folder).as_deref(), Some("talk.mp3"));
        assert_eq!(find("talk.mp3", &folder).as_deref(), Some("talk.en.srt"));
        assert_eq!(find("other.srt", &folder).as_deref(), Some("other.mp3"));
        assert_eq!(
            find("a.mp3.vtt", &["a.mp3", "a.mp3.vtt", "b.mp3"]).as_deref(),
            Some("a.mp3")
        );
        assert_eq!(
            find("a.mp3", &["a.mp3", "a.mp3.vtt", "a.srt"]).as_deref(),
            Some("a.srt")
        );
    }

    #[test]
    fn a_single_pair_needs_no_name() {
        assert_eq!(
            find("x.srt", &["x.srt", "recording 7.wav"]).as_deref(),
            Some("recording 7.wav")
        );
        assert_eq!(find("x.srt", &["x.srt", "y.srt", "recording 7.wav"]), None);
        assert_eq!(find("x.srt", &["x.srt", "1.wav", "2.wav"]), None);
        // What lies in many folders is no rival, and no transcript by itself.
        let folder = ["x.srt", "package.json", "notes.html", "recording 7.wav"];
        assert_eq!(find("x.srt", &folder).as_deref(), Some("recording 7.wav"));
        assert_eq!(find("recording 7.wav", &folder).as_deref(), Some("x.srt"));
        assert_eq!(find("recording 7.wav", &["package.json", "recording 7.wav"]), None);
        assert_eq!(
            find("talk.mp3", &["talk.json", "talk.mp3"]).as_deref(),
            Some("talk.json")
        );
    }

    #[test]
    fn names_that_only_begin_alike_are_strangers() {
        assert_eq!(find("talk.one.srt", &["talk.one.srt", "talk.two.mp3", "z.mp3"]), None);
        assert_eq!(find("ep1.srt", &["ep1.srt", "ep10.mp3", "ep11.mp3"]), None);
    }
}
