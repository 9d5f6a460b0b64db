//! Which messages there are, each way, by their `type`.
//!
//! In: a text, or a message. Out: the message, or its text. Must not know what is in the fields of a message.

use serde::{Deserialize, Serialize};

use super::fault::{Fault, Wrong};
use super::{
    Accept, Ack, Availability, Begin, Claimed, Complete, Confirm, ConfirmRequest, Failure, Get, Invite,
    Offer, Refuse, Refused, Relayed, Requested, SentFile, Seq, SequenceResult, Vote, VoteRequest,
};

/// The longest text of a message that brings no file, in bytes: 64 KiB of data, each byte of them escaped, and what is
/// around them. So nobody makes a tree of millions of values out of one text.
pub const MOST_PLAIN: usize = 512 << 10;

/// How many characters the parser's words about a text have at most.
const MOST_WORDS: usize = 200;

/// What every message has.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    seq: Option<Seq>,
}

macro_rules! messages {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $tag:literal $variant:ident($body:ty),)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(tag = "type")]
        pub enum $name {
            $($(#[$of])* #[serde(rename = $tag)] $variant($body),)*
        }

        impl $name {
            /// Reads one message: a JSON object and nothing after it. Fields it does not know are ignored.
            ///
            /// # Errors
            /// What is wrong with it, whatever it is.
            pub fn parse(text: &str) -> Result<Self, Fault> {
                let (kind, seq) = head(text)?;
                match kind.as_str() {
                    $($tag => body(text, $tag, seq).map(Self::$variant),)*
                    _ => Err(unknown(&kind, seq)),
                }
            }

            /// Its `type`.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $tag,)*
                }
            }

            /// Its text.
            #[must_use]
            pub fn text(&self) -> String {
                // Strings, numbers and maps with string keys: none of them can fail.
                serde_json::to_string(self).unwrap_or_default()
            }
        }
    };
}

messages! {
    /// What clients send: to the server, and one of them to each other.
    Request {
        /// A file for the room (B5).
        "SEND_FILE" SendFile(SentFile),
        /// A file of the room is wanted (B5).
        "GET_FILE" GetFile(Get),
        /// A question to the room or to one user (B6).
        "BEGIN_SEQUENCE" BeginSequence(Begin),
        /// An answer to VOTE_REQUEST (B6).
        "VOTE" Vote(Vote),
        /// An answer to CONFIRM_REQUEST (B6).
        "CONFIRM" Confirm(Confirm),
        /// A direct connection to somebody is wanted (B7).
        "P2P_REQUEST" P2pRequest(Requested),
        /// Yes to P2P_OFFER (B7).
        "P2P_ACCEPT" P2pAccept(Accept),
        /// No to P2P_OFFER (B7).
        "P2P_REFUSE" P2pRefuse(Refuse),
        /// What two clients show each other first on their own connection; never to the server (B7).
        "P2P_HELLO" P2pHello(Claimed),
        /// The direct connection stands (B7).
        "P2P_READY" P2pReady(Claimed),
        /// The direct connection does not come about, or has broken (B7).
        "P2P_FAILED" P2pFailed(Claimed),
        /// Something for the other, through the server (B7).
        "P2P_RELAY" P2pRelay(Relayed),
    }
}

messages! {
    /// What the server sends.
    Reply {
        /// A sequence has begun (B6).
        "ACK" Ack(Ack),
        /// There is a file to fetch (B5).
        "FILE_AVAILABLE" FileAvailable(Availability),
        /// The file one wanted (B5).
        "SEND_FILE" SendFile(SentFile),
        /// A question to the room (B6).
        "VOTE_REQUEST" VoteRequest(VoteRequest),
        /// What came of it, to the others (B6).
        "SEQUENCE_RESULT" SequenceResult(SequenceResult),
        /// A question to one alone (B6).
        "CONFIRM_REQUEST" ConfirmRequest(ConfirmRequest),
        /// One's sequence is over (B6).
        "COMPLETE" Complete(Complete),
        /// Somebody wants a direct connection (B7).
        "P2P_OFFER" P2pOffer(Offer),
        /// He does not (B7).
        "P2P_REFUSED" P2pRefused(Refused),
        /// Where the other is, and what to show him (B7).
        "P2P_INVITE" P2pInvite(Invite),
        /// There is no direct connection: the server relays (B7).
        "P2P_FALLBACK" P2pFallback(Claimed),
        /// Something from the other, through the server (B7).
        "P2P_RELAY" P2pRelay(Relayed),
        /// A request came to nothing (B8).
        "ERROR" Error(Failure),
    }
}

fn head(text: &str) -> Result<(String, Option<Seq>), Fault> {
    let fault = |wrong, words| Fault { seq: None, kind: None, wrong, words };
    // A list would do for a parser of objects, too.
    if !text.trim_start().starts_with('{') {
        return Err(fault(Wrong::NotJson, "not a JSON object".into()));
    }
    let head: Head = serde_json::from_str(text).map_err(|why| {
        let wrong = if why.is_data() { Wrong::Fields } else { Wrong::NotJson };
        fault(wrong, words(&why))
    })?;
    Ok((head.kind, head.seq))
}

fn body<'a, T: Deserialize<'a>>(text: &'a str, kind: &'static str, seq: Option<Seq>) -> Result<T, Fault> {
    let fault = |wrong, words| Fault { seq, kind: Some(kind), wrong, words };
    if kind != "SEND_FILE" && text.len() > MOST_PLAIN {
        return Err(fault(Wrong::TooLong, format!("more than {MOST_PLAIN} bytes")));
    }
    serde_json::from_str(text).map_err(|why| fault(Wrong::Fields, words(&why)))
}

/// What the parser says, as far as it is of use: it quotes what it has found, however long that is.
fn words(why: &serde_json::Error) -> String {
    let words = why.to_string();
    let Some((end, _)) = words.char_indices().nth(MOST_WORDS) else { return words };
    format!("{}…", words.get(..end).unwrap_or_default())
}

fn unknown(kind: &str, seq: Option<Seq>) -> Fault {
    let shown: String = kind.chars().take(32).collect();
    Fault { seq, kind: None, wrong: Wrong::UnknownType, words: format!("unknown type {shown:?}") }
}
