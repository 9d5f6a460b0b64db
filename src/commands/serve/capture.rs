//! Whether what is received and sent is written to a file, and the seed.
//!
//! In: arguments. Out: what the daemon is told. Must not know what is captured.

use std::path::PathBuf;

use clap::Args;
use palabre::daemon::CaptureSettings;

use crate::commands::values::{scaled, seed};

/// The smallest file.
const LEAST: u64 = 64 << 10;

/// What can be captured, and repeated.
#[derive(Args, Debug)]
pub(super) struct CaptureOptions {
    /// Write all that comes and goes to this file, for `palabre
    /// replay` and other tools; one that is there gets a ".1"
    #[arg(long, value_name = "FILE.pcapng", verbatim_doc_comment)]
    capture: Option<PathBuf>,
    /// Begin another file at this size, and keep the one before it
    #[arg(long, value_name = "SIZE", requires = "capture", default_value = "100MB", value_parser = size)]
    capture_limit: u64,
    /// Be the same server again, for tests and lessons: sequence
    /// numbers and tokens can then be guessed
    #[arg(long, value_name = "N", value_parser = seed, verbatim_doc_comment)]
    pub(super) seed: Option<u64>,
}

impl CaptureOptions {
    pub(super) fn settings(&self) -> Option<CaptureSettings> {
        let path = self.capture.clone()?;
        Some(CaptureSettings { path, limit: self.capture_limit })
    }
}

/// A size in bytes.
fn size(text: &str) -> Result<u64, String> {
    let units = [
        ("", 1),
        ("kB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
    ];
    match scaled(text, &units) {
        Some(bytes) if bytes >= LEAST => Ok(bytes),
        Some(_) => Err("that is too small: 64KiB is the least".into()),
        None => Err(format!("{text:?} is no size: write 100MB, 64KiB or a number of bytes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_unit_or_is_in_bytes() {
        for (text, bytes) in [
            ("100MB", 100_000_000),
            ("64KiB", 65_536),
            ("65536", 65_536),
            ("66kB", 66_000),
            ("2GiB", 2 << 30),
            ("1MiB", 1 << 20),
            ("3GB", 3_000_000_000),
            ("1.5MB", 1_500_000),
            ("100mb", 100_000_000),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "MB", "+1MB", "-1MB", "1 MB", "99999999999GB", "65535", "64kB", "0"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
