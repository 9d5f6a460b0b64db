//! Connections from one person to another, and what goes through the server when they fail (B7).
//!
//! In: who wants one, what the two report. Out: introductions, refusals, what is relayed. Must not know when a request
//! counts.

use super::exchange::No;
use super::meetings::{Fault, Pair, TOKEN};
use crate::dialect::stories::json::{
    Accept, Claimed, Invite, Offer, Peer, Refuse, Refused, Relayed, Reply, Requested, Role, words,
};
use crate::engine::Server;
use crate::engine::tokens::Token;
use crate::ids::UserId;
use crate::time::Instant;

/// The most bytes that the data of one message to relay have, as they are sent on (B11).
const MOST_DATA: usize = 64 << 10;

impl Server {
    /// Somebody wants a connection to another.
    pub(super) fn json_p2p_request(
        &mut self,
        now: Instant,
        user: UserId,
        wanted: &Requested,
    ) -> Result<(), No> {
        let (to, from) = self.both(&wanted.to, user)?;
        if to == user {
            return Err(("self", words::YOURSELF));
        }
        self.stories.exchange.meetings.ask(now, user, to, wanted.port).map_err(no)?;
        self.json_say(now, to, &Reply::P2pOffer(Offer { from }));
        Ok(())
    }

    /// The other agrees: only now each hears where the other one is.
    pub(super) fn json_p2p_accept(&mut self, now: Instant, user: UserId, accept: &Accept) -> Result<(), No> {
        let (asker, name) = self.both(&accept.from, user)?;
        let asker_name = self.stories_name(asker).unwrap_or_default().to_string();
        let pair = Pair { caller: asker, callee: user };
        let token = self.tokens.next();
        let port = self.stories.exchange.meetings.accept(now, pair, token).map_err(no)?;
        for (to, peer, name, port, role) in
            [(asker, user, name, accept.port, Role::Caller), (user, asker, asker_name, port, Role::Callee)]
        {
            let address = self.peers.seats.get(peer).map(|seat| seat.from.ip().to_canonical());
            let ip = address.map(|ip| ip.to_string()).unwrap_or_default();
            let peer = Peer { name, ip, port: port.get() };
            let (token, expires) = (token.to_string(), TOKEN.as_secs());
            self.json_say(now, to, &Reply::P2pInvite(Invite { peer, role, token, expires }));
        }
        Ok(())
    }

    /// The other does not agree.
    pub(super) fn json_p2p_refuse(&mut self, now: Instant, user: UserId, refuse: &Refuse) -> Result<(), No> {
        let (asker, _) = self.both(&refuse.from, user)?;
        self.stories.exchange.meetings.refuse(asker, user).map_err(no)?;
        self.json_refused(now, asker, user);
        Ok(())
    }

    /// One of the two says that their connection stands.
    pub(super) fn json_p2p_ready(&mut self, user: UserId, claimed: &Claimed) -> Result<(), No> {
        let token = token(&claimed.token)?;
        self.stories.exchange.meetings.ready(user, token).map_err(no)
    }

    /// One of the two says that it does not.
    pub(super) fn json_p2p_failed(
        &mut self,
        now: Instant,
        user: UserId,
        claimed: &Claimed,
    ) -> Result<(), No> {
        let token = token(&claimed.token)?;
        if let Some(pair) = self.stories.exchange.meetings.failed(user, token).map_err(no)? {
            self.json_fallback(now, token, pair);
        }
        Ok(())
    }

    /// Something for the other one.
    pub(super) fn json_p2p_relay(&mut self, now: Instant, user: UserId, relayed: Relayed) -> Result<(), No> {
        let token = token(&relayed.token)?;
        let to = self.stories.exchange.meetings.relay(user, token).map_err(no)?;
        let is_said =
            relayed.data.to_string().len() <= MOST_DATA && self.json_say(now, to, &Reply::P2pRelay(relayed));
        if is_said { Ok(()) } else { Err(("too-long", words::TOO_LONG)) }
    }

    /// Tells somebody that another does not want a connection, or cannot say any more.
    pub(super) fn json_refused(&mut self, now: Instant, asker: UserId, by: UserId) {
        if let Some(from) = self.stories_name(by) {
            self.json_say(now, asker, &Reply::P2pRefused(Refused { from: from.to_string() }));
        }
    }

    /// What nobody has answered is refused, and those who do not say that their connection stands have none.
    pub(super) fn meetings_due(&mut self, now: Instant) {
        while let Some((asker, asked)) = self.stories.exchange.meetings.offer_due(now) {
            self.json_refused(now, asker, asked);
        }
        while let Some((token, pair)) = self.stories.exchange.meetings.fallback_due(now) {
            self.json_fallback(now, token, pair);
        }
    }

    fn json_fallback(&mut self, now: Instant, token: Token, pair: Pair) {
        for user in pair.both() {
            self.json_say(now, user, &Reply::P2pFallback(Claimed { token: token.to_string() }));
        }
    }

    /// The other one by his name, and one's own name.
    fn both(&mut self, other: &str, user: UserId) -> Result<(UserId, String), No> {
        let found = self.json_user(other).zip(self.stories_name(user));
        found.map(|(other, own)| (other, own.to_string())).ok_or(("user", words::NO_SUCH_USER))
    }
}

fn token(text: &str) -> Result<Token, No> {
    Token::parse(text).ok_or(no(Fault::Token))
}

const fn no(fault: Fault) -> No {
    match fault {
        Fault::Busy => ("busy", words::ASKED),
        Fault::Unknown => ("unknown", words::NO_SUCH_OFFER),
        Fault::Token => ("token", words::BAD_TOKEN),
        Fault::NotRelayed => ("not-relayed", words::NOT_RELAYED),
    }
}
