//! Undo and redo: every change of a note is an edit that knows what was before.

use super::{Annotation, AnnotationId};

/// One note made, changed or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The note as it was; `None` when the edit makes it.
    pub before: Option<Annotation>,
    /// The note as it becomes; `None` when the edit deletes it.
    pub after: Option<Annotation>,
}

impl Edit {
    /// The edit that takes this one back.
    #[must_use]
    pub fn inverse(self) -> Self {
        Self {
            before: self.after,
            after: self.before,
        }
    }

    /// Which note it is about; `None` for an edit of nothing.
    pub fn id(&self) -> Option<AnnotationId> {
        self.after
            .as_ref()
            .or(self.before.as_ref())
            .map(|annotation| annotation.id)
    }

    /// Carries it out on a list of notes. A note that is changed stays in its place, one that is made comes last.
    pub fn apply(&self, annotations: &mut Vec<Annotation>) {
        let place = self
            .id()
            .and_then(|id| annotations.iter().position(|annotation| annotation.id == id));
        match (&self.after, place) {
            (Some(after), Some(place)) => {
                if let Some(annotation) = annotations.get_mut(place) {
                    annotation.clone_from(after);
                }
            }
            (Some(after), None) => annotations.push(after.clone()),
            (None, Some(place)) => {
                annotations.remove(place);
            }
            (None, None) => {}
        }
    }
}

/// What was done, step by step, and what was taken back. A step is what one command did.
#[derive(Debug, Clone, Default)]
pub struct History {
    done: Vec<Vec<Edit>>,
    undone: Vec<Vec<Edit>>,
}

impl History {
    /// How many steps can be taken back.
    pub fn steps(&self) -> usize {
        self.done.len()
    }

    /// Notes a step that was carried out. What was taken back before cannot be done again after it.
    pub fn record(&mut self, step: Vec<Edit>) {
        if !step.is_empty() {
            self.done.push(step);
            self.undone.clear();
        }
    }

    /// The edits that take the last step back, in the order to apply them; `None` when there is none.
    pub fn undo(&mut self) -> Option<Vec<Edit>> {
        let step = self.done.pop()?;
        let back = step.iter().rev().cloned().map(Edit::inverse).collect();
        self.undone.push(step);
        Some(back)
    }

    /// The edits that do again what was taken back last.
    pub fn redo(&mut self) -> Option<Vec<Edit>> {
        let step = self.undone.pop()?;
        self.done.push(step.clone());
        Some(step)
    }

    /// Whether there is a step to take back.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is a step to do again.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
}
