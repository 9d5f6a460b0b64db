//! What becomes of what is typed, whatever carries the conversation.
//!
//! In: what a [`Front`] brings. Out: texts and commands for a [`Talker`]; a word for the person where a text is not said.
//! Must not know which commands there are.

use super::escape;
use super::front::{Front, Typed};
use super::words::Place;

/// What a line means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line<C> {
    /// Nothing: it is empty.
    Nothing,
    /// Say this.
    Say(String),
    /// Do this.
    Do(C),
    /// It was meant as a command, but is none; this is why.
    Wrong(String),
}

impl<C> Line<C> {
    /// Reads a line without its end. `command` knows the commands, by their word and what stands behind it.
    pub(super) fn read(line: &str, command: impl FnOnce(&str, &str) -> Result<C, String>) -> Self {
        let Some(rest) = line.strip_prefix('/') else {
            return if line.is_empty() { Self::Nothing } else { Self::Say(line.into()) };
        };
        if rest.starts_with('/') {
            return Self::Say(rest.into());
        }
        let (word, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        command(word, arguments.trim()).map_or_else(|why| Self::Wrong(format!("/{word}: {why}")), Self::Do)
    }
}

/// A name without the quotes around it.
pub(super) fn unquoted(text: &str) -> Result<&str, String> {
    let Some(rest) = text.strip_prefix('"') else { return Ok(text) };
    rest.strip_suffix('"').ok_or_else(|| "a quoted name ends with a quote".into())
}

/// What is known of the one who types.
#[derive(Debug)]
pub(super) struct Typing {
    /// Where he believes to be: the last room he asked for, or was shown.
    pub(super) believed: Place,
    /// The line whose rest may still come is something to say.
    says: bool,
}

impl Typing {
    /// Somebody who has just come.
    pub(super) const fn new() -> Self {
        Self { believed: Place::Public, says: false }
    }
}

/// A conversation that takes what is typed.
pub(super) trait Talker {
    /// What may be wanted besides talking.
    type Command;

    /// Where we are.
    fn place(&self) -> Place;

    /// The one who types.
    fn typing(&mut self) -> &mut Typing;

    /// Whether the next line may be taken: nothing that has to be known before it is still open.
    fn takes_lines(&self, front: &dyn Front) -> bool;

    /// What a line means.
    fn read(&self, line: &str) -> Line<Self::Command>;

    /// Says something here, in parts of which each fits.
    fn say_here(&mut self, text: &str);

    /// Notes that something was not said.
    fn gave_up(&mut self);

    /// Does something else.
    fn execute(&mut self, front: &mut dyn Front, command: Self::Command);

    /// There is no more to say.
    fn leave(&mut self, front: &mut dyn Front);

    /// Takes all lines that may be taken now.
    fn take_lines(&mut self, front: &mut dyn Front) {
        while self.takes_lines(front) {
            match front.next(&self.place()) {
                None => break,
                Some(Typed::End) => self.leave(front),
                Some(Typed::More(text)) if self.typing().says => self.say(front, &text),
                // The rest of a command that is too long: what was none is never said.
                Some(Typed::More(_)) => {}
                Some(Typed::Line { text, place }) => {
                    if let Some(place) = place {
                        self.typing().believed = place;
                    }
                    let line = self.read(&text);
                    self.typing().says = matches!(line, Line::Say(_));
                    match line {
                        Line::Nothing => {}
                        Line::Say(text) => self.say(front, &text),
                        Line::Do(command) => self.execute(front, command),
                        Line::Wrong(why) => front.notice(&escape::text(&why)),
                    }
                }
            }
        }
    }

    /// Says something, if we are where the one who types believes to be.
    fn say(&mut self, front: &mut dyn Front, text: &str) {
        let place = self.place();
        let believed = &self.typing().believed;
        if place == *believed {
            return self.say_here(text);
        }
        let words = format!(
            "not said: {}: it was meant for {believed}, and you are in {place}; {}",
            escape::excerpt(text),
            front.hint_to_speak(&place)
        );
        self.gave_up();
        front.notice(&words);
    }
}

/// A text in parts of at most so many bytes, cut between characters.
pub(super) fn parts(text: &str, longest: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (part, after) = rest.split_at(rest.floor_char_boundary(longest));
        rest = after;
        (!part.is_empty()).then_some(part)
    })
}
