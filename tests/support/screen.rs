//! The picture on a virtual screen, read from the file that Xvfb keeps it in: to look costs the program nothing.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// A colour as red, green and blue.
pub type Rgb = [u8; 3];

/// The frame buffer of an X server started with `-fbdir`, in the XWD form (X11/XWDFile.h): a header of big-endian
/// numbers, a colour table, then the rows, four bytes a pixel: blue, green, red and one unused.
pub struct Screen {
    file: File,
    first_pixel: u64,
    bytes_per_row: u64,
    /// Height in pixels.
    pub height: u64,
}

impl Screen {
    pub(super) fn open(path: &Path) -> Self {
        let file = File::open(path).unwrap();
        let number = |index: u64| {
            let mut bytes = [0; 4];
            file.read_exact_at(&mut bytes, index * 4).unwrap();
            u64::from(u32::from_be_bytes(bytes))
        };
        let (header_size, height, bits_per_pixel, bytes_per_row, colours) =
            (number(0), number(5), number(11), number(12), number(19));
        assert_eq!(bits_per_pixel, 32, "the screen has another depth than asked for");
        Self {
            first_pixel: header_size + colours * 12,
            bytes_per_row,
            height,
            file,
        }
    }

    /// The colour at a place.
    pub fn pixel(&self, x: u64, y: u64) -> Rgb {
        let mut bytes = [0; 4];
        self.file
            .read_exact_at(&mut bytes, self.first_pixel + y * self.bytes_per_row + x * 4)
            .unwrap();
        [bytes[2], bytes[1], bytes[0]]
    }

    /// The first place in a column, looked at every `step` pixels, that has one of the colours.
    pub fn find_in_column(&self, x: u64, step: usize, colours: &[Rgb]) -> Option<u64> {
        (0..self.height)
            .step_by(step)
            .find(|y| colours.contains(&self.pixel(x, *y)))
    }
}
