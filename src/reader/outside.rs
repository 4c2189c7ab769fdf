//! Where effects become deeds: the engine, the library, the dialogs, and the threads that read files.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rfd::FileDialog;

use super::Picture;
use super::awake::Awake;
use super::effect::Effect;
use super::event::{Event, NoDialog};
use super::gaps;
use super::job;
use super::pairing::{Half, RECORDINGS, TRANSCRIPTS};
use crate::audio::{Engine, EngineEvent, PeaksEvent, PeaksJob, Playhead, spawn_peaks};
use crate::library::{Library, LibraryEvent, write_atomically};
use crate::timing::{RefinedWords, fit};
use crate::transcript::Folded;

/// So long nothing more is asked for before the words are looked for.
const QUIET: Duration = Duration::from_millis(300);
/// How often it is told how far the fit is.
const TELL_EVERY: Duration = Duration::from_millis(100);
/// Nobody cancels a dialog within this time: it did not open.
const NO_DIALOG: Duration = Duration::from_millis(400);

/// Called when there is news; the window repaints then.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// The engine, the library and the jobs. Nothing here waits, except for the threads' end when it is dropped.
pub struct Outside {
    engine: Engine,
    engine_events: Receiver<EngineEvent>,
    library: Library,
    library_events: Receiver<LibraryEvent>,
    events: Receiver<Event>,
    sender: SyncSender<Event>,
    peaks: Option<(PeaksJob, Receiver<PeaksEvent>)>,
    /// What waits until the window shows the text: measuring takes the processors that draw it.
    held: Vec<Effect>,
    shown: bool,
    cache: Option<PathBuf>,
    awake: Awake,
    wake: Wake,
    window: Vec<Effect>,
}

impl Outside {
    /// Starts the engine and the library's thread.
    ///
    /// `wake` may be filled in later, so that files are read while the window is still being made.
    pub fn start(library: PathBuf, cache: Option<PathBuf>, wake: &Arc<OnceLock<Wake>>) -> Self {
        let wake: Wake = {
            let later = Arc::clone(wake);
            Arc::new(move || {
                if let Some(wake) = later.get() {
                    wake();
                }
            })
        };
        let (engine, engine_events) = Engine::start(cache.clone(), {
            let wake = Arc::clone(&wake);
            move || wake()
        });
        let (library, library_events) = Library::open(library, {
            let wake = Arc::clone(&wake);
            move || wake()
        });
        // Jobs wait when the window does not take in their news: a bound, not a buffer.
        let (sender, events) = sync_channel(64);
        Self {
            engine,
            engine_events,
            library,
            library_events,
            events,
            sender,
            peaks: None,
            held: Vec::new(),
            shown: false,
            cache,
            awake: Awake::default(),
            wake,
            window: Vec::new(),
        }
    }

    /// The instant being heard, readable at any time.
    pub fn playhead(&self) -> Playhead {
        self.engine.playhead()
    }

