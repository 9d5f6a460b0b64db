//! What the order of events outside must not change: each input is given by hand.

use palabre::client::Ticket;
use palabre::client::stream::{
    Ask, Channel, Config, Event, Fate, FileId, Input, Output, Protocol, QuestionId, StreamClient, Why,
};
use palabre::dialect::matou::{Message, Ports};
use palabre::time::{Duration, Instant};

const NOW: Instant = Instant::from_secs(1);

fn bytes(message: &Message<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.encode(&mut bytes).unwrap();
    bytes
}

fn outputs(client: &mut StreamClient) -> Vec<Output> {
    std::iter::from_fn(|| client.poll_output()).collect()
}

/// Bob has accepted what Alice asked, and connects to both her ports.
fn calling() -> (StreamClient, Channel, Channel) {
    let config = Config::new(Protocol::Matou, "bob", "192.0.2.1:7404".parse().unwrap());
    let mut client = StreamClient::new(config, 1, NOW);
    client.handle_input(NOW, Input::Opened(Channel::SERVER));
    let ports = Ports { messages: 1_000, files: 1_001 };
    let words = [
        Message::Connected { accepted: true },
        Message::Asked { name: "alice".into() },
        Message::Meet { name: "alice".into(), address: "10.0.0.1".parse().unwrap(), ports },
    ];
    for (number, message) in words.iter().enumerate() {
        if number == 2 {
            let answer = Ask::Answer { question: QuestionId(1), accept: true };
            client.handle_input(NOW, Input::Ask(Ticket(1), answer));
        }
        client.handle_input(NOW, Input::Bytes { channel: Channel::SERVER, bytes: &bytes(message) });
    }
    let calls: Vec<_> = outputs(&mut client)
        .into_iter()
        .filter_map(|output| match output {
            Output::Connect { channel, to } if to.port() != 7404 => Some((to.port(), channel)),
            _ => None,
        })
        .collect();
    let [(1_000, messages), (1_001, files)] = calls[..] else { panic!("{calls:?}") };
    (client, messages, files)
}

#[test]
fn a8_what_is_said_before_the_second_connection_is_there_is_heard_when_it_is() {
    let (mut client, messages, files) = calling();
    client.handle_input(NOW, Input::Opened(messages));
    let [first, second] = ["one", "two"].map(|text| bytes(&Message::Private { text: text.into() }));
    client.handle_input(NOW, Input::Bytes { channel: messages, bytes: &first });
    client.handle_input(NOW, Input::Bytes { channel: messages, bytes: &second[..5] });
    assert_eq!(outputs(&mut client), []);
    client.handle_input(NOW, Input::Opened(files));
    client.handle_input(NOW, Input::Bytes { channel: messages, bytes: &second[5..] });
    let heard =
        |text: &str| Output::Event(Event::Heard { from: "alice".into(), text: text.into(), alone: true });
    let opened = Output::Event(Event::Opened { user: "alice".into(), direct: true });
    assert_eq!(outputs(&mut client), [opened, heard("one"), heard("two")]);
}

#[test]
fn a8_a_file_that_begins_before_the_connection_for_messages_is_there_is_kept() {
    let (mut client, messages, files) = calling();
    client.handle_input(NOW, Input::Opened(files));
    let mut file = bytes(&Message::File { name: "a".into(), size: 3 });
    file.extend(b"abc");
    client.handle_input(NOW, Input::Bytes { channel: files, bytes: &file });
    client.handle_input(NOW, Input::Opened(messages));
    let outputs = outputs(&mut client);
    assert!(outputs.contains(&Output::Write { file: FileId(1), bytes: b"abc".to_vec() }), "{outputs:?}");
    assert!(outputs.contains(&Output::Keep(FileId(1))), "{outputs:?}");
}

#[test]
fn a8_who_says_too_much_before_he_is_there_comes_to_nothing() {
    let (mut client, messages, files) = calling();
    client.handle_input(NOW, Input::Opened(messages));
    for _ in 0..17 {
        client.handle_input(NOW, Input::Bytes { channel: messages, bytes: &[0; 64 << 10] });
    }
    let outputs = outputs(&mut client);
    assert!(matches!(outputs[..], [.., Output::Event(Event::Closed { .. })]), "{outputs:?}");
    assert!(outputs.contains(&Output::Close(messages)) && outputs.contains(&Output::Close(files)));
}

#[test]
fn a8_who_takes_nothing_does_not_keep_us_for_ever() {
    let (mut client, messages, files) = calling();
    client.handle_input(NOW, Input::Opened(messages));
    client.handle_input(NOW, Input::Opened(files));
    let told = Ask::Tell { user: "alice".into(), text: "are you there?".into() };
    client.handle_input(NOW, Input::Ask(Ticket(2), told));
    client.handle_input(NOW, Input::Ask(Ticket(3), Ask::Disconnect));
    let said = outputs(&mut client);
    assert!(matches!(said[..], [.., Output::Bytes { .. }]), "{said:?}");
    let due = client.poll_timeout().expect("it does not wait for ever");
    client.handle_timeout(due);
    let ended = outputs(&mut client);
    let fate = Fate::GivenUp(Why::NotOpen("alice".into()));
    assert!(ended.contains(&Output::Event(Event::Text { ticket: Ticket(2), fate })), "{ended:?}");
    assert_eq!(ended.last(), Some(&Output::Event(Event::Disconnected)));
}

#[test]
fn a8_who_takes_a_little_now_and_then_is_waited_for() {
    let (mut client, messages, files) = calling();
    client.handle_input(NOW, Input::Opened(messages));
    client.handle_input(NOW, Input::Opened(files));
    let mut now = NOW;
    for number in 2..20 {
        let told = Ask::Tell { user: "alice".into(), text: "slowly".into() };
        client.handle_input(now, Input::Ask(Ticket(number), told));
        now = now + Duration::from_secs(200);
        assert!(client.poll_timeout().is_some_and(|due| due > now));
        client.handle_input(now, Input::Written(messages));
        assert_eq!(client.poll_timeout(), None);
    }
}

#[test]
fn a4_a_server_that_lets_everybody_ask_at_once_fills_no_memory() {
    let (mut client, ..) = calling();
    for number in 0..1_000 {
        let asked = bytes(&Message::Asked { name: format!("user{number}").into() });
        client.handle_input(NOW, Input::Bytes { channel: Channel::SERVER, bytes: &asked });
    }
    let outputs = outputs(&mut client);
    let questions = outputs.iter().filter(|one| matches!(one, Output::Event(Event::Question { .. })));
    assert_eq!(questions.count(), 64);
}
