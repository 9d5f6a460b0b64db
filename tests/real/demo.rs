//! The demonstration, as fast as it can be.

use crate::program::{Ended, Program};

#[track_caller]
fn demo(options: &[&str]) -> Ended {
    Program::start(&[&["demo", "--fast"], options].concat()).end()
}

/// The lines with this mark.
fn marked(lines: &[String], mark: char) -> Vec<&String> {
    lines.iter().filter(|line| line.chars().nth(8) == Some(mark)).collect()
}

#[track_caller]
fn assert_all_delivered(options: &[&str]) -> Ended {
    let ended = demo(options);
    assert_eq!(ended.code, Some(0), "{options:?}: {ended:#?}");
    let last = ended.out.last().map(String::as_str);
    assert_eq!(last, Some("delivered = all: 118 of 118, each once and in order"), "{options:?}: {ended:#?}");
    assert!(marked(&ended.out, '!').is_empty(), "{options:?}: {ended:#?}");
    ended
}

#[test]
fn everything_is_delivered_in_spite_of_a_loss_of_thirty_percent() {
    for seed in ["1", "2", "3"] {
        let ended = assert_all_delivered(&["--seed", seed]);
        for mark in ['»', '✗', '↻', '✓'] {
            assert!(marked(&ended.out, mark).len() > 10, "{mark}: {ended:#?}");
        }
    }
}

#[test]
fn everything_is_delivered_whatever_the_loss() {
    for loss in ["0", "50"] {
        for seed in ["1", "6", "7"] {
            assert_all_delivered(&["--loss", loss, "--seed", seed]);
        }
    }
}

#[test]
fn people_of_all_protocols_hear_each_other() {
    let lines = demo(&["--loss", "10"]).out;
    for (name, words) in [
        ("Alice", "with id 1"),
        ("Chidi", "in Shen's protocol"),
        ("Fatou", "in Matou"),
        ("Goran", "in Stories"),
        ("Hana", "in STUMTP"),
    ] {
        let registered = format!("{name} is on the server, {words}");
        assert!(
            marked(&lines, '·').iter().any(|line| line.contains(&registered)),
            "{registered}: {lines:#?}"
        );
        for other in ["Alice", "Chidi", "Fatou", "Goran", "Hana"].into_iter().filter(|other| *other != name) {
            let heard = format!("{name} → {other:<9}");
            assert!(marked(&lines, '✓').iter().any(|line| line.contains(&heard)), "{heard}: {lines:#?}");
        }
    }
    for protocol in ["MSP", "Shen's protocol", "Matou", "Stories", "STUMTP"] {
        let header = lines.get(..8).unwrap_or_default();
        assert!(header.iter().any(|line| line.contains(protocol)), "{protocol}: {lines:#?}");
    }
}

#[test]
fn people_of_several_protocols_meet_in_private_rooms() {
    let lines = demo(&["--loss", "10"]).out;
    for (mark, words) in [
        ('·', "Chidi is invited to a room by Björn"),
        ('·', "Goran is in \"terrace\""),
        ('✓', "Goran → Chidi "),
        ('✓', "Björn → Goran "),
        ('·', "Dunja is invited to \"harbour\" by Emre"),
        ('·', "Emre is in \"harbour\", which has opened"),
        ('↻', " server → Chidi      try 2"),
    ] {
        assert!(marked(&lines, mark).iter().any(|line| line.contains(words)), "{mark} {words}: {lines:#?}");
    }
}

#[test]
fn a_session_of_stumtp_goes_on_after_its_connection_has_broken() {
    let lines = demo(&["--loss", "0"]).out;
    let mut rest = lines.iter();
    for (mark, words) in [
        ('✗', "Hana is cut off from everybody"),
        ('✗', "Hana → server     lost     \"The sky turns"),
        ('·', "Hana keeps what is said until there is a connection"),
        ('✗', "server → Hana       lost     \"Hana, is that thunder"),
        ('↻', "server → Hana       try 2    \"Hana, is that thunder"),
        ('·', "Hana is connected again, and goes on where it was"),
        ('↻', "Hana → server     try 2    \"The sky turns"),
        ('✓', "\"Hana, is that thunder"),
        ('✓', "\"The sky turns"),
        ('✓', "\"Hello? Is the line dead?\""),
    ] {
        let is_it = |line: &String| line.chars().nth(8) == Some(mark) && line.contains(words);
        assert!(rest.any(is_it), "{mark} {words}: {lines:#?}");
    }
}

#[test]
fn words_over_tcp_wait_for_those_that_were_lost_before_them() {
    let lines = demo(&["--seed", "1"]).out;
    for line in marked(&lines, '‖') {
        let by_tcp = ["Fatou", "Goran", "Hana"].iter().any(|name| line.contains(name));
        assert!(by_tcp && line.contains(" waits "), "{line}");
    }
    assert!(marked(&lines, '‖').len() > 1, "{lines:#?}");
    assert!(marked(&demo(&["--loss", "0"]).out, '‖').is_empty());
}

#[test]
fn the_same_seed_tells_the_same_story_and_another_seed_another() {
    let [first, again, other] = ["4", "4", "5"].map(|seed| demo(&["--seed", seed]).out);
    assert_eq!(first, again);
    assert_ne!(first.get(2..), other.get(2..));
}

#[test]
fn no_line_is_wider_than_a_terminal() {
    for line in demo(&["--seed", "18446744073709551615", "--loss", "45"]).out {
        assert!(line.chars().count() <= 80, "{line}");
    }
}
