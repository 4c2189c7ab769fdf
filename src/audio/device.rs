//! The way out: the system's output device, or whatever a test puts in its place.
//!
//! The stream is opened with cpal directly, as rodio re-exports it, and plays a rodio mixer with our source in it.
//! rodio's own `DeviceSinkBuilder` does the same but throws away what each callback is told: when its first sample
//! will be heard. On ALSA that is `snd_pcm_delay`, which through the PulseAudio and PipeWire plugins covers the sound
//! server's own buffers too. With it the playhead is right on any device, whatever its latency.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use rodio::cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use rodio::cpal::{self, BufferSize, FromSample, SampleFormat, SizedSample, StreamConfig};

use super::feed::FeedSource;

/// A period of the device. Twice that is the buffer: enough for a busy machine, short enough for a prompt pause.
const PERIOD_SECS: f64 = 0.04;
/// The period is a multiple of this. ALSA's PulseAudio plugin cuts the buffer into three, and does not begin to play
/// before every last frame of it is filled, which three rounded periods would miss by a frame or two.
const PERIOD_STEP: u32 = 48;

/// A sound server that wakes up answers "I/O error" for up to a second; a device is lost when it goes on failing.
const FAILURES_IN_A_ROW: u32 = 200;
/// How long the device's thread waits after a failure.
const FAILURE_PAUSE: Duration = Duration::from_millis(10);

/// What an output wants to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputFormat {
    /// Frames a second.
    pub rate: u32,
    /// How many channels; the source gives at most two.
    pub channels: u16,
}

/// An output one can choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputDevice {
    /// By which it is known, also the next time.
    pub id: String,
    /// What to call it.
    pub name: String,
}

/// An opened output; it is closed when this is dropped.
pub type OpenOutput = Box<dyn Any + Send>;

/// Makes the source for an output once its format is known.
pub type MakeSource<'a> = &'a mut dyn FnMut(OutputFormat) -> FeedSource;

/// Told once, from any thread, when an open output can play no more, and why.
pub type Lost = Box<dyn Fn(String) + Send>;

/// Where the sound goes.
pub trait Output: Send {
    /// Looks whether there is a device, without keeping it. The error says why not, for a person.
    fn look(&mut self) -> Result<(), String>;

    /// Opens the device and plays.
    fn open(&mut self, make: MakeSource<'_>, lost: Lost) -> Result<OpenOutput, String>;

    /// The outputs one can choose from.
    fn devices(&mut self) -> Vec<OutputDevice> {
        Vec::new()
    }

    /// Plays on this one from the next opening on, or on that which the system says. `false` where that is no change.
    fn choose(&mut self, _id: Option<String>) -> bool {
        false
    }

    /// The one that is open, or would be opened, as far as one can know.
    fn current(&mut self) -> Option<OutputDevice> {
        None
    }
}

/// The system's outputs.
#[derive(Debug, Default)]
pub struct SystemOutput {
    /// What worked the last time: asking the device again takes as long as opening it.
    known: Option<(StreamConfig, SampleFormat)>,
    /// The id of the one that was chosen.
    chosen: Option<String>,
    /// Another one was chosen before: a sound server goes on playing there until it is told otherwise.
    was_chosen: bool,
}

impl SystemOutput {
    /// The device to open.
    fn device(&self) -> Result<cpal::Device, String> {
        something_to_play_on()?;
        let host = cpal::default_host();
        let device = match &self.chosen {
            Some(id) if !is_of_server(id) => id.parse().ok().and_then(|id| host.device_by_id(&id)),
            Some(id) if !server_devices().iter().any(|device| device.id == *id) => None,
            // The stream is opened as every other, and moved.
            _ => {
                return host
                    .default_output_device()
                    .ok_or_else(|| "there is no sound device".to_owned());
            }
        };
        device.ok_or_else(|| "the chosen output is not there".to_owned())
    }
}

impl Output for SystemOutput {
    fn look(&mut self) -> Result<(), String> {
        let device = self.device()?;
        self.known = Some(preferred_config(&device)?);
        Ok(())
    }

