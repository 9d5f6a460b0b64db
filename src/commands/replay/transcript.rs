//! The transcript: a line for each thing.
//!
//! In: items. Out: lines of at most 100 columns, aligned, in which nothing from the wire can reach the terminal unescaped.
//! Must not know dialects.
//!
//! ```text
//! packet  seconds          from → to       message  its fields  how it belongs to others
//! ```

use std::io::{self, Write};

use palabre::capture::Header;
use palabre::replay::{End, Item, Mark, Message, Summary, Unanswered, What};

use super::fields::Much;
use super::paragraph::Paragraph;
use super::play::Show;
use super::{fields, summary, words};
use crate::commands::style::{Look, Style, look_of};

/// Where the arrow stands when names are short.
const NAME: usize = 10;
/// The columns of a name: longer ones are cut.
const LONGEST_NAME: usize = 15;
/// The columns of an address; a longer one is shown where the other end is short.
const ADDRESS: usize = 47;
/// The columns of `who → whom`.
const WAY: usize = 24;

/// Writes lines.
pub(super) struct Transcript<W> {
    out: W,
    style: Style,
    is_full: bool,
    /// When the capture began.
    start: Option<u64>,
    /// When it last told something.
    last: u64,
    line: String,
}

/// What a line is about.
#[derive(Clone, Copy)]
enum Sign {
    Said,
    Answer,
    Again,
    Doubled,
    Stray,
    Wrong,
    Lost,
    News,
}

impl Sign {
    const fn look(self) -> (char, Look) {
        match self {
            Self::Said => ('»', Look::Bold),
            Self::Answer => ('✓', Look::Green),
            Self::Again => ('↻', Look::Yellow),
            Self::Doubled => ('≈', Look::Yellow),
            Self::Stray => ('?', Look::Yellow),
            Self::Wrong => ('!', Look::Red),
            Self::Lost => ('✗', Look::Red),
            Self::News => ('·', Look::Dim),
        }
    }

    fn of(message: &Message) -> Self {
        if message.dissection.error.is_some() {
            return Self::Wrong;
        }
        match message.marks.iter().find(|mark| !matches!(mark, Mark::Cut { .. })) {
            None => Self::Said,
            Some(Mark::Again { .. }) => Self::Again,
            Some(Mark::Doubled { .. } | Mark::AnswersAgain { .. }) => Self::Doubled,
            Some(Mark::AnswersNothing) => Self::Stray,
            Some(_) => Self::Answer,
        }
    }
}

impl<W: Write> Transcript<W> {
    pub(super) const fn new(out: W, style: Style, is_full: bool) -> Self {
        Self { out, style, is_full, start: None, last: 0, line: String::new() }
    }

    /// Begins a line.
    fn begin(&mut self, item: &Item, sign: Sign, way: Option<(&End, &End)>) -> Paragraph<'_> {
        let (style, is_full) = (self.style, self.is_full);
        let since = words::since(item.at.saturating_sub(self.start.unwrap_or(item.at)));
        let (sign, look) = sign.look();
        let sign = style.paint(look, sign);
        let when = format!("{:>5} {since:>10}", item.packet);
        let (way, columns) =
            way.map_or_else(Default::default, |(from, to)| between(style, from, to, is_full));
        let gap = if columns == 0 { "" } else { "  " };
        let columns = when.len() + 3 + columns + gap.len();
        let start = format!("{} {sign} {way}{gap}", style.paint(Look::Dim, when));
        self.line.clear();
        Paragraph::new(&mut self.line, style, (&start, columns), self.is_full)
    }

    fn message(&mut self, item: &Item, message: &Message) {
        let is_full = self.is_full;
        let found = &message.dissection;
        let mut line = self.begin(item, Sign::of(message), Some((&message.from, &message.to)));
        let name_look = if found.error.is_some() { Look::Red } else { Look::Bold };
        line.piece(found.message.unwrap_or("?"), Some(name_look));
        fields::write(found, &mut line, much(message, is_full));
        for mark in &message.marks {
            let (words, look) = told(mark);
            line.piece(&words, Some(look));
        }
        if let Some(wrong) = &found.error {
            line.below();
            let words = format!("malformed: at bit {}, {}: {}", wrong.bit, wrong.field, wrong.why);
            line.words(&words::escaped(&words), Some(Look::Red));
        }
        comments(item, &mut line, is_full);
    }

    fn unanswered(&mut self, item: &Item, request: &Unanswered) {
        let mut line = self.begin(item, Sign::Lost, Some((&request.from, &request.to)));
        line.piece(request.message.unwrap_or("a request"), Some(Look::Red));
        let tries = words::count(request.tries.into(), "try", "tries");
        let end = if request.at_the_end { ", when the capture ends" } else { "" };
        line.piece(&format!("NUM_SEQ {}", request.number), None);
        let words = format!("unanswered after {tries}, {}{end}", words::span(request.waited));
        line.words(&words, Some(Look::Red));
        comments(item, &mut line, true);
    }

    /// A line that is no message; whether it is shown.
    fn news(&mut self, item: &Item) -> bool {
        let is_full = self.is_full;
        let (sign, way, said, look) = match &item.what {
            What::Opened { from, to, dialect } => {
                let said = format!("opens a connection ({})", dialect.name());
                (Sign::News, Some((from, to)), said, Look::Dim)
            }
            What::Ended { from, to } => (Sign::News, Some((from, to)), "says no more".into(), Look::Dim),
            What::Reset { from, to } => {
                (Sign::News, Some((from, to)), "ends the connection at once".into(), Look::Dim)
            }
            What::Window { from, to, is_open } => {
                let said = if *is_open { "reads on" } else { "stops reading" };
                (Sign::News, Some((from, to)), said.into(), Look::Dim)
            }
            What::PassedOver { from, to, why, .. } => {
                (Sign::Wrong, Some((from, to)), words::escaped(why), Look::Red)
            }
            What::Broken(why) => (Sign::Wrong, None, format!("broken: {}", words::escaped(why)), Look::Red),
            What::Note(note) if note == "timer" && item.comments.is_empty() && !is_full => return false,
            What::Note(note) if note.starts_with("lost ") => {
                let said = format!("the capture misses what came here: {}", words::escaped(note));
                (Sign::Wrong, None, said, Look::Red)
            }
            What::Note(note) => {
                let note = note.strip_prefix("event ").unwrap_or(note);
                (Sign::News, None, format!("server: {}", words::escaped(note)), Look::Dim)
            }
            What::Remark => (Sign::News, None, String::new(), Look::Dim),
            What::Message(_) | What::Unanswered(_) => return true,
        };
        let mut line = self.begin(item, sign, way);
        if !said.is_empty() {
            line.words(&said, Some(look));
        }
        comments(item, &mut line, is_full);
        true
    }
}

