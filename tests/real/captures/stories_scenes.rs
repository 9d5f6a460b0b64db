//! Scenes of Stories: both styles, both forms, and what is said in objects.

#![expect(clippy::indexing_slicing, reason = "objects of JSON are asked for their fields so")]

use palabre::dialect::stories::Form;
use palabre::engine::Dialect;
use serde_json::{Value, json};

use super::Scene;
use super::stage::Stage;
use super::streams::Stories;

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "stories-quotation-marks",
        about: "Every command in the style of the quotation marks, in frames: LOGIN to BYE and QUIT, rooms, a sequence in \
                words, and what is refused by KO.",
        prepare: |setup| _ = setup.speaks(Dialect::Stories),
        play: quoted,
    },
    Scene {
        name: "stories-bars-and-lines",
        about: "The same between bars, and in lines, the older form: there is no OK, and a bar inside a text is another \
                character to those who would mistake it (B8).",
        prepare: |setup| _ = setup.speaks(Dialect::Stories),
        play: barred,
    },
    Scene {
        name: "stories-files",
        about: "A file is sent to a room, announced to the others, and fetched by its label, by one who speaks STUMTP too \
                (B5); one that is not there; and one whose base64 is bad.",
        prepare: |setup| {
            setup.speaks(Dialect::Stories);
            setup.speaks(Dialect::Stumtp);
        },
        play: files,
    },
    Scene {
        name: "stories-sequences",
        about: "A vote of three and a confirmation, as JSON objects (B6): who voted twice, whom nobody asked, and an \
                initiator who leaves the room of his vote.",
        prepare: |setup| _ = setup.speaks(Dialect::Stories),
        play: sequences,
    },
    Scene {
        name: "stories-person-to-person",
        about: "Two who want to meet directly (B7): an offer that is refused, one that is accepted, a way that fails, and \
                what the server relays from then on. P2P_HELLO is not for the server.",
        prepare: |setup| _ = setup.speaks(Dialect::Stories),
        play: meetings,
    },
];

fn quoted(stage: &Stage) {
    let sam = Stories::stranger(stage.at(0), Form::Prefixed);
    sam.says("ROOM \"tree\"");
    sam.hears("KO \"LOGIN d'abord\"");
    sam.says("LOGIN \"Sam\"");
    sam.hears("DISPLAY_ROOM \"room1\"");
    let tom = Stories::quoted(stage.at(0), "Tom");
    sam.hears("SYSTEM \"Tom a rejoint le chat\"");
    for (said, heard) in [
        ("MSG \"public\" \"Sam\" \"bonjour \\\"Tom\\\"\"", "OK"),
        ("FILE \"public\" \"Sam\" \"photo.png\"", "OK"),
        ("BEGIN_SEQUENCE \"42\"", "COMPLETE \"42\""),
        ("JOIN_ROOM \"room2\"", "OK"),
        ("JOIN_ROOM \"nulle part\"", "KO"),
        ("ROOM \"tree\"", "OK"),
        ("MSG \"room2\" \"Sam\" \"perdu\"", "KO"),
        ("NONSENSE", "KO"),
        ("BYE \"tree\" \"Sam\"", "OK"),
        ("QUIT", ""),
    ] {
        sam.says(said);
        if !heard.is_empty() {
            sam.hears(heard);
        }
    }
    sam.line.is_ended();
    tom.hears("MSG \"public\" \"Sam\" \"bonjour \\\"Tom\\\"\"");
    tom.hears("Sam a quitté le chat");
    stage.stops();
    tom.hears("ADMIN_BROADCAST");
    tom.line.is_ended();
}

fn barred(stage: &Stage) {
    let tom = Stories::barred(stage.at(0), "Tom");
    // Lines: answers are lines, too.
    let sam = Stories::stranger(stage.at(0), Form::Lines);
    sam.says("LOGIN|Sam");
    tom.hears("SYSTEM|Sam a rejoint le chat");
    sam.says("MSG|a|b");
    assert_eq!(tom.hears("MSG|Sam|"), "MSG|Sam|a¦b");
    for (said, heard) in [
        ("BEGIN_SEQUENCE|42", "COMPLETE|42|{'status': 'ok'}"),
        ("JOIN_ROOM|nulle part", "ERROR|"),
        ("FILE|public|Sam|photo.png|", "ERROR|"),
        ("ROOM|tree", "SYSTEM|Sam a rejoint la room tree"),
    ] {
        sam.says(said);
        sam.hears(heard);
    }
    tom.says("JOIN_ROOM|tree");
    sam.hears("SYSTEM|Tom a rejoint la room tree");
    tom.says("FILE|tree|Tom|photo.png");
    tom.says("BYE|tree|Tom");
    sam.hears("SYSTEM|Tom a quitté la room tree");
    stage.stops();
    sam.hears("ADMIN_BROADCAST|");
    sam.line.is_ended();
    tom.line.is_ended();
}

fn object(kind: &str, fields: &Value) -> String {
    let mut object = fields.clone();
    object["type"] = json!(kind);
    object.to_string()
}