    fn open(&mut self, make: MakeSource<'_>, lost: Lost) -> Result<OpenOutput, String> {
        let device = self.device()?;
        let (told, errors) = sync_channel(1);
        let as_before = self
            .known
            .and_then(|(config, format)| build(&device, config, format, make, told.clone()).ok());
        let stream = if let Some(stream) = as_before {
            stream
        } else {
            let (config, format) = preferred_config(&device)?;
            self.known = Some((config, format));
            build(&device, config, format, make, told.clone())
                .or_else(|_| {
                    // Some devices take no other buffer than their own.
                    let own = StreamConfig {
                        buffer_size: BufferSize::Default,
                        ..config
                    };
                    build(&device, own, format, make, told)
                })
                .inspect_err(|_| self.known = None)?
        };
        stream.play().map_err(|error| reason(&error))?;
        if self.chosen.as_deref().is_some_and(is_of_server) || (self.chosen.is_none() && self.was_chosen) {
            move_to(self.chosen.as_deref())?;
            self.was_chosen = self.chosen.is_some();
        }
        watch(errors, lost)?;
        Ok(Box::new(stream))
    }

    fn devices(&mut self) -> Vec<OutputDevice> {
        let devices = server_devices();
        if devices.is_empty() && something_to_play_on().is_ok() {
            own_devices()
        } else {
            devices
        }
    }

    fn choose(&mut self, id: Option<String>) -> bool {
        let changes = self.chosen != id;
        if changes {
            self.was_chosen |= self.chosen.is_some();
            (self.chosen, self.known) = (id, None);
        }
        changes
    }

    fn current(&mut self) -> Option<OutputDevice> {
        if let Some(device) = server_current() {
            return Some(device);
        }
        let device = self.device().ok()?;
        described(&device)
    }
}

/// The devices of the system itself, without those that are other names for the same.
fn own_devices() -> Vec<OutputDevice> {
    // ALSA has a dozen names for each card; this one takes any format.
    const ONE_OF_A_DOZEN: &str = "alsa:plughw:";
    let all = cpal::default_host().output_devices().into_iter().flatten();
    all.filter_map(|device| described(&device))
        .filter(|device| !cfg!(target_os = "linux") || device.id.starts_with(ONE_OF_A_DOZEN))
        .collect()
}

fn described(device: &cpal::Device) -> Option<OutputDevice> {
    let id = device.id().ok()?.to_string();
    let described = device.description().ok()?;
    let name = described.name().lines().next().unwrap_or(&id).to_owned();
    Some(OutputDevice { id, name })
}

#[cfg(target_os = "linux")]
mod server {
    use super::OutputDevice;
    use crate::audio::sound_server::SoundServer;

    pub fn is_of_server(id: &str) -> bool {
        SoundServer::knows(id)
    }

    pub fn server_devices() -> Vec<OutputDevice> {
        SoundServer::connect().map_or_else(Vec::new, |mut server| server.devices())
    }

    pub fn server_current() -> Option<OutputDevice> {
        SoundServer::connect()?.current()
    }

    pub fn move_to(id: Option<&str>) -> Result<(), String> {
        SoundServer::connect().map_or(Ok(()), |mut server| server.play_on(id))
    }
}

/// Elsewhere the system's own devices are all there are.
#[cfg(not(target_os = "linux"))]
mod server {
    use super::OutputDevice;

    pub fn is_of_server(_id: &str) -> bool {
        false
    }

    pub fn server_devices() -> Vec<OutputDevice> {
        Vec::new()
    }

    pub fn server_current() -> Option<OutputDevice> {
        None
    }

