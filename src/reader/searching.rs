//! Finding words in the open transcript.

use super::{Command, Panel, Reader};
use crate::transcript::{Hit, search};

/// The search as it stands.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// What is searched for.
    pub query: String,
    /// Where it stands, in order.
    pub hits: Vec<Hit>,
    /// Which hit is the current one.
    pub current: Option<usize>,
    /// Counts the times the search field was asked for, so that the window gives it the focus each time.
    pub asked: u64,
}

impl Reader {
    pub(super) fn run_search(&mut self, command: Command) {
        match command {
            Command::Find => {
                self.panels.insert(Panel::Search);
                self.search.asked += 1;
            }
            Command::SetQuery(query) if query != self.search.query => {
                self.search.query = query;
                self.find();
                self.show_hit();
            }
            Command::FindNext => self.step_hit(1),
            Command::FindPrevious => self.step_hit(-1),
            _ => {}
        }
    }

    /// Searches again, keeping near the place that is being read.
    pub(super) fn find(&mut self) {
        let position = self.playback.position;
        let found = self.document.as_ref().and_then(|document| {
            let (timeline, folded) = (document.timeline.as_ref()?, document.folded.as_ref()?);
            let hits = search(timeline.transcript(), folded, &self.search.query);
            let here = timeline.begun(position);
            let ahead = here.map_or(0, |cue| hits.partition_point(|hit| hit.start.cue < cue));
            let current = if ahead < hits.len() { ahead } else { 0 };
            let current = (!hits.is_empty()).then_some(current);
            Some((hits, current))
        });
        (self.search.hits, self.search.current) = found.unwrap_or_default();
    }

    pub(super) fn close_search(&mut self) {
        self.panels.remove(&Panel::Search);
        self.search.query.clear();
        self.search.hits.clear();
        self.search.current = None;
    }

    fn step_hit(&mut self, step: isize) {
        let count = self.search.hits.len();
        if count == 0 {
            self.search.asked += 1;
            return;
        }
        let now = self.search.current.unwrap_or(0) as isize;
        self.search.current = Some((now + step).rem_euclid(count as isize) as usize);
        self.show_hit();
    }

    /// The view goes to the hit and stays there: the search and the voice would fight over it otherwise.
    fn show_hit(&mut self) {
        if self.search.current.is_some() {
            self.follow = false;
        }
    }
}
