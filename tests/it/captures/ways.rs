//! Which messages there are, and which way each can go.
//!
//! In: the types of the dialects; the tables of `spec/stories.md` and `spec/stumtp.md`. Out: what the captures should have.
//! Must not know captures.

use palabre::dialect::{matou, msp, shen};
use palabre::engine::Dialect;

use super::messages::{Sighting, Way};

const COMMANDS: [&str; 8] = ["LOGIN", "JOIN_ROOM", "ROOM", "MSG", "FILE", "BYE", "QUIT", "BEGIN_SEQUENCE"];
const ANSWERS: [&str; 8] =
    ["DISPLAY_ROOM", "OK", "KO", "ERROR", "MSG", "SYSTEM", "ADMIN_BROADCAST", "COMPLETE"];
/// Between bars nothing is answered when all is well.
const BARRED: [&str; 5] = ["ERROR", "MSG", "SYSTEM", "ADMIN_BROADCAST", "COMPLETE"];
const REQUESTS: [&str; 12] = [
    "SEND_FILE",
    "GET_FILE",
    "BEGIN_SEQUENCE",
    "VOTE",
    "CONFIRM",
    "P2P_REQUEST",
    "P2P_ACCEPT",
    "P2P_REFUSE",
    "P2P_HELLO",
    "P2P_READY",
    "P2P_FAILED",
    "P2P_RELAY",
];
const REPLIES: [&str; 13] = [
    "ACK",
    "FILE_AVAILABLE",
    "SEND_FILE",
    "VOTE_REQUEST",
    "SEQUENCE_RESULT",
    "CONFIRM_REQUEST",
    "COMPLETE",
    "P2P_OFFER",
    "P2P_REFUSED",
    "P2P_INVITE",
    "P2P_FALLBACK",
    "P2P_RELAY",
    "ERROR",
];
const FORMS: [&str; 4] =
    ["numbered text", "numbered text that acknowledges", "acknowledgement", "plain text"];

/// All messages, each way that it can go.
pub(super) fn all() -> Vec<Sighting> {
    let mut all = Vec::new();
    for kind in msp::Kind::ALL {
        let ways = ways_of_msp(*kind);
        all.extend(ways.iter().map(|way| (Dialect::Msp, *way, kind.wire_name().to_owned())));
    }
    for kind in shen::Kind::ALL {
        let ways = ways_of_shen(*kind);
        all.extend(ways.iter().map(|way| (Dialect::Shen, *way, kind.wire_name().to_owned())));
    }
    for kind in matou::Kind::ALL {
        let way = match matou::Way::ToClient.carries(*kind) {
            true => Way::ToClient,
            // What goes between clients stands where one has sent it to the server: a fault.
            false => Way::ToServer,
        };
        all.push((Dialect::Matou, way, kind.wire_name().to_owned()));
    }
    all.extend(stories());
    all.extend(stumtp());
    all
}

const fn ways_of_msp(kind: msp::Kind) -> &'static [Way] {
    use msp::Kind::{Error, Notification, NotificationReply, Offer, OfferReply, Text, TextReply};
    match kind {
        Text | TextReply | Error => &[Way::ToServer, Way::ToClient],
        Offer | Notification => &[Way::ToClient],
        OfferReply | NotificationReply => &[Way::ToServer],
        kind if kind.is_request() => &[Way::ToServer],
        _ => &[Way::ToClient],
    }
}

const fn ways_of_shen(kind: shen::Kind) -> &'static [Way] {
    use shen::Kind;
    match kind {
        Kind::Ack | Kind::Invite | Kind::ChangeMode => &[Way::ToServer, Way::ToClient],
        Kind::ConnectRefused
        | Kind::ModeOffer
        | Kind::Granted
        | Kind::Denied
        | Kind::Closed
        | Kind::NoSuchReceiver
        | Kind::Elsewhere
        | Kind::Ended
        | Kind::RoomFull
        | Kind::Relay
        | Kind::UserList => &[Way::ToClient],
        // Type 11, which nobody should send, stands where a client has sent it: it is dropped.
        _ => &[Way::ToServer],
    }
}

fn stories() -> impl Iterator<Item = Sighting> {
    let forms = ["Prefixed", "Lines"].into_iter().flat_map(|form| both(form.into()));
    let quoted = COMMANDS.map(|word| (Way::ToServer, format!("{word}\""))).into_iter();
    // A command without an argument has no mark.
    let barred = COMMANDS.into_iter().filter(|word| *word != "QUIT");
    let barred = barred.map(|word| (Way::ToServer, format!("{word}|")));
    let answers = ANSWERS.map(|word| (Way::ToClient, format!("{word}\""))).into_iter();
    let short = BARRED.map(|word| (Way::ToClient, format!("{word}|"))).into_iter();
    let requests = REQUESTS.map(|kind| (Way::ToServer, format!("{{{kind}}}"))).into_iter();
    let replies = REPLIES.map(|kind| (Way::ToClient, format!("{{{kind}}}"))).into_iter();
    let all = forms.chain(quoted).chain(barred).chain(answers).chain(short).chain(requests).chain(replies);
    all.map(|(way, name)| (Dialect::Stories, way, name))
}

fn stumtp() -> impl Iterator<Item = Sighting> {
    let forms = FORMS.into_iter().flat_map(|form| both(form.into()));
    let commands = COMMANDS.into_iter().chain(["RESUME"]);
    let commands = commands.map(|word| (Way::ToServer, format!("{word}\"")));
    let answers = ANSWERS.into_iter().chain(["SESSION"]).map(|word| (Way::ToClient, format!("{word}\"")));
    let objects = [
        (Way::ToServer, "{SEND_FILE}"),
        (Way::ToServer, "{GET_FILE}"),
        (Way::ToClient, "{FILE_AVAILABLE}"),
        (Way::ToClient, "{SEND_FILE}"),
    ];
    let objects = objects.map(|(way, name)| (way, name.to_owned()));
    let all = forms.chain(commands).chain(answers).chain(objects);
    all.map(|(way, name)| (Dialect::Stumtp, way, name))
}

fn both(name: String) -> [(Way, String); 2] {
    [(Way::ToServer, name.clone()), (Way::ToClient, name)]
}
