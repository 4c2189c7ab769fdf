//! The frames of an ID3v2 tag, in each of its three versions, and how their texts are written.

use std::io;

use super::super::{WarningKind, Warnings};
use super::{Source, decoded, number};

/// A frame of text is no larger.
const LARGEST_FRAME: u64 = 16 << 20;
/// No tag has more frames; a file of empty ones has no more to say.
const MOST_FRAMES: usize = 100_000;
/// A piece of the tag.
#[derive(Debug)]
pub(super) struct Frame {
    /// The name it has from version 2.3 on.
    pub name: [u8; 4],
    /// What it holds.
    pub content: Vec<u8>,
}

/// The frames of text.
pub(super) fn frames(source: &mut Source<'_>, warnings: &mut Warnings) -> io::Result<Vec<Frame>> {
    let head = source.take(10)?;
    let (version, flags) = (head.get(3).copied().unwrap_or(0), head.get(5).copied().unwrap_or(0));
    let length = head.get(6..10).map_or(0, syncsafe);
    let end = (10 + length).min(source.length);
    if length > source.left() {
        let why = "the tag is longer than the file".to_owned();
        warnings.push(0, WarningKind::CutOff { why });
    }
    // Until 2.3 the whole tag was made free of what looks like sound; lengths count what it was before.
    if flags & 0x80 != 0 && version < 4 {
        let bytes = source.take(length.min(LARGEST_FRAME))?;
        let mut plain = io::Cursor::new(without_stuffing(&bytes));
        let mut inner = Source::new(&mut plain)?;
        let end = inner.length;
        return frames_of(&mut inner, version, flags, end, warnings);
    }
    frames_of(source, version, flags, end, warnings)
}

fn frames_of(
    source: &mut Source<'_>,
    version: u8,
    flags: u8,
    end: u64,
    warnings: &mut Warnings,
) -> io::Result<Vec<Frame>> {
    if flags & 0x40 != 0 && version >= 3 {
        // The extended header: its length counts itself from 2.4 on.
        let length = source.take(4)?;
        let length = if version == 3 {
            number(&length, 0, 4).unwrap_or(0)
        } else {
            syncsafe(&length).saturating_sub(4)
        };
        source.skip(length)?;
    }
    let mut frames = Vec::new();
    let width = if version < 3 { 6 } else { 10 };
    for _ in 0..MOST_FRAMES {
        if source.at.saturating_add(width) > end {
            break;
        }
        let head = source.take(width)?;
        let Some(head) = FrameHead::read(&head, version) else {
            break;
        };
        let from = source.at;
        // iTunes wrote plain lengths into tags of version 2.4: they are told by where the next frame begins.
        let mut size = head.size;
        if version >= 4 && head.size != head.plain_size && !begins_frame(source, from.saturating_add(size), end)? {
            if begins_frame(source, from.saturating_add(head.plain_size), end)? {
                size = head.plain_size;
            }
            source.go(from)?;
        }
        source.go(from)?;
        let is_text = matches!(&head.name, b"SYLT" | b"USLT" | b"TXXX" | b"CHAP" | b"TIT2");
        if is_text && head.is_packed {
            let text = String::from_utf8_lossy(&head.name).into_owned();
            let what = "a frame that is packed or encrypted was left out";
            warnings.push(0, WarningKind::Malformed { what, text });
        } else if is_text && size <= LARGEST_FRAME {
            let content = source.take(size.min(end.saturating_sub(from)))?;
            let content = content.get(head.extra..).unwrap_or_default();
            let content = if head.is_stuffed {
                without_stuffing(content)
            } else {
                content.to_vec()
            };
            frames.push(Frame {
                name: head.name,
                content,
            });
        }
        source.go(from.saturating_add(size))?;
    }
    Ok(frames)
}

/// What stands before a frame's content.
pub(super) struct FrameHead {
    /// The name it has from version 2.3 on.
    pub name: [u8; 4],
    size: u64,
    /// The length if it is no number of seven bits a byte.
    pub plain_size: u64,
    /// How many bytes stand before the content.
    extra: usize,
    is_packed: bool,
    is_stuffed: bool,
}

