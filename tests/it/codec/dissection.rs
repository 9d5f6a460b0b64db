//! What `palabre decode` shows: fields in order, and where a bad datagram goes wrong.

use std::collections::BTreeSet;

use palabre::dialect::msp::dissect;

use super::from_hex;
use super::vectors::{datagram, lines};

/// A line for each row, and what is wrong.
fn shown(hex: &str) -> (Vec<String>, Option<String>) {
    let (rows, result) = dissect(&from_hex(hex));
    (rows.iter().map(super::shown).collect(), result.err().map(|why| why.to_string()))
}

#[test]
fn a_text_is_shown_bit_by_bit() {
    let (rows, wrong) = shown("78080018003b137b73537bab90");
    let wanted = [
        "0+5 TYPE 15 (TEXTE)",
        "5+8 ID_USER 1",
        "13+16 NUM_SEQ 3",
        "29+16 CHAT_LONGUEUR 7",
        "45+56 CHAT \"bonjour\"",
        "101+3 padding 0",
    ];
    assert_eq!((&rows[..], wrong), (&wanted.map(String::from)[..], None));
}

#[test]
fn statuses_are_shown_with_their_names() {
    let (rows, wrong) = shown("27f8001802");
    let wanted = [
        "0+5 TYPE 4 (REPONSE_CREER_MESSAGERIE_PRIVEE)",
        "5+8 ID_USER 255",
        "13+16 NUM_SEQ 3",
        "29+2 STATUT_CREATION 0 (CREATION_VALIDEE)",
        "31+8 ID_MESSAGERIE 1",
        "39+1 padding 0",
    ];
    assert_eq!((&rows[..], wrong), (&wanted.map(String::from)[..], None));
}

#[test]
fn peers_are_shown_with_their_addresses() {
    let (rows, wrong) = shown("47f80034027f0000019c40616c69636523000000000000626f6223");
    let wanted = [
        "29+1 MODE 1 (decentralised)",
        "30+2 STATUT_ACCES 0 (ACCES_REUSSI)",
        "32+8 NOMBRE_CLIENTS 2",
        "40+32 IP_ADRESS 2130706433 (127.0.0.1)",
        "72+16 PORT_NUMBER 40000",
        "88+48 USER_NAME \"alice\"",
        "136+32 IP_ADRESS 0 (0.0.0.0)",
        "168+16 PORT_NUMBER 0",
        "184+32 USER_NAME \"bob\"",
    ];
    assert_eq!((&rows[3..], wrong), (&wanted.map(String::from)[..], None));
}

#[test]
fn an_error_names_what_it_refuses() {
    let (rows, _) = shown("f7f80093c0c000");
    let wanted = [
        "29+5 TYPE_REFUSE 15 (TEXTE)",
        "34+8 CODE 3 (not registered)",
        "42+8 RAISON_LONGUEUR 0",
        "50+0 RAISON \"\"",
        "50+6 padding 0",
    ];
    assert_eq!(rows[3..], wanted.map(String::from));
}

#[test]
fn a_bad_datagram_is_shown_up_to_where_it_goes_wrong() {
    let (rows, wrong) = shown("57f80038130b634b1b291b13");
    let wanted = ["29+8 NUM_CLIENT 2", "37+48 USER_NAME \"alice\""];
    assert_eq!(rows[3..], wanted.map(String::from));
    assert_eq!(wrong.as_deref(), Some("at bit 85, USER_NAME: no delimiter after at most 255 bytes"));
}

#[test]
fn rows_follow_each_other_and_cover_every_bit_of_every_vector() {
    for line in ["valid", "invalid_names"].into_iter().flat_map(lines) {
        let bytes = datagram(&line);
        let (rows, result) = dissect(&bytes);
        assert_eq!(result, Ok(()), "{line}");
        let end = rows.iter().fold(0, |at, row| {
            assert_eq!(row.bit, at, "{line}");
            at + row.bits
        });
        assert_eq!(end, bytes.len() * 8, "{line}");
    }
}

/// Who reads a table of fields beside the specification must find them there.
#[test]
fn every_field_is_shown_under_the_name_it_has_in_the_specification() {
    let page = include_str!("../../../spec/msp.md");
    let words: BTreeSet<&str> = page
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    for line in lines("valid") {
        let (rows, _) = dissect(&datagram(&line));
        rows.iter().for_each(|row| assert!(words.contains(row.name), "{} in {line}", row.name));
    }
}
