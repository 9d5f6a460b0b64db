//! People who take every byte literally.
//!
//! In: what to say. Out: what they heard; what is no text from the one who speaks is a fault. Must not know how the server
//! translates, only what each dialect can carry.

mod datagrams;
mod streams;

use palabre::dialect::stories::{Form, Style};
use palabre::engine::Dialect;
use palabre::ids::ListenerId;

use crate::served::Served;

/// Somebody who speaks one dialect in one form.
pub(super) trait Person {
    /// What of this text can be said here.
    fn can_say(&self, text: &str) -> String;

    /// Says it, and sees that it was taken.
    fn says(&self, text: &str);

    /// Goes into a room.
    fn joins(&self, room: &str);

    /// What somebody has said since the last time, its parts put together. Anything else that came is a fault.
    fn hears(&self, author: &str) -> String;

    /// What is heard here of what was said elsewhere.
    fn carries(&self, text: &str) -> String;

    /// Forgets what came so far; afterwards nothing has come.
    fn is_quiet(&self);
}

/// A dialect in one of its forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speech {
    Msp,
    Shen,
    Matou,
    Stories(Form, Style),
    Stumtp,
}

/// The forms in which the two are tried: each of Stories' as speaker and as hearer, with each other dialect once.
pub(super) fn forms(speaker: Dialect, hearer: Dialect) -> Vec<(Speech, Speech)> {
    let stories = [Form::Prefixed, Form::Lines]
        .into_iter()
        .flat_map(|form| [Style::Bar, Style::Quoted].map(|style| Speech::Stories(form, style)));
    let all = |dialect| match dialect {
        Dialect::Msp => vec![Speech::Msp],
        Dialect::Shen => vec![Speech::Shen],
        Dialect::Matou => vec![Speech::Matou],
        Dialect::Stories => stories.clone().collect(),
        Dialect::Stumtp => vec![Speech::Stumtp],
    };
    let (speakers, hearers) = (all(speaker), all(hearer));
    let longer = speakers.len().max(hearers.len());
    speakers.into_iter().cycle().zip(hearers.into_iter().cycle()).take(longer).collect()
}

/// Somebody comes to the server, at the listener of his dialect.
pub(super) fn arrives(served: &Served, speech: Speech, name: &str) -> Box<dyn Person> {
    let at = |dialect| ListenerId(Dialect::ALL.iter().position(|other| *other == dialect).unwrap());
    match speech {
        Speech::Msp => Box::new(datagrams::Msp::new(served, at(Dialect::Msp), name)),
        Speech::Shen => Box::new(datagrams::Shen::new(served, at(Dialect::Shen), name)),
        Speech::Matou => Box::new(streams::Matou::new(served, at(Dialect::Matou), name)),
        Speech::Stories(form, style) => {
            Box::new(streams::Stories::new(served, at(Dialect::Stories), name, (form, style)))
        }
        Speech::Stumtp => Box::new(streams::Stumtp::new(served, at(Dialect::Stumtp), name)),
    }
}

/// The longest start of a text that has at most so many bytes.
fn start(text: &str, bytes: usize) -> String {
    text[..text.floor_char_boundary(bytes)].to_owned()
}
