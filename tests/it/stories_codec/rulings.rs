//! The rulings B1, B2, B3 and B8 on the wire, one example each.

use palabre::dialect::stories::{
    Answer, DEFAULT_LIMIT, Fault, Form, MOST_LIMIT, Request, StoriesFraming, Style, frame, is_name,
};
use palabre::wire::{Framing, Step, TooLong};

use super::frames;

fn line(text: &[u8]) -> (Form, Vec<u8>) {
    (Form::Lines, text.to_vec())
}

#[test]
fn b1_four_capitals_begin_lines_and_everything_else_a_length() {
    let lines = frames(99, [&b"LOGIN|a\r\n\nmsg|b\r\r\nQUIT\n"[..]]).unwrap();
    assert_eq!(lines, [line(b"LOGIN|a"), line(b""), line(b"msg|b\r"), line(b"QUIT")]);
    let framed = frames(99, [&b"\0\0\0\x04QUIT\0\0\0\0\0\0\0\x01\n"[..]]).unwrap();
    let contents: Vec<_> = framed.iter().map(|(form, content)| (*form, &content[..])).collect();
    assert_eq!(contents, [(Form::Prefixed, &b"QUIT"[..]), (Form::Prefixed, b""), (Form::Prefixed, b"\n")]);
    assert!(frames(DEFAULT_LIMIT, [&b"login"[..]]).is_err(), "small letters are a length of a gigabyte");
}

#[test]
fn b1_a_length_is_judged_when_it_is_there_and_a_line_when_it_grows_too_long() {
    assert_eq!(frames(9, [&b"\0\0\0\x0a"[..]]), Err(TooLong { longest: 9, announced: Some(10) }));
    assert_eq!(frames(9, [&b"LOGI"[..], b"N|abcd"]), Err(TooLong { longest: 9, announced: None }));
    assert_eq!(frames(9, [&b"LOGI"[..], b"N|abc\n"]), Ok(vec![line(b"LOGIN|abc")]));
    let most = (u32::try_from(DEFAULT_LIMIT).unwrap()).to_be_bytes();
    assert_eq!(StoriesFraming::default().step(&[], &most), Ok(Step::Part(4)));
}

#[test]
fn b1_no_limit_lets_a_length_look_like_a_command() {
    let mut framing = StoriesFraming::new(usize::MAX);
    assert!(framing.step(&[], b"@\0\0\x01").is_err_and(|why| why.longest == MOST_LIMIT));
    assert!(u32::from_be_bytes(*b"AAAA") as usize > MOST_LIMIT);
}

#[test]
fn b1_no_frame_is_empty_and_a_line_is_one_line() {
    for form in [Form::Prefixed, Form::Lines] {
        let mut out = Vec::new();
        frame(form, "", &mut out);
        assert_eq!(out, b"");
    }
    let mut out = Vec::new();
    frame(Form::Lines, "MSG|a|b\r\nQUIT\n", &mut out);
    assert_eq!(out, b"MSG|a|b  QUIT \n");
}

#[test]
fn b2_the_first_delimiter_says_the_style() {
    let style = |text| Request::parse(text).0;
    assert_eq!([style("LOGIN|a \"b\""), style("LOGIN |a")], [Style::Bar; 2]);
    assert_eq!([style("LOGIN \"a|b\""), style("LOGIN\"a\""), style("LOGIN")], [Style::Quoted; 3]);
}

#[test]
fn b2_the_style_of_bars_says_neither_ok_nor_the_rooms_and_has_one_word_for_failure() {
    assert_eq!(Answer::Done.text(Style::Bar), None);
    assert_eq!(Answer::Rooms(vec!["room1".into()]).text(Style::Bar), None);
    let refused = Answer::Refused { why: "taken".into() };
    assert_eq!(refused.text(Style::Bar).as_deref(), Some("ERROR|taken"));
    assert_eq!(refused.text(Style::Quoted).as_deref(), Some("KO \"taken\""));
    assert_eq!(Answer::parse("KO"), Ok(Some(Answer::Refused { why: "".into() })), "a server may say no more");
    assert_eq!(Answer::parse("HELLO"), Ok(None));
}

#[test]
fn b8_to_receivers_between_bars_a_bar_is_a_broken_bar() {
    let said = Answer::Said { room: Some("public".into()), name: "a|b".into(), text: "x|y|".into() };
    assert_eq!(said.text(Style::Bar).as_deref(), Some("MSG|a¦b|x¦y¦"));
    assert_eq!(said.text(Style::Quoted).as_deref(), Some(r#"MSG "public" "a|b" "x|y|""#));
}

#[test]
fn b8_a_command_full_of_arguments_is_refused_without_keeping_them() {
    let many = format!("LOGIN {}", "\"\"".repeat(1_000_000));
    assert_eq!(Request::parse(&many).1, Err(Fault::Arguments { wanted: 1 }));
    let rooms = format!("DISPLAY_ROOM {}", "\"\"".repeat(1_000_000));
    assert!(Answer::parse(&rooms).is_err());
}

#[test]
fn b3_a_name_has_1_to_32_bytes_no_control_character_and_no_bar() {
    for good in ["a", "élan vital", "a\"b\\c", &"é".repeat(16), "🦊"] {
        assert!(is_name(good), "{good}");
    }
    for bad in ["", "a|b", "a\nb", "a\0", "a\u{85}b", &"é".repeat(17), &"a".repeat(33)] {
        assert!(!is_name(bad), "{bad:?}");
    }
}
