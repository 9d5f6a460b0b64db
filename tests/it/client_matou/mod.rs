//! Matou's clients among themselves, over a server made by hand (A8).

mod files;
mod order;
mod private;
mod public;
mod server;
mod world;

use palabre::client::Ticket;
use palabre::client::stream::{Ask, Event, QuestionId};

use world::World;

/// Two people with a private connection, who have read all that was told.
fn two() -> (World, usize, usize) {
    let mut world = World::default();
    let (alice, bob) = (world.comes("alice"), world.comes("bob"));
    world.asks(alice, Ask::Open("bob".into()));
    world.asks(bob, Ask::Answer { question: QuestionId(1), accept: true });
    for (who, other) in [(alice, "bob"), (bob, "alice")] {
        let open = Event::Opened { user: other.into(), direct: true };
        assert!(world.told(who).contains(&open), "{open:?}");
    }
    (world, alice, bob)
}

fn tell(user: &str, text: &str) -> Ask {
    Ask::Tell { user: user.into(), text: text.into() }
}

fn send(user: &str, path: &str) -> Ask {
    Ask::SendFile { path: path.into(), to: Some(user.into()) }
}

fn heard(from: &str, text: &str, alone: bool) -> Event {
    Event::Heard { from: from.into(), text: text.into(), alone }
}

fn delivered(ticket: Ticket) -> Event {
    Event::Text { ticket, fate: palabre::client::stream::Fate::Delivered }
}
