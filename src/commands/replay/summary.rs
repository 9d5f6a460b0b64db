//! The reckoning as a table.
//!
//! In: a summary. Out: lines of at most 100 columns. Must not know how it was counted.

use std::fmt::Write;

use palabre::engine::Dialect;
use palabre::replay::{Histogram, Row, Summary, Way, Who};

use super::words::{count, cut, escaped, span};
use crate::commands::style::{Look, Style};

/// The columns of a peer.
const PEER: usize = 21;
/// The most bars of a histogram.
const BARS: usize = 8;

/// The whole table.
pub(super) fn text(summary: &Summary, took: u64, style: Style) -> String {
    let mut out = String::new();
    let packets = &summary.packets;
    let titles = [
        (packets.udp, "UDP"),
        (packets.tcp, "TCP"),
        (packets.passed_over, "passed over"),
        (packets.broken, "broken"),
        (packets.cut, "cut"),
        (packets.lost, "lost by the capture"),
    ];
    let shown: Vec<_> = titles
        .iter()
        .enumerate()
        .filter(|(index, (number, _))| *index < 2 || *number > 0)
        .map(|(_, (number, words))| format!("{number} {words}"))
        .collect();
    let title = format!("summary: {}, packets: {}", span(took), shown.join(", "));
    line(&mut out, "");
    line(&mut out, &style.paint(Look::Bold, title));
    let mut dialect = None;
    // Who was refused a connection has said nothing.
    let has_said = |row: &&Row| row.sent.messages.saturating_add(row.received.messages) > 0;
    for row in summary.rows.iter().filter(has_said) {
        if dialect.replace(row.dialect) != Some(row.dialect) {
            head(&mut out, row.dialect, style);
        }
        rows(&mut out, row, style);
    }
    if summary.rows.iter().any(|row| row.sent.tries.saturating_add(row.received.tries) > 0) {
        let words = "loss: tries beyond the first of answered requests, of all tries; round trips: of requests \
                     sent once";
        line(&mut out, &style.paint(Look::Dim, words));
    }
    out
}

fn head(out: &mut String, dialect: Dialect, style: Style) {
    let words = format!(
        "{:<PEER$}   {:>8} {:>8} {:>7} {:>5} {:>6} {:>7} {:>7}  round trips",
        dialect.name(),
        "messages",
        "requests",
        "tries",
        "loss",
        "unans.",
        "p50",
        "p99"
    );
    line(out, &style.paint(Look::Dim, words));
}

/// A line for each way that was used.
fn rows(out: &mut String, row: &Row, style: Style) {
    let peer = match &row.who {
        Who::Named(name) => escaped(name),
        Who::Unnamed(address) => address.to_string(),
        Who::Both(one, other) => format!("{}, {}", escaped(one), escaped(other)),
        Who::Others => "others".into(),
    };
    let peer = cut(&peer, PEER);
    let gap = PEER.saturating_sub(peer.chars().count());
    let mut start = format!("{}{:gap$}", style.paint(Look::Bold, &peer), "");
    for (arrow, way) in [('→', &row.sent), ('←', &row.received)] {
        if way.messages == 0 {
            continue;
        }
        line(out, &format!("{start} {arrow} {}", numbers(way)));
        start = " ".repeat(PEER);
        let faults: Vec<_> = [
            (way.malformed, "malformed", "malformed"),
            (way.doubled, "doubled by the network", "doubled by the network"),
            (way.answers_again, "answer that came again", "answers that came again"),
            (way.resent, "sent again on another connection", "sent again on another connection"),
        ]
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, one, many)| count(number, one, many))
        .collect();
        if !faults.is_empty() {
            let words = style.paint(Look::Yellow, faults.join(", "));
            line(out, &format!("{start}   {words}"));
        }
    }
}

fn numbers(way: &Way) -> String {
    let loss = if way.tries == 0 {
        String::new()
    } else {
        let percent = u128::from(way.repeated).saturating_mul(100) / u128::from(way.tries);
        format!("{percent} %")
    };
    let [p50, p99] =
        [50, 99].map(|percent| way.round_trips.percentile(percent).map_or_else(String::new, span));
    format!(
        "{:>8} {:>8} {:>7} {loss:>5} {:>6} {p50:>7} {p99:>7}  {}",
        way.messages,
        way.requests,
        way.tries,
        way.unanswered,
        bars(&way.round_trips)
    )
}

/// `1.02 ms ▁▃▇▂ 16.3 ms`: each bar is a doubling, or several where there are too many.
fn bars(times: &Histogram) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let all = times.doublings();
    let Some((first, _)) = all.first() else { return String::new() };
    let together = all.len().div_ceil(BARS).max(1);
    let counts: Vec<u64> =
        all.chunks(together).map(|chunk| chunk.iter().map(|(_, count)| count).sum()).collect();
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let bar = |count: &u64| match count {
        0 => ' ',
        _ => {
            let height = u128::from(*count).saturating_mul(7) / u128::from(most);
            HEIGHTS.get(usize::try_from(height).unwrap_or(0)).copied().unwrap_or('█')
        }
    };
    let bars: String = counts.iter().map(bar).collect();
    // Where the last doubling ends.
    let end = all.last().map_or(8, |(start, _)| start.saturating_mul(2).max(8));
    format!("{} {bars} {}", short(*first), short(end))
}

/// Powers of two in few characters.
fn short(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros}µs"),
        1_000..1_000_000 => format!("{}ms", micros.saturating_add(500) / 1_000),
        _ => format!("{}s", micros.saturating_add(500_000) / 1_000_000),
    }
}

fn line(out: &mut String, words: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}", words.trim_end());
}
