//! Laws that hold for every request, every answer, every stream.

use palabre::dialect::stories::{Answer, Form, Request, Speaker, Style, frame, is_name};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::frames;
use crate::bodies::stories_decode;

/// Any text, with more delimiters than texts usually have.
fn text() -> impl Strategy<Value = String> {
    let odd = select(vec!["|", "\"", "\\", "\\\"", "\n", "\r\n", "{", "¦", " ", "MSG|", "🦊"])
        .prop_map(String::from);
    vec(prop_oneof![odd, any::<char>().prop_map(String::from), "[a-z ]{0,9}"], 0..12)
        .prop_map(|all| all.concat())
}

/// A name as one has it between bars.
fn name() -> impl Strategy<Value = String> {
    text().prop_map(|text| text.replace('|', "¦").trim().to_owned())
}

fn speaker() -> impl Strategy<Value = Speaker<'static>> {
    (name(), name()).prop_map(|(room, name)| Speaker { room: room.into(), name: name.into() })
}

fn request() -> impl Strategy<Value = (Style, Request<'static>)> {
    let style = select(vec![Style::Quoted, Style::Bar]);
    let either = prop_oneof![
        name().prop_map(|name| Request::Login { name: name.into() }),
        name().prop_map(|room| Request::Join { room: room.into() }),
        name().prop_map(|room| Request::Enter { room: room.into() }),
        (speaker(), name()).prop_map(|(speaker, file)| Request::File { speaker, file: file.into() }),
        speaker().prop_map(|speaker| Request::Bye { speaker }),
        name().prop_map(|id| Request::BeginSequence { id: id.into() }),
    ];
    let quoted = (speaker(), text())
        .prop_map(|(speaker, text)| Request::Say { speaker: Some(speaker), text: text.into() });
    let bar = text().prop_map(|text| Request::Say { speaker: None, text: text.into() });
    prop_oneof![
        6 => (style, either),
        1 => quoted.prop_map(|request| (Style::Quoted, request)),
        1 => bar.prop_map(|request| (Style::Bar, request)),
    ]
}

fn answer() -> impl Strategy<Value = Answer<'static>> {
    let words = || text().prop_map(std::borrow::Cow::Owned);
    prop_oneof![
        vec(words(), 0..5).prop_map(Answer::Rooms),
        Just(Answer::Done),
        words().prop_map(|why| Answer::Refused { why }),
        words().prop_map(|why| Answer::Error { why }),
        (words(), words(), words()).prop_map(|(room, name, text)| Answer::Said {
            room: Some(room),
            name,
            text
        }),
        words().prop_map(|words| Answer::System { words }),
        words().prop_map(|words| Answer::Broadcast { words }),
        (words(), words()).prop_map(|(id, result)| Answer::Complete { id, result }),
    ]
}

/// What the style of bars keeps of an answer: no room, no bars, and one word for both kinds of failure.
fn between_bars(answer: Answer<'_>) -> Answer<'static> {
    let plain = |text: &str| text.replace('|', "¦").into();
    match answer {
        Answer::Refused { why } | Answer::Error { why } => Answer::Error { why: plain(&why) },
        Answer::Said { name, text, .. } => {
            Answer::Said { room: None, name: plain(&name), text: plain(&text) }
        }
        Answer::System { words } => Answer::System { words: plain(&words) },
        Answer::Broadcast { words } => Answer::Broadcast { words: plain(&words) },
        Answer::Complete { id, result } => {
            Answer::Complete { id: plain(id.trim()), result: plain(result.trim()) }
        }
        other => panic!("{other:?} is not said between bars"),
    }
}

proptest! {
    #[test]
    fn b2_what_is_asked_is_read_as_it_was_meant((style, request) in request()) {
        let said = request.text(style).unwrap();
        prop_assert_eq!(Request::parse(&said), (style, Ok(request)));
    }

    #[test]
    fn b2_what_is_answered_between_quotation_marks_is_read_as_it_was_meant(answer in answer()) {
        let said = answer.text(Style::Quoted).unwrap();
        prop_assert_eq!(Answer::parse(&said), Ok(Some(answer)));
    }

    #[test]
    fn b8_what_is_answered_between_bars_is_read_as_it_was_meant_but_for_bars(answer in answer()) {
        match answer.text(Style::Bar) {
            Some(said) => prop_assert_eq!(Answer::parse(&said), Ok(Some(between_bars(answer)))),
            None => prop_assert!(matches!(answer, Answer::Done | Answer::Rooms(_))),
        }
    }

    #[test]
    fn b1_frames_come_out_as_they_went_in_however_the_stream_is_cut(
        texts in vec(text(), 1..8),
        cuts in vec(1_usize..9, 1..9),
    ) {
        let mut stream = Vec::new();
        for text in &texts {
            frame(Form::Prefixed, text, &mut stream);
        }
        let (mut pieces, mut rest, mut cuts) = (Vec::new(), &stream[..], cuts.iter().cycle());
        while !rest.is_empty() {
            let (piece, left) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
            pieces.push(piece);
            rest = left;
        }
        let found = frames(4_096, pieces).unwrap();
        let wanted: Vec<_> = texts
            .into_iter()
            .filter(|text| !text.is_empty())
            .map(|text| (Form::Prefixed, text.into_bytes()))
            .collect();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn b1_lines_come_out_as_they_went_in_but_for_line_ends(texts in vec(text(), 1..8)) {
        let mut stream = b"HELO\n".to_vec();
        for text in &texts {
            frame(Form::Lines, text, &mut stream);
        }
        let found = frames(4_096, stream.chunks(3)).unwrap();
        let texts = texts.iter().filter(|text| !text.is_empty());
        let wanted: Vec<_> = texts.map(|text| text.replace(['\r', '\n'], " ").into_bytes()).collect();
        let (forms, found): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        prop_assert!(forms.iter().all(|form| *form == Form::Lines));
        prop_assert_eq!(&found[1..], &wanted[..]);
    }

    #[test]
    fn b8_no_stream_breaks_a_law(stream in vec(any::<u8>(), 0..80), head in select(vec!["", "LOGIN|", "MSG|", "\0\0\0\x10MSG "])) {
        stories_decode::run(&[head.as_bytes(), &stream].concat());
    }

    #[test]
    fn b8_no_words_break_a_law(texts in vec(text(), 0..5), word in "[A-Z_]{3,9}[ |\"]?") {
        let mut stream = Vec::new();
        for text in &texts {
            frame(Form::Prefixed, &(word.clone() + text), &mut stream);
        }
        stories_decode::run(&stream);
        stories_decode::run((word + &texts.concat() + "\n").as_bytes());
    }

    #[test]
    fn b3_a_name_can_be_said_in_either_style(name in "\\PC{0,40}") {
        if is_name(&name) {
            for style in [Style::Quoted, Style::Bar] {
                let said = Request::Login { name: name.trim().into() }.text(style).unwrap();
                let (_, Ok(Request::Login { name: read })) = Request::parse(&said) else { panic!("{said}") };
                prop_assert_eq!(&read, name.trim());
            }
        }
        prop_assert_eq!(is_name(&name), !name.contains('|') && (1..=32).contains(&name.len()));
    }
}
