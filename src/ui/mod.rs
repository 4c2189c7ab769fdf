//! The window. Reads the [`Reader`](crate::reader::Reader), sends it commands, keeps only what belongs to the screen:
//! scroll places, laid-out text, open menus.

mod app;
mod chapter_ticks;
mod cover;
mod dialogs;
mod export_dialog;
mod header;
mod help;
mod icons;
mod inputs;
mod message_bar;
mod notes;
mod outline;
mod palette;
mod reading_dialog;
mod search_field;
mod settings_dialog;
mod shortcuts;
mod sleep_menu;
mod theme;
mod timing;
mod trace;
mod transcript;
mod transport;
mod wave_picture;
mod waveform;
mod welcome;
mod widgets;

pub use app::{App, Window, open_window};
pub use theme::install as install_theme;
pub use trace::Trace;
