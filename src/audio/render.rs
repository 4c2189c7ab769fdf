//! Decoded blocks made into frames for the device: speed, sample rate, left and right.

use super::feed::Frame;
use super::resample::Resample;
use super::stretch::Stretch;

/// Turns the recording's samples into the device's frames. Frame `k` of the output is the recording's frame
/// `k × speed × recording rate ÷ device rate` after the first one pushed.
pub(super) struct Renderer {
    channels: usize,
    stretch: Stretch,
    resample: Resample,
    mixed: Vec<f32>,
    stretched: Vec<f32>,
    resampled: Vec<f32>,
}

impl Renderer {
    /// From this format at this speed to this rate.
    pub fn new(sample_rate: u32, channels: u16, speed: f32, device_rate: u32) -> Self {
        let worked_on = usize::from(channels.clamp(1, 2));
        Self {
            channels: usize::from(channels.max(1)),
            stretch: Stretch::new(sample_rate, worked_on, speed),
            resample: Resample::new(worked_on, sample_rate, device_rate),
            mixed: Vec::new(),
            stretched: Vec::new(),
            resampled: Vec::new(),
        }
    }

    /// Takes in a block and appends the frames that are ready.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<Frame>) {
        self.stretched.clear();
        self.resampled.clear();
        if self.channels > 2 {
            self.mixed.clear();
            self.mixed
                .extend(samples.chunks_exact(self.channels).flat_map(mix_down));
            self.stretch.push(&self.mixed, &mut self.stretched);
        } else {
            self.stretch.push(samples, &mut self.stretched);
        }
        self.resample.push(&self.stretched, &mut self.resampled);
        self.collect(out);
    }

    /// Says that no more blocks come, and appends the rest.
    pub fn finish(&mut self, out: &mut Vec<Frame>) {
        self.stretched.clear();
        self.resampled.clear();
        self.stretch.finish(&mut self.stretched);
        self.resample.push(&self.stretched, &mut self.resampled);
        self.resample.finish(&mut self.resampled);
        self.collect(out);
    }

    fn collect(&self, out: &mut Vec<Frame>) {
        if self.channels == 1 {
            out.extend(self.resampled.iter().map(|&sample| [sample; 2]));
        } else {
            out.extend(self.resampled.as_chunks::<2>().0);
        }
    }
}

/// More than two channels as left and right (ITU-R BS.775): speech is in the centre and must not be lost.
fn mix_down(frame: &[f32]) -> Frame {
    const HALF_POWER: f32 = std::f32::consts::FRAC_1_SQRT_2;
    let [left, right, rest @ ..] = frame else {
        return [0.0; 2];
    };
    let (centre, surround) = match rest {
        [centre] => (*centre, [0.0; 2]),
        [back_left, back_right] => (0.0, [*back_left, *back_right]),
        // Front left and right, centre, low frequencies, then pairs around the listener.
        [centre, _, around @ ..] => (*centre, [sum_every_second(around, 0), sum_every_second(around, 1)]),
        [] => (0.0, [0.0; 2]),
    };
    let side = |front: f32, around: f32| (front + HALF_POWER * (centre + around)) / (1.0 + HALF_POWER);
    let [around_left, around_right] = surround;
    [side(*left, around_left), side(*right, around_right)]
}

fn sum_every_second(samples: &[f32], from: usize) -> f32 {
    samples.iter().skip(from).step_by(2).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mono_goes_to_both_sides_untouched() {
        let mut renderer = Renderer::new(48_000, 1, 1.0, 48_000);
        let mut out = Vec::new();
        renderer.push(&[0.25, -0.5], &mut out);
        assert_eq!(out, [[0.25; 2], [-0.5; 2]]);
    }

    #[test]
    fn the_centre_is_heard_on_both_sides() {
        let [left, right] = mix_down(&[0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
        assert!((left - right).abs() < 1e-6 && left > 0.4);
        let [left, right] = mix_down(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert!(left > 0.5 && right == 0.0);
    }

    #[test]
    fn speed_and_rate_together_keep_count() {
        for (speed, device_rate) in [(0.5, 48_000), (1.0, 44_100), (1.5, 48_000), (3.0, 96_000)] {
            let mut renderer = Renderer::new(16_000, 1, speed, device_rate);
            let mut out = Vec::new();
            for _ in 0..100 {
                renderer.push(&[0.1; 576], &mut out);
            }
            renderer.finish(&mut out);
            let expected = (57_600.0 / f64::from(speed)).round() * f64::from(device_rate) / 16_000.0;
            assert!(
                (out.len() as f64 - expected).abs() <= 1.0,
                "{} for {expected}",
                out.len()
            );
        }
    }
}
