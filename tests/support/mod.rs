//! A desktop of its own for tests and measurements: a screen that lies in a file, and a sound card that can be heard.
//!
//! Everything here runs on Linux beside the person's own desktop and touches none of it: the X server, the sound
//! server and the home folder are private, and only processes started here are ended.

pub mod desktop;
pub mod screen;
pub mod sound;
