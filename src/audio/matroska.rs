//! What symphonia gets wrong or leaves out of Matroska and WebM: the places of its cues, the chapters, and the padding
//! of the encoder.
//!
//! A cue leads to a cluster, and to a block in it. Going straight to the block, symphonia takes the time of the cue for
//! that of the cluster, from which blocks count theirs, and every time from there on is late. Shown cues without the
//! places of blocks, it begins with the cluster. Chapters whose edition has no number, which is what ffmpeg writes, it
//! takes for damage: it is not shown them. Element ids and layout: RFC 9559 and, for id::EBML, RFC 8794.

use std::io;

use super::AudioSource;
use super::bytes::Window;
use super::patched::Patch;
use crate::boxes;
use crate::ebml::{id, is_open, variable};

/// An element that every reader passes over. Its id is as long as that of [`id::CUE_BLOCK`].
const VOID: u8 = 0xEC;

/// Cues and chapters longer than this are not looked into; the cues of a day of film are a tenth of it.
const LONGEST: u64 = 16 << 20;
/// A title is no longer.
const LONGEST_TITLE: u64 = 4096;
/// The header of an element is no longer.
const HEADER: usize = 12;

/// An element: its id, and where in the file its content lies.
#[derive(Debug, Clone, Copy)]
struct Element {
    id: u32,
    begins: u64,
    content: u64,
    /// None where it goes on until something that cannot belong to it.
    size: Option<u64>,
}

/// Hides the places of blocks in the cues, and the chapters; nothing for other files.
pub(super) fn patches(window: &mut Window) -> io::Result<Vec<Patch>> {
    let mut patches = Vec::new();
    if let Some((_, chapters)) = find(window, id::CHAPTERS)? {
        patches.extend(as_void(chapters));
    }
    let Some((_, cues)) = find(window, id::CUES)? else {
        return Ok(patches);
    };
    for_each_position(window, cues, |position| {
        if position.id == id::CUE_BLOCK {
            patches.push((position.begins, VOID));
        }
        Ok(())
    })?;
    Ok(patches)
}

/// The bytes of an element's header that make it one every reader passes over, its content as long as before.
fn as_void(element: Element) -> Vec<Patch> {
    let (header, size) = (element.content - element.begins, element.size.unwrap_or(0));
    let length = header - 1;
    // A number can take up to eight bytes, its own length marked in the first (RFC 8794 §4).
    if length > 8 || element.size.is_none() {
        return Vec::new();
    }
    let marked = size | 1 << (7 * length);
    let bytes = marked.to_be_bytes().into_iter().skip(8 - length as usize);
    (element.begins..).zip(std::iter::once(VOID).chain(bytes)).collect()
}

/// The chapters: when each begins and ends, in nanoseconds, and its title. Chapters inside of chapters follow them.
pub(super) fn chapters(source: &AudioSource) -> Vec<(u64, Option<u64>, String)> {
    let read = || -> io::Result<_> {
        let mut window = Window::open(source, 64 * 1024)?;
        let mut found = Vec::new();
        let Some((_, chapters)) = find(&mut window, id::CHAPTERS)? else {
            return Ok(found);
        };
        if chapters.size.is_some_and(|size| size <= LONGEST)
            && let Some(edition) = children(&mut window, chapters)?
                .into_iter()
                .find(|child| child.id == id::EDITION)
        {
            chapters_in(&mut window, edition, 0, &mut found)?;
        }
        Ok(found)
    };
    read().unwrap_or_default()
}

fn chapters_in(
    window: &mut Window,
    parent: Element,
    depth: usize,
    found: &mut Vec<(u64, Option<u64>, String)>,
) -> io::Result<()> {
    const DEEPEST: usize = 8;
    for atom in children(window, parent)? {
        if atom.id != id::CHAPTER || depth > DEEPEST {
            continue;
        }
        let (mut start, mut end, mut title, mut is_hidden) = (None, None, None, false);
        for part in children(window, atom)? {
            match part.id {
                id::CHAPTER_START => start = Some(number(window, part)?),
                id::CHAPTER_END => end = Some(number(window, part)?),
                id::CHAPTER_HIDDEN => is_hidden = number(window, part)? == 1,
                // In several languages; the first will do.
                id::CHAPTER_DISPLAY if title.is_none() => {
                    let shown = children(window, part)?;
                    if let Some(text) = shown.into_iter().find(|shown| shown.id == id::CHAPTER_TITLE) {
                        let length = text.size.unwrap_or(0).min(LONGEST_TITLE);
                        let bytes = window.at(text.content, length as usize)?;
                        title = Some(String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned());
                    }
                }
                _ => {}
            }
        }
        if let (Some(start), false) = (start, is_hidden) {
            found.push((start, end, title.unwrap_or_default()));
        }
        chapters_in(window, atom, depth + 1, found)?;
    }
    Ok(())
}

/// The last block of a track that says how much of it is padding: its time stamp in ticks of the segment, and the
/// padding in nanoseconds. None where there is none, or no cue to find it by.
pub(super) fn padded_end(source: &AudioSource, track: u32) -> Option<(i64, u64)> {
    let mut window = Window::open(source, 64 * 1024).ok()?;
    padded_end_in(&mut window, track).ok().flatten()
}

