//! What the answers of an MSP server mean.
//!
//! In: responses to requests of ours. Out: [`Said`] or [`No`] for the job we are at; a session that goes on or is over.
//! Must not know datagrams, nor what follows from an answer.

use crate::client::jobs::Job;
use crate::client::tongue::{No, Said};
use crate::client::{Ask, Client, Purpose, Refused};
use crate::dialect::msp::{
    Access, AccessStatus, Body, CreateStatus, ErrorCode, Kind, Message, RegisterStatus, Registration,
};
use crate::time::Instant;
use crate::vocab::Mode;

impl Client {
    /// A response came.
    pub(super) fn response(&mut self, now: Instant, message: &Message<'_>) {
        let seq = message.seq;
        let Some(asked) = self.link.in_flight(seq).and_then(|asked| Kind::from_code(asked.packet.kind()))
        else {
            return;
        };
        let error = match &message.body {
            Body::Error { refused, code, reason } if *refused == asked.code() => {
                Some((*code, reason.to_string()))
            }
            _ if asked.response() == Some(message.kind()) => None,
            _ => return,
        };
        // A first CONNEXION and a later one are answered by the same type; the wrong one answers nothing.
        if let Body::ConnectReply(registration) = &message.body {
            return self.connect_reply(now, seq, registration);
        }
        let Some(asked) = self.link.answered(now, seq) else { return };
        let is_unknown = error.as_ref().is_some_and(|(code, _)| *code == ErrorCode::NOT_REGISTERED);
        if is_unknown && asked.purpose != Purpose::Register {
            return self.not_registered(&asked.purpose);
        }
        match asked.purpose {
            Purpose::Relay(errand) => match error {
                Some((ErrorCode::TOO_MANY_REQUESTS, _)) => self.relay_later(now, errand),
                error => self.relayed(now, &errand, error.is_some()),
            },
            Purpose::Job => {
                let said = self.meaning(&message.body, error);
                self.job_answered(now, said);
            }
            // Refused in a way that the protocol does not know: as good as no answer.
            Purpose::Register => self.registration_unanswered(),
            Purpose::KeepAlive => {}
        }
    }

    fn connect_reply(&mut self, now: Instant, seq: u16, registration: &Registration) {
        let purpose = self.link.in_flight(seq).map(|asked| asked.purpose.clone());
        match (purpose, registration) {
            (Some(Purpose::Register), Registration::Registered { status, id }) => {
                self.link.answered(now, seq);
                if *status == RegisterStatus::Accepted {
                    self.msp.id = *id;
                }
                self.registered(now, *status, *id);
            }
            (Some(Purpose::KeepAlive), Registration::KeepAlive { error }) => {
                self.link.answered(now, seq);
                if *error {
                    self.forgotten();
                }
            }
            _ => {}
        }
    }

    /// What a response says to the job we are at.
    fn meaning(&mut self, body: &Body<'_>, error: Option<(ErrorCode, String)>) -> Result<Said, No> {
        if let Some((code, reason)) = error {
            let why = Refused::Error(code, reason);
            return Err(match code {
                ErrorCode::TOO_MANY_REQUESTS => No::Busy(why),
                ErrorCode::NOT_IN_PRIVATE_ROOM => No::NotThere(why),
                _ => No::Because(why),
            });
        }
        Ok(match body {
            Body::HelloReply { capabilities, .. } => {
                self.msp.capabilities = *capabilities;
                Said::Done
            }
            Body::CreateRoomReply { status: CreateStatus::Created, .. } => {
                let mode = match &self.current {
                    Some(Job::Users(_, Ask::Create { mode, .. })) => *mode,
                    _ => Mode::Central,
                };
                Said::In { mode, members: Vec::new() }
            }
            Body::CreateRoomReply { status, .. } => return Err(No::Because(Refused::Create(*status))),
            Body::JoinRoomReply(access) | Body::SwitchRoomReply(access) => return entered(access),
            Body::LeaveRoomReply { refused: true } => {
                return Err(No::Because(Refused::NotInPrivateRoom));
            }
            Body::LeaveRoomReply { refused: false } => Said::Left,
            Body::DirectoryReply(entries) => Said::Directory(
                entries.iter().map(|entry| (entry.id.into(), entry.user.to_string())).collect(),
            ),
            Body::RoomList(rooms) => Said::Rooms(
                rooms.iter().map(|entry| (entry.room.to_string(), entry.mode, entry.members)).collect(),
            ),
            Body::UserList(names) => Said::Users(names.iter().map(ToString::to_string).collect()),
            _ => Said::Done,
        })
    }
}

fn entered(access: &Access<'_>) -> Result<Said, No> {
    if access.status() != AccessStatus::Joined {
        return Err(No::Because(Refused::Access(access.status())));
    }
    let members = access.peers().iter().map(|peer| (peer.user.to_string(), peer.address)).collect();
    Ok(Said::In { mode: access.mode(), members })
}
