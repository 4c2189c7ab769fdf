//! The map between the two clocks: what holds of every one, and what each way to make one means.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "timing/fit.rs"]
mod fit;

use earmark::time::{CueSpan, CueTime, MediaSpan, MediaTime, TimeDelta};
use earmark::timing::{Anchor, Origin, TimeMap, Timing};
use proptest::prelude::*;

fn cue(secs: f64) -> CueTime {
    CueTime::from_secs_f64(secs)
}

fn media(secs: f64) -> MediaTime {
    MediaTime::from_secs_f64(secs)
}

fn anchor(at: f64, heard: f64, stretches: bool) -> Anchor {
    Anchor {
        origin: Origin::Hand,
        cue: cue(at),
        media: media(heard),
        stretches,
    }
}

/// Where each transcript second is heard, to the hundredth; a line for a check by eye.
fn heard(map: &TimeMap, at: &[f64]) -> Vec<f64> {
    at.iter()
        .map(|at| (map.media_from_cue(cue(*at)).as_secs_f64() * 100.0).round() / 100.0)
        .collect()
}

#[test]
fn a_shift_shifts() {
    let map = Timing::shifted(TimeDelta::from_millis(-2_500)).map();
    assert_eq!(heard(&map, &[0.0, 10.0]), [-2.5, 7.5]);
    assert_eq!(map.cue_from_media(media(7.5)), Some(cue(10.0)));
    assert_eq!((map.extra_at(media(5.0)), map.next_cut(media(5.0))), (None, None));
}

#[test]
fn from_an_anchor_on_it_is_as_far_off_as_there() {
    let timing = Timing {
        anchors: vec![anchor(10.0, 40.0, false), anchor(20.0, 45.0, false)],
        ..Timing::default()
    };
    let map = timing.map();
    // An advertisement of thirty seconds before the first; and text that was cut from the recording before the second.
    assert_eq!(
        heard(&map, &[9.0, 10.0, 14.0, 20.0, 30.0]),
        [9.0, 40.0, 44.0, 45.0, 55.0]
    );
    assert_eq!(
        map.extra_at(media(25.0)),
        Some(MediaSpan::new(media(10.0), media(40.0)))
    );
    assert_eq!(map.cue_from_media(media(25.0)), None);
    assert_eq!(map.cue_reached(media(25.0)), cue(10.0));
    assert!(map.is_heard(cue(14.9)) && !map.is_heard(cue(15.1)) && map.is_heard(cue(20.0)));
    assert_eq!(heard(&map, &[17.0]), [45.0], "what is not heard is at the cut");
}

#[test]
fn between_two_anchors_a_tape_may_have_run_slower() {
    let timing = Timing {
        anchors: vec![anchor(10.0, 12.0, false), anchor(110.0, 116.0, true)],
        ..Timing::default()
    };
    let map = timing.map();
    assert_eq!(heard(&map, &[10.0, 60.0, 110.0, 210.0]), [12.0, 64.0, 116.0, 220.0]);
    // No tape runs twenty times as fast: that is a cut.
    let cut = Timing {
        anchors: vec![anchor(10.0, 12.0, false), anchor(110.0, 17.0, true)],
        ..Timing::default()
    };
    assert_eq!(heard(&cut.map(), &[10.0, 14.0, 110.0]), [12.0, 16.0, 17.0]);
}

#[test]
fn what_only_one_of_them_has_moves_what_follows() {
    let timing = Timing {
        offset: TimeDelta::from_millis(1_000),
        extra: vec![MediaSpan::new(media(31.0), media(61.0))],
        missing: vec![CueSpan::new(cue(50.0), cue(55.0))],
        ..Timing::default()
    };
    let map = timing.map();
    assert_eq!(
        heard(&map, &[29.9, 30.0, 50.0, 55.0, 60.0]),
        [30.9, 61.0, 81.0, 81.0, 86.0]
    );
    assert_eq!(map.cue_from_media(media(45.0)), None);
    assert_eq!(map.next_cut(media(0.0)), Some(media(31.0)));
    assert_eq!(map.next_cut(media(31.0)), Some(media(61.0)));
    assert!(!map.is_heard(cue(52.0)));
}

#[test]
fn what_is_said_last_counts() {
    let mut timing = Timing::default();
    timing.anchor(cue(10.0), media(15.0), false);
    timing.anchor(cue(40.0), media(60.0), false);
    // The line is not in what turned out to be an advertisement, but behind it.
    timing.add_extra(MediaSpan::new(media(15.0), media(25.0)));
    assert_eq!(heard(&timing.map(), &[10.0, 16.0, 40.0]), [10.0, 26.0, 60.0]);
    timing.add_missing(CueSpan::new(cue(39.0), cue(45.0)));
    assert_eq!(heard(&timing.map(), &[30.0, 45.0]), [40.0, 49.0]);
}

#[test]
fn a_timing_survives_being_kept() {
    let mut timing = Timing {
        extra: vec![MediaSpan::new(media(31.0), media(61.0))],
        missing: vec![CueSpan::new(cue(50.0), cue(55.0))],
        ..Timing::default()
    };
    timing.anchor(cue(20.0), media(22.0), false);
    timing.anchor(cue(10.0), media(11.0), true);
    timing.anchor(cue(20.0), media(23.0), true);
    assert_eq!(timing.anchors, [anchor(10.0, 11.0, true), anchor(20.0, 23.0, true)]);
    let kept = serde_json::to_string(&timing).unwrap();
    assert_eq!(serde_json::from_str::<Timing>(&kept).unwrap(), timing);
    assert_eq!(serde_json::from_str::<Timing>("{}").unwrap(), Timing::default());
}

