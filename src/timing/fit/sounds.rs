//! What letters sound like as a rule, as long as nothing better is known of a recording.
//!
//! Measured: the mean of what was learned from fifty recordings in English, German, French, Spanish, Italian and Russian,
//! half of them read by people and half by voices made by a machine. An `s` hisses, an `m` hums, an `i` is loud where an `o`
//! is not; in whatever language, that is better than to know only that somebody speaks.

use super::BANDS;

/// By how many thousandths of its range each band is louder than speech is as a rule, for each letter; the digits are one.
pub const LETTERS: [(char, [i16; BANDS]); 27] = [
    ('0', [28, 44, 33, -15, -20, -19, -3, -1]),
    ('a', [43, 52, 119, 150, 134, 90, 118, 83]),
    ('b', [99, 42, 21, 44, 44, -47, -64, -75]),
    ('c', [-262, -239, -193, -104, -69, 7, -55, -9]),
    ('d', [74, 18, -26, -41, -40, -69, -74, -88]),
    ('e', [76, 94, 74, -60, -18, 130, 108, 83]),
    ('f', [-108, -110, -81, -9, 67, -61, -29, 23]),
    ('g', [99, 24, -14, -44, -96, -22, 19, -22]),
    ('h', [-63, -19, 18, 69, 92, 51, 86, 80]),
    ('i', [129, 163, 92, -118, -100, 209, 197, 181]),
    ('j', [219, 176, 158, 103, 101, 180, 222, 204]),
    ('k', [-217, -211, -182, -181, -193, -75, -25, -39]),
    ('l', [83, 150, 157, 83, 57, -158, 6, 77]),
    ('m', [250, 172, 55, 198, 174, -41, -55, -29]),
    ('n', [178, 135, 71, -2, -15, -13, -36, -33]),
    ('o', [54, 89, 140, 193, 119, -94, 20, 29]),
    ('p', [-159, -160, -113, -42, -93, -26, -90, -118]),
    ('q', [-110, -79, -31, 46, -24, 22, -39, -114]),
    ('r', [113, 158, 209, 172, 286, 177, 76, 35]),
    ('s', [-148, -149, -148, -44, -20, 26, 31, 168]),
    ('t', [-115, -115, -94, -76, -82, -65, -96, -80]),
    ('u', [60, 95, 80, 63, 85, 15, 39, 58]),
    ('v', [186, 138, 112, 17, 85, 33, -23, -71]),
    ('w', [80, 132, 83, 69, -37, -117, -78, -143]),
    ('x', [-167, -182, -140, -54, -54, 112, 11, 92]),
    ('y', [97, 131, 31, -180, -176, 150, 213, 176]),
    ('z', [-13, -26, -17, 5, 21, 5, -34, -8]),
];

/// By how many thousandths it is louder when somebody speaks.
pub const SPEECH: [i16; BANDS] = [578, 576, 527, 444, 438, 449, 476, 482];

/// How what is not explained by that goes together from band to band, in thousandths.
pub const NOISE: [[i16; BANDS]; BANDS] = [
    [78, 70, 62, 46, 43, 43, 47, 41],
    [70, 76, 67, 50, 47, 47, 51, 45],
    [62, 67, 71, 56, 52, 48, 53, 46],
    [46, 50, 56, 69, 55, 37, 43, 40],
    [43, 47, 52, 55, 67, 42, 43, 43],
    [43, 47, 48, 37, 42, 64, 52, 48],
    [47, 51, 53, 43, 43, 52, 64, 56],
    [41, 45, 46, 40, 43, 48, 56, 62],
];
