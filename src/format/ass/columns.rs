//! The lines of a script: sections, keys, and the columns of its events.

use super::super::stamp::read_time;
use crate::time::CueTime;

/// A line without blanks around it.
pub(super) fn trimmed(line: &str) -> &str {
    line.trim_start_matches('\u{feff}').trim()
}

/// The name of the section that a line begins.
pub(super) fn section(line: &str) -> Option<&str> {
    Some(trimmed(line).strip_prefix('[')?.strip_suffix(']')?.trim())
}

/// What stands after a key and its colon.
pub(super) fn of_key<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let (own, value) = trimmed(line).split_once(':')?;
    own.trim().eq_ignore_ascii_case(key).then(|| value.trim_start())
}

/// A field that is a time: `0:01:02.50`.
pub(super) fn time(field: &str) -> Option<CueTime> {
    let field = field.trim();
    read_time(field.as_bytes())
        .filter(|stamp| stamp.length == field.len())
        .map(|stamp| stamp.time)
}

/// The columns of the events, as their `Format` line names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    /// Their names, in lower case.
    pub names: Vec<String>,
    /// Which of them is the text.
    pub text: usize,
}

impl Columns {
    /// The columns of a `Format` line; none where it has no text, or no times.
    pub fn of(format: &str) -> Option<Self> {
        let names: Vec<String> = format.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
        let place = |wanted: &str| names.iter().position(|name| name == wanted);
        let text = place("text").filter(|_| place("start").is_some() && place("end").is_some())?;
        Some(Self { names, text })
    }

    /// The columns of a file that does not name them.
    pub fn usual(is_v4: bool) -> Self {
        let first = if is_v4 { "marked" } else { "layer" };
        let others = [
            "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text",
        ];
        let names: Vec<String> = std::iter::once(first).chain(others).map(str::to_owned).collect();
        let text = others.len();
        Self { names, text }
    }

    /// The columns that a head names last.
    pub fn of_head(head: &str) -> Self {
        let is_v4 = head
            .lines()
            .any(|line| section(line).is_some_and(|name| name.eq_ignore_ascii_case("v4 styles")));
        let events = head.lines().skip_while(|line| !is_events(line));
        let named = events.filter_map(|line| Columns::of(of_key(line, "format")?)).last();
        named.unwrap_or_else(|| Columns::usual(is_v4))
    }

    /// The fields of an event. Commas in the text belong to it.
    pub fn split<'a>(&self, event: &'a str) -> Option<Vec<&'a str>> {
        let mut fields: Vec<&str> = event.splitn(self.text + 1, ',').collect();
        let rest = fields.pop()?;
        let after = self.names.len() - self.text - 1;
        let mut tail: Vec<&str> = rest.rsplitn(after + 1, ',').collect();
        tail.reverse();
        fields.append(&mut tail);
        (fields.len() == self.names.len()).then_some(fields)
    }

    /// A field by its column's name, trimmed; empty where there is none.
    pub fn field<'a>(&self, fields: &[&'a str], name: &str) -> &'a str {
        let place = self.names.iter().position(|own| own == name);
        place
            .and_then(|place| fields.get(place))
            .map_or("", |field| field.trim())
    }

    /// Who speaks: SSA calls the column so as well.
    pub fn name<'a>(&self, fields: &[&'a str]) -> &'a str {
        let name = self.field(fields, "name");
        if name.is_empty() {
            self.field(fields, "actor")
        } else {
            name
        }
    }

    /// What a column holds where nothing is known.
    pub fn unsaid(name: &str) -> &'static str {
        match name {
            "layer" | "marginl" | "marginr" | "marginv" => "0",
            "marked" => "Marked=0",
            "style" => "Default",
            _ => "",
        }
    }

    /// The columns that are kept of an event as they are: all but its times and its text.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        let names = self.names.iter().map(String::as_str);
        names.filter(|name| !matches!(*name, "start" | "end" | "text"))
    }
}

/// Whether a line begins the section of the events.
pub(super) fn is_events(line: &str) -> bool {
    section(line).is_some_and(|name| name.eq_ignore_ascii_case("events"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_in_any_order_and_commas_in_the_text() {
        let columns = Columns::of("Start, End, Name, Text").expect("columns");
        assert_eq!(
            columns.split("1,2,Ada,So, then, go"),
            Some(vec!["1", "2", "Ada", "So, then, go"])
        );
        assert_eq!(columns.split("1,2,Ada"), None);
        let columns = Columns::of("Text, Start, End").expect("columns");
        assert_eq!(columns.split("So, then,1,2"), Some(vec!["So, then", "1", "2"]));
        assert_eq!(Columns::of("Start, Text"), None);
    }

    #[test]
    fn a_head_names_the_columns_of_its_events() {
        let head = "[V4+ Styles]\nFormat: Name, Start, End, Text\n[Events]\nFormat: Start, End, Text\n";
        assert_eq!(Columns::of_head(head).names, ["start", "end", "text"]);
        assert_eq!(
            Columns::of_head("[V4 Styles]\n[Events]\n")
                .names
                .first()
                .map(String::as_str),
            Some("marked")
        );
    }
}
