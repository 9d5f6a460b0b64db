//! The demonstration, as fast as it can be.

use crate::program::{Ended, Program};

#[track_caller]
fn demo(options: &[&str]) -> Ended {
    Program::start(&[&["demo", "--fast"], options].concat()).end()
}

#[test]
fn everything_is_delivered_in_spite_of_a_loss_of_thirty_percent() {
    for seed in ["1", "2", "3"] {
        let ended = demo(&["--seed", seed]);
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        assert!(ended.out.last().expect("lines").starts_with("delivered = all: 39 of 39"), "{ended:#?}");
        for mark in ['»', '✗', '↻', '✓'] {
            let marked = |line: &&String| line.chars().nth(8) == Some(mark);
            assert!(ended.out.iter().filter(marked).count() > 10, "{mark}: {ended:#?}");
        }
        assert!(!ended.out.iter().any(|line| line.chars().nth(8) == Some('!')), "{ended:#?}");
    }
}

#[test]
fn people_of_both_protocols_hear_each_other_and_invite_each_other() {
    let lines = demo(&["--loss", "10"]).out;
    for (mark, words) in [
        ('·', "Chidi is on the server, in Shen's protocol"),
        ('·', "Björn is on the server, with id 2"),
        ('✓', "Alice → Chidi "),
        ('✓', "Chidi → Alice "),
        ('·', "Chidi is invited to a room by Björn"),
        ('·', "Dunja is invited to \"harbour\" by Emre"),
        ('·', "Emre is in \"harbour\", which has opened"),
        ('↻', " server → Chidi      try 2"),
    ] {
        let is_it = |line: &String| line.chars().nth(8) == Some(mark) && line.contains(words);
        assert!(lines.iter().any(is_it), "{mark} {words}: {lines:#?}");
    }
}

#[test]
fn the_same_seed_tells_the_same_story_and_another_seed_another() {
    let [first, again, other] = ["4", "4", "5"].map(|seed| demo(&["--seed", seed]).out);
    assert_eq!(first, again);
    assert_ne!(first.get(1..), other.get(1..));
}

#[test]
fn no_line_is_wider_than_a_terminal() {
    for line in demo(&["--seed", "18446744073709551615", "--loss", "45"]).out {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn without_loss_the_story_is_the_same() {
    let ended = demo(&["--loss", "0"]);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.out.iter().any(|line| line == "delivered = all: 39 of 39, each once and in order"));
}
