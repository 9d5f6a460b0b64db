//! Whether some headers are those of a capture that can be checked.
//!
//! In: [`Header`]s. Out: the first of them, or why not; what a reader should know. Must not know packets.

use super::Unchecked;
use crate::capture::{FORMAT, Header};
use crate::engine::{Config, Limits};
use crate::time::Duration;

/// Longer than anything in a server lasts: what a file says is added to times.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// What may make a server of this version differ from the one that was captured, in words.
#[must_use]
pub fn warnings(header: &Header) -> Vec<String> {
    let mut warnings = Vec::new();
    let version = env!("CARGO_PKG_VERSION");
    if header.palabre != version {
        warnings.push(format!("it was captured by palabre {}, and this is {version}", header.palabre));
    }
    if header.files > 0 {
        warnings
            .push(format!("the server had {} files from before, which are not in the capture", header.files));
    }
    warnings
}

/// The header of a capture of which these are all parts.
///
/// # Errors
/// When they are not, or there can be no such server.
pub(super) fn whole(headers: &[Header]) -> Result<&Header, Unchecked> {
    let Some(first) = headers.first() else {
        return unchecked("no palabre wrote this capture: it does not say how the server was started".into());
    };
    for (header, part) in headers.iter().zip(1..) {
        if header.format != FORMAT {
            let format = header.format;
            return unchecked(format!("it has the format {format}, and this palabre checks {FORMAT} only"));
        }
        if header.part != part {
            return unchecked(match header.part {
                first if part == 1 => {
                    format!(
                        "part {first} comes first: all parts from 1 are needed, and serve keeps two (see --capture-limit)"
                    )
                }
                found => format!("part {found} comes where part {part} is needed"),
            });
        }
        if *header != (Header { part, ..first.clone() }) {
            return unchecked(format!("part {part} is of another capture than part 1"));
        }
    }
    match wrong(first) {
        Some(why) => unchecked(format!("there is no such server: {why}")),
        None => Ok(first),
    }
}

fn unchecked<T>(why: String) -> Result<T, Unchecked> {
    Err(Unchecked { packet: None, why })
}

/// What no server can be: the file may say anything.
fn wrong(header: &Header) -> Option<&'static str> {
    let Config { listeners, limits, .. } = &header.config;
    if listeners.len() != header.addresses.len() {
        return Some("it has not as many addresses as listeners");
    }
    let timing = listeners.iter().map(|listener| listener.timing);
    if timing.clone().any(|timing| timing.timer.is_zero() || timing.timer > LONGEST) {
        return Some("a retransmission timer is zero, or longer than a year");
    }
    if timing.clone().any(|timing| timing.tries == 0 || timing.tries > 10_000) {
        return Some("the number of tries is not in 1..=10000");
    }
    let Limits { silence, id_rest, idle_reader, half_message, unspoken, .. } = limits;
    if [silence, id_rest, idle_reader, half_message, unspoken].into_iter().any(|limit| *limit > LONGEST) {
        return Some("a limit is longer than a year");
    }
    if [limits.requests, limits.strangers, limits.strangers_of_a_network]
        .iter()
        .any(|rate| rate.burst == 0 || rate.per_second == 0)
    {
        return Some("a rate is zero");
    }
    None
}
