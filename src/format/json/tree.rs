//! A JSON text as a compact tree: sixteen bytes for each value, its strings left where they stand in the text.
//!
//! A recogniser's file for a long recording holds millions of values, so a map for each object would take many times
//! the file. What stands before a mistake is kept, since a download that broke off is still most of a transcript.

use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::super::stamp::LATEST;
use super::super::{WarningKind, Warnings};
use super::mend::mend;
use crate::time::CueTime;

/// The tree of a JSON text.
#[derive(Debug)]
pub(in crate::format) struct Tree<'a> {
    text: &'a str,
    nodes: Vec<Node>,
    /// Strings with escapes in them, one after the other, as they mean.
    unescaped: String,
    keys: Vec<Box<str>>,
    /// Where and why reading ended early.
    cut_off: Option<(u32, String)>,
    mended: Option<&'static str>,
}

/// A value: its key in the object around it, and what it is. A container is followed by what it holds.
#[derive(Debug, Clone, Copy)]
struct Node {
    key: u32,
    data: Data,
}

#[derive(Debug, Clone, Copy)]
enum Data {
    Null,
    Bool(bool),
    /// A number with a fraction, or beyond 64 bits.
    Number(Bits),
    /// A whole number.
    Whole(Bits),
    /// A range of the text.
    Plain(u32, u32),
    /// A range of [`Tree::unescaped`].
    Escaped(u32, u32),
    /// The place after the last value inside.
    Array(u32),
    Object(u32),
}

/// A number of 64 bits kept in two halves, so that a node needs no padding.
type Bits = [u32; 2];

const NO_KEY: u32 = u32::MAX;
/// More than this, and the text is no transcript but an attack on the memory.
const MOST_NODES: usize = 60_000_000;
/// No dialect has more different keys; a file that makes up new ones is no transcript.
const MOST_KEYS: usize = 4_096;

impl<'a> Tree<'a> {
    /// Reads a text that looks like a JSON object or array; none for any other.
    pub fn read(text: &'a str) -> Option<Self> {
        if !looks_like_json(text) {
            return None;
        }
        let mut tree = Self::parse(text);
        // Python writes NaN, and some write halves of characters or a comma too many. Mending costs a copy, so it is
        // tried only where reading stopped.
        if tree.cut_off.is_some()
            && let Some(mended) = mend(text)
        {
            let again = Tree::parse(&mended);
            if again.nodes.len() > tree.nodes.len() {
                tree = again.owned_by(text);
                tree.mended = Some("numbers or characters that JSON does not have");
            }
        }
        (tree.nodes.len() > 1).then_some(tree)
    }

    fn parse(text: &'a str) -> Self {
        let mut tree = Self {
            text,
            nodes: Vec::with_capacity(text.len() / 16),
            unescaped: String::new(),
            keys: Vec::new(),
            cut_off: None,
            mended: None,
        };
        tree.nodes.push(Node {
            key: NO_KEY,
            data: Data::Array(0),
        });
        let mut json = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
        let read = loop {
            let read = Fill {
                tree: &mut tree,
                key: NO_KEY,
            }
            .deserialize(&mut json);
            match (read, json.end()) {
                (Ok(()), Ok(())) => break Ok(()),
                (Err(error), _) => break Err(error),
                // JSON Lines: services that answer by and by are recorded so.
                (Ok(()), Err(_)) => {}
            }
        };
        close(&mut tree, 0);
        if let Err(error) = read {
            // The position that serde_json adds to its message is told as the line.
            let why = error.to_string();
            let why = why.split(" at line ").next().unwrap_or("").to_owned();
            tree.cut_off = Some((u32::try_from(error.line()).unwrap_or(u32::MAX), why));
        }
        tree.nodes.shrink_to_fit();
        tree
    }

