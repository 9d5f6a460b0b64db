//! What a whole run must have come to: nothing accepted is lost without a word, nothing asked is left without one.
//!
//! In: the world when all is quiet again. Out: the first thing that is missing, or figures. Must not know the scenario.

use std::collections::BTreeMap;

use palabre::client::Fate;
use palabre::engine::DropReason;

use super::journal::{Journal, Program, Said, Stay};
use super::world::World;

/// What a run came to, for the summary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) texts: usize,
    pub(crate) delivered: usize,
    pub(crate) hearings: usize,
    pub(crate) relayed: usize,
    pub(crate) heard_twice: usize,
    pub(crate) dropped: usize,
    pub(crate) silent_departures: usize,
    pub(crate) sessions: usize,
    pub(crate) digest: u64,
}

/// Whether nothing is left to wait for; an error says what is missing.
pub(crate) fn judge(world: &World) -> Result<Figures, String> {
    let journal = &world.journal;
    for node in &world.nodes {
        if node.client.is_some() && node.person.waits() {
            return Err(format!("{} still waits for a last word: {:?}", node.name, node.person));
        }
    }
    let mut missing: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for said in &journal.said {
        fate_is_true(said)?;
        for session in unheard(journal, said) {
            missing.entry(session).or_default().push(format!("{:?} of {:?}", said.ticket, said.by));
        }
        straight_is_complete(journal, said)?;
    }
    let lacking: usize = missing.values().map(Vec::len).sum();
    let dropped = world.server.stats().dropped(DropReason::MailboxFull);
    if lacking as u64 > dropped {
        return Err(format!("{lacking} texts are missing, and {dropped} were dropped: {missing:?}"));
    }
    for (session, texts) in missing {
        let known = journal.sessions[session as usize];
        if texts.len() > known.told_of {
            let (count, first) = (texts.len(), &texts[0]);
            return Err(format!(
                "{:?} lacks {count} texts, the first {first}, and was told of {}",
                known.program, known.told_of
            ));
        }
    }
    for session in journal.sessions.iter().filter(|session| session.ended.is_none() && session.dropped) {
        if is_alive(journal, session.program) && session.told_of == 0 {
            return Err(format!("{session:?}: was not told of what was dropped"));
        }
    }
    Ok(figures(journal))
}

fn is_alive(journal: &Journal, program: Program) -> bool {
    journal.life_of(program.0) == program.1
}

/// "Delivered" is said only of what the server has taken, but for decentralised rooms: there members have it (M11).
fn fate_is_true(said: &Said) -> Result<(), String> {
    let is_delivered = matches!(said.fate, Some((_, Fate::Delivered)));
    if is_delivered && said.accepted.is_empty() && !is_direct(said) {
        return Err(format!("{:?} of {:?} is delivered, but was never accepted", said.ticket, said.by));
    }
    Ok(())
}

/// Scenarios call decentralised rooms d0, d1 …
fn is_direct(said: &Said) -> bool {
    said.means.as_ref().is_some_and(|room| room.starts_with('d'))
}

/// The registrations, still alive, that should have heard a text and did not.
fn unheard(journal: &Journal, said: &Said) -> Vec<u64> {
    let accepted = said.accepted.iter().flat_map(|accepted| &accepted.hearers);
    accepted
        .map(|(_, session)| *session)
        .filter(|session| {
            let known = &journal.sessions[*session as usize];
            let is_there = known.ended.is_none() && is_alive(journal, known.program);
            is_there && !said.heard.iter().any(|heard| heard.by == known.program)
        })
        .collect()
}

/// A text of a decentralised room that is called delivered was heard by every member whom its author knew of.
fn straight_is_complete(journal: &Journal, said: &Said) -> Result<(), String> {
    let Some((end, Fate::Delivered)) = said.fate else { return Ok(()) };
    if !is_direct(said) {
        return Ok(());
    }
    let covers = |stay: &&Stay| stay.from <= said.at && stay.until.is_none_or(|until| until >= end);
    let his =
        journal.stays.iter().filter(covers).find(|stay| stay.node == said.by.0 && stay.name == said.means);
    let Some(his) = his else { return Ok(()) };
    let fellows =
        journal.stays.iter().filter(covers).filter(|stay| stay.room == his.room && stay.node != his.node);
    for fellow in fellows {
        let known = &journal.sessions[fellow.session as usize];
        let name = journal.name_of(fellow.node);
        let news = journal.moves.iter().filter(|(_, to, who, _)| *to == said.by && who == name);
        let moved_meanwhile = news.clone().any(|(at, ..)| *at >= said.at && *at <= end);
        let told = news.clone().any(|(at, _, _, came)| *came && *at >= fellow.from && *at <= said.at);
        let was_known = (fellow.from < his.from || told) && !moved_meanwhile;
        let is_there = known.ended.is_none() && is_alive(journal, known.program) && !known.dropped;
        if was_known && is_there && !said.heard.iter().any(|heard| heard.by == known.program) {
            return Err(format!("{:?} of {:?} is delivered, but {name} lacks it", said.ticket, said.by));
        }
    }
    Ok(())
}

fn figures(journal: &Journal) -> Figures {
    let accepted = || journal.said.iter().flat_map(|said| &said.accepted);
    Figures {
        texts: journal.said.len(),
        delivered: journal.said.iter().filter(|said| matches!(said.fate, Some((_, Fate::Delivered)))).count(),
        hearings: journal.said.iter().map(|said| said.heard.len()).sum(),
        relayed: accepted().filter(|accepted| accepted.is_relay).count(),
        heard_twice: journal.heard_twice,
        dropped: journal.sessions.iter().map(|session| session.told_of).sum(),
        silent_departures: journal.silent_departures,
        sessions: journal.sessions.len(),
        digest: journal.digest,
    }
}