fn padded_end_in(window: &mut Window, track: u32) -> io::Result<Option<(i64, u64)>> {
    let Some((segment, cues)) = find(window, id::CUES)? else {
        return Ok(None);
    };
    let mut last = None;
    let mut places = Vec::new();
    for_each_position(window, cues, |position| {
        if position.id == id::CUE_CLUSTER {
            places.push(position);
        }
        Ok(())
    })?;
    for place in places {
        last = last.max(Some(number(window, place)?));
    }
    let Some(last) = last else { return Ok(None) };
    let mut found = None;
    let mut at = segment.content.saturating_add(last);
    // The clusters from the last cue on, whatever stands between them.
    while let Some(cluster) = element(window, at)? {
        let Some(size) = cluster.size else { break };
        if cluster.id == id::CLUSTER {
            padded_block(window, cluster, track, &mut found)?;
        }
        at = cluster.content.saturating_add(size);
    }
    Ok(found)
}

fn padded_block(window: &mut Window, cluster: Element, track: u32, found: &mut Option<(i64, u64)>) -> io::Result<()> {
    let mut time = 0;
    for child in children(window, cluster)? {
        if child.id == id::TIMESTAMP {
            time = i64::try_from(number(window, child)?).unwrap_or(i64::MAX);
        }
        if child.id != id::BLOCK_GROUP {
            continue;
        }
        let (mut own, mut padding) = (None, 0_u64);
        for part in children(window, child)? {
            match part.id {
                // The track as a number of its own length, then the time since the cluster's.
                id::BLOCK => {
                    let head = window.at(part.content, HEADER)?;
                    own = variable(head, false).and_then(|(number, length)| {
                        let since = head.get(length..)?.first_chunk::<2>()?;
                        (number == u64::from(track)).then_some(i16::from_be_bytes(*since))
                    });
                }
                // A negative one is padding at the start.
                id::DISCARD_PADDING if window.at(part.content, 1)?.first().is_some_and(|byte| *byte < 0x80) => {
                    padding = number(window, part)?;
                }
                _ => {}
            }
        }
        if let (Some(since), 1..) = (own, padding) {
            *found = Some((time.saturating_add(i64::from(since)), padding));
        }
    }
    Ok(())
}

/// The segment, and an element of it: one that the list of places names, or that stands before the first cluster.
fn find(window: &mut Window, wanted: u32) -> io::Result<Option<(Element, Element)>> {
    let Some(head) = element(window, 0)?.filter(|head| head.id == id::EBML) else {
        return Ok(None);
    };
    let behind = head.content.saturating_add(head.size.unwrap_or(0));
    let Some(segment) = element(window, behind)?.filter(|segment| segment.id == id::SEGMENT) else {
        return Ok(None);
    };
    let mut at = segment.content;
    while let Some(child) = element(window, at)? {
        let place = match child.id {
            id if id == wanted => Some(child.begins),
            id::SEEK_HEAD => listed(window, child, wanted)?.map(|place| segment.content.saturating_add(place)),
            id::CLUSTER => break,
            _ => None,
        };
        if let Some(place) = place
            && let Some(found) = element(window, place)?.filter(|found| found.id == wanted)
        {
            return Ok(Some((segment, found)));
        }
        let Some(size) = child.size else { break };
        at = child.content.saturating_add(size);
    }
    Ok(None)
}

/// Where an element lies, by a list of places.
fn listed(window: &mut Window, list: Element, wanted: u32) -> io::Result<Option<u64>> {
    for entry in children(window, list)? {
        let (mut is_meant, mut place) = (false, None);
        for part in children(window, entry)? {
            match part.id {
                id::SEEK_ID => is_meant = number(window, part)? == u64::from(wanted),
                id::SEEK_POSITION => place = Some(number(window, part)?),
                _ => {}
            }
        }
        if entry.id == id::SEEK && is_meant {
            return Ok(place);
        }
    }
    Ok(None)
}

/// Each part of each position of each cue.
fn for_each_position(
    window: &mut Window,
    cues: Element,
    mut each: impl FnMut(Element) -> io::Result<()>,
) -> io::Result<()> {
    if cues.size.is_none_or(|size| size > LONGEST) {
        return Ok(());
    }
    for point in children(window, cues)? {
        if point.id != id::CUE_POINT {
            continue;
        }
        for positions in children(window, point)? {
            if positions.id == id::CUE_POSITIONS {
                children(window, positions)?.into_iter().try_for_each(&mut each)?;
            }
        }
    }
    Ok(())
}

fn children(window: &mut Window, parent: Element) -> io::Result<Vec<Element>> {
    let end = parent.content.saturating_add(parent.size.unwrap_or(0));
    let mut at = parent.content;
    let mut found = Vec::new();
    while at < end
        && let Some(child) = element(window, at)?
    {
        at = child.content.saturating_add(child.size.unwrap_or(u64::MAX));
        found.push(child);
    }
    Ok(found)
}

/// The element that begins here; none at the end, or where there is none.
fn element(window: &mut Window, at: u64) -> io::Result<Option<Element>> {
    let head = window.at(at, HEADER)?;
    let read = || {
        let (id, id_length) = variable(head, true)?;
        let rest = head.get(id_length..)?;
        let (size, length) = variable(rest, false)?;
        Some(Element {
            id: u32::try_from(id).ok()?,
            begins: at,
            content: at + (id_length + length) as u64,
            size: (!is_open(size, length)).then_some(size),
        })
    };
    Ok(read())
}

/// An element that is a number.
fn number(window: &mut Window, element: Element) -> io::Result<u64> {
    let size = element.size.unwrap_or(0).min(8) as usize;
    let bytes = window.at(element.content, size)?;
    Ok(boxes::number(bytes, 0, bytes.len()).unwrap_or(0))
}
