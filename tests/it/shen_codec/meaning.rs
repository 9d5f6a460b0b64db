//! What texts mean: names, authors, lines of lists, words.

use std::net::{Ipv4Addr, SocketAddrV4};

use palabre::dialect::shen::{
    Body, Entry, Kind, LONGEST_TEXT, Listed, Message, entry, listed, longest_relayed, names, pages, relayed,
    room_name, said, user_name, words,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{decoded, encoded};
use crate::codec::arbitrary::text;

/// Any name that keeps the rules.
fn name() -> impl Strategy<Value = String> {
    "[^\\p{Cc},]{1,30}".prop_filter("at most 64 bytes", |name| name.len() <= 64)
}

fn address() -> impl Strategy<Value = SocketAddrV4> {
    (any::<u32>(), any::<u16>()).prop_map(|(ip, port)| SocketAddrV4::new(Ipv4Addr::from_bits(ip), port))
}

#[test]
fn s15_names_are_judged_by_characters_bytes_and_what_they_may_not_hold() {
    let of = str::repeat;
    let good = [&of("n", 30), &of("é", 30), &of("語", 21), "with space", "Lucy", "a#b", "L'Été"];
    for name in good {
        assert_eq!((user_name(name), room_name(name)), (Some(name), Some(name)));
    }
    let thirty_one = of("n", 31);
    let sixty_six_bytes = of("語", 22);
    for bad in ["", &thirty_one, &sixty_six_bytes, "a,b", ",", "a\nb", "a\0", "\x7f", "a\u{85}"] {
        assert_eq!((user_name(bad), room_name(bad)), (None, None), "{bad:?}");
    }
}

#[test]
fn s8_the_names_of_an_invitation_stand_between_commas() {
    let all = |text| names(text).collect::<Vec<_>>();
    assert_eq!(all("Sheng,Lucy"), ["Sheng", "Lucy"]);
    assert_eq!(all("a, b,c"), ["a", "b", "c"]);
    assert_eq!(all(" Jean Paul ,, b,"), ["Jean Paul", "b"]);
    assert_eq!(all(""), [""; 0]);
    assert_eq!(all(" , "), [""; 0]);
}

#[test]
fn s14_an_author_is_read_from_his_line_or_from_behind_the_last_comma() {
    assert_eq!(relayed("Bonjour", "Sheng"), "Bonjour\r\nSheng envoie");
    let cases = [
        ("Bonjour\r\nSheng envoie", ("Bonjour", Some("Sheng"))),
        ("Bonjour\nSheng envoie", ("Bonjour", Some("Sheng"))),
        ("Bonjour, Sheng envoie", ("Bonjour", Some("Sheng"))),
        ("Rebonjour,shen envoie", ("Rebonjour", Some("shen"))),
        ("Noob,lol,sheng envoie", ("Noob,lol", Some("sheng"))),
        ("ligne\r\nautre, Lucy envoie", ("ligne\r\nautre", Some("Lucy"))),
        ("\r\nLucy envoie", ("", Some("Lucy"))),
        ("a, b\r\nJean Paul envoie", ("a, b", Some("Jean Paul"))),
        // A text that looks like an author's line is still what its own author says.
        ("oui\r\nBob envoie\r\nMallory envoie", ("oui\r\nBob envoie", Some("Mallory"))),
        ("oui, Bob envoie\r\nMallory envoie", ("oui, Bob envoie", Some("Mallory"))),
        // The original's second relayed text lacks its comma, and so the greeting becomes a part of the name.
        ("Bonjour, Sheng! Lucy envoie", ("Bonjour", Some("Sheng! Lucy"))),
    ];
    for (text, wanted) in cases {
        assert_eq!(said(text), wanted);
    }
    let nobodys = [
        "",
        "Bonjour",
        "Lucy envoie",
        " envoie",
        "a, envoie",
        "a\r\n envoie",
        "a, b envoient",
        "a,x\ty envoie",
    ];
    for text in nobodys {
        assert_eq!(said(text), (text, None));
    }
}

#[test]
fn s14_the_longest_texts_just_fit() {
    assert_eq!(LONGEST_TEXT, 1022);
    let author = "n".repeat(64);
    let most = longest_relayed(author.len());
    assert_eq!(most, 1024 - "\r\n".len() - 64 - " envoie\r\n".len());
    let relay = |bytes| {
        let text = relayed(&"x".repeat(bytes), &author).into();
        Message { seq: 0, body: Body::Speech { kind: Kind::Relay, emitter: 1, receiver: 0, text } }
    };
    assert_eq!(encoded(&relay(most)).len(), 6 + 1024);
    assert!(relay(most + 1).encode(&mut Vec::new()).is_err());
    assert_eq!(longest_relayed(usize::MAX), 0);
}

#[test]
fn s9_only_the_agreed_words_agree() {
    assert!(words::is_agreement("je suis d'accord"));
    for text in ["", "non", "je suis d'accord ?", "je ne suis pas d'accord", "Je suis d'accord"] {
        assert!(!words::is_agreement(text), "{text}");
    }
}

#[test]
fn s4_a_line_of_a_list_names_the_room_the_user_and_where_he_is_reached() {
    let address: SocketAddrV4 = "192.0.2.7:40000".parse().unwrap();
    let lucy = entry(None, 7, "Lucy", None);
    assert_eq!(lucy, Entry { room: 0, private: false, user: 7, text: "publique, Lucy".into() });
    let bob = entry(Some((3, "dota2")), 8, "Bob", Some(address));
    assert_eq!(bob, Entry { room: 3, private: true, user: 8, text: "dota2, Bob, 192.0.2.7:40000".into() });
    assert_eq!(listed(&lucy), Some(Listed { room: "publique", user: "Lucy", address: None }));
    assert_eq!(listed(&bob), Some(Listed { room: "dota2", user: "Bob", address: Some(address) }));

    let of = |text: &'static str| {
        let entry = Entry { text: text.into(), ..lucy.clone() };
        listed(&entry).map(|listed| (listed.room.to_owned(), listed.user.to_owned(), listed.address))
    };
    assert_eq!(of("lol,Sheng"), Some(("lol".into(), "Sheng".into(), None)));
    assert_eq!(of("lol, Sheng, nowhere"), Some(("lol".into(), "Sheng".into(), None)));
    for end in ["", "\n", "\r\n"] {
        let line = Entry { text: format!("dota2, Bob, 192.0.2.7:40000{end}").into(), ..bob.clone() };
        assert_eq!(listed(&line), listed(&bob), "S2: {end:?}");
    }
    assert_eq!(of("lol, Sheng, 1.2.3.4:5, more"), None);
    assert_eq!(of("lol"), None);
    assert_eq!(of(""), None);
}