impl<W: Write> Show for Transcript<W> {
    fn file(&mut self, name: &str, at: u64, header: Option<&Header>) -> io::Result<()> {
        self.start.get_or_insert(at);
        let by = header.map_or_else(String::new, |header| {
            format!(", by palabre {}, part {}", words::escaped(&header.palabre), header.part)
        });
        let words = format!("{}: {}{by}", words::escaped(name), words::clock(at));
        writeln!(self.out, "{}", self.style.paint(Look::Bold, words))
    }

    fn item(&mut self, item: &Item) -> io::Result<()> {
        self.last = self.last.max(item.at);
        match &item.what {
            What::Message(message) => self.message(item, message),
            What::Unanswered(request) => self.unanswered(item, request),
            _ if !self.news(item) => return Ok(()),
            _ => {}
        }
        self.out.write_all(self.line.as_bytes())
    }

    fn summary(&mut self, summary: &Summary) -> io::Result<()> {
        let Some(start) = self.start else { return Ok(()) };
        let took = self.last.saturating_sub(start);
        self.out.write_all(summary::text(summary, took, self.style).as_bytes())?;
        self.out.flush()
    }
}

/// `who → whom`, as it is shown and how many columns that has. The arrows stand below each other where names are short.
fn between(style: Style, from: &End, to: &End, is_full: bool) -> (String, usize) {
    let [from_words, to_words] = [from, to].map(|end| {
        words::who(
            end,
            if end.name.is_none() {
                ADDRESS
            } else if is_full {
                usize::MAX
            } else {
                LONGEST_NAME
            },
        )
    });
    let (left, right) = (from_words.chars().count(), to_words.chars().count());
    let all = left.saturating_add(3).saturating_add(right);
    let before = NAME.saturating_sub(left).min(WAY.saturating_sub(all));
    let after = WAY.saturating_sub(all).saturating_sub(before);
    let paint = |end: &End, words: &str| match &end.name {
        Some(name) => style.paint(look_of(name), words),
        None => words.to_owned(),
    };
    let (from, to) = (paint(from, &from_words), paint(to, &to_words));
    let way = format!("{:before$}{from} → {to}{:after$}", "", "");
    (way, all.saturating_add(before).saturating_add(after))
}

/// What is said again has been told.
fn much(message: &Message, is_full: bool) -> Much {
    let is_again =
        |mark: &Mark| matches!(mark, Mark::Again { .. } | Mark::Doubled { .. } | Mark::AnswersAgain { .. });
    match is_full {
        true => Much::All,
        false if message.marks.iter().any(is_again) => Much::Number,
        false => Much::Some,
    }
}

fn told(mark: &Mark) -> (String, Look) {
    let span = words::span;
    match *mark {
        Mark::Answers { packet, after, tries, is_late } => {
            let tries = if tries > 1 { format!(", {tries} tries") } else { String::new() };
            let late = if is_late { ", late" } else { "" };
            (format!("← {packet} in {}{tries}{late}", span(after)), Look::Green)
        }
        Mark::AnswersAgain { packet, count } => (format!("← {packet} again, answer {count}"), Look::Yellow),
        Mark::AnswersNothing => ("answers nothing that was seen".into(), Look::Yellow),
        Mark::Again { packet, attempt, after } => {
            (format!("{packet} again, try {attempt}, +{}", span(after)), Look::Yellow)
        }
        Mark::Doubled { packet, after } => {
            (format!("{packet} doubled by the network, +{}", span(after)), Look::Yellow)
        }
        Mark::Cut { missing } => {
            (format!("cut: {} missing", words::count(missing as u64, "byte is", "bytes are")), Look::Yellow)
        }
    }
}

/// What the capture remarks, but for whose packet it is, which is told by the name.
fn comments(item: &Item, line: &mut Paragraph<'_>, is_full: bool) {
    for comment in item.comments.iter().filter(|comment| is_full || !comment.starts_with("peer ")) {
        let look = if comment.starts_with("dropped: ") { Look::Red } else { Look::Dim };
        line.words(&words::escaped(comment), Some(look));
    }
    // Every line ends here.
    line.end();
}
