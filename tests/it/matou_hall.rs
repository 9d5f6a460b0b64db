//! The public room of Matou: names, arrivals, texts, departures (A1, A2, A3, A5, A7, A9 to A11).

use palabre::dialect::matou::Message;
use palabre::engine::{Config, Departure, Dialect, DropReason, Event, Listener};
use palabre::ids::ListenerId;
use palabre::time::Duration;

use crate::matou_client::{Client, REFUSED, UNKNOWN, arrived, connect, encoded, left, said, served};
use crate::served::Served;

const MATOU: ListenerId = ListenerId(0);

/// These have joined, in this order, and heard of each other.
fn hall<const N: usize>(names: [&str; N]) -> (Served, [Client; N]) {
    let served = served();
    let clients = names.map(|name| Client::joins(&served, MATOU, name));
    clients.iter().for_each(|client| drop(client.heard()));
    (served, clients)
}

#[test]
fn a2_the_newcomer_hears_that_he_is_in_then_that_he_came_and_the_others_that_he_came() {
    let served = served();
    let minou = Client::new(&served, MATOU);
    minou.sends(&connect("Minou"));
    minou.hears(&[Message::Connected { accepted: true }, arrived("Minou")]);
    let felix = Client::new(&served, MATOU);
    felix.sends(&connect("Felix"));
    felix.hears(&[Message::Connected { accepted: true }, arrived("Felix")]);
    minou.hears(&[arrived("Felix")]);
    let from = "203.0.0.1:50000".parse().unwrap();
    let name: std::sync::Arc<str> = "Minou".into();
    let event = Event::Arrived { name, dialect: Dialect::Matou, id: None, from };
    assert_eq!(served.events().first(), Some(&event));
}

#[test]
fn a1_a_taken_name_is_refused_whatever_its_letter_case_and_another_may_be_tried() {
    let (served, [minou]) = hall(["Minou"]);
    let other = Client::new(&served, MATOU);
    for name in ["Minou", "minou", "MINOU"] {
        other.sends(&connect(name));
        other.hears(&[REFUSED]);
    }
    other.signs_in("Felix");
    minou.hears(&[arrived("Felix")]);
    minou.line.dies();
    Client::joins(&served, MATOU, "MiNoU");
    other.hears(&[left("Minou"), arrived("MiNoU")]);
}

#[test]
fn a1_a_name_that_breaks_the_rules_is_refused_and_the_connection_closed() {
    let (served, [minou]) = hall(["Minou"]);
    for name in ["", "a b", "Minou!", "tab\t", "a_b", "🐈", "\u{85}", "a\0"] {
        let other = Client::new(&served, MATOU);
        other.sends(&connect(name));
        other.is_closed_after(&[REFUSED]);
    }
    // Not UTF-8; and too long, which its size alone says.
    for bytes in [&b"\0\0\0\x01\0\0\0\x02\xc3\x28"[..], b"\0\0\0\x01\0\0\0\x21"] {
        let other = Client::new(&served, MATOU);
        other.line.dribbles(bytes);
        other.is_closed_after(&[REFUSED]);
    }
    minou.hears_nothing();
    for name in ["Ζωή٣老虎", &"é".repeat(16), "7"] {
        Client::joins(&served, MATOU, name);
    }
}

#[test]
fn a1_who_asks_for_a_name_twice_is_closed_and_gone() {
    let (_, [minou, felix]) = hall(["Minou", "Felix"]);
    felix.sends(&connect("Felix2"));
    felix.is_closed_after(&[UNKNOWN]);
    minou.hears(&[left("Felix")]);
}

#[test]
fn a3_a_text_reaches_everybody_and_its_author_once_and_in_one_order() {
    let (_, clients) = hall(["Minou", "Felix", "Zoé"]);
    clients[0].says("miaou");
    clients[1].says("ça va ? 🐈");
    clients[2].says(&"x".repeat(512));
    let long = "x".repeat(512);
    let all = [said("Minou", "miaou"), said("Felix", "ça va ? 🐈"), said("Zoé", &long)];
    clients.iter().for_each(|client| client.hears(&all));
}