    /// The same tree for a text of which this one's was a mended copy: its strings are taken along.
    fn owned_by(self, text: &str) -> Tree<'_> {
        let mut unescaped = self.unescaped;
        let mut nodes = self.nodes;
        for node in &mut nodes {
            if let Data::Plain(from, to) = node.data {
                let start = unescaped.len() as u32;
                unescaped.push_str(self.text.get(from as usize..to as usize).unwrap_or(""));
                node.data = Data::Escaped(start, unescaped.len() as u32);
            }
        }
        Tree {
            text,
            nodes,
            unescaped,
            keys: self.keys,
            cut_off: self.cut_off,
            mended: self.mended,
        }
    }

    /// The outermost value; of several, one after the other, an array.
    pub fn root(&self) -> Value<'_> {
        let is_single = self.next(1) >= self.nodes.len();
        Value {
            tree: self,
            at: usize::from(is_single),
        }
    }

    /// Tells what was wrong with the text as JSON.
    pub fn tell_troubles(&self, warnings: &mut Warnings) {
        if let Some(what) = self.mended {
            warnings.push(0, WarningKind::Mended { what });
        }
        if let Some((line, why)) = &self.cut_off {
            warnings.push(*line, WarningKind::CutOff { why: why.clone() });
        }
    }

    fn next(&self, at: usize) -> usize {
        match self.nodes.get(at).map(|node| node.data) {
            Some(Data::Array(end) | Data::Object(end)) => (end as usize).max(at + 1),
            _ => at + 1,
        }
    }

    fn intern(&mut self, key: &str) -> Option<u32> {
        // The keys of one object come again in the next, so the search is short.
        let found = self.keys.iter().position(|known| **known == *key);
        let id = match found {
            Some(id) => id,
            None if self.keys.len() < MOST_KEYS => {
                self.keys.push(key.into());
                self.keys.len() - 1
            }
            None => return None,
        };
        Some(id as u32)
    }
}

/// An object or an array whose first value fits: `[00:12] text` begins like one, and so does `{123}{456}text`.
fn looks_like_json(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let inside = |rest: &str| rest.trim_start().chars().next();
    match text.as_bytes().first() {
        Some(b'{') => text.get(1..).and_then(inside) == Some('"'),
        Some(b'[') => matches!(text.get(1..).and_then(inside), Some('{' | '[' | '"')),
        _ => false,
    }
}

/// Reads one value into the tree.
struct Fill<'t, 'a> {
    tree: &'t mut Tree<'a>,
    key: u32,
}

impl Fill<'_, '_> {
    fn add<E: serde::de::Error>(self, data: Data) -> Result<(), E> {
        if self.tree.nodes.len() >= MOST_NODES {
            return Err(E::custom("more values than any transcript has"));
        }
        self.tree.nodes.push(Node { key: self.key, data });
        Ok(())
    }

    fn number<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        let bits = number.to_bits();
        self.add(Data::Number([(bits >> 32) as u32, bits as u32]))
    }
}