fn files(stage: &Stage) {
    let [alice, bob] = ["alice", "bob"].map(|name| Stories::quoted(stage.at(0), name));
    let tom = super::streams::Stumtp::on(stage.at(1), "Tom");
    let meta = json!({ "filename": "été.txt", "size": 3 });
    let file = json!({ "seq": 42, "room": "public", "meta": meta, "data": "YWJj" });
    alice.says(&object("SEND_FILE", &file));
    let told = bob.hears_object("FILE_AVAILABLE");
    assert_eq!((&told["uploader"], &told["meta"]["size"]), (&json!("alice"), &json!(3)));
    bob.says(&object("GET_FILE", &json!({ "seq": 42, "filename": "été.txt" })));
    assert_eq!(bob.hears_object("SEND_FILE")["meta"]["filename"], "42_été.txt");
    tom.hears("FILE_AVAILABLE");
    tom.says(&object("GET_FILE", &json!({ "seq": 7, "filename": "42_été.txt" })));
    tom.hears("\"data\":\"YWJj\"");
    tom.says(&object("SEND_FILE", &json!({ "seq": "a", "room": "public", "meta": meta, "data": "ZGVm" })));
    bob.hears_object("FILE_AVAILABLE");
    bob.says(&object("GET_FILE", &json!({ "filename": "nowhere.txt" })));
    assert_eq!(bob.hears_object("ERROR")["code"], "not-found");
    let bad = json!({ "seq": 43, "room": "public", "meta": meta, "data": "not base64" });
    alice.says(&object("SEND_FILE", &bad));
    alice.hears_object("ERROR");
    tom.says("QUIT");
    tom.line.is_ended();
}

fn sequences(stage: &Stage) {
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| Stories::quoted(stage.at(0), name));
    let vote = json!({ "seq": 7, "action": "VOTE", "room": "public", "details": { "question": "pizza ?" } });
    alice.says(&object("BEGIN_SEQUENCE", &vote));
    alice.hears_object("ACK");
    for (who, vote) in [(&bob, "yes"), (&carol, "no")] {
        who.hears_object("VOTE_REQUEST");
        who.says(&object("VOTE", &json!({ "seq": 7, "vote": vote })));
    }
    assert_eq!(alice.hears_object("COMPLETE")["result"], json!({ "yes": 1, "no": 1, "absent": 0 }));
    [&bob, &carol].into_iter().for_each(|who| _ = who.hears_object("SEQUENCE_RESULT"));
    bob.says(&object("VOTE", &json!({ "seq": 7, "vote": "yes" })));
    assert_eq!(bob.hears_object("ERROR")["code"], "unknown");
    let confirm = json!({ "seq": "eight", "action": "CONFIRM", "to": "bob", "timeout": 5 });
    alice.says(&object("BEGIN_SEQUENCE", &confirm));
    bob.hears_object("CONFIRM_REQUEST");
    bob.says(&object("CONFIRM", &json!({ "seq": "eight", "ok": true })));
    assert_eq!(alice.hears_object("COMPLETE")["result"]["ok"], true);
    // One who does not answer in the second that he has.
    let confirm = json!({ "seq": 9, "action": "CONFIRM", "to": "carol", "timeout": 1 });
    alice.says(&object("BEGIN_SEQUENCE", &confirm));
    carol.hears_object("CONFIRM_REQUEST");
    assert_eq!(alice.hears_object("COMPLETE")["result"], json!({ "ok": false, "absent": true }));
    let vote = json!({ "seq": 10, "action": "VOTE", "room": "public", "details": null });
    alice.says(&object("BEGIN_SEQUENCE", &vote));
    alice.hears_object("ACK");
    alice.says("JOIN_ROOM \"room1\"");
    assert_eq!(alice.hears_object("ERROR")["code"], "cancelled");
}

fn meetings(stage: &Stage) {
    let [alice, bob] = ["alice", "bob"].map(|name| Stories::quoted(stage.at(0), name));
    alice.says(&object("P2P_REQUEST", &json!({ "to": "bob", "port": 5001 })));
    bob.hears_object("P2P_OFFER");
    bob.says(&object("P2P_REFUSE", &json!({ "from": "alice" })));
    alice.hears_object("P2P_REFUSED");
    alice.says(&object("P2P_REQUEST", &json!({ "to": "bob", "port": 5001 })));
    bob.hears_object("P2P_OFFER");
    bob.says(&object("P2P_ACCEPT", &json!({ "from": "alice", "port": 5002 })));
    let invited = alice.hears_object("P2P_INVITE");
    bob.hears_object("P2P_INVITE");
    let token = &invited["token"];
    alice.says(&object("P2P_HELLO", &json!({ "token": token })));
    alice.hears_object("ERROR");
    alice.says(&object("P2P_READY", &json!({ "token": token })));
    bob.says(&object("P2P_FAILED", &json!({ "token": token })));
    [&alice, &bob].into_iter().for_each(|who| _ = who.hears_object("P2P_FALLBACK"));
    alice.says(&object("P2P_RELAY", &json!({ "token": token, "data": { "text": "psst" } })));
    assert_eq!(bob.hears_object("P2P_RELAY")["data"]["text"], "psst");
}
