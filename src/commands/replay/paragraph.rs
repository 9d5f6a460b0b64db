//! A line that goes on below itself where it is too long.
//!
//! In: a start, pieces. Out: lines of at most 100 columns. Must not know what the pieces say.

use crate::commands::style::{Look, Style};

/// How wide lines are.
pub(super) const COLUMNS: usize = 100;

/// A line being written.
#[derive(Debug)]
pub(super) struct Paragraph<'o> {
    out: &'o mut String,
    style: Style,
    /// Where what goes on begins.
    indent: usize,
    column: usize,
    /// How often it has gone on.
    lines: usize,
    is_endless: bool,
    /// Nothing stands on this line but what it begins with.
    is_fresh: bool,
}

impl<'o> Paragraph<'o> {
    /// Begins with `start`, which has so many columns as it is seen; `is_endless` lines never go on below.
    pub(super) fn new(
        out: &'o mut String,
        style: Style,
        (start, columns): (&str, usize),
        is_endless: bool,
    ) -> Self {
        out.push_str(start);
        Self { out, style, indent: columns, column: columns, lines: 0, is_endless, is_fresh: true }
    }

    /// How often it has gone on below itself.
    pub(super) const fn lines(&self) -> usize {
        self.lines
    }

    /// The most columns of a piece.
    pub(super) const fn width(&self) -> usize {
        if self.is_endless { usize::MAX } else { COLUMNS.saturating_sub(self.indent).saturating_sub(2) }
    }

    /// Adds a piece, two columns from the last one.
    pub(super) fn piece(&mut self, words: &str, look: Option<Look>) {
        let width = words.chars().count();
        let end = self.column.saturating_add(width).saturating_add(2);
        if !self.is_fresh && !self.is_endless && end > COLUMNS {
            self.below();
        }
        if !self.is_fresh {
            self.out.push_str("  ");
            self.column = self.column.saturating_add(2);
        }
        match look {
            Some(look) => self.out.push_str(&self.style.paint(look, words)),
            None => self.out.push_str(words),
        }
        self.column = self.column.saturating_add(width);
        self.is_fresh = false;
    }

    /// Adds a sentence, which may go on below.
    pub(super) fn words(&mut self, sentence: &str, look: Option<Look>) {
        let mut part = String::new();
        for word in sentence.split(' ') {
            let end = part.chars().count().saturating_add(word.chars().count()).saturating_add(1);
            if !part.is_empty() && end > self.width() {
                self.piece(&part, look);
                // Two columns would stand between two words of it.
                self.below();
                part.clear();
            }
            if !part.is_empty() {
                part.push(' ');
            }
            part.push_str(word);
        }
        self.piece(&part, look);
    }

    /// Goes on below, two columns further in.
    pub(super) fn below(&mut self) {
        let indent = self.indent.saturating_add(2);
        self.out.push('\n');
        self.out.extend(core::iter::repeat_n(' ', indent));
        (self.column, self.is_fresh) = (indent, true);
        self.lines = self.lines.saturating_add(1);
    }

    /// Ends the last line.
    pub(super) fn end(&mut self) {
        self.out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_that_goes_on_below_has_one_space_between_words() {
        for before in 0..40 {
            let mut out = String::new();
            let start = "x".repeat(before);
            let mut line = Paragraph::new(&mut out, Style::plain(), (&start, before), false);
            line.words("four and seven words ".repeat(4).trim_end(), None);
            line.end();
            assert!(out.lines().all(|line| line.chars().count() <= COLUMNS), "{out}");
            assert!(out.lines().all(|line| !line.trim().contains("  ")), "{out}");
        }
    }
}
