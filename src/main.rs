//! The `palabre` program: arguments in, an exit code out, nothing else.

fn main() {}
