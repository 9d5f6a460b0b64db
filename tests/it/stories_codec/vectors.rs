//! Every entry of `spec/stories-vectors.json`.

use palabre::dialect::stories::{Answer, DEFAULT_LIMIT, Fault, Form, Request, Style, command, dissect};
use serde_json::{Value, json};

use super::frames;
use crate::codec::from_hex;

fn entries(list: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../../../spec/stories-vectors.json")).expect("JSON");
    file[list].as_array().expect("a list").clone()
}

#[track_caller]
fn only_frame(entry: &Value) -> (Form, String) {
    let bytes = from_hex(entry["hex"].as_str().unwrap());
    let mut found = frames(DEFAULT_LIMIT, [&bytes[..]]).unwrap();
    assert_eq!(found.len(), 1, "{entry}");
    let (form, content) = found.remove(0);
    (form, String::from_utf8(content).unwrap())
}

fn style(entry: &Value) -> Style {
    if entry["style"] == "bar" { Style::Bar } else { Style::Quoted }
}

/// A request as the vectors write it.
fn request(request: &Request<'_>) -> (String, Value) {
    let (command, arguments) = match request {
        Request::Login { name } => ("LOGIN", json!([name])),
        Request::Join { room } => ("JOIN_ROOM", json!([room])),
        Request::Enter { room } => ("ROOM", json!([room])),
        Request::Say { speaker: None, text } => ("MSG", json!([text])),
        Request::Say { speaker: Some(by), text } => ("MSG", json!([by.room, by.name, text])),
        Request::File { speaker: by, file } => ("FILE", json!([by.room, by.name, file])),
        Request::Bye { speaker: by } => ("BYE", json!([by.room, by.name])),
        Request::Quit => ("QUIT", json!([])),
        Request::BeginSequence { id } => ("BEGIN_SEQUENCE", json!([id])),
        Request::Json(text) => ("JSON", json!([text])),
        Request::Unknown { command } => ("unknown", json!([command])),
    };
    (command.into(), arguments)
}

fn answer(answer: &Answer<'_>) -> (String, Value) {
    let (word, arguments) = match answer {
        Answer::Rooms(rooms) => ("DISPLAY_ROOM", json!(rooms)),
        Answer::Done => ("OK", json!([])),
        Answer::Refused { why } => ("KO", json!([why])),
        Answer::Error { why } => ("ERROR", json!([why])),
        Answer::Said { room: Some(room), name, text } => ("MSG", json!([room, name, text])),
        Answer::Said { room: None, name, text } => ("MSG", json!([name, text])),
        Answer::System { words } => ("SYSTEM", json!([words])),
        Answer::Broadcast { words } => ("ADMIN_BROADCAST", json!([words])),
        Answer::Complete { id, result } => ("COMPLETE", json!([id, result])),
        Answer::Json(text) => ("JSON", json!([text])),
    };
    (word.into(), arguments)
}

#[test]
fn b2_every_request_of_the_vectors_is_read_as_it_says() {
    let entries = entries("requests");
    assert_eq!(entries.len(), 21);
    for entry in entries {
        let (form, text) = only_frame(&entry);
        assert_eq!(form == Form::Lines, entry["form"] == "lines", "{entry}");
        let (found, parsed) = Request::parse(&text);
        assert_eq!(found, style(&entry), "{entry}");
        let (command, arguments) = request(&parsed.unwrap());
        assert_eq!((json!(command), &arguments), (entry["command"].clone(), &entry["arguments"]), "{entry}");
    }
}

#[test]
fn b2_every_answer_of_the_vectors_is_read_as_it_says_and_said_to_the_byte() {
    let entries = entries("answers");
    assert_eq!(entries.len(), 12);
    for entry in entries {
        let (_, text) = only_frame(&entry);
        let parsed = Answer::parse(&text).unwrap().unwrap();
        let (word, arguments) = answer(&parsed);
        assert_eq!((json!(word), &arguments), (entry["answer"].clone(), &entry["arguments"]), "{entry}");
        assert_eq!(parsed.text(style(&entry)), Some(text), "{entry}");
    }
}

#[test]
fn b8_every_faulty_text_of_the_vectors_is_a_fault_of_that_kind() {
    let entries = entries("faults");
    assert_eq!(entries.len(), 13);
    for entry in entries {
        let fault = match Request::parse(entry["text"].as_str().unwrap()).1 {
            Err(Fault::Empty) => "empty",
            Err(Fault::NoCommand) => "no command",
            Err(Fault::Unterminated) => "unterminated",
            Err(Fault::Unquoted) => "unquoted",
            Err(Fault::Arguments { .. }) => "arguments",
            Ok(request) => panic!("{entry}: {request:?}"),
        };
        assert_eq!(entry["fault"], fault, "{entry}");
    }
}

#[test]
fn b1_every_bad_frame_of_the_vectors_is_refused() {
    let entries = entries("bad_frames");
    assert_eq!(entries.len(), 4);
    for entry in entries {
        let bytes = from_hex(entry["hex"].as_str().unwrap());
        match frames(DEFAULT_LIMIT, [&bytes[..]]) {
            Err(why) => assert_eq!((entry["why"].as_str(), why.longest), (Some("long"), DEFAULT_LIMIT)),
            Ok(found) => {
                assert_eq!(entry["why"], "utf-8", "{entry}");
                assert!(core::str::from_utf8(&found[0].1).is_err(), "{entry}");
            }
        }
        assert!(dissect(&bytes).1.is_err(), "{entry}");
    }
}

#[test]
fn every_frame_of_the_vectors_is_shown_without_a_gap() {
    for entry in [entries("requests"), entries("answers")].concat() {
        let bytes = from_hex(entry["hex"].as_str().unwrap());
        let (rows, result) = dissect(&bytes);
        assert_eq!(result, Ok(()), "{entry}");
        assert_eq!(rows.iter().map(|row| row.bits).sum::<usize>(), bytes.len() * 8, "{entry}");
        let name = entry.get("command").or(entry.get("answer")).unwrap();
        assert_eq!(command(&bytes).unwrap_or("unknown"), name, "{entry}");
    }
}

#[test]
fn b1_a_line_from_the_middle_of_a_connection_is_read_as_one() {
    for (line, named) in [
        ("OK\n", "OK"),
        ("KO \"non\"\n", "KO"),
        ("MSG \"public\" \"bob\" \"salut\"\r\n", "MSG"),
        ("msg|salut\n", "MSG"),
        ("{\"type\":\"ACK\",\"seq\":1}\n", "JSON"),
    ] {
        assert_eq!(command(line.as_bytes()), Some(named), "{line}");
        let (rows, result) = dissect(line.as_bytes());
        assert_eq!(result, Ok(()), "{line}");
        let bits: usize = rows.iter().map(|row| row.bits).sum();
        assert_eq!(bits, line.len() * 8, "{line}: {rows:?}");
    }
}
