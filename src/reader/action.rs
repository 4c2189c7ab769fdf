//! The commands that have a name and a key: one table for the key handler, tooltips, help, palette and README.

use super::{Command, Panel, SleepAfter, View};
use crate::notes::Colour;
use crate::time::TimeDelta;

/// Where an action is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Sound.
    Playback,
    /// Moving about.
    Moving,
    /// Marks and notes.
    Notes,
    /// Text and search.
    Reading,
    /// Window and files.
    Window,
}

impl Group {
    /// All, as listed.
    pub const ALL: [Self; 5] = [Self::Playback, Self::Moving, Self::Notes, Self::Reading, Self::Window];

    /// Its heading.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Playback => "Playback",
            Self::Moving => "Moving about",
            Self::Notes => "Notes",
            Self::Reading => "Reading",
            Self::Window => "Window and files",
        }
    }
}

/// A command one can name, find and reach by key.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// What it does, as an order: "Play or pause".
    pub label: &'static str,
    /// The keys, each as `Ctrl+Shift+Z`, `Space`, `ArrowLeft`, `?`; the first is the one shown in tooltips.
    /// `Ctrl` is the command key on a Mac.
    pub keys: &'static [&'static str],
    /// What it asks for.
    pub command: Command,
    /// Where it is listed.
    pub group: Group,
    /// Whether its keys also act while a text field has the focus; those that write there never do.
    pub while_typing: bool,
}

