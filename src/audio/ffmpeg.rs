//! What Earmark does not decode itself is decoded by ffmpeg, where that is installed: through a pipe, as a program of its own.
//!
//! It is asked for samples from an instant on, and finds that by time stamps, which are not exact: a codec's delay and the
//! milliseconds of a container put it off by up to a tenth of a second. Only from the start on is every sample in its
//! place, so a recording that is listened to gets a [copy](super::copy). It may open the file and nothing else: a
//! playlist must not lead it onto the network.

use std::ffi::OsString;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde::Deserialize;

use super::probe::frame_at;
use super::{AudioError, AudioSource};
use crate::time::{MediaTime, TimeDelta};

/// Frames of one block.
const BLOCK_FRAMES: usize = 4096;
/// A seek begins to decode this much earlier, since codecs need what came before.
const RUN_UP: TimeDelta = TimeDelta::from_millis(1_000);
const RATES: std::ops::RangeInclusive<u32> = 1_000..=768_000;
const MOST_CHANNELS: u16 = 64;

/// A recording that ffmpeg decodes.
pub(super) struct Piped {
    name: String,
    path: PathBuf,
    about: About,
    running: Option<Running>,
    /// The frame the next block begins with.
    next: u64,
    bytes: Vec<u8>,
}

/// What ffprobe tells.
#[derive(Debug, Clone)]
struct About {
    container: String,
    codec: String,
    sample_rate: u32,
    channels: u16,
    /// The time stamp of the first sample, in samples.
    start: i64,
    length: Option<u64>,
    /// Whether its samples are whole numbers of more than 16 bits.
    is_fine: bool,
}

/// ffmpeg at work; ended when this is dropped.
struct Running {
    process: Child,
    out: BufReader<ChildStdout>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; either way it must be waited for.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Deserialize)]
struct Stream {
    codec_long_name: Option<String>,
    codec_name: Option<String>,
    sample_fmt: Option<String>,
    sample_rate: Option<String>,
    channels: Option<u16>,
    start_time: Option<String>,
    duration: Option<String>,
}

#[derive(Deserialize, Default)]
struct Format {
    format_long_name: Option<String>,
    duration: Option<String>,
}

impl Piped {
    /// Opens what nothing else could. The error says whether ffmpeg could be asked at all.
    pub fn open(source: &AudioSource) -> Result<Self, bool> {
        let AudioSource::File(path) = source else {
            return Err(false);
        };
        // A path that looks like an option or a protocol is none of either.
        let path = std::path::absolute(path).map_err(|_| false)?;
        let asked = ask(&path).map_err(|_| false)?;
        let about = asked.ok_or(true)?;
        Ok(Self {
            name: source.name(),
            path,
            about,
            running: None,
            next: 0,
            bytes: Vec::new(),
        })
    }

    /// What the file is, by ffmpeg's name for it.
    pub fn container(&self) -> &str {
        &self.about.container
    }

    /// What its sound is coded as, by ffmpeg's name for it.
    pub fn codec(&self) -> &str {
        &self.about.codec
    }

    /// Frames a second.
    pub fn sample_rate(&self) -> u32 {
        self.about.sample_rate
    }

    /// Samples in a frame.
    pub fn channels(&self) -> u16 {
        self.about.channels
    }

    /// The length in frames, about.
    pub fn length(&self) -> Option<u64> {
        self.about.length
    }

    /// Goes to this frame.
    pub fn seek(&mut self, frame: u64) {
        self.running = None;
        self.next = frame;
    }

