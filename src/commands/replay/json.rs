//! The story as JSON, an object a line.
//!
//! In: items, a summary. Out: lines in ASCII, whose keys are always the same. Must not know dialects.

use std::io::{self, Write};

use palabre::capture::Header;
use palabre::replay::{End, Histogram, Item, Mark, Message, Role, Row, Summary, Way, What, Who};
use serde_json::{Value, json};

use super::play::Show;
use crate::commands::json::{ascii, error, fields, object};

/// Writes objects.
pub(super) struct Lines<W>(pub(super) W);

impl<W: Write> Lines<W> {
    fn line(&mut self, json: &str) -> io::Result<()> {
        self.0.write_all(ascii(json).as_bytes())?;
        self.0.write_all(b"\n")
    }
}

impl<W: Write> Show for Lines<W> {
    fn file(&mut self, name: &str, at: u64, header: Option<&Header>) -> io::Result<()> {
        let members = [
            ("kind", json!("file")),
            ("at", json!(at)),
            ("name", json!(name)),
            ("palabre", json!(header.map(|header| &header.palabre))),
            ("part", json!(header.map(|header| header.part))),
        ];
        self.line(&object(&members))
    }

    fn item(&mut self, item: &Item) -> io::Result<()> {
        let (kind, more) = what(&item.what);
        let start = format!(r#"{{"kind":"{kind}","packet":{},"at":{}"#, item.packet, item.at);
        let comments = json!(item.comments);
        self.line(&format!(r#"{start}{more},"comments":{comments}}}"#))
    }

    fn summary(&mut self, summary: &Summary) -> io::Result<()> {
        let packets = &summary.packets;
        let packets = object(&[
            ("udp", json!(packets.udp)),
            ("tcp", json!(packets.tcp)),
            ("passed_over", json!(packets.passed_over)),
            ("broken", json!(packets.broken)),
            ("cut", json!(packets.cut)),
            ("lost", json!(packets.lost)),
        ]);
        let rows: Vec<_> = summary.rows.iter().map(row).collect();
        let rows = rows.join(",");
        self.line(&format!(r#"{{"kind":"summary","packets":{packets},"peers":[{rows}]}}"#))?;
        self.0.flush()
    }
}

/// What kind of thing it is, and its own members, each after a comma.
fn what(what: &What) -> (&'static str, String) {
    match what {
        What::Message(message) => ("message", said(message)),
        What::Unanswered(request) => {
            let more = [
                ("dialect", json!(request.dialect.name())),
                ("message", json!(request.message)),
                ("number", json!(request.number)),
                ("tries", json!(request.tries)),
                ("waited_us", json!(request.waited)),
                ("at_the_end", json!(request.at_the_end)),
            ];
            ("unanswered", between(&request.from, &request.to) + &members(&more))
        }
        What::Opened { from, to, dialect } => {
            ("opened", between(from, to) + &members(&[("dialect", json!(dialect.name()))]))
        }
        What::Ended { from, to } => ("ended", between(from, to)),
        What::Reset { from, to } => ("reset", between(from, to)),
        What::Window { from, to, is_open } => {
            ("window", between(from, to) + &members(&[("open", json!(is_open))]))
        }
        What::PassedOver { from, to, dialect, why } => {
            let more = [("dialect", json!(dialect.name())), ("why", json!(why))];
            ("passed_over", between(from, to) + &members(&more))
        }
        What::Broken(why) => ("broken", members(&[("why", json!(why))])),
        What::Note(note) => ("note", members(&[("note", json!(note))])),
        What::Remark => ("remark", String::new()),
    }
}

fn said(message: &Message) -> String {
    let found = &message.dissection;
    let start = between(&message.from, &message.to);
    let more = members(&[
        ("dialect", json!(message.dialect.name())),
        ("bytes", json!(message.bytes)),
        ("message", json!(found.message)),
    ]);
    let marks: Vec<_> = message.marks.iter().map(mark).collect();
    let (rows, wrong, marks) = (fields(&found.fields), error(found.error.as_ref()), marks.join(","));
    format!(r#"{start}{more},"fields":{rows},"error":{wrong},"marks":[{marks}]"#)
}

fn mark(mark: &Mark) -> String {
    match *mark {
        Mark::Answers { packet, after, tries, is_late } => object(&[
            ("mark", json!("answers")),
            ("packet", json!(packet)),
            ("after_us", json!(after)),
            ("tries", json!(tries)),
            ("late", json!(is_late)),
        ]),
        Mark::AnswersAgain { packet, count } => {
            object(&[("mark", json!("answers_again")), ("packet", json!(packet)), ("count", json!(count))])
        }
        Mark::AnswersNothing => object(&[("mark", json!("answers_nothing"))]),
        Mark::Again { packet, attempt, after } => object(&[
            ("mark", json!("again")),
            ("packet", json!(packet)),
            ("try", json!(attempt)),
            ("after_us", json!(after)),
        ]),
        Mark::Doubled { packet, after } => {
            object(&[("mark", json!("doubled")), ("packet", json!(packet)), ("after_us", json!(after))])
        }
        Mark::Cut { missing } => object(&[("mark", json!("cut")), ("missing", json!(missing))]),
    }
}

fn between(from: &End, to: &End) -> String {
    format!(r#","from":{},"to":{}"#, end(from), end(to))
}

fn end(end: &End) -> String {
    let role = if end.role == Role::Server { "server" } else { "client" };
    object(&[
        ("address", json!(end.address.to_string())),
        ("role", json!(role)),
        ("name", json!(end.name.as_deref())),
        ("id", json!(end.id)),
    ])
}

fn row(row: &Row) -> String {
    let (name, address) = match &row.who {
        Who::Named(name) => (json!(name.as_ref()), Value::Null),
        Who::Unnamed(address) => (Value::Null, json!(address.to_string())),
        Who::Both(one, other) => (json!([one, other]), Value::Null),
        Who::Others => (Value::Null, Value::Null),
    };
    let start = object(&[("dialect", json!(row.dialect.name())), ("name", name), ("address", address)]);
    let start = start.strip_suffix('}').unwrap_or(&start);
    format!(r#"{start},"sent":{},"received":{}}}"#, way(&row.sent), way(&row.received))
}

fn way(way: &Way) -> String {
    let times: &Histogram = &way.round_trips;
    let doublings: Vec<_> = times
        .doublings()
        .into_iter()
        .map(|(from, count)| object(&[("from_us", json!(from)), ("count", json!(count))]))
        .collect();
    let start = object(&[
        ("messages", json!(way.messages)),
        ("requests", json!(way.requests)),
        ("tries", json!(way.tries)),
        ("answered", json!(way.answered)),
        ("repeated", json!(way.repeated)),
        ("unanswered", json!(way.unanswered)),
        ("malformed", json!(way.malformed)),
        ("doubled", json!(way.doubled)),
        ("answers_again", json!(way.answers_again)),
        ("resent", json!(way.resent)),
        ("p50_us", json!(times.percentile(50))),
        ("p99_us", json!(times.percentile(99))),
    ]);
    let start = start.strip_suffix('}').unwrap_or(&start);
    format!(r#"{start},"round_trips":[{}]}}"#, doublings.join(","))
}

/// Members of an object, each after a comma.
fn members(members: &[(&str, Value)]) -> String {
    members.iter().map(|(key, value)| format!(r#","{key}":{value}"#)).collect()
}
