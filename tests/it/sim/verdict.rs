//! What a whole run must have come to: nothing accepted is lost without a word, nothing asked is left without one.
//!
//! In: the world when all is quiet again. Out: the first thing that is missing, or figures. Must not know the scenario.

use std::collections::BTreeMap;

use palabre::client::{Fate, Protocol};
use palabre::engine::DropReason;

use super::journal::{Journal, Program, Said, Stay};
use super::person::Decisions;
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
    pub(crate) decisions: Decisions,
    pub(crate) mode_changes: usize,
    /// How often the 10-bit numbers of one person began anew, in both directions.
    pub(crate) wraps: usize,
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
    everybody_knows_his_room(world)?;
    let mut missing: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for said in &journal.said {
        fate_is_true(journal, said)?;
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
    Ok(figures(world))
}

/// Nobody ends in a room he does not know of, or whose texts he would send another way.
fn everybody_knows_his_room(world: &World) -> Result<(), String> {
    let rooms = world.server.rooms();
    for node in world.nodes.iter().filter(|node| node.person.is_registered && !node.person.has_ended) {
        let user = rooms.find(&node.name).and_then(|user| rooms.user(user));
        let Some((client, user)) = node.client.as_ref().zip(user) else { continue };
        let by = (world.journal.node_called(&node.name).unwrap_or(0), node.life);
        let thinks = client.room().map(|(name, _)| name.to_owned());
        let mode = user.room.and_then(|room| rooms.room(room)).map(|room| room.mode);
        let his = client.room().map(|(_, mode)| mode);
        // Shen's protocol does not tell how the texts of a room travel to somebody who comes into it, and the server passes
        // them on either way: whether they arrive is judged text by text.
        let looks_alike = node.protocol == Protocol::Shen && his.is_some() == mode.is_some();
        if !world.journal.known.is(user.room, by, &thinks) || his != mode && !looks_alike {
            let (name, room) = (&node.name, user.room);
            return Err(format!(
                "{name} thinks that he is in {thinks:?} {his:?}, and is in {room:?} {mode:?}"
            ));
        }
    }
    Ok(())
}

fn is_alive(journal: &Journal, program: Program) -> bool {
    journal.life_of(program.0) == program.1
}

/// "Delivered" is said only of what the server has taken, but for decentralised rooms: there members have it (M11).
fn fate_is_true(journal: &Journal, said: &Said) -> Result<(), String> {
    let is_delivered = matches!(said.fate, Some((_, Fate::Delivered)));
    if is_delivered && said.accepted.is_empty() && !is_direct(journal, said) {
        return Err(format!("{:?} of {:?} is delivered, but was never accepted", said.ticket, said.by));
    }
    Ok(())
}

/// Whether a text may have gone straight to the members.
fn is_direct(journal: &Journal, said: &Said) -> bool {
    said.to.is_none() && journal.known.was_direct(said.by, &said.means)
}

/// The registrations, still alive, that should have heard a text and did not.
fn unheard(journal: &Journal, said: &Said) -> Vec<u64> {
    let lacks = |part, session: u64| {
        let known = &journal.sessions[session as usize];
        let is_there = known.ended.is_none() && is_alive(journal, known.program);
        is_there && !said.was_heard(known.program, part)
    };
    let accepted = said.accepted.iter();
    let meant = accepted.flat_map(|one| one.hearers.iter().map(|(_, session)| (one.part, *session)));
    meant.filter(|(part, session)| lacks(*part, *session)).map(|(_, session)| session).collect()
}

/// A text of a decentralised room that is called delivered was heard by every member whom its author knew of.
fn straight_is_complete(journal: &Journal, said: &Said) -> Result<(), String> {
    let Some((end, Fate::Delivered)) = said.fate else { return Ok(()) };
    if !is_direct(journal, said) {
        return Ok(());
    }
    let covers = |stay: &&Stay| stay.from <= said.at && stay.until.is_none_or(|until| until >= end);
    let is_his = |stay: &&Stay| stay.node == said.by.0 && journal.known.is(stay.room, said.by, &said.means);
    let his = journal.stays.iter().filter(covers).find(is_his);
    let Some(his) = his else { return Ok(()) };
    let fellows =
        journal.stays.iter().filter(covers).filter(|stay| stay.room == his.room && stay.node != his.node);
    for fellow in fellows {
        let known = &journal.sessions[fellow.session as usize];
        let name = journal.name_of(fellow.node);
        let news = journal.moves.iter().filter(|(_, to, who, _)| *to == said.by && *who == fellow.node);
        let moved_meanwhile = news.clone().any(|(at, ..)| *at >= said.at && *at <= end);
        let told = news.clone().any(|(at, _, _, came)| *came && *at >= fellow.from && *at <= said.at);
        let was_known = (fellow.from < his.from || told) && !moved_meanwhile;
        let is_there = known.ended.is_none() && is_alive(journal, known.program) && !known.dropped;
        if was_known && is_there && !said.was_heard(known.program, said.whole()) {
            return Err(format!("{:?} of {:?} is delivered, but {name} lacks it", said.ticket, said.by));
        }
    }
    Ok(())
}

fn figures(world: &World) -> Figures {
    let journal = &world.journal;
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
        decisions: world.decisions,
        mode_changes: journal.known.mode_changes(),
        wraps: world.wraps(),
        digest: journal.digest,
    }
}
