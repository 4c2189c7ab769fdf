//! EBML, the tree of elements that Matroska is written in: an id, a length, content. The sound and the text of a file both
//! lie in it, and so do the chapters. Numbers: RFC 8794 §4; ids: RFC 9559.

/// A number that says its own length by the leading zeros of its first byte, and that length; ids keep the mark behind the
/// zeros, lengths do not.
pub fn variable(bytes: &[u8], with_mark: bool) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = first.leading_zeros() as usize + 1;
    let bytes = bytes.get(..length).filter(|_| length <= 8)?;
    let whole = bytes.iter().fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte));
    let mark = 1 << (7 * length);
    Some((if with_mark { whole } else { whole & (mark - 1) }, length))
}

/// Whether a length of so many bytes is left open, as in live recordings: all its bits are ones.
pub fn is_open(size: u64, length: usize) -> bool {
    u32::try_from(7 * length)
        .ok()
        .and_then(|bits| 1_u64.checked_shl(bits))
        .is_some_and(|mark| size == mark - 1)
}

/// The ids of elements.
pub mod id {
    #![allow(missing_docs, reason = "their names are the standard's")]

    pub const SEGMENT: u32 = 0x1853_8067;
    pub const INFO: u32 = 0x1549_A966;
    pub const TIMESTAMP_SCALE: u32 = 0x2A_D7B1;
    pub const TITLE: u32 = 0x7BA9;
    pub const TRACKS: u32 = 0x1654_AE6B;
    pub const TRACK: u32 = 0xAE;
    pub const TRACK_NUMBER: u32 = 0xD7;
    pub const TRACK_TYPE: u32 = 0x83;
    pub const CODEC: u32 = 0x86;
    pub const NAME: u32 = 0x536E;
    pub const LANGUAGE: u32 = 0x22_B59C;
    pub const LANGUAGE_BCP47: u32 = 0x22_B59D;
    pub const FLAG_DEFAULT: u32 = 0x88;
    pub const FLAG_FORCED: u32 = 0x55AA;
    pub const DEFAULT_DURATION: u32 = 0x23_E383;
    pub const ENCODINGS: u32 = 0x6D80;
    pub const ENCODING: u32 = 0x6240;
    pub const ENCODING_TYPE: u32 = 0x5033;
    pub const COMPRESSION: u32 = 0x5034;
    pub const COMPRESSION_KIND: u32 = 0x4254;
    pub const COMPRESSION_SETTINGS: u32 = 0x4255;
    pub const CLUSTER: u32 = 0x1F43_B675;
    pub const TIMESTAMP: u32 = 0xE7;
    pub const SIMPLE_BLOCK: u32 = 0xA3;
    pub const BLOCK_GROUP: u32 = 0xA0;
    pub const BLOCK: u32 = 0xA1;
    pub const BLOCK_DURATION: u32 = 0x9B;
    pub const BLOCK_ADDITIONS: u32 = 0x75A1;
    pub const BLOCK_MORE: u32 = 0xA6;
    pub const BLOCK_ADDITIONAL: u32 = 0xA5;
    pub const CHAPTERS: u32 = 0x1043_A770;
    pub const EDITION: u32 = 0x45B9;
    pub const CHAPTER: u32 = 0xB6;
    pub const CHAPTER_START: u32 = 0x91;
    pub const CHAPTER_END: u32 = 0x92;
    pub const CHAPTER_HIDDEN: u32 = 0x98;
    pub const CHAPTER_DISPLAY: u32 = 0x80;
    pub const CHAPTER_TITLE: u32 = 0x85;
    pub const EBML: u32 = 0x1A45_DFA3;
    pub const SEEK_HEAD: u32 = 0x114D_9B74;
    pub const SEEK: u32 = 0x4DBB;
    pub const SEEK_ID: u32 = 0x53AB;
    pub const SEEK_POSITION: u32 = 0x53AC;
    pub const DISCARD_PADDING: u32 = 0x75A2;
    pub const CUES: u32 = 0x1C53_BB6B;
    pub const CUE_POINT: u32 = 0xBB;
    pub const CUE_POSITIONS: u32 = 0xB7;
    pub const CUE_CLUSTER: u32 = 0xF1;
    pub const CUE_BLOCK: u32 = 0xF0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_width() {
        for (bytes, value) in [
            (&b"\x81"[..], (1, 1)),
            (b"\x40\x02", (2, 2)),
            (b"\x10\x00\x00\x03", (3, 4)),
            (b"\x01\x00\x00\x00\x00\x00\x00\x04", (4, 8)),
        ] {
            assert_eq!(variable(bytes, false), Some(value));
        }
        assert_eq!(variable(b"\x1a\x45\xdf\xa3", true), Some((u64::from(id::EBML), 4)));
        assert_eq!(variable(b"\x00\x01\x02\x03\x04\x05\x06\x07\x08", false), None);
        assert_eq!(variable(b"\x40", false), None);
        assert!(is_open(127, 1) && !is_open(126, 1) && !is_open(127, 2));
    }
}