#[test]
fn a_hundred_thousand_anchors_are_looked_up_at_once() {
    let anchors: Vec<Anchor> = (0..100_000)
        .map(|n| anchor(f64::from(n), f64::from(n) * 1.01, n % 2 == 0))
        .collect();
    let map = Timing {
        anchors,
        ..Timing::default()
    }
    .map();
    let at = map.media_from_cue(cue(50_000.0));
    assert_eq!(map.cue_from_media(at), Some(cue(50_000.0)));
}

/// Any timing, sense or nonsense.
fn timings() -> impl Strategy<Value = Timing> {
    let time = || prop_oneof![4 => 0..2_000_000_000_i64, 1 => any::<i64>()];
    let anchors = prop::collection::vec((time(), time(), any::<bool>()), 0..6);
    let spans = || prop::collection::vec((time(), time()), 0..4);
    (time(), anchors, spans(), spans()).prop_map(|(offset, anchors, extra, missing)| {
        let mut timing = Timing::shifted(TimeDelta::from_micros(offset / 10));
        for (at, heard, stretches) in anchors {
            timing.anchor(CueTime::from_micros(at), MediaTime::from_micros(heard), stretches);
        }
        let point = MediaTime::from_micros;
        timing.extra = extra
            .into_iter()
            .map(|(a, b)| MediaSpan::new(point(a), point(b)))
            .collect();
        let point = CueTime::from_micros;
        timing.missing = missing
            .into_iter()
            .map(|(a, b)| CueSpan::new(point(a), point(b)))
            .collect();
        timing
    })
}

proptest! {
    #[test]
    fn what_is_said_later_is_heard_later(timing in timings(), mut at in prop::collection::vec(-1_000_000..2_100_000_000_i64, 2..40)) {
        let map = timing.map();
        at.sort_unstable();
        let heard: Vec<MediaTime> = at.iter().map(|at| map.media_from_cue(CueTime::from_micros(*at))).collect();
        prop_assert!(heard.is_sorted(), "{timing:?}: {at:?} at {heard:?}");
        let reached: Vec<CueTime> = at.iter().map(|at| map.cue_reached(MediaTime::from_micros(*at))).collect();
        prop_assert!(reached.is_sorted(), "{timing:?}: {at:?} reaches {reached:?}");
    }

    #[test]
    fn there_and_back_is_where_one_was(timing in timings(), at in -1_000_000..2_100_000_000_i64) {
        let map = timing.map();
        let said = CueTime::from_micros(at);
        if map.is_heard(said) {
            // Months from here the clocks end. A rate is rounded to the microsecond, twice, and a piece may be cut within one.
            let heard = map.media_from_cue(said);
            let is_near = heard.as_micros().abs() < 10_000_000_000_000;
            if let Some(back) = map.cue_from_media(heard).filter(|_| is_near) {
                prop_assert!((back - said).as_micros().abs() <= 2, "{timing:?}: {said:?} comes back as {back:?}");
            }
        }
        let heard = MediaTime::from_micros(at);
        if let Some(said) = map.cue_from_media(heard) {
            let back = map.media_from_cue(said);
            prop_assert!((back - heard).as_micros().abs() <= 2, "{timing:?}: {heard:?} comes back as {back:?}");
            prop_assert_eq!(map.extra_at(heard), None);
        }
        if let Some(cut) = map.next_cut(heard) {
            prop_assert!(cut > heard, "{timing:?}: the next cut after {heard:?} is {cut:?}");
        }
    }

    #[test]
    fn anchors_in_order_are_met(gaps in prop::collection::vec((1_000_i64..60_000_000, 1_000_i64..60_000_000, any::<bool>()), 1..8)) {
        let (mut said, mut heard) = (0, 0);
        let mut timing = Timing::default();
        for (more_said, more_heard, stretches) in gaps {
            (said, heard) = (said + more_said, heard + more_heard);
            timing.anchor(CueTime::from_micros(said), MediaTime::from_micros(heard), stretches);
        }
        let map = timing.map();
        for anchor in &timing.anchors {
            prop_assert_eq!(map.media_from_cue(anchor.cue), anchor.media, "{:?}", timing);
        }
    }
}

#[test]
fn a_hundred_thousand_anchors_are_a_map_like_any_other() {
    let anchors = (0..100_000_i32).map(|place| {
        // Some lead back, some far ahead.
        let wanders = f64::from((place * 7_919) % 13) - 6.0;
        anchor(f64::from(place), f64::from(place) + wanders, place % 3 == 0)
    });
    let timing = Timing {
        anchors: anchors.collect(),
        ..Timing::default()
    };
    let map = timing.map();
    let mut last = media(-1e9);
    for at in (0..100_000_i32).step_by(37) {
        let here = map.media_from_cue(cue(f64::from(at)));
        assert!(here >= last, "{at}");
        last = here;
    }
    let kept = serde_json::to_string(&timing).expect("it can be written");
    assert_eq!(serde_json::from_str::<Timing>(&kept).expect("and read"), timing);
}