    pub fn move_to(_id: Option<&str>) -> Result<(), String> {
        Ok(())
    }
}

use server::{is_of_server, move_to, server_current, server_devices};

fn preferred_config(device: &cpal::Device) -> Result<(StreamConfig, SampleFormat), String> {
    let supported = device.default_output_config().map_err(|error| reason(&error))?;
    let mut config = supported.config();
    config.channels = config.channels.max(1);
    let steps = (f64::from(config.sample_rate) * PERIOD_SECS / f64::from(PERIOD_STEP)).round() as u32;
    config.buffer_size = BufferSize::Fixed(steps.max(1) * PERIOD_STEP);
    Ok((config, supported.sample_format()))
}

fn build(
    device: &cpal::Device,
    config: StreamConfig,
    format: SampleFormat,
    make: MakeSource<'_>,
    told: SyncSender<String>,
) -> Result<cpal::Stream, String> {
    match format {
        SampleFormat::F32 => build_as::<f32>(device, config, make, told),
        SampleFormat::F64 => build_as::<f64>(device, config, make, told),
        SampleFormat::I8 => build_as::<i8>(device, config, make, told),
        SampleFormat::I16 => build_as::<i16>(device, config, make, told),
        SampleFormat::I24 => build_as::<cpal::I24>(device, config, make, told),
        SampleFormat::I32 => build_as::<i32>(device, config, make, told),
        SampleFormat::U8 => build_as::<u8>(device, config, make, told),
        SampleFormat::U16 => build_as::<u16>(device, config, make, told),
        SampleFormat::U32 => build_as::<u32>(device, config, make, told),
        other => Err(format!(
            "the sound device wants samples as {other}, which are not supported"
        )),
    }
}

fn build_as<T: SizedSample + FromSample<f32>>(
    device: &cpal::Device,
    config: StreamConfig,
    make: MakeSource<'_>,
    told: SyncSender<String>,
) -> Result<cpal::Stream, String> {
    let source = make(OutputFormat {
        rate: config.sample_rate,
        channels: config.channels,
    });
    let mut stamper = source.stamper();
    let (channels, rate) = (rodio::Source::channels(&source), rodio::Source::sample_rate(&source));
    let device_channels = std::num::NonZero::new(config.channels).unwrap_or(channels);
    let (mixer, mut sound) = rodio::mixer::mixer(device_channels, rate);
    mixer.add(source);
    let failures = Arc::new(AtomicU32::new(0));
    let succeeded = Arc::clone(&failures);
    let play = move |data: &mut [T], info: &cpal::OutputCallbackInfo| {
        succeeded.store(0, Ordering::Relaxed);
        let timestamp = info.timestamp();
        let latency = timestamp.playback.saturating_duration_since(timestamp.callback);
        stamper.begin_callback(Instant::now(), latency);
        for sample in data {
            *sample = sound.next().map_or(T::EQUILIBRIUM, T::from_sample);
        }
    };
    let failed = move |error: cpal::Error| {
        use cpal::ErrorKind::{DeviceNotAvailable, RealtimeDenied, StreamInvalidated, Xrun};
        // An underrun is over when it is reported, and real-time priority is a wish.
        if matches!(error.kind(), Xrun | RealtimeDenied) {
            return;
        }
        let gone = matches!(error.kind(), DeviceNotAvailable | StreamInvalidated);
        if gone || failures.fetch_add(1, Ordering::Relaxed) >= FAILURES_IN_A_ROW {
            // The first word is enough; the channel is full or closed after it.
            drop(told.try_send(reason(&error)));
        }
        // cpal tries again at once, for ever.
        std::thread::sleep(FAILURE_PAUSE);
    };
    device
        .build_output_stream::<T, _, _>(config, play, failed, None)
        .map_err(|error| reason(&error))
}

/// Passes the first error of a stream on, from a thread of its own: the callback's thread must not wait for anybody.
fn watch(errors: Receiver<String>, lost: Lost) -> Result<(), String> {
    let watcher = move || {
        if let Ok(why) = errors.recv() {
            lost(why);
        }
    };
    let thread = std::thread::Builder::new()
        .name("sound device".to_owned())
        .spawn(watcher);
    thread.map(|_| ()).map_err(|error| error.to_string())
}

/// A device's error for a person.
fn reason(error: &cpal::Error) -> String {
    match error.kind() {
        cpal::ErrorKind::DeviceNotAvailable | cpal::ErrorKind::HostUnavailable => "there is no sound device".to_owned(),
        cpal::ErrorKind::DeviceBusy => "another program keeps the sound device to itself".to_owned(),
        cpal::ErrorKind::PermissionDenied => "the system does not allow the use of the sound device".to_owned(),
        cpal::ErrorKind::StreamInvalidated | cpal::ErrorKind::DeviceChanged => "the sound device changed".to_owned(),
        _ => format!("the sound device failed: {error}"),
    }
}

/// Whether there can be a device at all. ALSA complains at length on stderr when it is asked for one in vain, so it is
/// not asked where there is neither a sound card nor a sound server nor a configuration of the user's own.
#[cfg(target_os = "linux")]
fn something_to_play_on() -> Result<(), String> {
    use std::env::var_os;
    use std::path::{Path, PathBuf};

    let cards = std::fs::read_to_string("/proc/asound/pcm").unwrap_or_default();
    if cards.contains("playback") || var_os("PULSE_SERVER").is_some() || var_os("PIPEWIRE_REMOTE").is_some() {
        return Ok(());
    }
    let runtime = var_os("XDG_RUNTIME_DIR").map(PathBuf::from).unwrap_or_default();
    let home = var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let paths = [
        runtime.join("pulse/native"),
        runtime.join("pipewire-0"),
        home.join(".asoundrc"),
    ];
    let system = ["/etc/asound.conf", "/run/pulse/native"].map(Path::new);
    if paths.iter().any(|path| path.exists()) || system.iter().any(|path| path.exists()) {
        return Ok(());
    }
    Err("there is no sound card and no sound server".to_owned())
}

#[cfg(not(target_os = "linux"))]
fn something_to_play_on() -> Result<(), String> {
    Ok(())
}