impl FrameHead {
    /// Reads the head of a frame; none where there is none.
    pub fn read(head: &[u8], version: u8) -> Option<Self> {
        if version < 3 {
            let name = match head.get(..3)? {
                b"SLT" => *b"SYLT",
                b"ULT" => *b"USLT",
                b"TXX" => *b"TXXX",
                b"TT2" => *b"TIT2",
                name => name.iter().copied().all(is_name).then_some(*b"----")?,
            };
            let size = number(head, 3, 3)?;
            return Some(Self {
                name,
                size,
                plain_size: size,
                extra: 0,
                is_packed: false,
                is_stuffed: false,
            });
        }
        let name = *head
            .first_chunk::<4>()
            .filter(|name| name.iter().copied().all(is_name))?;
        let plain_size = number(head, 4, 4)?;
        let flags = *head.get(9)?;
        let newer = version >= 4;
        let (packed, grouped) = if newer { (0x0c, 0x40) } else { (0xc0, 0x20) };
        let tells_length = newer && flags & 0x01 != 0;
        Some(Self {
            name,
            size: if newer { syncsafe(head.get(4..8)?) } else { plain_size },
            plain_size,
            extra: usize::from(flags & grouped != 0) + if tells_length { 4 } else { 0 },
            is_packed: flags & packed != 0,
            is_stuffed: newer && flags & 0x02 != 0,
        })
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

/// Whether a frame, the padding after the last one or the end of the tag is at a place.
fn begins_frame(source: &mut Source<'_>, at: u64, end: u64) -> io::Result<bool> {
    if at >= end {
        return Ok(at == end);
    }
    source.go(at)?;
    let name = source.take(4)?;
    Ok(name.iter().copied().all(is_name) || name.iter().all(|byte| *byte == 0))
}

/// A number of which each byte holds seven bits.
fn syncsafe(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, &byte| sum << 7 | u64::from(byte & 0x7f))
}

/// Without the zeros put after each byte of ones.
fn without_stuffing(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut before = 0;
    for &byte in bytes {
        if !(before == 0xff && byte == 0) {
            out.push(byte);
        }
        before = byte;
    }
    out
}

/// How a frame's texts are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coding(pub u8);

impl Coding {
    /// Takes a text off the front, with the zeros that end it.
    pub fn text<'a>(self, bytes: &'a [u8], mark: &mut [u8; 2]) -> (String, &'a [u8]) {
        let wide = matches!(self.0, 1 | 2);
        let end = if wide {
            bytes.chunks_exact(2).position(|pair| pair == [0, 0]).map(|at| at * 2)
        } else {
            bytes.iter().position(|byte| *byte == 0)
        };
        let length = end.unwrap_or(bytes.len());
        let text = bytes.get(..length).unwrap_or_default();
        let after = length
            + if end.is_none() {
                0
            } else if wide {
                2
            } else {
                1
            };
        (self.decoded(text, mark), bytes.get(after..).unwrap_or_default())
    }

    /// Latin-1 is often claimed and seldom true. Some taggers write the mark of UTF-16 before the first text alone.
    fn decoded(self, bytes: &[u8], mark: &mut [u8; 2]) -> String {
        match self.0 {
            1 => {
                if let Some(own) = bytes
                    .first_chunk::<2>()
                    .filter(|own| matches!(*own, [0xff, 0xfe] | [0xfe, 0xff]))
                {
                    *mark = *own;
                    return decoded(bytes, encoding_rs::UTF_16LE);
                }
                let encoding = if *mark == [0xfe, 0xff] {
                    encoding_rs::UTF_16BE
                } else {
                    encoding_rs::UTF_16LE
                };
                encoding.decode_without_bom_handling(bytes).0.into_owned()
            }
            2 => encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0.into_owned(),
            3 => decoded(bytes, encoding_rs::UTF_8),
            _ => decoded(bytes, encoding_rs::WINDOWS_1252),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_of_either_order_and_false_latin() {
        let mut mark = [0xff, 0xfe];
        assert_eq!(
            Coding(1).text(b"\xfe\xff\0a\0\0rest", &mut mark),
            ("a".to_owned(), &b"rest"[..])
        );
        assert_eq!(Coding(1).text(b"\0b", &mut mark).0, "b");
        assert_eq!(Coding(0).text("é".as_bytes(), &mut mark).0, "é");
        assert_eq!(Coding(0).text(b"\xe9", &mut mark).0, "é");
    }
}
