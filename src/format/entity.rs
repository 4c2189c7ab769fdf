//! Characters written by name or number: `&amp;`, `&eacute;`, `&#8217;`, `&#x27;`.
//!
//! WebVTT takes them from HTML. Of its two thousand names these are the ones of Western European letters and of
//! typography, which is what converters write; an unknown one stays as it stands. Converters also escape twice
//! (`&amp;#39;`), and write numbers that mean Windows-1252 (`&#146;`), which HTML reads so, too.

use encoding_rs::WINDOWS_1252;

/// No known entity is longer, from the letter after `&` to the `;`: `hellip;`, `#1114111;`.
const LONGEST: usize = 9;

/// The character an entity at the start of `text` stands for, and the bytes it takes.
pub(super) fn entity(text: &str) -> Option<(char, usize)> {
    let (c, length) = after_ampersand(text.get(1..)?)?;
    let once = (c, length + 1);
    if c != '&' {
        return Some(once);
    }
    // Escaped twice: what follows is the rest of an entity.
    let again = text.get(once.1..).and_then(after_ampersand);
    Some(again.map_or(once, |(c, length)| (c, length + once.1)))
}

/// The character of `eacute;` or `#233;`, and the bytes that takes.
fn after_ampersand(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = text.get(..end)?;
    let c = if let Some(digits) = name.strip_prefix('#') {
        numbered(digits)?
    } else {
        let at = NAMED.binary_search_by_key(&name, |(name, _)| name).ok()?;
        NAMED.get(at)?.1
    };
    Some((c, end + 1))
}

fn numbered(digits: &str) -> Option<char> {
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    match u8::try_from(code) {
        Ok(byte @ 0x80..=0x9f) => WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next(),
        _ => char::from_u32(code),
    }
}

/// In the order of their bytes.
#[rustfmt::skip]
const NAMED: [(&str, char); 145] = [
    ("AElig", 'Æ'), ("Aacute", 'Á'), ("Acirc", 'Â'), ("Agrave", 'À'), ("Aring", 'Å'), ("Atilde", 'Ã'),
    ("Auml", 'Ä'), ("Ccedil", 'Ç'), ("Dagger", '‡'), ("ETH", 'Ð'), ("Eacute", 'É'), ("Ecirc", 'Ê'), ("Egrave", 'È'),
    ("Euml", 'Ë'), ("Iacute", 'Í'), ("Icirc", 'Î'), ("Igrave", 'Ì'), ("Iuml", 'Ï'), ("Ntilde", 'Ñ'), ("OElig", 'Œ'),
    ("Oacute", 'Ó'), ("Ocirc", 'Ô'), ("Ograve", 'Ò'), ("Oslash", 'Ø'), ("Otilde", 'Õ'), ("Ouml", 'Ö'),
    ("Prime", '″'), ("Scaron", 'Š'), ("THORN", 'Þ'), ("Uacute", 'Ú'), ("Ucirc", 'Û'), ("Ugrave", 'Ù'),
    ("Uuml", 'Ü'), ("Yacute", 'Ý'), ("Yuml", 'Ÿ'), ("aacute", 'á'), ("acirc", 'â'), ("acute", '´'), ("aelig", 'æ'),
    ("agrave", 'à'), ("amp", '&'), ("apos", '\''), ("aring", 'å'), ("atilde", 'ã'), ("auml", 'ä'), ("bdquo", '„'),
    ("brvbar", '¦'), ("bull", '•'), ("ccedil", 'ç'), ("cedil", '¸'), ("cent", '¢'), ("circ", 'ˆ'), ("copy", '©'),
    ("curren", '¤'), ("dagger", '†'), ("darr", '↓'), ("deg", '°'), ("divide", '÷'), ("eacute", 'é'), ("ecirc", 'ê'),
    ("egrave", 'è'), ("emsp", '\u{2003}'), ("ensp", '\u{2002}'), ("eth", 'ð'), ("euml", 'ë'), ("euro", '€'),
    ("fnof", 'ƒ'), ("frac12", '½'), ("frac14", '¼'), ("frac34", '¾'), ("ge", '≥'), ("gt", '>'), ("harr", '↔'),
    ("hellip", '…'), ("iacute", 'í'), ("icirc", 'î'), ("iexcl", '¡'), ("igrave", 'ì'), ("infin", '∞'),
    ("iquest", '¿'), ("iuml", 'ï'), ("laquo", '«'), ("larr", '←'), ("ldquo", '“'), ("le", '≤'), ("lrm", '\u{200e}'),
    ("lsaquo", '‹'), ("lsquo", '‘'), ("lt", '<'), ("macr", '¯'), ("mdash", '—'), ("micro", 'µ'), ("middot", '·'),
    ("minus", '−'), ("nbsp", '\u{a0}'), ("ndash", '–'), ("ne", '≠'), ("not", '¬'), ("ntilde", 'ñ'), ("oacute", 'ó'),
    ("ocirc", 'ô'), ("oelig", 'œ'), ("ograve", 'ò'), ("ordf", 'ª'), ("ordm", 'º'), ("oslash", 'ø'), ("otilde", 'õ'),
    ("ouml", 'ö'), ("para", '¶'), ("permil", '‰'), ("plusmn", '±'), ("pound", '£'), ("prime", '′'), ("quot", '"'),
    ("raquo", '»'), ("rarr", '→'), ("rdquo", '”'), ("reg", '®'), ("rlm", '\u{200f}'), ("rsaquo", '›'),
    ("rsquo", '’'), ("sbquo", '‚'), ("scaron", 'š'), ("sect", '§'), ("shy", '\u{ad}'), ("sup1", '¹'), ("sup2", '²'),
    ("sup3", '³'), ("szlig", 'ß'), ("thinsp", '\u{2009}'), ("thorn", 'þ'), ("tilde", '˜'), ("times", '×'),
    ("trade", '™'), ("uacute", 'ú'), ("uarr", '↑'), ("ucirc", 'û'), ("ugrave", 'ù'), ("uml", '¨'), ("uuml", 'ü'),
    ("yacute", 'ý'), ("yen", '¥'), ("yuml", 'ÿ'), ("zwj", '\u{200d}'), ("zwnj", '\u{200c}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order() {
        assert!(NAMED.is_sorted_by_key(|(name, _)| *name));
        assert!(NAMED.iter().all(|(name, _)| name.len() < LONGEST));
    }

    #[test]
    fn entities_of_every_kind() {
        for (text, expected) in [
            ("&amp;", Some(('&', 5))),
            ("&eacute;t\u{e9}", Some(('\u{e9}', 8))),
            ("&#233;", Some(('\u{e9}', 6))),
            ("&#x1F600;", Some(('\u{1f600}', 9))),
            ("&#146;", Some(('\u{2019}', 6))),
            ("&amp;#39;s", Some(('\'', 9))),
            ("&amp;quot;", Some(('"', 10))),
            ("&amp;amp; so", Some(('&', 9))),
            ("&amp;D", Some(('&', 5))),
            ("&bogus;", None),
            ("&#xD800;", None),
            ("&#99999999;", None),
            ("&;", None),
            ("&", None),
        ] {
            assert_eq!(entity(text), expected, "{text}");
        }
    }
}
