//! Where a person types and reads.
//!
//! In: lines to show. Out: lines that were typed. Must not know what they mean.

use super::words::Place;

/// Something that was typed.
#[derive(Debug)]
pub(super) enum Typed {
    /// A line, and where its writer was shown to be, if he was shown.
    Line { text: String, place: Option<Place> },
    /// The rest of a line too long to be read at once, or a part of it.
    More(String),
    /// There is no more.
    End,
}

/// A terminal, or a pair of pipes. What it is given to show is safe to print, and one line.
pub(super) trait Front {
    /// What was typed next, if anything was. Until then the person is shown to be at `place`.
    fn next(&mut self, place: &Place) -> Option<Typed>;

    /// Shows what somebody said.
    fn heard(&mut self, name: &str, text: &str);

    /// Shows the answer to a command.
    fn answer(&mut self, line: &str);

    /// Shows something that happened.
    fn notice(&mut self, line: &str);

    /// Whether a line can be rewritten.
    fn rewrites(&self) -> bool {
        false
    }

    /// Shows a line in the place of the one that was rewritten last, if nothing else was shown since.
    fn rewrite(&mut self, line: &str) {
        self.notice(line);
    }

    /// How to say at `place` what was not said there.
    fn hint_to_speak(&self, place: &Place) -> String;

    /// Whether the person sees where he is, and each line says where that was: then no line has to wait until others have
    /// decided where he will be.
    fn shows_place(&self) -> bool;

    /// Whether nobody can read any more what others say.
    fn is_deaf(&self) -> bool;

    /// Nothing will be typed any more: a terminal is given back as it was.
    fn stop(&mut self);
}
