//! Files and instants as addresses: RFC 8089 (file), RFC 3986 (escapes), Media Fragments URI 1.0 (time).

use std::fmt::Write;
use std::path::Path;

use super::since_start;
use crate::time::{MediaSpan, MediaTime};

/// A path as an address: `file:///talks/ep12.mp3`; a relative path as a relative reference.
pub(super) fn of_path(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.into_owned()
    };
    let mut out = String::new();
    if text.starts_with('/') {
        out.push_str("file://");
    } else if path.is_absolute() {
        out.push_str("file:///");
    }
    let absolute = !out.is_empty();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            // A colon in the first part of a relative reference would make it a scheme.
            b':' if absolute => out.push(':'),
            _ => push_escape(&mut out, byte),
        }
    }
    out
}

fn push_escape(out: &mut String, byte: u8) {
    let written = write!(out, "%{byte:02X}");
    debug_assert!(written.is_ok(), "a string takes any text");
}

/// `t=754.2,768.9`; an instant is `t=754.2`. Nothing is before the recording's start.
pub(super) fn time_fragment(time: MediaSpan) -> String {
    if time.is_empty() {
        format!("t={}", seconds(time.start))
    } else {
        format!("t={},{}", seconds(time.start), seconds(time.end))
    }
}

/// Seconds with as many decimals as they have, at most six.
pub(super) fn seconds(time: MediaTime) -> String {
    let micros = since_start(time).as_micros();
    let (whole, fraction) = (micros / 1_000_000, micros % 1_000_000);
    if fraction == 0 {
        return whole.to_string();
    }
    format!("{whole}.{fraction:06}").trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_escaped() {
        assert_eq!(of_path(Path::new("/a b/é#1?.mp3")), "file:///a%20b/%C3%A9%231%3F.mp3");
        assert_eq!(of_path(Path::new("c:d/e.mp3")), "c%3Ad/e.mp3");
    }

    #[test]
    fn seconds_have_the_decimals_they_need() {
        for (micros, text) in [
            (0, "0"),
            (754_200_000, "754.2"),
            (1, "0.000001"),
            (-5, "0"),
            (10_000_000, "10"),
        ] {
            assert_eq!(seconds(MediaTime::from_micros(micros)), text);
        }
    }
}
