//! Whatever bytes come, the codec of Stories holds its laws (B1, B2, B8).
//!
//! In: a stream, as it begins a connection. Out: nothing, or a panic that says which law broke. Must not know what a
//! request means.
//!
//! The laws: no panic; byte by byte the stream gives the same frames and the same end as in one piece; no more is held
//! than the limit; what is read as a request or an answer is said in words that are read as the same; the dissector's
//! pieces follow each other without a gap, and it finds no fault in the words that the decoder reads.

use palabre::dialect::stories::{Answer, Form, Request, StoriesFraming, Style, command, dissect, frame};
use palabre::wire::{Deframer, Fault, TooLong};

const LIMIT: usize = 64;

/// Checks the laws on one stream.
pub fn run(stream: &[u8]) {
    let (whole, end) = frames(stream.chunks(stream.len().max(1)));
    assert_eq!(frames(stream.chunks(1)), (whole.clone(), end));
    for (form, content) in &whole {
        if let Ok(text) = core::str::from_utf8(content) {
            request(text);
            answer(text);
            framed(*form, text);
        }
    }
    let (rows, result) = dissect(stream);
    let _ = command(stream);
    let mut bit = 0;
    for row in &rows {
        assert_eq!(row.bit, bit, "a gap before {}", row.name);
        bit += row.bits;
    }
    match result {
        Ok(()) => assert_eq!(bit, stream.len() * 8),
        Err(wrong) => {
            assert!(bit <= stream.len() * 8);
            let first = whole.first().map(|(_, content)| core::str::from_utf8(content));
            let is_read = first.is_some_and(|text| text.is_ok_and(|text| Request::parse(text).1.is_ok()));
            assert!(
                !is_read
                    || matches!(
                        wrong.fault,
                        Fault::Leftover { .. } | Fault::Unterminated { .. } | Fault::Reserved(_)
                    )
            );
        }
    }
}

type Found = (Vec<(Form, Vec<u8>)>, Option<TooLong>);

fn frames<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Found {
    let (mut deframer, mut found) = (Deframer::new(StoriesFraming::new(LIMIT)), Vec::new());
    let mut form = None;
    for mut piece in pieces {
        loop {
            match deframer.next(&mut piece) {
                Ok(Some(whole)) => {
                    let form = *form.get_or_insert_with(|| {
                        Form::of(whole.iter().copied()).expect("a frame has four bytes")
                    });
                    found.push((form, form.content(&whole).to_vec()));
                }
                Ok(None) => break,
                Err(why) => return (found, Some(why)),
            }
        }
        assert!(deframer.held() <= LIMIT + 4);
    }
    (found, None)
}

fn request(text: &str) {
    let (style, Ok(request)) = Request::parse(text) else { return };
    if matches!(request, Request::Unknown { .. } | Request::Json(_) | Request::Quit) {
        return;
    }
    let said = request.text(style).expect("a style can say what it said");
    assert_eq!(Request::parse(&said), (style, Ok(request)));
}

fn answer(text: &str) {
    let Ok(Some(answer)) = Answer::parse(text) else { return };
    for style in [Style::Quoted, Style::Bar] {
        let Some(said) = answer.text(style) else { continue };
        assert!(!said.is_empty());
        let again = Answer::parse(&said).expect("what is said can be read").expect("and is in the language");
        assert_eq!(
            Answer::parse(&again.text(style).expect("said once, said twice")),
            Ok(Some(again.clone()))
        );
    }
}

fn framed(form: Form, text: &str) {
    let mut out = Vec::new();
    frame(form, text, &mut out);
    assert_eq!(out.is_empty(), text.is_empty());
    let mut deframer = Deframer::new(StoriesFraming::answers(form, LIMIT));
    let mut rest = &out[..];
    let whole = deframer.next(&mut rest).expect("not too long").map(|whole| form.content(&whole).to_vec());
    assert!(rest.is_empty());
    // A line keeps everything but line ends, and a CR at its end would be taken for one.
    let kept = text.replace(['\r', '\n'], " ");
    let wanted = if form == Form::Lines { &*kept } else { text };
    assert_eq!(whole.unwrap_or_default(), wanted.as_bytes());
}
