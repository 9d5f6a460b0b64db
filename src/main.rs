//! The `palabre` program: arguments in, an exit code out, nothing else.

mod commands;

use std::process::ExitCode;

use commands::{Failure, Palabre};

fn main() -> ExitCode {
    Palabre::from_arguments().and_then(Palabre::run).unwrap_or_else(Failure::report)
}
