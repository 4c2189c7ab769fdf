//! WebVTT, situation by situation: what the file-parsing tests of the web platform try, in files of our own.
//!
//! The situations are those of `webvtt/parsing` in <https://github.com/web-platform-tests/wpt>; where Earmark reads
//! more than the description demands, the row says so and why. A cue is `identifier|start-end|settings|text`, times in
//! milliseconds, lines parted by ` / `.

use earmark::format::{Format, Options, read, write};
use earmark::transcript::Cue;
use proptest::prelude::*;

struct Case {
    what: &'static str,
    /// Where more is read than the description demands: what, and why.
    beyond: &'static str,
    file: &'static str,
    cues: &'static [&'static str],
    told: &'static [&'static str],
}

const fn case(
    what: &'static str,
    file: &'static str,
    cues: &'static [&'static str],
    told: &'static [&'static str],
) -> Case {
    Case {
        what,
        beyond: "",
        file,
        cues,
        told,
    }
}

const fn beyond(
    what: &'static str,
    beyond: &'static str,
    file: &'static str,
    cues: &'static [&'static str],
    told: &'static [&'static str],
) -> Case {
    Case {
        what,
        beyond,
        file,
        cues,
        told,
    }
}

const SIGNATURE: &[Case] = &[
    case(
        "a mark of byte order",
        "\u{feff}WEBVTT\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    case("the signature alone", "WEBVTT", &[], &[]),
    case("the signature and a space", "WEBVTT ", &[], &[]),
    case("the signature and a tab", "WEBVTT\t", &[], &[]),
    case(
        "a space behind it",
        "WEBVTT \n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "a tab behind it",
        "WEBVTT\t\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "words behind it",
        "WEBVTT of our own\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    beyond(
        "times behind it",
        "the description reads no cue; such a file lost its line breaks",
        "WEBVTT 00:01.000 --> 00:02.000\nrain\n\n00:02.000 --> 00:03.000\nsnow",
        &["|1000-2000||rain", "|2000-3000||snow"],
        &["lost-line-breaks"],
    ),
    beyond(
        "blank lines above it",
        "the description refuses the file",
        "\n\nWEBVTT\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    beyond(
        "letters right behind it",
        "the description refuses the file; its name says what it is, and the line is told",
        "WEBVTTX\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &["malformed", "stray-text"],
    ),
    beyond(
        "small letters",
        "as above",
        "webvtt\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &["malformed", "stray-text"],
    ),
];

const HEADER: &[Case] = &[
    case(
        "words below the signature",
        "WEBVTT\nsomething else\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &["stray-text"],
    ),
    case(
        "a line with a space",
        "WEBVTT\n \n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "a line with a tab",
        "WEBVTT\n\t\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "times right below",
        "WEBVTT\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "fields of an early draft",
        "WEBVTT\nKind: captions\nLanguage: la\nRegion: id=a width=40%\n\n00:01.000 --> 00:02.000 region:a\nrain",
        &["|1000-2000|region:a|rain"],
        &[],
    ),
    case(
        "an identifier right below",
        "WEBVTT\nfirst\n00:01.000 --> 00:02.000\nrain",
        &["first|1000-2000||rain"],
        &[],
    ),
];

const ARROWS: &[Case] = &[
    beyond(
        "an arrow alone above the times",
        "the description says the same of the cue and nothing of the arrow",
        "WEBVTT\n\n-->\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &["malformed"],
    ),
    beyond(
        "an arrow behind a word above the times",
        "as above",
        "WEBVTT\n\nword-->\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &["malformed"],
    ),
    beyond(
        "an arrow in the text",
        "the description ends the cue there; people write arrows for movements and for answers",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nfrom north --> south\nand back",
        &["|1000-2000||from north --> south / and back"],
        &[],
    ),
    case(
        "times without a blank line above them",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nrain\n00:02.000 --> 00:03.000\nsnow",
        &["|1000-2000||rain", "|2000-3000||snow"],
        &[],
    ),
    case(
        "what follows the first time is no arrow",
        "WEBVTT\n\n00:01.000 -a -->\n\n00:01.000 - -->\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &["malformed", "malformed"],
    ),
    case(
        "no blanks around the arrow",
        "WEBVTT\n\n00:01.000-->00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    beyond(
        "an arrow with a longer shaft",
        "the description drops the cue",
        "WEBVTT\n\n00:01.000 ---> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
];

const IDENTIFIERS: &[Case] = &[
    case(
        "a space in front",
        "WEBVTT\n\n one of us\n00:01.000 --> 00:02.000\nrain",
        &[" one of us|1000-2000||rain"],
        &[],
    ),
    case(
        "a space behind",
        "WEBVTT\n\none of us \n00:01.000 --> 00:02.000\nrain",
        &["one of us |1000-2000||rain"],
        &[],
    ),
    case(
        "nearly an arrow",
        "WEBVTT\n\n-- >\n00:01.000 --> 00:02.000\nrain\n\n->\n00:02.000 --> 00:03.000\nsnow",
        &["-- >|1000-2000||rain", "->|2000-3000||snow"],
        &[],
    ),
    beyond(
        "a single space",
        "the description takes it for the identifier; here it is kept as the blank line it looks like",
        "WEBVTT\n\n \n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "running numbers are no identifiers worth keeping",
        "WEBVTT\n\n1\n00:01.000 --> 00:02.000\nrain\n\n2\n00:02.000 --> 00:03.000\nsnow\n\nend\n00:03.000 --> 00:04.000\nsun",
        &["|1000-2000||rain", "|2000-3000||snow", "end|3000-4000||sun"],
        &[],
    ),
    case(
        "words that blocks begin with",
        "WEBVTT\n\nSTYLE\n00:01.000 --> 00:02.000\nrain\n\nREGION\n00:02.000 --> 00:03.000\nsnow\n\nNOTEWORTHY\n00:03.000 --> 00:04.000\nsun",
        &[
            "STYLE|1000-2000||rain",
            "REGION|2000-3000||snow",
            "NOTEWORTHY|3000-4000||sun",
        ],
        &[],
    ),
    case(
        "two lines above the times",
        "WEBVTT\n\nstray\nown\n00:01.000 --> 00:02.000\nrain",
        &["own|1000-2000||rain"],
        &["stray-text"],
    ),
];

const LINE_ENDS: &[Case] = &[
    case(
        "all kinds in one file",
        "WEBVTT\r\n\r\na\r00:01.000 --> 00:02.000\rrain\r\rb\n00:02.000 --> 00:03.000\nsnow\r\n\r\n00:03.000 --> 00:04.000\r\nsun",
        &["a|1000-2000||rain", "b|2000-3000||snow", "|3000-4000||sun"],
        &[],
    ),
    case(
        "a feed before a return is two",
        "WEBVTT\n\r00:01.000 --> 00:02.000\nrain\n\r00:02.000 --> 00:03.000\nsnow",
        &["|1000-2000||rain", "|2000-3000||snow"],
        &[],
    ),
    beyond(
        "two returns before a feed",
        "the description sees two line ends; the file was converted twice, and it is one",
        "WEBVTT\r\r\n\r\r\n00:01.000 --> 00:02.000\r\r\nrain\r\r\nsnow\r\r\n",
        &["|1000-2000||rain / snow"],
        &[],
    ),
    case(
        "none at the end",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "many at the end",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nrain\n\n\n\n",
        &["|1000-2000||rain"],
        &[],
    ),
];

const NULLS: &[Case] = &[
    beyond(
        "in a text",
        "the description shows a replacement character; nobody said it, and it is kept for writing",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nra\0in",
        &["|1000-2000||rain"],
        &[],
    ),
    beyond(
        "in an identifier",
        "as above",
        "WEBVTT\n\na\0b\n00:01.000 --> 00:02.000\nrain",
        &["a\0b|1000-2000||rain"],
        &[],
    ),
];

const REGIONS: &[Case] = &[
    case(
        "a region and a cue in it",
        "WEBVTT\n\nREGION\nid:low\nwidth:50%\nlines:3\nregionanchor:0%,100%\nviewportanchor:0%,90%\nscroll:up\n\n00:01.000 --> 00:02.000 region:low\nrain",
        &["|1000-2000|region:low|rain"],
        &[],
    ),
    case(
        "values that are none are the painter's business",
        "WEBVTT\n\nREGION\nid:a-->b\n\nREGION\nlines:x\nwidth:-4\nscroll:down\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "regions of an early draft",
        "WEBVTT\n\nREGION: id=low width=40%\n\n00:01.000 --> 00:02.000 region:low\nrain",
        &["|1000-2000|region:low|rain"],
        &["stray-text"],
    ),
    case(
        "a region behind a cue",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nrain\n\nREGION\nid:late\n\n00:02.000 --> 00:03.000\nsnow",
        &["|1000-2000||rain", "|2000-3000||snow"],
        &[],
    ),
];

const SETTINGS: &[Case] = &[
    case(
        "all at once",
        "WEBVTT\n\n00:01.000 --> 00:02.000 align:start line:1% vertical:lr size:50% position:25% region:a\nrain",
        &["|1000-2000|align:start line:1% vertical:lr size:50% position:25% region:a|rain"],
        &[],
    ),
    case(
        "values of every kind",
        "WEBVTT\n\n00:01.000 --> 00:02.000 line:-1,end\nrain\n\n00:02.000 --> 00:03.000 position:10%,line-left\nsnow\n\n00:03.000 --> 00:04.000 size:100.5%\nsun",
        &[
            "|1000-2000|line:-1,end|rain",
            "|2000-3000|position:10%,line-left|snow",
            "|3000-4000|size:100.5%|sun",
        ],
        &[],
    ),
    case(
        "values that are none are kept as they stand",
        "WEBVTT\n\n00:01.000 --> 00:02.000 align: start\nrain\n\n00:02.000 --> 00:03.000 size:many line:,\nsnow\n\n00:03.000 --> 00:04.000 align\nsun",
        &[
            "|1000-2000|align: start|rain",
            "|2000-3000|size:many line:,|snow",
            "|3000-4000|align|sun",
        ],
        &[],
    ),
    case(
        "settings of another description",
        "WEBVTT\n\n00:01.000 --> 00:02.000 mood:calm tempo=3\nrain",
        &["|1000-2000|mood:calm tempo=3|rain"],
        &[],
    ),
    case(
        "twice the same, and tabs between",
        "WEBVTT\n\n00:01.000 --> 00:02.000\talign:start\talign:end\nrain",
        &["|1000-2000|align:start\talign:end|rain"],
        &[],
    ),
    beyond(
        "words behind the times",
        "the description passes them over; they are the text that lost its line break",
        "WEBVTT\n\n00:01.000 --> 00:02.000 rain all day\n\n00:02.000 --> 00:03.000\nsnow",
        &["|1000-2000||rain all day", "|2000-3000||snow"],
        &["lost-line-breaks"],
    ),
];

const SHEETS: &[Case] = &[
    case(
        "a style sheet",
        "WEBVTT\n\nSTYLE\n::cue { color: red }\n\nSTYLE \n::cue(b) {\n  color: blue;\n}\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "nothing in it",
        "WEBVTT\n\nSTYLE\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "in the header",
        "WEBVTT\nSTYLE\n::cue {\n  color: red\n}\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "behind a cue",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nrain\n\nSTYLE\n::cue { color: red }",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "a blank line inside",
        "WEBVTT\n\nSTYLE\n::cue(b) {\n\n  color: red\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &["stray-text"],
    ),
];

const COMMENTS: &[Case] = &[
    case(
        "of one line, of several, and of none",
        "WEBVTT\n\nNOTE one\n\nNOTE\nof\nthree\n\nNOTE\n\n00:01.000 --> 00:02.000\nrain\n\nNOTE\tlast",
        &["|1000-2000||rain"],
        &[],
    ),
    beyond(
        "right above the times",
        "the description takes it for the identifier",
        "WEBVTT\n\nNOTE forgot a line\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "inside a cue it is text",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nrain\nNOTE and snow",
        &["|1000-2000||rain / NOTE and snow"],
        &[],
    ),
    case(
        "in small letters it is none",
        "WEBVTT\n\nnote to self\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &["stray-text"],
    ),
];

const TIMES: &[Case] = &[
    case(
        "the file ends behind them",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nrain\n\n00:02.000 --> 00:03.000",
        &["|1000-2000||rain"],
        &["empty-cue"],
    ),
    case(
        "and behind the arrow",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nrain\n\n00:02.000 -->",
        &["|1000-2000||rain"],
        &["malformed"],
    ),
    beyond(
        "sixty minutes and more",
        "the description drops the cue; counting on in minutes is how some players tell long recordings",
        "WEBVTT\n\n00:60:00.000 --> 00:61:00.000\nrain\n\n99:00.000 --> 99:01.000\nsnow",
        &["|3600000-3660000||rain", "|5940000-5941000||snow"],
        &[],
    ),
    case(
        "letters among them",
        "WEBVTT\n\n00:0a.000 --> 00:02.000\nrain\n\n00:01.000 --> 00:b2.000\nsnow\n\n00:01.000 --> 00:02.000\nsun",
        &["|1000-2000||sun"],
        &["malformed", "malformed", "stray-text", "stray-text"],
    ),
    beyond(
        "a word in front",
        "the description drops the cue; the line break behind its identifier was lost",
        "WEBVTT\n\none 00:01.000 --> 00:02.000\nrain",
        &["one|1000-2000||rain"],
        &["lost-line-breaks"],
    ),
    case(
        "an end at the start, and before it",
        "WEBVTT\n\n00:01.000 --> 00:01.000\nrain\n\n00:03.000 --> 00:02.999\nsnow",
        &["|1000-3000||rain", "|3000-4240||snow"],
        &["end-before-start", "zero-length"],
    ),
    case(
        "hours left out, on one side or both",
        "WEBVTT\n\n00:01.000 --> 00:00:02.000\nrain\n\n00:00:02.000 --> 00:03.000\nsnow",
        &["|1000-2000||rain", "|2000-3000||snow"],
        &[],
    ),
    case(
        "many digits of hours",
        "WEBVTT\n\n000:00:01.000 --> 0000:00:02.000\nrain\n\n12345:00:00.000 --> 12345:00:01.000\nsnow",
        &["|1000-2000||rain", "|44442000000-44442001000||snow"],
        &[],
    ),
    beyond(
        "too few digits",
        "the description drops the cues; what the times mean is plain",
        "WEBVTT\n\n0:0:1.0 --> 0:00:02.00\nrain\n\n0:02.5 --> 0:03.25\nsnow",
        &["|1000-2000||rain", "|2500-3250||snow"],
        &[],
    ),
    beyond(
        "too many digits of a second",
        "the description drops the cue",
        "WEBVTT\n\n00:01.0000 --> 00:02.000000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "parts missing or twice",
        "WEBVTT\n\n00::01.000 --> 00:02.000\na\n\n00:000:01.000 --> 00:00:02.000\nb\n\n00:01..000 --> 00:02.000\nc\n\n--> 00:02.000\nd\n\n00:01.000 --> 00:02.000\nrain",
        &["|1000-2000||rain"],
        &[
            "malformed",
            "malformed",
            "malformed",
            "malformed",
            "stray-text",
            "stray-text",
            "stray-text",
            "stray-text",
        ],
    ),
    beyond(
        "before zero",
        "the description drops the cue; editors that shift times write such",
        "WEBVTT\n\n-00:01.000 --> 00:02.000\nrain",
        &["|0-2000||rain"],
        &["negative-time"],
    ),
    case(
        "spaces and tabs around them",
        "WEBVTT\n\n   00:01.000    -->  00:02.000 \n   rain\n\n\t\t00:02.000\t-->\t\t00:03.000\t\nsnow",
        &["|1000-2000||rain", "|2000-3000||snow"],
        &[],
    ),
    case(
        "form feeds and vertical tabs are no blanks",
        "WEBVTT\n\n00:01.000\u{c}-->\u{c}00:02.000\nrain\n\n00:02.000\u{b}-->\u{b}00:03.000\nsnow\n\n00:03.000 --> 00:04.000\nsun",
        &["|3000-4000||sun"],
        &["malformed", "malformed", "stray-text", "stray-text"],
    ),
    beyond(
        "as SubRip writes them",
        "the description drops the cue; converters forget the commas",
        "WEBVTT\n\n00:00:01,000 --> 00:00:02,000\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
];

const TEXTS: &[Case] = &[
    beyond(
        "a blank line above the text",
        "the description reads an empty cue; nothing had begun that could end",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n\nrain",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "a line with a space above the text",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n \nrain\n",
        &["|1000-2000||rain"],
        &[],
    ),
    case(
        "text behind a blank line",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nrain\n\nleft over\n\n00:02.000 --> 00:03.000\nsnow",
        &["|1000-2000||rain", "|2000-3000||snow"],
        &["stray-text"],
    ),
    case(
        "entities",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n&amp; &lt; &gt; &quot; &copy; &#x263A; &#9731; x&nbsp;y &nonsense; & &;",
        &["|1000-2000||& < > \" © ☺ ☃ x\u{a0}y &nonsense; & &;"],
        &[],
    ),
    case(
        "tags with and without classes",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<b>a</b><i.x>b</i><u.x.y>c</u><c>d</c><c.z>e</c><lang en-GB>f</lang>",
        &["|1000-2000||abcdef"],
        &[],
    ),
    case(
        "tags that end nothing, or never end",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nr</i>a<b>i<i>n</b>",
        &["|1000-2000||rain"],
        &[],
    ),
    beyond(
        "signs that begin no tag",
        "the description takes `<3 you` for a tag",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nI <3 rain < snow <",
        &["|1000-2000||I <3 rain < snow <"],
        &[],
    ),
    case(
        "unknown tags",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<blink>rain</blink>",
        &["|1000-2000||rain"],
        &["unknown-tag", "unknown-tag"],
    ),
    case(
        "ruby",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<ruby.x>雨<rt>あめ</ruby>だ",
        &["|1000-2000||雨（あめ）だ"],
        &[],
    ),
    case(
        "times inside a text that are none",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nra<00:99.000>in <1:2>snow",
        &["|1000-2000||rain snow"],
        &[],
    ),
];

fn shown(cue: &Cue) -> String {
    let origin = cue.origin.as_deref();
    let identifier = origin.and_then(|origin| origin.identifier.as_deref()).unwrap_or("");
    let settings = origin.and_then(|origin| origin.settings.as_deref()).unwrap_or("");
    let (start, end) = (cue.span.start.as_micros() / 1_000, cue.span.end.as_micros() / 1_000);
    format!(
        "{identifier}|{start}-{end}|{settings}|{}",
        cue.text.replace('\n', " / ")
    )
}

#[test]
fn the_situations_of_the_web_platform_tests() {
    let groups = [
        SIGNATURE,
        HEADER,
        ARROWS,
        IDENTIFIERS,
        LINE_ENDS,
        NULLS,
        REGIONS,
        SETTINGS,
        SHEETS,
        COMMENTS,
        TIMES,
        TEXTS,
    ];
    let mut wrong = Vec::new();
    for case in groups.into_iter().flatten() {
        let (cues, told) = match read(case.file.as_bytes(), &Options::named(Some("vtt"))) {
            Ok(reading) => {
                let mut told: Vec<&str> = reading.warnings.iter().map(|warning| warning.kind.name()).collect();
                told.sort_unstable();
                (reading.transcript.cues.iter().map(shown).collect(), told)
            }
            Err(_) => (Vec::new(), Vec::new()),
        };
        if cues != case.cues || told != case.told {
            wrong.push(format!(
                "{} {}\n{:?}\n  cues {cues:?}\n  told {told:?}",
                case.what, case.beyond, case.file
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Pieces of a cue's text, awkward ones among them; none begins a cue or ends one.
const TEXT: [&str; 22] = [
    "rain",
    " snow",
    "&amp;",
    "&nbsp;",
    "<v Ada>",
    "</v>",
    "<c.x>y</c>",
    "<i>",
    "<00:00:01.500>",
    "<ruby>a<rt>b</rt></ruby>",
    "  ",
    "\u{3000}",
    "é",
    "雨",
    "{\\an8}",
    "A --> B",
    "1",
    "NOTE",
    "STYLE",
    "Ada: ",
    "[x] ",
    "-",
];
const HEADS: [&str; 5] = [
    "WEBVTT",
    "WEBVTT - a title",
    "WEBVTT\t",
    "WEBVTT so\nKind: captions",
    "WEBVTT\nLanguage: en",
];
const BLOCKS: [&str; 6] = [
    "NOTE",
    "NOTE one",
    "NOTE\none\ntwo",
    "STYLE\n::cue { }",
    "REGION\nid:a",
    " ",
];
const NAMES: [&str; 6] = ["one", " of us ", "1", "7", "NOTEWORTHY", "00:01"];
const TIME_SETTINGS: [&str; 6] = [
    "",
    "",
    " align:start",
    " line:1 position:0%",
    "  size:5%",
    " mood:calm ",
];

/// A cue as a file writes it: whether its hours of zero stand there, its identifier, its settings, its lines.
type WrittenCue = (
    bool,
    Option<&'static str>,
    &'static str,
    Vec<Vec<&'static str>>,
    Option<&'static str>,
);

fn written_cue() -> impl Strategy<Value = WrittenCue> {
    let line = prop::collection::vec(prop::sample::select(&TEXT[..]), 1..5);
    (
        prop::bool::weighted(0.1),
        prop::option::weighted(0.3, prop::sample::select(&NAMES[..])),
        prop::sample::select(&TIME_SETTINGS[..]),
        prop::collection::vec(line, 1..4),
        prop::option::weighted(0.2, prop::sample::select(&BLOCKS[..])),
    )
}

fn clean_file() -> impl Strategy<Value = String> {
    let cues = prop::collection::vec(written_cue(), 1..7);
    let head = prop::sample::select(&HEADS[..]);
    (head, cues, any::<bool>(), any::<bool>(), 0..4_usize).prop_map(|(head, cues, short, numbered, ends)| {
        let mut file = head.to_owned();
        for ((other, identifier, settings, lines, block), second) in cues.into_iter().zip(1..) {
            let stamp = |second: i32, short: bool| format!("{}00:{second:02}.000", if short { "" } else { "00:" });
            let identifier = match identifier {
                Some(identifier) => format!("{identifier}\n"),
                None if numbered => format!("{second}\n"),
                None => String::new(),
            };
            let (start, end) = (stamp(second, short != other), stamp(second + 1, short));
            let lines: Vec<String> = lines.iter().map(|pieces| pieces.concat()).collect();
            let block = block.map(|block| format!("\n\n{block}")).unwrap_or_default();
            let times = format!("{start} --> {end}{settings}");
            let parts = ["\n\n", &identifier, &times, "\n", &lines.join("\n"), &block];
            file.extend(parts);
        }
        file + &"\n".repeat(ends)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn any_clean_file_is_written_as_it_was_read(file in clean_file()) {
        let options = Options { raw: true, ..Options::named(Some("vtt")) };
        if let Ok(reading) = read(file.as_bytes(), &options)
            && reading.warnings.is_empty()
        {
            let written = write(&reading.transcript, Format::WebVtt).unwrap();
            prop_assert_eq!(written.text, file);
        }
    }
}
