//! What is in the JSON messages.
//!
//! In and out: plain data, each structure in the words of the wire (B5 to B8). Must not know what any of it does.

use core::num::NonZeroU16;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FileBytes, Seq};

/// What is said of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Its name: a label, never a path.
    pub filename: String,
    /// Its size in bytes. What a client says is not believed: the server says what it has decoded (B5).
    #[serde(default)]
    pub size: Option<u64>,
}

/// `SEND_FILE`, both ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentFile {
    /// The sender's name for it; in an answer, the one of the question.
    pub seq: Seq,
    /// The room it is for, or from.
    pub room: String,
    /// What it is.
    pub meta: Meta,
    /// All its bytes.
    pub data: FileBytes,
}

/// `GET_FILE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Get {
    /// The file's own, when `filename` is its name; it comes back.
    #[serde(default)]
    pub seq: Option<Seq>,
    /// A label `<seq>_<name>`, or a name.
    pub filename: String,
}

/// `FILE_AVAILABLE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    /// The uploader's name for it.
    pub seq: Seq,
    /// The room.
    pub room: String,
    /// Name and size.
    pub meta: Meta,
    /// Who sent it.
    pub uploader: String,
}

/// `BEGIN_SEQUENCE`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Begin {
    /// The initiator's name for it.
    pub seq: Seq,
    /// `VOTE` or `CONFIRM`.
    pub action: String,
    /// The room that votes: the initiator's own. A question to one alone needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// Who is to confirm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What it is about: anything.
    #[serde(default)]
    pub details: Value,
    /// Seconds until it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<f64>,
}

/// What one votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ballot {
    /// For it.
    Yes,
    /// Against it.
    No,
}

/// `VOTE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// The initiator's.
    pub seq: Seq,
    /// One's vote.
    pub vote: Ballot,
    /// The initiator, where several use the same `seq`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// `CONFIRM`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirm {
    /// The initiator's.
    pub seq: Seq,
    /// One's answer.
    pub ok: bool,
    /// The initiator, where several use the same `seq`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// `ACK`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// Of the sequence that has begun.
    pub seq: Seq,
}

/// `VOTE_REQUEST`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VoteRequest {
    /// The initiator's.
    pub seq: Seq,
    /// The room that votes.
    pub room: String,
    /// The initiator.
    pub from: String,
    /// What it is about.
    #[serde(default)]
    pub details: Value,
    /// Seconds until it is over.
    pub timeout: u64,
}

/// How a vote went, in numbers of people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// For it.
    pub yes: usize,
    /// Against it.
    pub no: usize,
    /// Neither: silent until the end, or gone.
    pub absent: usize,
}

/// `SEQUENCE_RESULT`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceResult {
    /// The initiator's.
    pub seq: Seq,
    /// The initiator.
    pub from: String,
    /// How the vote went.
    #[serde(flatten)]
    pub counts: Counts,
}

/// `CONFIRM_REQUEST`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfirmRequest {
    /// The initiator's.
    pub seq: Seq,
    /// The initiator.
    pub from: String,
    /// What it is about.
    #[serde(default)]
    pub details: Value,
    /// Seconds until it is over.
    pub timeout: u64,
}

/// What came of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Outcome {
    /// Of a vote.
    Votes(Counts),
    /// Of a question to one alone.
    Confirmed {
        /// Whether he said yes.
        ok: bool,
        /// Whether he did not answer in time, or is gone.
        absent: bool,
    },
}

/// `COMPLETE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complete {
    /// One's own.
    pub seq: Seq,
    /// What came of it.
    pub result: Outcome,
}

/// `P2P_REQUEST`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requested {
    /// To whom.
    pub to: String,
    /// The TCP port one listens at.
    pub port: NonZeroU16,
}

/// `P2P_ACCEPT`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accept {
    /// Who asked.
    pub from: String,
    /// The TCP port one listens at.
    pub port: NonZeroU16,
}

/// `P2P_REFUSE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refuse {
    /// Who asked.
    pub from: String,
}

/// `P2P_OFFER`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Who asks.
    pub from: String,
}

/// `P2P_REFUSED`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Who does not want to.
    pub from: String,
}

/// Where somebody is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// Who.
    pub name: String,
    /// His address, as the server sees it.
    pub ip: String,
    /// The TCP port he listens at.
    pub port: u16,
}

/// Who connects to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// He asked: he connects first.
    Caller,
    /// He was asked.
    Callee,
}

/// `P2P_INVITE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// The other.
    pub peer: Peer,
    /// What one does.
    pub role: Role,
    /// What the two show each other first.
    pub token: String,
    /// For how many seconds it may be shown.
    pub expires: u64,
}

/// `P2P_HELLO`, `P2P_READY`, `P2P_FAILED`, `P2P_FALLBACK`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// Which connection it is about.
    pub token: String,
}

/// `P2P_RELAY`, both ways.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Relayed {
    /// Which connection it stands for.
    pub token: String,
    /// Anything.
    pub data: Value,
}

/// `ERROR`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Of the request, if it has one that can be read.
    #[serde(default)]
    pub seq: Option<Seq>,
    /// What is wrong, for programs (B11).
    pub code: String,
    /// What is wrong, for people.
    #[serde(default)]
    pub message: String,
}