#[test]
fn a3_a_text_that_breaks_the_rules_is_an_error_and_the_end() {
    for text in ["", "a\nb", "\u{1b}[2J", "\u{7f}", "a\u{9b}", "\r\n", "\0"] {
        let (_, [minou, felix]) = hall(["Minou", "Felix"]);
        minou.says(text);
        minou.is_closed_after(&[UNKNOWN]);
        felix.hears(&[left("Minou")]);
        felix.is_here();
    }
    for bytes in [&b"\0\0\0\x04\0\0\0\x02\xc3\x28"[..], b"\0\0\0\x04\0\0\x02\x01"] {
        let (_, [minou, felix]) = hall(["Minou", "Felix"]);
        minou.line.sends(bytes);
        minou.is_closed_after(&[UNKNOWN]);
        felix.hears(&[left("Minou")]);
    }
}

#[test]
fn a5_end_reset_and_disco_are_the_sign_out() {
    let ends: [fn(&Client); 3] =
        [|client| client.line.ends(), |client| client.line.dies(), |client| client.sends(&Message::SignOut)];
    for end in ends {
        let (served, [minou, felix]) = hall(["Minou", "Felix"]);
        served.events();
        end(&felix);
        assert!(felix.line.is_closed());
        minou.hears(&[left("Felix")]);
        minou.says("seul");
        minou.hears(&[said("Minou", "seul")]);
        felix.hears_nothing();
        let name: std::sync::Arc<str> = "Felix".into();
        assert_eq!(served.events(), [Event::Departed { name, id: None, why: Departure::Disconnected }]);
    }
}

#[test]
fn a5_what_was_said_before_the_end_is_heard_before_it() {
    let (_, [minou, felix]) = hall(["Minou", "Felix"]);
    felix.line.sends(&[encoded(&Message::Say { text: "salut".into() }), encoded(&Message::SignOut)].concat());
    minou.hears(&[said("Felix", "salut"), left("Felix")]);
    felix.is_closed_after(&[said("Felix", "salut")]);
}

#[test]
fn a5_who_leaves_before_he_came_is_not_missed() {
    let (served, [minou]) = hall(["Minou"]);
    for end in [Client::sends as fn(&Client, &Message<'_>), |client, _| client.line.dies()] {
        let other = Client::new(&served, MATOU);
        end(&other, &Message::SignOut);
        other.is_closed_after(&[]);
    }
    minou.hears_nothing();
}

#[test]
fn a9_a_connection_on_which_nobody_signs_in_is_closed_after_two_minutes() {
    let (served, [minou]) = hall(["Minou"]);
    let other = Client::new(&served, MATOU);
    served.passes(Duration::from_secs(119));
    other.sends(&connect("Minou"));
    other.hears(&[REFUSED]);
    served.passes(Duration::from_secs(1));
    other.is_closed_after(&[]);
    assert_eq!(served.dropped(DropReason::NoLogin), 1);
    served.passes(Duration::from_secs(86_400));
    minou.is_here();
}

#[test]
fn a10_one_connection_too_many_hears_an_error_and_its_end() {
    let mut config = Config::new(vec![Listener::of(Dialect::Matou)]);
    config.limits.connections = 2;
    let served = Served::new(config);
    let minou = Client::joins(&served, MATOU, "Minou");
    let felix = Client::joins(&served, MATOU, "Felix");
    Client::new(&served, MATOU).is_closed_after(&[UNKNOWN]);
    felix.line.dies();
    Client::joins(&served, MATOU, "Zoé");
    minou.hears(&[arrived("Felix"), left("Felix"), arrived("Zoé")]);
}

#[test]
fn a11_nobody_has_the_name_of_the_server_and_by_it_everybody_hears_of_its_end() {
    let (served, [minou, felix]) = hall(["Minou", "Felix"]);
    let other = Client::new(&served, MATOU);
    for name in ["palabre", "Palabre"] {
        other.sends(&connect(name));
        other.hears(&[REFUSED]);
    }
    served.stops();
    for client in [&minou, &felix] {
        let heard = client.heard();
        assert!(matches!(&heard[..], [Message::Said { author, .. }] if author == "palabre"), "{heard:?}");
        assert!(client.line.is_closed());
    }
    other.is_closed_after(&[]);
}
