//! The library on a thread of its own.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::Builder;
use std::time::Duration;

use super::{Health, LibraryError, LibraryEvent, Request, Store};

/// How long closing waits for what is still to be written: several times as long as a write waits for its lock.
const CLOSING: Duration = Duration::from_secs(20);

/// The library's thread. Dropping it carries out what was asked, and closes the file.
#[derive(Debug)]
pub struct Library {
    /// `None` only while it is being dropped.
    requests: Option<Sender<Request>>,
    finished: Receiver<()>,
}

impl Library {
    /// Opens the library at a path, see [`super::default_path`]. The first event is [`LibraryEvent::Opened`]. `wake` is
    /// called after each event was sent.
    pub fn open(path: PathBuf, wake: impl Fn() + Send + Sync + 'static) -> (Self, Receiver<LibraryEvent>) {
        let (requests, to_do) = mpsc::channel();
        let (events, received) = mpsc::channel();
        let (finish, finished) = mpsc::channel();
        let failing = events.clone();
        let run = move || {
            let tell = |event| {
                // Nobody listens any more when the program is closing; what was asked is still carried out.
                if events.send(event).is_ok() {
                    wake();
                }
            };
            serve(&path, &to_do, &tell);
            drop(finish);
        };
        if let Err(error) = Builder::new().name("library".into()).spawn(run) {
            let why = format!("its thread cannot be started: {error}");
            log::error!("the library: {why}");
            let health = Health::Unavailable { why };
            let told = failing.send(LibraryEvent::Opened {
                health,
                settings: Vec::new(),
                recents: Vec::new(),
            });
            debug_assert!(told.is_ok(), "the receiver is still in this function");
        }
        (
            Self {
                requests: Some(requests),
                finished,
            },
            received,
        )
    }

    /// Asks for something; never waits. Requests are carried out in the order they were sent.
    pub fn send(&self, request: Request) {
        let sent = self
            .requests
            .as_ref()
            .is_some_and(|requests| requests.send(request).is_ok());
        if !sent {
            log::error!("the library's thread is gone; a request was lost");
        }
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        self.requests = None;
        // Disconnected is the good answer: the thread has dropped its end.
        if self.finished.recv_timeout(CLOSING) == Err(mpsc::RecvTimeoutError::Timeout) {
            log::error!("the library is still writing; the program ends without waiting longer");
        }
    }
}

fn serve(path: &std::path::Path, requests: &Receiver<Request>, tell: &dyn Fn(LibraryEvent)) {
    let opened = catch_unwind(|| {
        let store = Store::open(path);
        let health = store.health().clone();
        let unread = |what: &str, error: &LibraryError| log::error!("the library's {what}: {}", error.told());
        let settings = store
            .settings()
            .inspect_err(|error| unread("settings", error))
            .unwrap_or_default();
        let recents = store
            .recents()
            .inspect_err(|error| unread("recent list", error))
            .unwrap_or_default();
        (
            store,
            LibraryEvent::Opened {
                health,
                settings,
                recents,
            },
        )
    });
    let mut store = match opened {
        Ok((store, event)) => {
            tell(event);
            store
        }
        Err(panic) => {
            let why = told_panic(panic.as_ref());
            tell(LibraryEvent::Opened {
                health: Health::Unavailable { why },
                settings: Vec::new(),
                recents: Vec::new(),
            });
            return;
        }
    };
    for request in requests {
        let (ticket, what) = outline(&request);
        // A panic leaves the transaction rolled back, and the store as it was.
        let failure = match catch_unwind(AssertUnwindSafe(|| carry_out(&mut store, request, tell))) {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => error.told(),
            Err(panic) => told_panic(panic.as_ref()),
        };
        log::error!("{what}: {failure}");
        tell(LibraryEvent::Failed {
            ticket,
            error: format!("{what}: {failure}"),
        });
    }
}

fn carry_out(store: &mut Store, request: Request, tell: &dyn Fn(LibraryEvent)) -> Result<(), LibraryError> {
    match request {
        Request::OpenDocument { generation, files } => {
            let document = store.open_document(&files)?;
            tell(LibraryEvent::Document { generation, document });
        }
        Request::PutAnnotations {
            document,
            annotations,
            ticket,
        } => {
            store.put_annotations(document, &annotations)?;
            tell(LibraryEvent::Committed { ticket });
        }
        Request::DeleteAnnotations { document, ids, ticket } => {
            store.delete_annotations(document, &ids)?;
            tell(LibraryEvent::Committed { ticket });
        }
        Request::PutPlace { document, place } => store.put_place(document, &place)?,
        Request::PutHowToRead { document, how } => store.put_how_to_read(document, how.as_deref())?,
        Request::ForgetRecent(document) => {
            store.forget_recent(document)?;
            tell(LibraryEvent::Recents(store.recents()?));
        }
        Request::ListRecents => tell(LibraryEvent::Recents(store.recents()?)),
        Request::PutSetting { key, value } => store.put_setting(&key, &value)?,
    }
    Ok(())
}

/// The ticket of a request, and what it was about, for its failure.
fn outline(request: &Request) -> (Option<u64>, &'static str) {
    match request {
        Request::OpenDocument { .. } => (None, "looking for the document's notes"),
        Request::PutAnnotations { ticket, .. } => (Some(*ticket), "keeping notes"),
        Request::DeleteAnnotations { ticket, .. } => (Some(*ticket), "deleting notes"),
        Request::PutPlace { .. } => (None, "keeping your place"),
        Request::PutHowToRead { .. } => (None, "keeping how the transcript is read"),
        Request::ForgetRecent(_) | Request::ListRecents => (None, "the recent list"),
        Request::PutSetting { .. } => (None, "keeping a setting"),
    }
}

fn told_panic(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("a fault in Earmark ({})", text.unwrap_or("without a message"))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::library::{ContentHash, DocumentFiles, FileIdentity};

    #[test]
    fn a_panic_becomes_an_answer_and_the_next_request_is_served() {
        let folder = tempfile::TempDir::new().unwrap();
        let identity = FileIdentity {
            hash: ContentHash([1; 32]),
            path: PathBuf::from("/a.srt"),
        };
        let files = DocumentFiles {
            transcript: Some(identity),
            ..DocumentFiles::default()
        };
        let (requests, to_do) = mpsc::channel();
        requests.send(Request::OpenDocument { generation: 1, files }).unwrap();
        requests
            .send(Request::PutSetting {
                key: "a".into(),
                value: "b".into(),
            })
            .unwrap();
        requests.send(Request::ListRecents).unwrap();
        drop(requests);
        let told = RefCell::new(Vec::new());
        serve(&folder.path().join("library.sqlite"), &to_do, &|event| {
            assert!(!matches!(event, LibraryEvent::Document { .. }), "no documents today");
            told.borrow_mut().push(event);
        });
        match told.into_inner().as_slice() {
            [
                LibraryEvent::Opened { .. },
                LibraryEvent::Failed { ticket: None, error },
                LibraryEvent::Recents(recents),
            ] => {
                assert_eq!(
                    error,
                    "looking for the document's notes: a fault in Earmark (no documents today)"
                );
                assert_eq!(recents.len(), 1);
            }
            other => panic!("{other:?}"),
        }
    }
}