impl<'de> DeserializeSeed<'de> for Fill<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Fill<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.add(Data::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.add(Data::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.add(Data::Whole([(value >> 32) as u32, value as u32]))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => self.number(value as f64),
        }
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.number(value)
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, value: &'de str) -> Result<(), E> {
        let from = (value.as_ptr() as usize).wrapping_sub(self.tree.text.as_ptr() as usize) as u32;
        self.add(Data::Plain(from, from.wrapping_add(value.len() as u32)))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        let from = self.tree.unescaped.len() as u32;
        self.tree.unescaped.push_str(value);
        let to = self.tree.unescaped.len() as u32;
        self.add(Data::Escaped(from, to))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        let Fill { tree, key } = self;
        let at = tree.nodes.len();
        let data = Data::Array(0);
        Fill { tree, key }.add(data)?;
        let read = loop {
            match seq.next_element_seed(Fill { tree, key: NO_KEY }) {
                Ok(Some(())) => {}
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        close(tree, at);
        read
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let Fill { tree, key } = self;
        let at = tree.nodes.len();
        Fill { tree, key }.add(Data::Object(0))?;
        let read = loop {
            match map.next_key_seed(Key { tree }) {
                Ok(Some(id)) => {
                    if let Err(error) = map.next_value_seed(Fill { tree, key: id }) {
                        break Err(error);
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        close(tree, at);
        read
    }
}

/// Ends a container, also one that a mistake ended.
fn close(tree: &mut Tree<'_>, at: usize) {
    let end = tree.nodes.len() as u32;
    if let Some(node) = tree.nodes.get_mut(at) {
        node.data = match node.data {
            Data::Array(_) => Data::Array(end),
            _ => Data::Object(end),
        };
    }
}

struct Key<'t, 'a> {
    tree: &'t mut Tree<'a>,
}

impl<'de> DeserializeSeed<'de> for Key<'_, 'de> {
    type Value = u32;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u32, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_> {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<u32, E> {
        self.tree
            .intern(key)
            .ok_or_else(|| E::custom("more keys than any transcript has"))
    }
}

/// A value of the tree. Asking a value for what it is not gives nothing.
#[derive(Debug, Clone, Copy)]
pub(in crate::format) struct Value<'t> {
    tree: &'t Tree<'t>,
    at: usize,
}

impl<'t> Value<'t> {
    fn data(self) -> Data {
        self.tree.nodes.get(self.at).map_or(Data::Null, |node| node.data)
    }

    fn inside(self) -> Range<usize> {
        match self.data() {
            Data::Array(end) | Data::Object(end) => self.at + 1..(end as usize).min(self.tree.nodes.len()),
            _ => 0..0,
        }
    }

    /// The values of an array, or of an object.
    pub fn items(self) -> impl Iterator<Item = Value<'t>> {
        let Range { mut start, end } = self.inside();
        std::iter::from_fn(move || {
            let at = (start < end).then_some(start)?;
            start = self.tree.next(at);
            Some(Value { tree: self.tree, at })
        })
    }

    /// The keys of an object with their values.
    pub fn entries(self) -> impl Iterator<Item = (&'t str, Value<'t>)> {
        let is_object = self.is_object();
        self.items()
            .take_while(move |_| is_object)
            .map(|value| (value.key(), value))
    }

    fn key(self) -> &'t str {
        let key = self.tree.nodes.get(self.at).map_or(NO_KEY, |node| node.key);
        self.tree.keys.get(key as usize).map_or("", |key| key)
    }

    /// The value of a key. Of doubles the first.
    pub fn get(self, key: &str) -> Option<Value<'t>> {
        self.entries().find(|(own, _)| *own == key).map(|(_, value)| value)
    }

    /// The value at the end of a path of keys.
    pub fn path(self, keys: &[&str]) -> Option<Value<'t>> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The first item of an array.
    pub fn first(self) -> Option<Value<'t>> {
        self.items().next().filter(|_| self.is_array())
    }

    /// The items of the array of a key; none where there is no such array.
    pub fn each(self, key: &str) -> impl Iterator<Item = Value<'t>> + use<'t> {
        let list = self.get(key).filter(|list| list.is_array());
        list.into_iter().flat_map(Value::items)
    }

    /// The first item of the array of a key.
    pub fn first_of(self, key: &str) -> Option<Value<'t>> {
        self.get(key)?.first()
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        matches!(self.data(), Data::Object(_))
    }

    /// Whether it is an array.
    pub fn is_array(self) -> bool {
        matches!(self.data(), Data::Array(_))
    }

    /// A string.
    pub fn str(self) -> Option<&'t str> {
        match self.data() {
            Data::Plain(from, to) => self.tree.text.get(from as usize..to as usize),
            Data::Escaped(from, to) => self.tree.unescaped.get(from as usize..to as usize),
            _ => None,
        }
    }

    /// A number, also one that is written as a string. Never one that is not finite.
    pub fn number(self) -> Option<f64> {
        let number = match self.data() {
            Data::Number(bits) => f64::from_bits(whole(bits)),
            Data::Whole(bits) => whole(bits) as i64 as f64,
            Data::Plain(..) | Data::Escaped(..) => self.str()?.trim().parse().ok()?,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    /// Truth.
    pub fn bool(self) -> Option<bool> {
        match self.data() {
            Data::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The string of a key; none where it is empty.
    pub fn text(self, key: &str) -> Option<&'t str> {
        self.get(key)?.str().filter(|text| !text.is_empty())
    }

    /// The number of a key.
    pub fn num(self, key: &str) -> Option<f64> {
        self.get(key)?.number()
    }

    /// The seconds of a key as a time.
    pub fn seconds(self, key: &str) -> Option<CueTime> {
        self.num(key).map(time_from_secs)
    }

    /// The milliseconds of a key as a time.
    pub fn millis(self, key: &str) -> Option<CueTime> {
        self.num(key).map(|millis| time_from_secs(millis / 1e3))
    }

    /// Adds the value as JSON.
    pub fn write_json(self, out: &mut String) {
        match self.data() {
            Data::Null => out.push_str("null"),
            Data::Bool(value) => out.push_str(if value { "true" } else { "false" }),
            Data::Whole(bits) => out.push_str(&(whole(bits) as i64).to_string()),
            Data::Number(bits) => out.push_str(&serde_json::Value::from(f64::from_bits(whole(bits))).to_string()),
            Data::Plain(..) | Data::Escaped(..) => write_string(self.str().unwrap_or(""), out),
            // The parser bounds how deep values lie in each other.
            Data::Array(_) => {
                out.push('[');
                for (place, item) in self.items().enumerate() {
                    out.push_str(if place > 0 { "," } else { "" });
                    item.write_json(out);
                }
                out.push(']');
            }
            Data::Object(_) => {
                let mut fields = Fields::default();
                for (key, value) in self.entries() {
                    fields.add(key, value);
                }
                out.push_str(&fields.json().unwrap_or_else(|| "{}".to_owned()));
            }
        }
    }

    /// The fields of an object that a reader does not understand, as JSON; none where it understands all.
    pub fn fields_beyond(self, known: &[&str]) -> Option<String> {
        let mut fields = Fields::default();
        for (key, value) in self.entries().filter(|(key, _)| !known.contains(key)) {
            fields.add(key, value);
        }
        fields.json()
    }

    /// The line it stands in, counted from 1, as near as its strings tell; 0 where none does.
    pub fn line(self, lines: &mut super::super::stamp::LineCounter<'_>) -> u32 {
        let end = self.tree.next(self.at);
        let nodes = self.tree.nodes.get(self.at..end.min(self.at + 64)).unwrap_or_default();
        let from = nodes.iter().find_map(|node| match node.data {
            Data::Plain(from, _) => Some(from),
            _ => None,
        });
        from.map_or(0, |from| lines.line_at(from as usize))
    }
}

fn whole([high, low]: Bits) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// A time in seconds, cut where no recording reaches.
pub(super) fn time_from_secs(secs: f64) -> CueTime {
    let bound = CueTime::ZERO - LATEST;
    CueTime::from_secs_f64(secs).clamp(CueTime::ZERO + bound, LATEST)
}

fn write_string(text: &str, out: &mut String) {
    if text.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        out.push_str(&serde_json::Value::from(text).to_string());
    } else {
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
}

/// The fields of a JSON object while it is written.
#[derive(Debug, Default)]
pub(super) struct Fields {
    json: String,
}

impl Fields {
    /// Adds a field that was read.
    pub fn add(&mut self, key: &str, value: Value<'_>) {
        value.write_json(self.open(key));
    }

    /// Adds a string.
    pub fn add_text(&mut self, key: &str, text: &str) {
        write_string(text, self.open(key));
    }

    /// Adds what is JSON already.
    pub fn add_json(&mut self, key: &str, json: &str) {
        self.open(key).push_str(json);
    }

    fn open(&mut self, key: &str) -> &mut String {
        self.json.push(if self.json.is_empty() { '{' } else { ',' });
        write_string(key, &mut self.json);
        self.json.push(':');
        &mut self.json
    }

    /// The object; none where it has no field.
    pub fn json(mut self) -> Option<String> {
        self.json.push('}');
        (self.json.len() > 1).then_some(self.json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_answers_by_key_and_by_place() {
        let tree = Tree::read(r#"{"a": [1, "two", {"b\n": null}], "c": true, "d": "3.5", "e": "x\ty"}"#).expect("JSON");
        let root = tree.root();
        let items: Vec<Value<'_>> = root.get("a").expect("a").items().collect();
        assert_eq!(items.len(), 3);
        assert_eq!((items[0].number(), items[1].str()), (Some(1.0), Some("two")));
        assert_eq!(items[2].entries().next().map(|(key, _)| key), Some("b\n"));
        assert_eq!((root.num("d"), root.text("e")), (Some(3.5), Some("x\ty")));
        assert_eq!(root.get("c").and_then(Value::bool), Some(true));
        assert!(root.get("z").is_none() && root.path(&["a", "b"]).is_none());
    }

    #[test]
    fn what_stands_before_a_mistake_is_kept() {
        let tree = Tree::read("{\"a\": [1, 2,\n {\"b\": \"c\", \"d\"").expect("JSON");
        let items: Vec<Value<'_>> = tree.root().get("a").expect("a").items().collect();
        assert_eq!(items[2].text("b"), Some("c"));
        let mut warnings = Warnings::default();
        tree.tell_troubles(&mut warnings);
        assert_eq!(warnings.into_sorted()[0].line, 2);
    }

    #[test]
    fn what_python_writes_is_mended() {
        let tree = Tree::read("{\"a\": NaN, \"b\": \"\\ud83d lone\", \"c\": [1, -Infinity,], \"d\": \"a\tb\\q\"}")
            .expect("JSON");
        let root = tree.root();
        assert_eq!((root.num("a"), root.text("b")), (None, Some("\u{fffd} lone")));
        assert_eq!(root.get("c").map(|c| c.items().count()), Some(2));
        assert_eq!(root.text("d"), Some("a b\\q"));
        assert!(tree.mended.is_some() && tree.cut_off.is_none());
    }

    #[test]
    fn other_texts_are_no_json() {
        for text in ["[00:12] Hi", "{123}{456}Hi", "[Script Info]", "{", "", "[1, 2]"] {
            assert!(Tree::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_number_beyond_all_is_null_and_values_follow_each_other() {
        let tree = Tree::read("{\"a\": 1e999, \"b\": [12, -1e999, 3.5]}\n{\"c\": \"d\"}\n").expect("JSON");
        let root = tree.root();
        assert!(root.is_array() && tree.cut_off.is_none());
        let mut json = String::new();
        root.write_json(&mut json);
        assert_eq!(json, r#"[{"a":null,"b":[12,null,3.5]},{"c":"d"}]"#);
    }

    #[test]
    fn what_follows_a_value_is_told() {
        let tree = Tree::read("{\"a\": 1}\nand so on").expect("JSON");
        assert_eq!(tree.root().num("a"), Some(1.0));
        assert!(tree.cut_off.is_some());
    }

    #[test]
    fn values_are_written_as_they_were() {
        let json = r#"{"a":[1,-2.5,9007199254740993,{"b\"":"x\ty"}],"c":null,"d":true,"e":{},"f":"é"}"#;
        let tree = Tree::read(json).expect("JSON");
        let mut written = String::new();
        tree.root().write_json(&mut written);
        assert_eq!(written, json);
        assert_eq!(
            tree.root().fields_beyond(&["a", "c", "d"]).as_deref(),
            Some(r#"{"e":{},"f":"é"}"#)
        );
    }

    #[test]
    fn nesting_costs_no_stack() {
        let deep = format!("[{}", "[".repeat(1 << 20));
        let tree = Tree::read(&deep).expect("JSON");
        assert!(tree.cut_off.is_some());
    }
}