const fn action(group: Group, label: &'static str, keys: &'static [&'static str], command: Command) -> Action {
    Action {
        label,
        keys,
        command,
        group,
        while_typing: false,
    }
}

const fn always(group: Group, label: &'static str, keys: &'static [&'static str], command: Command) -> Action {
    Action {
        label,
        keys,
        command,
        group,
        while_typing: true,
    }
}

const fn seconds(secs: i64) -> TimeDelta {
    TimeDelta::from_millis(secs * 1_000)
}

use Group::{Moving, Notes, Playback, Reading, Window};

/// Every action, in the order it is listed.
pub static ACTIONS: &[Action] = &[
    always(
        Playback,
        "Play or pause",
        &["Space", "K", "Ctrl+Space"],
        Command::TogglePlay,
    ),
    action(Playback, "Play from the current cue", &["Enter"], Command::PlayCue),
    action(Playback, "Replay the current cue", &["R"], Command::ReplayCue),
    action(Playback, "Slower", &["["], Command::SpeedBy(-0.05)),
    action(Playback, "Faster", &["]"], Command::SpeedBy(0.05)),
    action(Playback, "Much slower", &["{"], Command::SpeedBy(-0.5)),
    action(Playback, "Much faster", &["}"], Command::SpeedBy(0.5)),
    action(Playback, "Normal speed", &["Backspace", "="], Command::SetSpeed(1.0)),
    action(
        Playback,
        "Repeat from here, to here, no more",
        &["A"],
        Command::MarkLoop,
    ),
    action(Playback, "Repeat the current cue", &["Shift+A"], Command::LoopCue),
    action(
        Playback,
        "Skip gaps without speech, or play them",
        &["G"],
        Command::ToggleSkipGaps,
    ),
    action(Playback, "Louder", &["Shift+ArrowUp"], Command::VolumeBy(0.05)),
    action(Playback, "Quieter", &["Shift+ArrowDown"], Command::VolumeBy(-0.05)),
    action(Playback, "Mute", &["M"], Command::ToggleMute),
    action(
        Playback,
        "Sleep timer: pause in 5 minutes",
        &[],
        Command::Sleep(Some(SleepAfter::Minutes(5))),
    ),
    action(
        Playback,
        "Sleep timer: pause in 10 minutes",
        &[],
        Command::Sleep(Some(SleepAfter::Minutes(10))),
    ),
    action(
        Playback,
        "Sleep timer: pause in 15 minutes",
        &[],
        Command::Sleep(Some(SleepAfter::Minutes(15))),
    ),
    action(
        Playback,
        "Sleep timer: pause in 30 minutes",
        &[],
        Command::Sleep(Some(SleepAfter::Minutes(30))),
    ),
    action(
        Playback,
        "Sleep timer: pause in 45 minutes",
        &[],
        Command::Sleep(Some(SleepAfter::Minutes(45))),
    ),
    action(
        Playback,
        "Sleep timer: pause in 60 minutes",
        &[],
        Command::Sleep(Some(SleepAfter::Minutes(60))),
    ),
    action(
        Playback,
        "Sleep timer: pause at the end of the chapter",
        &[],
        Command::Sleep(Some(SleepAfter::Chapter)),
    ),
    action(
        Playback,
        "Sleep timer off: play to the end of the recording",
        &[],
        Command::Sleep(None),
    ),
    action(Moving, "Back 5 seconds", &["ArrowLeft"], Command::SkipBy(seconds(-5))),
    action(
        Moving,
        "Forward 5 seconds",
        &["ArrowRight"],
        Command::SkipBy(seconds(5)),
    ),
    action(
        Moving,
        "Back 1 second",
        &["Shift+ArrowLeft"],
        Command::SkipBy(seconds(-1)),
    ),
    action(
        Moving,
        "Forward 1 second",
        &["Shift+ArrowRight"],
        Command::SkipBy(seconds(1)),
    ),
    action(Moving, "Back 10 seconds", &["J"], Command::SkipBy(seconds(-10))),
    action(Moving, "Forward 10 seconds", &["L"], Command::SkipBy(seconds(10))),
    action(Moving, "Previous cue", &["ArrowUp"], Command::PreviousCue),
    action(Moving, "Next cue", &["ArrowDown"], Command::NextCue),
    action(
        Moving,
        "Previous paragraph",
        &["Ctrl+ArrowUp"],
        Command::PreviousParagraph,
    ),
    action(Moving, "Next paragraph", &["Ctrl+ArrowDown"], Command::NextParagraph),
    action(Moving, "Previous chapter", &["Ctrl+PageUp"], Command::PreviousChapter),
    action(Moving, "Next chapter", &["Ctrl+PageDown"], Command::NextChapter),
    action(
        Moving,
        "Show or hide the chapters",
        &["O"],
        Command::Toggle(Panel::Outline),
    ),
    action(
        Moving,
        "Back to before the last jump",
        &["Alt+ArrowLeft"],
        Command::JumpBack,
    ),
    action(Moving, "Forward again", &["Alt+ArrowRight"], Command::JumpForward),
    always(Moving, "Go to a time", &["Ctrl+G"], Command::Toggle(Panel::GoToTime)),
    action(Moving, "Follow the voice again", &["C"], Command::SetFollow(true)),
    action(
        Notes,
        "Highlight the selection or the current cue",
        &["H"],
        Command::HighlightAgain,
    ),
    action(Notes, "Highlight in yellow", &["1"], Command::Highlight(Colour::Yellow)),
    action(Notes, "Highlight in green", &["2"], Command::Highlight(Colour::Green)),
    action(Notes, "Highlight in blue", &["3"], Command::Highlight(Colour::Blue)),
    action(Notes, "Highlight in pink", &["4"], Command::Highlight(Colour::Pink)),
    action(Notes, "Highlight in violet", &["5"], Command::Highlight(Colour::Violet)),
    action(Notes, "Write a note", &["N"], Command::WriteNote),
    action(Notes, "Bookmark this instant", &["B"], Command::Bookmark),
    action(
        Notes,
        "Highlight the last 20 seconds",
        &["Shift+B"],
        Command::CaptureLast,
    ),
    action(Notes, "Tag the chosen note", &["T"], Command::EditTags),
    action(Notes, "Delete the chosen note", &["Delete"], Command::DeleteChosen),
    action(Notes, "Previous note", &[","], Command::PreviousNote),
    action(Notes, "Next note", &["."], Command::NextNote),
    always(Notes, "Keep what is being written", &["Ctrl+Enter"], Command::SaveDraft),
    action(Notes, "Undo", &["Ctrl+Z"], Command::Undo),
    action(Notes, "Redo", &["Ctrl+Shift+Z", "Ctrl+Y"], Command::Redo),
    always(
        Notes,
        "Show or hide the notes",
        &["Ctrl+B"],
        Command::Toggle(Panel::Notes),
    ),
    always(Notes, "Export the notes", &["Ctrl+E"], Command::Toggle(Panel::Export)),
    always(Reading, "Find", &["Ctrl+F", "/"], Command::Find),
    always(Reading, "Next hit", &["F3"], Command::FindNext),
    always(Reading, "Previous hit", &["Shift+F3"], Command::FindPrevious),
    action(Reading, "Reading view or lines", &["V"], Command::ToggleView),
    action(Reading, "Copy the selection", &["Ctrl+C"], Command::Copy),
    action(
        Reading,
        "Copy with time code and speaker",
        &["Ctrl+Shift+C"],
        Command::CopyCitation,
    ),
    action(Reading, "Select all", &["Ctrl+A"], Command::SelectAll),
    always(
        Reading,
        "Larger text",
        &["Ctrl+Plus", "Ctrl+Equals"],
        Command::TextSizeBy(1.0),
    ),
    always(Reading, "Smaller text", &["Ctrl+Minus"], Command::TextSizeBy(-1.0)),
    always(Reading, "Text of the usual size", &["Ctrl+0"], Command::ResetTextSize),
    action(
        Reading,
        "Transcript 0.1 s earlier",
        &["Z"],
        Command::ShiftTranscript(TimeDelta::from_millis(-100)),
    ),
    action(
        Reading,
        "Transcript 0.1 s later",
        &["X"],
        Command::ShiftTranscript(TimeDelta::from_millis(100)),
    ),
    action(
        Reading,
        "Transcript 0.01 s earlier",
        &["Alt+Z"],
        Command::ShiftTranscript(TimeDelta::from_millis(-10)),
    ),
    action(
        Reading,
        "Transcript 0.01 s later",
        &["Alt+X"],
        Command::ShiftTranscript(TimeDelta::from_millis(10)),
    ),
    action(Reading, "This line is spoken now", &["Shift+Z"], Command::LineIsNow),
    action(
        Reading,
        "The repeated stretch is not in the transcript",
        &[],
        Command::NotInTranscript,
    ),
    action(
        Reading,
        "The selected lines are not in the recording",
        &[],
        Command::NotInRecording,
    ),
    action(
        Reading,
        "Show or hide the timing",
        &["Shift+T"],
        Command::Toggle(Panel::Timing),
    ),
    action(Reading, "Fit the transcript to the recording", &[], Command::FitTiming),
    action(Reading, "Save the transcript as it is heard", &[], Command::SaveRetimed),
    action(Reading, "The transcript's own timing again", &[], Command::ResetTiming),
    always(Window, "Open", &["Ctrl+O"], Command::ChooseFiles),
    action(Window, "Open the demo", &[], Command::OpenDemo),
    action(Window, "Reading view", &[], Command::SetView(View::Reading)),
    action(Window, "Lines view", &[], Command::SetView(View::Lines)),
    action(Window, "Close the document", &["Ctrl+W"], Command::CloseDocument),
    always(Window, "All commands", &["Ctrl+K"], Command::Toggle(Panel::Palette)),
    always(Window, "Keys", &["F1", "?"], Command::Toggle(Panel::Help)),
    always(Window, "Settings", &["Ctrl+Comma"], Command::Toggle(Panel::Settings)),
    always(
        Window,
        "How the transcript was read",
        &[],
        Command::Toggle(Panel::Repairs),
    ),
    always(Window, "Import notes", &[], Command::ChooseImport),
    action(Window, "Fill the screen", &["F11", "F"], Command::ToggleFullscreen),
    always(Window, "Close what is open", &["Escape"], Command::Escape),
    always(Window, "Quit", &["Ctrl+Q"], Command::Quit),
];

impl Action {
    /// The first action that asks for this.
    pub fn of(command: &Command) -> Option<&'static Self> {
        ACTIONS
            .iter()
            .find(|action| action.command == *command && !action.keys.is_empty())
    }
}

/// A key as it is shown: `ArrowLeft` as `←`.
pub fn shown_key(key: &str) -> String {
    key.replace("ArrowLeft", "←")
        .replace("ArrowRight", "→")
        .replace("ArrowUp", "↑")
        .replace("ArrowDown", "↓")
        .replace("Ctrl+Equals", "Ctrl+=")
        .replace("Plus", "+")
        .replace("Minus", "−")
        .replace("Comma", ",")
}

/// The keys as the README's Markdown table.
pub fn keys_table() -> String {
    let mut out = String::new();
    for group in Group::ALL {
        out.push_str("| ");
        out.push_str(group.label());
        out.push_str(" | |\n|---|---|\n");
        for action in ACTIONS
            .iter()
            .filter(|action| action.group == group && !action.keys.is_empty())
        {
            let keys: Vec<String> = action.keys.iter().map(|key| format!("`{}`", shown_key(key))).collect();
            out.extend(["| ", &keys.join(" or "), " | ", action.label, " |\n"]);
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_does_two_things() {
        let mut keys: Vec<&str> = ACTIONS.iter().flat_map(|action| action.keys).copied().collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }
}
