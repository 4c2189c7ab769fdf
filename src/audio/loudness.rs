//! How loud a recording is as a whole (EBU R 128, ITU-R BS.1770), by listening to a part of it.
//!
//! The first minute is heard, and three seconds of every thirty after it: speech tells its loudness by less than that,
//! and all of it would cost half as much again as decoding it does.

use ebur128::{Channel, EbuR128, Mode};

/// So long is heard from the start, in seconds, and then so long of every so long.
const WHOLE: u64 = 60;
const HEARD: u64 = 3;
const OF_EVERY: u64 = 30;
/// Quieter than this it is silence.
const QUIETEST: f64 = -70.0;

/// Listens to the blocks of a recording.
pub(super) struct LoudnessMeter {
    rate: u64,
    channels: usize,
    /// None for rates and numbers of channels that the standard does not know.
    heard: Option<EbuR128>,
}

impl LoudnessMeter {
    /// For a recording of this format.
    pub fn new(sample_rate: u32, channels: u16) -> Self {
        let heard = EbuR128::new(u32::from(channels), sample_rate, Mode::I | Mode::HISTOGRAM);
        let heard = heard.and_then(|mut heard| {
            if channels == 1 {
                heard.set_channel(0, Channel::DualMono)?; // it is heard on both ears
            }
            Ok(heard)
        });
        Self {
            rate: u64::from(sample_rate.max(1)),
            channels: usize::from(channels.max(1)),
            heard: heard.ok(),
        }
    }

    /// Takes in a block that begins with this frame.
    pub fn listen(&mut self, first_frame: u64, samples: &[f32]) {
        let Some(heard) = &mut self.heard else { return };
        let second = first_frame / self.rate;
        if second >= WHOLE && second % OF_EVERY >= HEARD {
            return;
        }
        let whole = samples.len() - samples.len() % self.channels;
        let taken = heard.add_frames_f32(samples.get(..whole).unwrap_or_default());
        if taken.is_err() {
            self.heard = None;
        }
    }

    /// What several have heard of one recording, in LUFS; none of silence.
    pub fn together(meters: &[Self]) -> Option<f32> {
        let heard = meters.iter().filter_map(|meter| meter.heard.as_ref());
        let loudness = EbuR128::loudness_global_multiple(heard).ok()?;
        (loudness > QUIETEST).then_some(loudness as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tone of 1 kHz whose tops are at −20 dB has −20 LUFS on two channels (EBU Tech 3341, case 1), and so it has as
    /// one that both ears hear.
    #[test]
    fn a_tone_is_as_loud_as_the_standard_says() {
        for channels in [1_u16, 2] {
            let mut meters: Vec<LoudnessMeter> = (0..2).map(|_| LoudnessMeter::new(48_000, channels)).collect();
            for second in 0..60 {
                let samples: Vec<f32> = (0..48_000_u32)
                    .flat_map(|i| {
                        let tone = (i as f32 * std::f32::consts::TAU * 1_000.0 / 48_000.0).sin() * 0.1;
                        std::iter::repeat_n(tone, usize::from(channels))
                    })
                    .collect();
                meters[second as usize / 30].listen(second * 48_000, &samples);
            }
            let loudness = LoudnessMeter::together(&meters).unwrap();
            assert!((loudness + 20.0).abs() < 0.2, "{channels} channels: {loudness}");
        }
    }

    #[test]
    fn silence_has_no_loudness() {
        let mut meter = LoudnessMeter::new(8_000, 2);
        meter.listen(0, &vec![0.0; 48_000]);
        assert_eq!(LoudnessMeter::together(&[meter]), None);
        let mut odd = LoudnessMeter::new(1, 200);
        odd.listen(0, &[0.5; 400]);
        assert_eq!(LoudnessMeter::together(&[odd]), None);
    }
}
