//! What the server counts.
//!
//! In: one event at a time. Out: totals since the start, by name. Must not know who caused them.

/// Declares an enum of counters: each row is documentation, variant and printed name.
macro_rules! counters {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$row:meta])* $variant:ident => $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$row])* $variant,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name in logs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

counters! {
    /// Why something that came, or was to go, went no further. Each is counted.
    pub enum DropReason {
        /// The checksum does not match (M16).
        BadChecksum => "bad checksum",
        /// Fewer than the four bytes of a header.
        TooShort => "too short",
        /// A response, or an ERREUR, that does not decode: errors never answer errors (M26).
        MalformedResponse => "malformed response",
        /// A message that does not decode, in a protocol that has no word for that.
        Malformed => "malformed",
        /// A request beyond what a peer may ask, in a protocol that has no word for that (M15).
        RequestOverRate => "request over rate",
        /// A response to nothing that was asked, or from somebody who was not asked.
        UnexpectedResponse => "unexpected response",
        /// A stranger's message, beyond what strangers may ask (M15).
        StrangerOverRate => "stranger over rate",
        /// A repeated request, beyond what a peer may have answered from memory (M15).
        RepeatOverRate => "repeat over rate",
        /// A repeated request whose answer is not known yet.
        StillDeciding => "still deciding",
        /// A request older than what is remembered (M32).
        StaleNumber => "stale number",
        /// A source that cannot be answered: port 0.
        Unanswerable => "unanswerable source",
        /// Not a listener of this server.
        NoSuchListener => "no such listener",
        /// Waiting for a silent receiver, and the first to go when his mailbox was full (M17).
        MailboxFull => "mailbox full",
        /// Waiting for somebody who has left.
        ReceiverGone => "receiver gone",
        /// Asked M times in vain.
        Unanswered => "unanswered",
        /// A request of ours that the peer refused.
        RefusedByPeer => "refused by peer",
        /// A connection beyond what may be open, or what one address may have open.
        TooManyConnections => "too many connections",
        /// A connection on which nobody signed in in time (B1).
        NoLogin => "no login in time",
        /// Half a message, whose other half did not come in time (A6, B1, U7).
        HalfMessage => "half a message",
        /// Half a message for which there was no room any more: too many of others wait for their other halves.
        HalfMessagesFull => "no room for half a message",
        /// A reader who took nothing while too much waited for him (A6).
        IdleReader => "idle reader",
        /// Longer than the format can carry: an answer or a notice that could not be written.
        Unencodable => "unencodable",
    }
}

counters! {
    /// What the server did.
    pub enum Counter {
        /// Datagrams that came.
        Received => "datagrams received",
        /// Datagrams that went.
        Sent => "datagrams sent",
        /// Requests carried out or refused.
        Requests => "requests",
        /// Requests that came again and were answered from memory.
        Repeats => "repeated requests",
        /// Our own requests that were sent again.
        Retransmissions => "retransmissions",
        /// Malformed requests of MSP, answered by ERREUR 2.
        Malformed => "malformed requests",
        /// Messages of those who are not registered.
        Strangers => "messages of strangers",
        /// Connections that were opened.
        Connections => "connections",
        /// Messages that came on connections.
        Messages => "messages received",
        /// Messages that went on connections.
        MessagesSent => "messages sent",
        /// Texts accepted from their authors.
        Texts => "texts accepted",
        /// Texts acknowledged by a receiver.
        Deliveries => "texts delivered",
        /// Requests over a peer's rate: MSP answers them by ERREUR 7.
        OverRate => "requests over rate",
    }
}

/// All totals since the server started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    counters: [u64; Counter::ALL.len()],
    drops: [u64; DropReason::ALL.len()],
}

impl Stats {
    /// How often `counter` was counted.
    #[must_use]
    pub fn count(&self, counter: Counter) -> u64 {
        self.counters.get(counter as usize).copied().unwrap_or(0)
    }

    /// How often something was dropped for this `reason`.
    #[must_use]
    pub fn dropped(&self, reason: DropReason) -> u64 {
        self.drops.get(reason as usize).copied().unwrap_or(0)
    }

    /// All counters with their names.
    pub fn counters(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Counter::ALL.iter().map(|counter| (counter.name(), self.count(*counter)))
    }

    /// All reasons for drops with their names.
    pub fn drops(&self) -> impl Iterator<Item = (&'static str, u64)> {
        DropReason::ALL.iter().map(|reason| (reason.name(), self.dropped(*reason)))
    }

    pub(super) fn add(&mut self, counter: Counter) {
        if let Some(total) = self.counters.get_mut(counter as usize) {
            *total = total.wrapping_add(1);
        }
    }

    pub(super) fn drop(&mut self, reason: DropReason) {
        if let Some(total) = self.drops.get_mut(reason as usize) {
            *total = total.wrapping_add(1);
        }
    }
}
