//! Scenes of STUMTP: sessions that outlive their connections.

use palabre::engine::Dialect;
use palabre::time::Duration;

use super::Scene;
use super::stage::Stage;
use super::streams::{Stories, Stumtp};

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "stumtp-session",
        about: "A session from LOGIN to QUIT: numbers on both sides, acknowledgements that ride on messages, and one that \
                goes alone after 50 ms (U4). What was taken before is acknowledged again and not carried out.",
        prepare: |setup| _ = setup.speaks(Dialect::Stumtp),
        play: session,
    },
    Scene {
        name: "stumtp-resumed",
        about: "Tom's connection breaks, and what he is told meanwhile waits for him: RESUME brings it, in order, under its \
                old numbers (U3, U5). Then he resumes while the old connection still stands, which is closed.",
        prepare: |setup| _ = setup.speaks(Dialect::Stumtp),
        play: resumed,
    },
    Scene {
        name: "stumtp-plain",
        about: "A client without numbers: LOGIN without a session, answers without numbers, and his end is his sign-out.",
        prepare: |setup| _ = setup.speaks(Dialect::Stumtp),
        play: plain,
    },
    Scene {
        name: "stumtp-faults",
        about: "What section 5 of the protocol lists: an acknowledgement of what was never sent, a head that cannot be read, \
                a byte that no text may hold, a number but no session, a token that opens nothing, a gap that ends the \
                connection and not the session.",
        prepare: |setup| _ = setup.speaks(Dialect::Stumtp),
        play: faults,
    },
    Scene {
        name: "stumtp-answer-in-vain",
        about: "The connection breaks before the program has read its token; the same name from the same address may begin \
                again, because nothing was ever heard in the session (U8).",
        prepare: |setup| _ = setup.speaks(Dialect::Stumtp),
        play: answer_in_vain,
    },
    Scene {
        name: "stumtp-cut-link",
        about: "Sam's way is a slow link on which connections are cut again and again; he resumes each time. The other reads \
                all that he says, once and in order.",
        prepare: |setup| {
            setup.speaks(Dialect::Stumtp);
            setup.speaks(Dialect::Stories);
        },
        play: cut_link,
    },
];

fn session(stage: &Stage) {
    let [sam, tom] = ["Sam", "Tom"].map(|name| Stumtp::on(stage.at(0), name));
    sam.hears("SYSTEM \"Tom a rejoint le chat\"");
    sam.says("MSG \"public\" \"Sam\" \"bonjour\"");
    sam.hears("OK");
    tom.hears("MSG \"public\" \"Sam\" \"bonjour\"");
    tom.acknowledges();
    // Once more under the same number: it is not said again, only acknowledged.
    sam.says_as(1, None, "MSG \"public\" \"Sam\" \"bonjour\"");
    sam.is_acknowledged();
    for (said, heard) in [
        ("JOIN_ROOM \"room1\"", "OK"),
        ("ROOM \"tree\"", "OK"),
        ("FILE \"tree\" \"Sam\" \"photo.png\"", "OK"),
        ("BEGIN_SEQUENCE \"9\"", "COMPLETE \"9\""),
        ("BYE \"tree\" \"Sam\"", "OK"),
    ] {
        sam.says(said);
        sam.hears(heard);
    }
    sam.says("QUIT");
    sam.line.is_ended();
    tom.hears("Sam a quitté le chat");
    stage.stops();
    tom.hears("ADMIN_BROADCAST");
    tom.line.is_ended();
}

fn resumed(stage: &Stage) {
    let [sam, tom] = ["Sam", "Tom"].map(|name| Stumtp::on(stage.at(0), name));
    let tom = tom.while_away(stage.at(0), || {
        for words in ["one", "two"] {
            sam.says(&format!("MSG \"public\" \"Sam\" \"{words}\""));
            sam.hears("OK");
        }
    });
    tom.hears("\"one\"");
    tom.hears("\"two\"");
    tom.says("MSG \"public\" \"Tom\" \"here I am\"");
    tom.hears("OK");
    sam.hears("here I am");
    let tom = tom.takes_over(stage.at(0));
    tom.says("QUIT");
    tom.line.is_ended();
    sam.says("QUIT");
    sam.line.is_ended();
}

fn plain(stage: &Stage) {
    let sam = Stumtp::on(stage.at(0), "Sam");
    let tom = Stumtp::stranger(stage.at(0));
    for (said, heard) in [
        ("MSG \"public\" \"Tom\" \"moi\"", "KO \"LOGIN d'abord\""),
        ("LOGIN \"Sam\"", "KO \"ce nom est déjà pris\""),
        ("LOGIN \"Tom\"", "DISPLAY_ROOM"),
        ("MSG \"public\" \"Tom\" \"moi\"", "OK"),
    ] {
        tom.says_plainly(said);
        tom.hears(heard);
    }
    sam.hears("MSG \"public\" \"Tom\" \"moi\"");
    sam.says("MSG \"public\" \"Sam\" \"toi\"");
    tom.hears("MSG \"public\" \"Sam\" \"toi\"");
    tom.line.says_no_more();
    tom.line.is_ended();
    sam.hears("Tom a quitté le chat");
    sam.says("QUIT");
    sam.line.is_ended();
}

fn faults(stage: &Stage) {
    let sam = Stumtp::stranger(stage.at(0));
    sam.says_as(1, None, "MSG \"public\" \"Sam\" \"moi\"");
    sam.hears("KO \"pas de session");
    sam.says_as(0, Some(0), "RESUME \"00000000000000000000000000000000\"");
    sam.hears("KO \"cette session n'existe pas\"");
    sam.opens("Sam");
    sam.line.sends(b"\x01\x0699\x03");
    sam.hears("ERROR \"acquittement d'un message jamais envoy");
    sam.line.sends(b"\x01x\x02NONSENSE\x03");
    sam.hears("ERROR \"en-tête mal formé\"");
    sam.line.sends(b"a plain \x06 text\x03");
    sam.hears("ERROR \"le texte contient un octet 1, 2, 3 ou 6\"");
    sam.says("NONSENSE");
    sam.hears("KO");
    sam.says_as(5, None, "QUIT");
    sam.hears("ERROR \"il manque un message\"");
    sam.line.is_ended();
    let sam = sam.resumes(stage.at(0));
    sam.says("QUIT");
    sam.line.is_ended();
}

fn answer_in_vain(stage: &Stage) {
    let tom = Stumtp::on(stage.at(0), "Tom");
    Stumtp::on(stage.at(0), "Sam").line.breaks();
    tom.hears("Sam a rejoint le chat");
    let sam = Stumtp::stranger(stage.at(0));
    sam.opens("Sam");
    tom.hears("Sam a rejoint le chat");
    [sam, tom].into_iter().for_each(|who| {
        who.says("QUIT");
        who.line.is_ended();
    });
}

fn cut_link(stage: &Stage) {
    let tom = Stories::quoted(stage.at(1), "Tom");
    let way = stage.cut(0, Duration::from_millis(20), Duration::from_millis(150), 41);
    let mut sam = Stumtp::on(stage.at(0), "Sam").resumes(way);
    for number in 0..10 {
        sam.says(&format!("MSG \"public\" \"Sam\" \"{number}\""));
        while sam.heard("OK").is_none() {
            sam = sam.resumes(way);
        }
    }
    for number in 0..10 {
        assert_eq!(tom.hears("MSG"), format!("MSG \"public\" \"Sam\" \"{number}\""));
    }
    let sam = sam.resumes(stage.at(0));
    sam.says("QUIT");
    sam.line.is_ended();
    tom.hears("Sam a quitté le chat");
}
