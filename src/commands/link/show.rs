//! What `palabre link` tells: where it listens, what happens, what has happened.
//!
//! In: counters, the time. Out: lines on standard output; on a terminal one line that is written again and again. Must not
//! know where the counters come from.

use std::env;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::time::Duration;

use palabre::link::{Totals, Traffic};
use palabre::time::Instant;

/// How often the line on a terminal is written again.
const TERMINAL_PAUSE: Duration = Duration::from_secs(1);
/// How often there is a line in a pipe.
const PIPE_PAUSE: Duration = Duration::from_secs(10);

/// Who is told, and when next.
#[derive(Debug)]
pub(super) struct Show {
    is_terminal: bool,
    is_tcp: bool,
    due: Instant,
    /// The last line is to be written over.
    is_open: bool,
}

impl Show {
    pub(super) fn start(is_tcp: bool) -> Self {
        let is_dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
        let is_terminal = io::stdout().is_terminal() && !is_dumb;
        let mut show = Self { is_terminal, is_tcp, due: Instant::ZERO, is_open: false };
        show.due = Instant::ZERO + show.pause();
        show
    }

    /// Where clients are to come, and the seed that nobody knows yet.
    pub(super) fn ready(&self, address: SocketAddr, seed: Option<u64>) {
        let seed = seed.map(|seed| format!("seed {seed}\n")).unwrap_or_default();
        print(&format!("listening {address}\n{seed}"));
    }

    /// When there is something to tell next.
    pub(super) const fn due(&self) -> Instant {
        self.due
    }

    /// Tells how it goes, if it is time to.
    pub(super) fn live(&mut self, now: Instant, totals: impl FnOnce() -> Totals) {
        if now < self.due {
            return;
        }
        self.due = now + self.pause();
        let Totals { there, back, .. } = totals();
        let seconds = (now - Instant::ZERO).as_secs();
        if self.is_terminal {
            let (there, back) = (self.short(&there), self.short(&back));
            // Without wrapping at the margin: two lines could not be written over.
            print(&format!("\r\u{1b}[2K\u{1b}[?7l{seconds} s  there: {there} | back: {back}\u{1b}[?7h"));
            self.is_open = true;
        } else {
            print(&format!("{seconds} s  there: {}; back: {}\n", self.full(&there), self.full(&back)));
        }
    }

    /// Tells how it went.
    pub(super) fn summary(&self, now: Instant, totals: &Totals) {
        let Totals { there, back, clients, come, gone, cut, stalls } = totals;
        let seconds = (now - Instant::ZERO).as_secs_f64();
        let begin = if self.is_open { "\r\u{1b}[2K" } else { "" };
        let (there, back) = (self.full(there), self.full(back));
        let clients = if self.is_tcp {
            format!(
                "connections: {come} came, {clients} open, {cut} cut, {gone} turned away; {stalls} stalls"
            )
        } else {
            format!("clients: {come} came, {clients} here, {gone} gone")
        };
        print(&format!("{begin}after {seconds:.1} s\nthere: {there}\nback: {back}\n{clients}\n"));
    }

    const fn pause(&self) -> Duration {
        if self.is_terminal { TERMINAL_PAUSE } else { PIPE_PAUSE }
    }

    /// All numbers, for scripts too.
    fn full(&self, traffic: &Traffic) -> String {
        let Traffic { sent, lost, delivered, under_way, .. } = *traffic;
        if self.is_tcp {
            return format!("sent {sent} bytes, lost {lost}, delivered {delivered}, under way {under_way}");
        }
        let Traffic { overflowed, doubled, overtaken, damaged, refused, bytes, .. } = *traffic;
        format!(
            "sent {sent}, lost {lost}{}, queue full {overflowed}, doubled {doubled}, overtaken {overtaken}, \
             damaged {damaged}, refused {refused}, delivered {delivered}, under way {under_way}, bytes {bytes}",
            share(lost, sent)
        )
    }

    /// What there was, for one line.
    fn short(&self, traffic: &Traffic) -> String {
        let unit = if self.is_tcp { " bytes" } else { "" };
        let mut line = format!("sent {}{unit}", traffic.sent);
        let rest = [
            ("lost", traffic.lost),
            ("queue full", traffic.overflowed),
            ("doubled", traffic.doubled),
            ("overtaken", traffic.overtaken),
            ("damaged", traffic.damaged),
            ("refused", traffic.refused),
            ("delivered", traffic.delivered),
            ("under way", traffic.under_way),
            ("bytes", if self.is_tcp { 0 } else { traffic.bytes }),
        ];
        for (name, count) in rest.into_iter().filter(|(_, count)| *count > 0) {
            // A string takes everything.
            let _ = write!(line, ", {name} {count}");
        }
        line
    }
}

/// What part of all it is, in a bracket; nothing where there is nothing.
fn share(part: u64, all: u64) -> String {
    let permille = u128::from(part).saturating_mul(1_000).checked_div(all.into());
    permille.map(|it| format!(" ({}.{}%)", it / 10, it % 10)).unwrap_or_default()
}

/// Whoever wanted to read it may be gone: others still want their link.
fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_numbers_of_a_way_are_told_and_on_one_line_those_there_are() {
        let show = Show { is_terminal: true, is_tcp: false, due: Instant::ZERO, is_open: false };
        let traffic = Traffic { sent: 8, lost: 1, doubled: 2, delivered: 9, bytes: 90, ..Traffic::default() };
        assert_eq!(
            show.full(&traffic),
            "sent 8, lost 1 (12.5%), queue full 0, doubled 2, overtaken 0, damaged 0, refused 0, delivered 9, under \
             way 0, bytes 90"
        );
        assert_eq!(show.short(&traffic), "sent 8, lost 1, doubled 2, delivered 9, bytes 90");
        assert_eq!(share(0, 0), "");
        let show = Show { is_tcp: true, ..show };
        let traffic = Traffic { sent: 8, delivered: 8, bytes: 8, ..Traffic::default() };
        assert_eq!(show.full(&traffic), "sent 8 bytes, lost 0, delivered 8, under way 0");
        assert_eq!(show.short(&traffic), "sent 8 bytes, delivered 8");
    }
}
