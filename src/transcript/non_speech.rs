//! Which texts tell of something other than speech: `[Music]`, `♪ … ♪`, `(applause)`, `(..)`.
//!
//! Captions and transcripts put sounds, pauses and remarks between brackets of any script, lyrics between notes. Such
//! a cue is kept; it has no speaker, is drawn fainter and may be skipped.

/// Between round brackets people also write what somebody says aside; that is longer than a remark, in bytes.
const LONGEST_REMARK: usize = 120;
/// An aside with an end of a sentence has more words than a remark that happens to be written with one.
const WORDS_OF_REMARK: usize = 3;

/// Whether a text tells of sounds, music or pauses and holds nothing that is said.
pub fn is_non_speech(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() {
        return false;
    }
    if is_sung(text) || is_starred(text) {
        return true;
    }
    // Piece by piece: what stands between brackets or notes is passed over, a letter outside of them is speech.
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or("");
        rest = if let Some(close) = closing(c) {
            let Some((inside, after)) = bracketed(after, c, close) else {
                return false;
            };
            if !is_remark(inside, c) {
                return false;
            }
            after
        } else if is_note(c) {
            match after.find(is_note) {
                Some(at) => after.get(at..).map_or("", |from| from.trim_start_matches(is_note)),
                None => "",
            }
        } else if c.is_alphanumeric() {
            return false;
        } else {
            after
        };
    }
    true
}

/// Lyrics: `♪ la la ♪ la ♪`, and `# la la #` as British captions have it.
fn is_sung(text: &str) -> bool {
    let hashed = text.strip_prefix("# ").and_then(|rest| rest.strip_suffix('#'));
    text.starts_with(is_note) && text.ends_with(is_note) || hashed.is_some_and(|lyrics| !lyrics.contains('#'))
}

/// `*music*`, as Whisper writes it.
fn is_starred(text: &str) -> bool {
    let inside = text.strip_prefix('*').and_then(|rest| rest.strip_suffix('*'));
    inside.is_some_and(|inside| !inside.contains('*') && is_remark(inside, '('))
}

fn is_note(c: char) -> bool {
    matches!(c, '♩' | '♪' | '♫' | '♬' | '🎵' | '🎶')
}

fn closing(open: char) -> Option<char> {
    Some(match open {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '（' => '）',
        '［' => '］',
        '【' => '】',
        '〔' => '〕',
        '〈' => '〉',
        _ => return None,
    })
}

/// What stands between an open bracket and its closing one, and what follows.
fn bracketed(rest: &str, open: char, close: char) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (at, c) in rest.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close && depth == 0 {
            return Some((rest.get(..at)?, rest.get(at + c.len_utf8()..)?));
        } else if c == close {
            depth -= 1;
        }
    }
    None
}

/// Whether what stands between brackets is a remark and not a sentence that somebody says aside.
fn is_remark(inside: &str, open: char) -> bool {
    if !matches!(open, '(' | '（') {
        return inside.len() <= LONGEST_REMARK * 2;
    }
    let ends = inside.trim_end().ends_with(['.', '?', '!', '。', '？', '！']);
    let has_words = inside.chars().any(char::is_alphanumeric);
    let is_aside = has_words && ends && inside.split_whitespace().count() > WORDS_OF_REMARK;
    inside.len() <= LONGEST_REMARK && !is_aside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_pauses_and_songs_are_told_from_speech() {
        for sound in [
            "[Music]",
            "[MUSIC PLAYING]",
            "- [Applause]",
            ">> [laughter]",
            "♪",
            "♪♪",
            "♪ la la la ♪",
            "♪ la la la",
            "♪ la la ♪ la ♪",
            "♪ one line\nand another ♪",
            "# la la la #",
            "(applause)",
            "(laughs) (coughs)",
            "[Music]\n(bell rings)",
            "[Music] ♪ la la ♪",
            "(he laughs (softly))",
            "(Laughs.)",
            "[音楽]",
            "【拍手】",
            "（笑）",
            "［音乐］",
            "〔雨の音〕",
            "(..)",
            "(...)",
            "(3.5)",
            "(12 seconds pause)",
            "[inaudible 00:12]",
            "*music*",
            "…",
            "(تصفيق)",
        ] {
            assert!(is_non_speech(sound), "{sound}");
        }
        for speech in [
            "",
            " ",
            "Music",
            "[Music] Hello.",
            "Hello. [Music]",
            "(laughs) So there.",
            "♪ la la ♪ he sang",
            "[never closed",
            "(So I went back there and asked them.)",
            "#1 in the charts",
            "# a heading",
            "*very* quiet",
            "He said [sic] so",
            "こんにちは（笑）",
            "3",
        ] {
            assert!(!is_non_speech(speech), "{speech}");
        }
    }

    #[test]
    fn brackets_without_end_cost_no_time() {
        assert!(!is_non_speech(&"(".repeat(1 << 20)));
        assert!(is_non_speech(&"()".repeat(1 << 20)));
        assert!(is_non_speech(&"♪ ".repeat(1 << 20)));
    }
}
