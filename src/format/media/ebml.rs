//! EBML, the tree of elements that Matroska is written in (RFC 8794): an id, a length, content.

use std::io;

use super::{Source, decoded, number, tidy};

/// An element whose content comes next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element {
    /// Which it is.
    pub id: u32,
    /// Its length; none where it is left open, as live recordings do.
    pub size: Option<u64>,
}

/// Reads the head of the next element; none at the end of the file, or where no element begins.
pub(super) fn element(source: &mut Source<'_>) -> io::Result<Option<Element>> {
    let Some((id, _)) = variable(source, 4, true)? else {
        return Ok(None);
    };
    let Some((size, width)) = variable(source, 8, false)? else {
        return Ok(None);
    };
    let open = size == (1 << (7 * width)) - 1;
    Ok(Some(Element {
        id: id as u32,
        size: (!open).then_some(size),
    }))
}

/// A number whose first byte tells by its leading zeros how many follow, and its width.
pub(super) fn variable(source: &mut Source<'_>, longest: u32, with_mark: bool) -> io::Result<Option<(u64, u32)>> {
    let Some(first) = source.byte()? else { return Ok(None) };
    let width = first.leading_zeros() + 1;
    if width > longest {
        return Ok(None);
    }
    let rest = source.take(u64::from(width) - 1)?;
    if rest.len() as u32 + 1 < width {
        return Ok(None);
    }
    let first = if with_mark {
        first
    } else {
        first & (0x7f >> (width - 1))
    };
    let value = rest
        .iter()
        .fold(u64::from(first), |sum, &byte| sum << 8 | u64::from(byte));
    Ok(Some((value, width)))
}

/// The elements inside one that is in memory, as ids and contents.
pub(super) fn elements(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (id, after) = variable_in(rest, true)?;
        let (size, after) = variable_in(after, false)?;
        let size = usize::try_from(size).ok()?.min(after.len());
        let (content, after) = after.split_at_checked(size)?;
        rest = after;
        Some((id as u32, content))
    })
}

fn variable_in(bytes: &[u8], with_mark: bool) -> Option<(u64, &[u8])> {
    let first = *bytes.first()?;
    let width = first.leading_zeros() as usize + 1;
    let (number, after) = bytes.split_at_checked(width)?;
    let mask = if with_mark {
        0xff
    } else {
        0x7f_u8.checked_shr(width as u32 - 1)?
    };
    let tail = number.get(1..)?;
    let value = tail
        .iter()
        .fold(u64::from(first & mask), |sum, &byte| sum << 8 | u64::from(byte));
    Some((value, after))
}

/// The content of the first element of an id.
pub(super) fn child(bytes: &[u8], wanted: u32) -> Option<&[u8]> {
    elements(bytes)
        .find(|(id, _)| *id == wanted)
        .map(|(_, content)| content)
}

/// A whole number.
pub(super) fn unsigned(bytes: &[u8]) -> Option<u64> {
    number(bytes, 0, bytes.len().min(8))
}

/// A text, tidied.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    tidy(&decoded(bytes, encoding_rs::WINDOWS_1252))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_width() {
        for (bytes, value) in [
            (&b"\x81"[..], 1),
            (b"\x40\x02", 2),
            (b"\x10\x00\x00\x03", 3),
            (b"\x01\x00\x00\x00\x00\x00\x00\x04", 4),
        ] {
            assert_eq!(variable_in(bytes, false).map(|(value, _)| value), Some(value));
        }
        assert_eq!(variable_in(b"\x00\x01\x02\x03\x04\x05\x06\x07\x08", false), None);
        assert_eq!(variable_in(b"\x40", false), None);
    }
}