#[test]
fn s4_a_list_goes_on_where_1024_bytes_of_text_are_full() {
    assert_eq!(pages(vec![]), [vec![]]);
    let line = |bytes| Entry { room: 0, private: false, user: 1, text: "x".repeat(bytes).into() };
    let lens = |lens: &[usize]| -> Vec<Vec<usize>> {
        let pages = pages(lens.iter().map(|len| line(*len)).collect());
        pages.iter().map(|page| page.iter().map(|entry| entry.text.len()).collect()).collect()
    };
    assert_eq!(lens(&[511, 511, 2]), [vec![511, 511, 2]]);
    assert_eq!(lens(&[511, 511, 3, 1]), [vec![511, 511], vec![3, 1]]);
    assert_eq!(lens(&[14; 74]), [vec![14; 73], vec![14]]);
}

#[test]
fn the_server_says_what_the_original_has_it_say() {
    assert_eq!(words::invited("Sheng"), "Sheng vous invite messagerie");
    assert_eq!(words::asks_to_enter("Bob"), "Bob demande d'entrer");
    assert_eq!(words::welcome("Bob"), "Bienvenue Bob");
    let file = include_str!("../../../spec/shen-vectors.json");
    let worked = [
        words::NAME_TAKEN,
        words::NO_SUCH_RECEIVER,
        words::MODES,
        words::AGREED,
        words::ALONE,
        words::DISSOLVED,
        "Sheng vous invite messagerie",
        "Bob demande d'entrer",
        "Bienvenue Bob",
    ];
    for sentence in worked {
        assert!(file.contains(&format!("\"text\": \"{sentence}\"")), "{sentence}");
    }
    // The original forgets its question mark, or writes it in another encoding, and misspells "êtes".
    assert_eq!(words::VOTE, "manager change la mode vous êtes d'accord ?");
    assert_eq!(words::dropped(1), "1 message pour vous est perdu");
    assert_eq!(words::dropped(2), "2 messages pour vous sont perdus");
}

proptest! {
    #[test]
    fn s14_what_is_said_comes_back_with_its_author(text in text(200), author in name()) {
        let relayed = relayed(&text, &author);
        prop_assert_eq!(said(&relayed), (&text[..], Some(&author[..])));
    }

    #[test]
    fn s14_whatever_was_relayed_by_others_is_read_or_left_whole(text in text(60), end in "[a ,\r\n]{0,6}( envoie)?") {
        let relayed = text + &end;
        match said(&relayed) {
            (text, None) => prop_assert_eq!(text, &relayed[..]),
            (text, Some(author)) => {
                prop_assert!(relayed.starts_with(text));
                let end = format!("{author} envoie");
                prop_assert!(relayed.ends_with(&end));
                prop_assert_eq!(user_name(author), Some(author));
            }
        }
    }

    #[test]
    fn s4_what_a_list_says_comes_back(
        room in option::of((1_u16..=100, name())), user in 1_u16..1024, name in name(), address in option::of(address())
    ) {
        let entry = entry(room.as_ref().map(|(handle, room)| (*handle, &room[..])), user, &name, address);
        prop_assert!(entry.text.len() <= Entry::MOST_TEXT);
        prop_assert_eq!(entry.private, room.is_some());
        let room = room.as_ref().map_or("publique", |(_, room)| room);
        prop_assert_eq!(listed(&entry), Some(Listed { room, user: &name, address }));
    }

    #[test]
    fn s4_every_page_can_be_sent_and_nothing_is_lost_between_them(lens in vec(0_usize..=511, 0..40)) {
        let line = |(user, len)| Entry { room: 0, private: false, user, text: "x".repeat(len).into() };
        let all: Vec<_> = (0..).zip(lens).map(line).collect();
        let pages = pages(all.clone());
        prop_assert!(!pages.is_empty());
        prop_assert!(pages.iter().all(|page| !page.is_empty()) || all.is_empty());
        for page in &pages {
            let message = Message { seq: 0, body: Body::List(page.clone()) };
            prop_assert_eq!(decoded(&encoded(&message)), Ok(message));
        }
        prop_assert_eq!(pages.concat(), all);
    }
}