    /// All news since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        let mut events: Vec<Event> = self.library_events.try_iter().map(Event::Library).collect();
        events.extend(self.events.try_iter());
        events.extend(self.engine_events.try_iter().map(Event::Audio));
        if let Some((_, peaks)) = &self.peaks {
            events.extend(peaks.try_iter().map(|event| match event {
                PeaksEvent::Progress {
                    generation,
                    done,
                    peaks,
                } => Event::Peaks {
                    generation,
                    peaks,
                    done,
                    length: None,
                },
                PeaksEvent::Done {
                    generation,
                    peaks,
                    length,
                } => Event::Peaks {
                    generation,
                    peaks,
                    done: 1.0,
                    length: Some(length),
                },
                PeaksEvent::Failed { generation, error } => Event::PeaksFailed {
                    generation,
                    why: error.to_string(),
                },
            }));
        }
        events
    }

    /// Whether something waits for [`Outside::text_is_shown`].
    pub fn waits(&self) -> bool {
        !self.held.is_empty()
    }

    /// The text has been seen; what was left for later begins.
    pub fn text_is_shown(&mut self) {
        self.shown = true;
        for effect in std::mem::take(&mut self.held) {
            self.carry_out(effect);
        }
    }

    /// Effects that only the window can carry out: the clipboard, the full screen, the end.
    pub fn take_window_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.window)
    }

    /// Carries out one effect, or begins to.
    pub fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Audio(command) => {
                if matches!(command, crate::audio::EngineCommand::Unload) {
                    self.peaks = None;
                    self.held.clear();
                }
                self.engine.send(command);
            }
            Effect::Library(request) => self.library.send(request),
            Effect::ReadDocument {
                generation,
                transcript,
                recording,
                how,
            } => {
                self.spawn("read document", move |tell| {
                    job::read_document(generation, transcript, recording, &how, &tell);
                });
            }
            Effect::ReadTranscript { generation, path, how } => self.spawn("read transcript", move |tell| {
                job::read_again(generation, &path, &how, &tell);
            }),
            Effect::ReadDemo { generation } => self.spawn("read demo", move |tell| job::read_demo(generation, &tell)),
            Effect::FindPeaks { .. } | Effect::FindCover { .. } if !self.shown => self.held.push(effect),
            Effect::FindPeaks { generation, source } => {
                let wake = Arc::clone(&self.wake);
                self.peaks = Some(spawn_peaks(source, self.cache.clone(), generation, move || wake()));
            }
            Effect::FindCover { generation, source } => self.spawn("find cover", move |tell| {
                if let Some(picture) = Picture::in_recording(&source) {
                    let picture = Arc::new(picture);
                    tell(Event::Cover { generation, picture });
                }
            }),
            Effect::Fold { generation, transcript } => self.spawn("fold text", move |tell| {
                tell(Event::Folded {
                    generation,
                    folded: Arc::new(Folded::new(&transcript)),
                });
            }),
            Effect::FindGaps {
                generation,
                number,
                timeline,
                peaks,
                whole,
            } => self.spawn("find gaps", move |tell| {
                tell(Event::Gaps {
                    generation,
                    number,
                    stretches: gaps::find(timeline.as_ref(), &peaks, whole),
                });
            }),
            Effect::LookForSigns {
                generation,
                number,
                transcript,
                speech,
            } => self.spawn("look at the timing", move |tell| {
                let sign = fit::look(&transcript, &speech);
                tell(Event::Signs {
                    generation,
                    number,
                    sign,
                });
            }),
            Effect::Fit {
                generation,
                number,
                transcript,
                speech,
                stop,
            } => self.spawn("fit the timing", move |tell| {
                let mut told = Instant::now();
                let fit = fit::fit(&transcript, &speech, |done| {
                    if told.elapsed() > TELL_EVERY {
                        told = Instant::now();
                        tell(Event::FitProgress {
                            generation,
                            number,
                            done,
                        });
                    }
                    !stop.load(Ordering::Relaxed)
                });
                if let Some(fit) = fit {
                    tell(Event::Fitted {
                        generation,
                        number,
                        fit: Arc::new(fit),
                    });
                }
            }),
            Effect::RefineWords {
                generation,
                number,
                transcript,
                timing,
                speech,
                stop,
            } => self.spawn("find the words", move |tell| {
                // A handle that is moved by a key held down asks many times a second; the last counts.
                std::thread::sleep(QUIET);
                let goes_on = || !stop.load(Ordering::Relaxed);
                if !goes_on() {
                    return;
                }
                if let Some(refined) = fit::refined(&transcript, &timing.map(), &speech, goes_on) {
                    tell(Event::Words {
                        generation,
                        number,
                        words: RefinedWords::new(refined),
                    });
                }
            }),
            Effect::ChooseRetimed { name, folder } => self.spawn("choose retimed", move |tell| {
                let whole = folder
                    .as_ref()
                    .map_or_else(|| PathBuf::from(&name), |folder| folder.join(&name));
                let mut dialog = FileDialog::new()
                    .set_title("Save the transcript as it is heard")
                    .set_file_name(name);
                if let Some(folder) = folder {
                    dialog = dialog.set_directory(folder);
                }
                let inside = NoDialog::Retimed(whole.display().to_string());
                ask(inside, tell, || dialog.save_file().map(Event::ChosenRetimed));
            }),
            Effect::Place {
                generation,
                annotations,
                transcript,
                changed,
            } => self.spawn("place notes", move |tell| {
                let placed = job::place(annotations, transcript.as_ref(), changed);
                tell(Event::Placed { generation, placed });
            }),
            Effect::ChooseFiles => self.spawn("choose files", |tell| {
                let all: Vec<&str> = TRANSCRIPTS.iter().chain(RECORDINGS).copied().collect();
                let dialog = FileDialog::new()
                    .set_title("Open a transcript, a recording, or both")
                    .add_filter("Transcripts and recordings", &all)
                    .add_filter("All files", &["*"]);
                ask(NoDialog::Open, tell, || dialog.pick_files().map(Event::Chosen));
            }),
            Effect::ChooseHalf(half) => self.spawn("choose half", move |tell| {
                let (title, kind, extensions) = match half {
                    Half::Recording => ("Choose the recording", "Recordings", RECORDINGS),
                    Half::Transcript => ("Choose the transcript", "Transcripts", TRANSCRIPTS.as_slice()),
                };
                let dialog = FileDialog::new()
                    .set_title(title)
                    .add_filter(kind, extensions)
                    .add_filter("All files", &["*"]);
                ask(NoDialog::Half(half), tell, || dialog.pick_file().map(Event::ChosenHalf));
            }),
            Effect::ChooseTarget { format, name, folder } => self.spawn("choose target", move |tell| {
                let whole = folder
                    .as_ref()
                    .map_or_else(|| PathBuf::from(&name), |folder| folder.join(&name));
                let mut dialog = FileDialog::new()
                    .set_title("Export the notes")
                    .set_file_name(name)
                    .add_filter(format.label(), &[format.extension()]);
                if let Some(folder) = folder {
                    dialog = dialog.set_directory(folder);
                }
                let inside = NoDialog::Export(format, whole.display().to_string());
                ask(inside, tell, || {
                    dialog.save_file().map(|path| Event::ChosenTarget(format, path))
                });
            }),
            Effect::ChooseImport => self.spawn("choose import", |tell| {
                let dialog = FileDialog::new()
                    .set_title("Import notes")
                    .add_filter("Notes (JSON-LD)", &["jsonld", "json"]);
                ask(NoDialog::Import, tell, || dialog.pick_file().map(Event::ChosenImport));
            }),
            Effect::WriteFile { path, text, keep } => self.spawn("write file", move |tell| {
                let error = write_atomically(&path, text.as_bytes(), &keep)
                    .err()
                    .map(|error| error.to_string());
                tell(Event::Written { path, error });
            }),
            Effect::ReadNotes { generation, path } => self.spawn("read notes", move |tell| {
                let notes = std::fs::read_to_string(&path)
                    .map_err(|error| format!("{} cannot be read: {error}", path.display()))
                    .and_then(|text| crate::export::read_json_ld(&text).map_err(|error| error.to_string()));
                tell(Event::Imported { generation, notes });
            }),
            Effect::ListFolder(folder) => self.spawn("list folder", move |tell| tell(Event::Listed(job::list(folder)))),
            Effect::KeepAwake(on) => self.awake.keep(on),
            Effect::Clipboard(_) | Effect::Fullscreen(_) | Effect::Quit => self.window.push(effect),
        }
    }

    /// Runs a job on a thread of its own; a panic in it becomes a message.
    fn spawn(&self, name: &str, job: impl FnOnce(&dyn Fn(Event)) + Send + 'static) {
        let sender = self.sender.clone();
        let wake = Arc::clone(&self.wake);
        let named = name.to_owned();
        let work = move || {
            let tell = |event| {
                // The receiver is gone only when the program ends.
                if sender.send(event).is_ok() {
                    wake();
                }
            };
            let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&tell)));
            if caught.is_err() {
                tell(Event::Panicked(named));
            }
        };
        if let Err(error) = std::thread::Builder::new().name(name.to_owned()).spawn(work) {
            log::error!("no thread for {name}: {error}");
        }
    }
}

/// Shows a dialog. Where no portal answers it returns at once and empty-handed, just as if it had been cancelled:
/// then the window asks instead.
fn ask(inside: NoDialog, tell: &dyn Fn(Event), show: impl FnOnce() -> Option<Event>) {
    let began = Instant::now();
    match show() {
        Some(chosen) => tell(chosen),
        None if began.elapsed() < NO_DIALOG => tell(Event::NoDialog(inside)),
        None => {}
    }
}
