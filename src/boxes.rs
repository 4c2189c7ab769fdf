//! The boxes that MP4 and QuickTime are written in (ISO 14496-12 §4.2): the sound and the text of a file both lie in
//! them, and so do the chapters.

/// A number of so many bytes, the highest first; none where the bytes end before it does.
pub fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(width)?)?;
    Some(bytes.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
}

/// Kind, length of the header, and length of the whole box in bytes, which lies inside `room`.
pub fn box_header(bytes: &[u8], room: u64) -> Option<([u8; 4], u64, u64)> {
    let kind = *bytes.get(4..8)?.first_chunk::<4>()?;
    let (header, size) = match number(bytes, 0, 4)? {
        0 => (8, room),
        1 => (16, number(bytes, 8, 8)?),
        size => (8, size),
    };
    (size >= header && size <= room).then_some((kind, header, size))
}

/// The contents of all boxes of a kind, in their order.
pub fn all(body: &[u8], wanted: [u8; 4]) -> impl Iterator<Item = &[u8]> {
    let mut rest = body;
    std::iter::from_fn(move || {
        loop {
            let (kind, header, size) = box_header(rest, rest.len() as u64)?;
            let inside = rest.get(header as usize..size as usize)?;
            rest = rest.get(size as usize..)?;
            if kind == wanted {
                return Some(inside);
            }
        }
    })
}

/// The content of the first box of a kind.
pub fn child(body: &[u8], wanted: [u8; 4]) -> Option<&[u8]> {
    all(body, wanted).next()
}

/// The entries of a table: version and flags, a count, then entries of so many bytes.
pub fn entries(table: &[u8], width: usize) -> impl Iterator<Item = &[u8]> {
    let count = number(table, 4, 4)
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or(0);
    table.get(8..).unwrap_or_default().chunks_exact(width).take(count)
}

/// The ticks a second of an `mvhd` or `mdhd` box.
pub fn scale(body: &[u8]) -> Option<u64> {
    number(body, if body.first() == Some(&1) { 20 } else { 12 }, 4)
}

/// The list of chapters that Nero introduced (`udta` / `chpl`), as far as it goes: where each begins, in tenths of
/// microseconds, and the bytes of its title.
pub fn nero_chapters(moov: &[u8]) -> Vec<(u64, &[u8])> {
    let list = child(moov, *b"udta")
        .and_then(|user| child(user, *b"chpl"))
        .unwrap_or_default();
    // Version, flags, four reserved bytes from version 1 on, a count.
    let count_at = if list.first() == Some(&0) { 4 } else { 8 };
    let count = list.get(count_at).copied().unwrap_or(0);
    let mut rest = list.get(count_at + 1..).unwrap_or_default();
    let mut next = || {
        let start = number(rest, 0, 8)?;
        let end = 9 + usize::from(*rest.get(8)?);
        let title = rest.get(9..end).unwrap_or_default();
        rest = rest.get(end..).unwrap_or_default();
        Some((start, title))
    };
    (0..count).map_while(|_| next()).collect()
}
