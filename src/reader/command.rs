//! Everything a person can ask for. The only way in.

use std::path::PathBuf;

use crate::audio::OutputDevice;
use crate::export::ExportFormat;
use crate::library::DocumentId;
use crate::notes::{AnnotationId, Colour, Kind};
use crate::time::{CueTime, MediaTime, TimeDelta};
use crate::timing::TimingMark;
use crate::transcript::CueId;

use super::{Font, HowToRead, MessageId, Panel, ResumeRewind, Selection, SleepAfter, Theme};

/// How the text is laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum View {
    /// Paragraphs.
    #[default]
    Reading,
    /// Cues, one below the other.
    Lines,
}

impl View {
    /// `reading` or `lines`: in the library and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Lines => "lines",
        }
    }

    /// The view of this [`View::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Reading, Self::Lines]
            .into_iter()
            .find(|view| view.name() == name)
    }
}

/// One wish.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Open one or two files, in any order.
    Open(Vec<PathBuf>),
    /// Open the built-in demo.
    OpenDemo,
    /// Open a document of the recent list.
    OpenRecent(DocumentId),
    /// Take a document out of the recent list.
    ForgetRecent(DocumentId),
    /// Ask for files to open.
    ChooseFiles,
    /// Ask for the half that is missing.
    ChooseOtherHalf,
    /// Read the open transcript again in this way: another encoding, another tier.
    ReadAs(HowToRead),
    /// Add the missing half to the open document.
    Attach(PathBuf),
    /// See what a folder holds, for a path that is typed.
    ListFolder(PathBuf),
    /// Close the document, back to the welcome screen.
    CloseDocument,
    /// Leave the program.
    Quit,

    /// Play, or pause.
    TogglePlay,
    /// Play.
    Play,
    /// Pause.
    Pause,
    /// Go to an instant, playing or paused as before.
    Seek(MediaTime),
    /// Go to an instant while the mouse drags: not remembered as a jump.
    Scrub(MediaTime),
    /// Go to an instant and play.
    PlayFrom(MediaTime),
    /// Go forward or back by so much.
    SkipBy(TimeDelta),
    /// To the start of the cue, or of the one before.
    PreviousCue,
    /// To the next cue.
    NextCue,
    /// To the start of the paragraph, or of the one before.
    PreviousParagraph,
    /// To the next paragraph.
    NextParagraph,
    /// To the start of the chapter, or of the one before.
    PreviousChapter,
    /// To the next chapter.
    NextChapter,
    /// Play the selected or current cue from its start.
    PlayCue,
    /// To the start of the current cue, and play.
    ReplayCue,
    /// Repeat the stretch between two instants: sets the start, then the end, then stops repeating.
    MarkLoop,
    /// Repeat the current cue, or stop repeating.
    LoopCue,
    /// Back to where the last jump began.
    JumpBack,
    /// Forward again.
    JumpForward,
    /// The speed.
    SetSpeed(f32),
    /// Faster or slower by so much.
    SpeedBy(f32),
    /// The volume, 0 to 2.
    SetVolume(f32),
    /// Louder or quieter.
    VolumeBy(f32),
    /// Mute, or not.
    ToggleMute,
    /// Pause by itself, after a while or at the end of the chapter; only at the end of the recording with `None`.
    Sleep(Option<SleepAfter>),
    /// Look for a sound device again.
    RetryDevice,
    /// The transcript is heard so much later than it says.
    ShiftTranscript(TimeDelta),
    /// The line that is selected, or nearest, is spoken now: from it on, the transcript is heard as it is here.
    LineIsNow,
    /// What lies between the held line before and this one is slower or faster, or it is shifted from here on.
    StretchAnchor(CueTime, bool),
    /// The repeated stretch of the recording is not in the transcript.
    NotInTranscript,
    /// The selected lines are not in the recording.
    NotInRecording,
    /// The transcript is heard when it says.
    ResetTiming,
    /// Take away something that is known of the timing.
    RemoveTimingMark(TimingMark),
    /// Move it to another instant of the recording.
    MoveTimingMark(TimingMark, MediaTime),
    /// Say that the line one wants to go to is not in the recording.
    TellMissing,
    /// Move it by so much, and no further to where nobody speaks.
    NudgeTimingMark(TimingMark, TimeDelta),
    /// Find out where the transcript lies in the recording.
    FitTiming,
    /// Stop that.
    CancelFit,
    /// Take what was found.
    KeepFit,
    /// Leave the timing as it was.
    RefuseFit,
    /// Show what was found, or the timing as it was.
    ShowFit(bool),
    /// Play from a little before a cut.
    HearCut(MediaTime),
    /// Ask where to write the transcript as it is heard.
    SaveRetimed,
    /// Write it there, in the format of that name.
    SaveRetimedTo(PathBuf),

    /// Show the text this way.
    SetView(View),
    /// The other view.
    ToggleView,
    /// Keep the playhead in sight, or not.
    SetFollow(bool),
    /// The first cue in sight, and the points it is scrolled by.
    Scrolled(CueId, f32),
    /// Whether the window is too narrow for the notes to stand beside the text.
    Narrowed(bool),
    /// Mark words.
    Select(Option<Selection>),
    /// Mark the whole text.
    SelectAll,
    /// Close what is open, or drop the selection.
    Escape,
    /// Text to the clipboard.
    Copy,
    /// Text with time code, speaker and title to the clipboard.
    CopyCitation,

    /// Open or close the search.
    Find,
    /// Search for this.
    SetQuery(String),
    /// To the next hit.
    FindNext,
    /// To the hit before.
    FindPrevious,

    /// Highlight the selection, or the current cue.
    Highlight(Colour),
    /// Highlight in the colour used last.
    HighlightAgain,
    /// Write a note on the selection, or the current cue.
    WriteNote,
    /// Bookmark this instant.
    Bookmark,
    /// Highlight what was said in the last 20 seconds.
    CaptureLast,
    /// Edit a note's text and tags.
    EditNote(AnnotationId),
    /// Edit the tags of the chosen note.
    EditTags,
    /// What is being written: text.
    SetDraftText(String),
    /// What is being written: tags, separated by commas or spaces.
    SetDraftTags(String),
    /// Keep what is being written.
    SaveDraft,
    /// Throw away what is being written.
    CancelDraft,
    /// Another colour for a note.
    SetColour(AnnotationId, Colour),
    /// Delete a note.
    DeleteNote(AnnotationId),
    /// Delete the chosen note.
    DeleteChosen,
    /// Choose a note, and go there.
    GoToNote(AnnotationId),
    /// To the note before the playhead.
    PreviousNote,
    /// To the note after the playhead.
    NextNote,
    /// Take back the last change to the notes.
    Undo,
    /// Make it again.
    Redo,
    /// Show only some notes.
    Filter(FilterChange),
    /// Write the notes to a file.
    ExportNotes(ExportFormat),
    /// Write the notes to this file.
    ExportNotesTo(ExportFormat, PathBuf),
    /// The notes to the clipboard.
    CopyNotes(ExportFormat),
    /// Ask for a file of notes to merge.
    ChooseImport,
    /// Merge the notes of this file.
    ImportNotes(PathBuf),

    /// Show or hide a panel or dialog.
    Toggle(Panel),
    /// Light, dark, or as the system.
    SetTheme(Theme),
    /// Stronger contrast.
    SetHighContrast(bool),
    /// The font of the text.
    SetFont(Font),
    /// Larger or smaller text, in points.
    TextSizeBy(f32),
    /// Text of the usual size.
    ResetTextSize,
    /// The width of the column, in letters.
    SetLineWidth(u32),
    /// No motion that can be done without.
    SetReducedMotion(bool),
    /// How far to go back when playing goes on.
    SetResumeRewind(ResumeRewind),
    /// Jump over stretches without cues and without speech, or not.
    ToggleSkipGaps,
    /// Every recording as loud as the others, or as it is.
    SetEvenLoudness(bool),
    /// Both sides of the sound on both ears.
    SetMono(bool),
    /// Which side of the sound is louder: −1 only the left one, 1 only the right one.
    SetBalance(f32),
    /// How many milliseconds later than it says the device is heard.
    SetDelay(i32),
    /// Play on this output, or where the system plays.
    SetOutput(Option<OutputDevice>),
    /// Look which outputs there are.
    ListOutputs,
    /// How often a repeated stretch is heard; 0 is for ever.
    SetLoopTimes(u32),
    /// The silence between, in seconds.
    SetLoopPause(f32),
    /// The width of the notes panel, in points.
    SetNotesWidth(f32),
    /// Fill the screen, or not.
    ToggleFullscreen,
    /// Close a message.
    Dismiss(MessageId),
}

/// A change to which notes are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterChange {
    /// Only those that hold this text.
    Text(String),
    /// Only this kind; all with `None`.
    Kind(Option<Kind>),
    /// Only this colour; all with `None`.
    Colour(Option<Colour>),
    /// Only this tag; all with `None`.
    Tag(Option<String>),
    /// All again.
    Clear,
}
