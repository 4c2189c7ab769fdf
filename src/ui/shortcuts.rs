//! Keys to commands, by the one table of actions.

use std::sync::OnceLock;

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::reader::{ACTIONS, Action, Command};

struct Binding {
    shortcut: KeyboardShortcut,
    action: &'static Action,
}

/// `Ctrl+Shift+Z` → the shortcut; `Ctrl` is the command key on a Mac.
fn parse(keys: &str) -> Option<KeyboardShortcut> {
    let mut modifiers = Modifiers::NONE;
    let mut rest = keys;
    loop {
        if let Some(tail) = rest.strip_prefix("Ctrl+") {
            (modifiers, rest) = (modifiers | Modifiers::COMMAND, tail);
        } else if let Some(tail) = rest.strip_prefix("Shift+") {
            (modifiers, rest) = (modifiers | Modifiers::SHIFT, tail);
        } else if let Some(tail) = rest.strip_prefix("Alt+") {
            (modifiers, rest) = (modifiers | Modifiers::ALT, tail);
        } else {
            return Some(KeyboardShortcut::new(modifiers, Key::from_name(rest)?));
        }
    }
}

/// All bindings, those with more modifiers first: egui lets extra Shift and Alt pass.
fn bindings() -> &'static [Binding] {
    static BINDINGS: OnceLock<Vec<Binding>> = OnceLock::new();
    BINDINGS.get_or_init(|| {
        let mut all: Vec<Binding> = ACTIONS
            .iter()
            .flat_map(|action| action.keys.iter().filter_map(move |keys| Some((parse(keys)?, action))))
            .map(|(shortcut, action)| Binding { shortcut, action })
            .collect();
        let weight = |m: Modifiers| u8::from(m.shift) + u8::from(m.alt) + u8::from(m.command);
        all.sort_by_key(|binding| std::cmp::Reverse(weight(binding.shortcut.modifiers)));
        all
    })
}

/// The commands of the keys pressed in this frame. A text field that has the focus keeps the keys it needs, and so
/// does an open menu.
pub fn take_commands(ctx: &egui::Context) -> Vec<Command> {
    if egui::Popup::is_any_open(ctx) {
        return Vec::new();
    }
    let typing = ctx.text_edit_focused();
    // A control that has the focus is pressed with Space and Enter; those keys are its own then.
    let focused = ctx.memory(egui::Memory::focused);
    let mut commands = Vec::new();
    ctx.input_mut(|input| {
        for Binding { shortcut, action } in bindings() {
            let presses = shortcut.modifiers.is_none() && matches!(shortcut.logical_key, Key::Space | Key::Enter);
            if typing && (!action.while_typing || types_text(*shortcut)) || focused.is_some() && presses {
                continue;
            }
            let count = input.count_and_consume_key(shortcut.modifiers, shortcut.logical_key);
            commands.extend(std::iter::repeat_n(action.command.clone(), count));
        }
    });
    // Escape leaves the field; the field itself does not see the key any more.
    if let (Some(field), true) = (focused, commands.contains(&Command::Escape)) {
        ctx.memory_mut(|memory| memory.surrender_focus(field));
    }
    commands
}

/// Keys that write or move inside a text field.
fn types_text(shortcut: KeyboardShortcut) -> bool {
    let function = matches!(shortcut.logical_key, Key::Escape | Key::F1 | Key::F3 | Key::F11);
    !shortcut.modifiers.command && !function
}

/// The key of a command as tooltips show it, in brackets: " (Ctrl+F)".
pub fn hint(command: &Command) -> String {
    Action::of(command)
        .and_then(|action| action.keys.first())
        .map_or_else(String::new, |key| format!(" ({})", shown(key)))
}

/// A key as it is shown on this platform.
pub fn shown(key: &str) -> String {
    let shown = crate::reader::shown_key(key);
    if cfg!(target_os = "macos") {
        shown.replace("Ctrl+", "Cmd+")
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_is_a_key() {
        for keys in ACTIONS.iter().flat_map(|action| action.keys) {
            assert!(parse(keys).is_some(), "{keys}");
        }
    }
}
