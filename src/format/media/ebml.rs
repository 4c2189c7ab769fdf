//! The elements of EBML, from a file or in memory.

use std::io;

use super::{Source, decoded, number, tidy};
use crate::ebml;

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
    Ok(Some(Element {
        id: id as u32,
        size: (!ebml::is_open(size, width)).then_some(size),
    }))
}

/// A number whose first byte tells by its leading zeros how many follow, and its width.
pub(super) fn variable(source: &mut Source<'_>, longest: u32, with_mark: bool) -> io::Result<Option<(u64, usize)>> {
    let Some(first) = source.byte()? else { return Ok(None) };
    let width = first.leading_zeros() + 1;
    if width > longest {
        return Ok(None);
    }
    let mut bytes = vec![first];
    bytes.extend(source.take(u64::from(width) - 1)?);
    Ok(ebml::variable(&bytes, with_mark))
}

/// The elements inside one that is in memory, as ids and contents.
pub(super) fn elements(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (id, length) = ebml::variable(rest, true)?;
        let after = rest.get(length..)?;
        let (size, length) = ebml::variable(after, false)?;
        let after = after.get(length..)?;
        let size = usize::try_from(size).ok()?.min(after.len());
        let (content, after) = after.split_at_checked(size)?;
        rest = after;
        Some((id as u32, content))
    })
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
