//! What the window does and when, told on stderr when `EARMARK_TRACE` is set: for measuring from outside.

use std::time::{Duration, Instant};

use crate::reader::{EngineEvent, Event, Reader};

/// Tells milestones as they pass, and at the end how long the frames took.
#[derive(Debug)]
pub struct Trace {
    on: bool,
    began: Instant,
    shown: bool,
    passes: Vec<f32>,
}

impl Trace {
    /// Counts from `began`, the start of the program.
    pub fn since(began: Instant) -> Self {
        let on = std::env::var_os("EARMARK_TRACE").is_some_and(|value| !value.is_empty() && value != "0");
        Self {
            on,
            began,
            shown: false,
            passes: Vec::new(),
        }
    }

    fn tell(&self, what: &str) {
        eprintln!("trace {:.1} ms {what}", self.began.elapsed().as_secs_f64() * 1e3);
    }

    /// A piece of news that is a milestone.
    pub fn event(&self, event: &Event) {
        if !self.on {
            return;
        }
        match event {
            Event::Audio(EngineEvent::Loaded { .. }) => self.tell("playable"),
            Event::Transcript { .. } => self.tell("transcript read"),
            Event::Peaks { length: Some(_), .. } => self.tell("waveform measured"),
            _ => {}
        }
    }

    /// A frame was made.
    pub fn frame(&mut self, reader: &Reader, took: Duration) {
        if !self.on {
            return;
        }
        if self.passes.is_empty() {
            self.tell("first frame");
        }
        self.passes.push(took.as_secs_f32() * 1e3);
        let text = reader
            .document
            .as_ref()
            .is_some_and(|document| document.timeline.is_some());
        if text && !self.shown {
            self.shown = true;
            self.tell("text shown");
        }
    }

    /// The program ends.
    pub fn end(&mut self) {
        if !self.on || self.passes.is_empty() {
            return;
        }
        let count = self.passes.len();
        self.passes.sort_by(f32::total_cmp);
        let at = |share: f64| self.passes[((count - 1) as f64 * share) as usize];
        self.tell(&format!(
            "{count} frames, ui pass median {:.2} ms, p99 {:.2} ms",
            at(0.5),
            at(0.99)
        ));
    }
}