    /// Starts to write all of it into a file, lossless: what is coded with losses has no more than 16 bits to keep.
    pub fn copy_to(&self, file: &Path) -> io::Result<Child> {
        let mut command = decoding(&self.path, &self.about, TimeDelta::ZERO);
        if !self.about.is_fine {
            command.args(["-sample_fmt", "s16"]);
        }
        command.args(["-c:a", "flac", "-compression_level", "2", "-f", "flac", "-y"]);
        command.arg(as_file(file)).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::null()).spawn()
    }

    /// The next block into `out`, interleaved, and the frame it begins with; `None` at the end.
    pub fn next(&mut self, out: &mut Vec<f32>) -> Result<Option<i64>, AudioError> {
        let begins = self.next;
        self.read(out).map_err(|error| AudioError::Io {
            name: self.name.clone(),
            why: error.to_string(),
        })?;
        let frames = out.len() / usize::from(self.about.channels);
        self.next += frames as u64;
        Ok((frames > 0).then(|| i64::try_from(begins).unwrap_or(i64::MAX)))
    }

    fn read(&mut self, out: &mut Vec<f32>) -> io::Result<()> {
        let running = match &mut self.running {
            Some(running) => running,
            None => self.running.insert(start(&self.path, &self.about, self.next)?),
        };
        let frame = usize::from(self.about.channels) * size_of::<f32>();
        self.bytes.clear();
        let block = (BLOCK_FRAMES * frame) as u64;
        running.out.by_ref().take(block).read_to_end(&mut self.bytes)?;
        let whole = self.bytes.len() - self.bytes.len() % frame;
        let (samples, _) = self.bytes.get(..whole).unwrap_or_default().as_chunks::<4>();
        out.clear();
        out.extend(samples.iter().map(|bytes| f32::from_le_bytes(*bytes)));
        Ok(())
    }
}

/// Asks ffprobe what the first sound of the file is. Fails where there is no ffprobe; `None` where it finds none.
fn ask(path: &Path) -> io::Result<Option<About>> {
    const WANTED: &str = "stream=codec_name,codec_long_name,sample_fmt,sample_rate,channels,start_time,duration\
                          :format=format_long_name,duration";
    let asked = Command::new("ffprobe")
        .args(["-v", "error", "-protocol_whitelist", "file", "-select_streams", "a:0"])
        .args(["-show_entries", WANTED, "-of", "json"])
        .arg(as_file(path))
        .stdin(Stdio::null())
        .output()?;
    Ok(understand(&asked.stdout))
}

fn understand(answer: &[u8]) -> Option<About> {
    let told: Told = serde_json::from_slice(answer).ok()?;
    let stream = told.streams.into_iter().next()?;
    let rate = stream.sample_rate.as_deref()?.parse::<u32>().ok();
    let sample_rate = rate.filter(|rate| RATES.contains(rate))?;
    let channels = stream.channels.filter(|count| (1..=MOST_CHANNELS).contains(count))?;
    let seconds = |text: Option<String>| text?.parse::<f64>().ok().filter(|seconds| seconds.is_finite());
    let start = seconds(stream.start_time).unwrap_or(0.0) * f64::from(sample_rate);
    let length = seconds(stream.duration).or_else(|| seconds(told.format.duration));
    Some(About {
        container: told.format.format_long_name.unwrap_or_default(),
        codec: stream.codec_long_name.or(stream.codec_name).unwrap_or_default(),
        sample_rate,
        channels,
        start: start.round() as i64,
        is_fine: stream.sample_fmt.is_some_and(|format| format.starts_with("s32")),
        length: length.map(|length| frame_at(MediaTime::from_secs_f64(length), sample_rate)),
    })
}

/// Starts ffmpeg at a frame.
fn start(path: &Path, about: &About, frame: u64) -> io::Result<Running> {
    let at = TimeDelta::from_secs_f64(frame as f64 / f64::from(about.sample_rate)) - RUN_UP;
    let from = i64::try_from(frame).unwrap_or(i64::MAX).saturating_add(about.start);
    let mut command = decoding(path, about, at);
    if frame > 0 {
        command.args(["-af", &format!("atrim=start_pts={from}")]);
    }
    command.args(["-f", "f32le", "-c:a", "pcm_f32le", "pipe:1"]);
    let mut process = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let out = process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    Ok(Running {
        process,
        out: BufReader::new(out),
    })
}

/// ffmpeg decoding the first sound of a file, from about there on; where to is still to be said.
fn decoding(path: &Path, about: &About, from: TimeDelta) -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe"]);
    if from > TimeDelta::ZERO {
        command.args(["-ss", &format!("{:.6}", from.as_secs_f64())]);
    }
    // With its own time stamps, so that what comes before an instant can be cut off.
    command.arg("-copyts").arg("-i").arg(as_file(path));
    let (rate, channels) = (about.sample_rate.to_string(), about.channels.to_string());
    command.args(["-map", "0:a:0", "-ar", &rate, "-ac", &channels]);
    command
}

fn as_file(path: &Path) -> OsString {
    let mut name = OsString::from("file:");
    name.push(path);
    name
}
