//! The codec of Stories: the vectors, the rulings, the laws.
mod laws;
mod rulings;
mod vectors;

use palabre::dialect::stories::{Form, StoriesFraming};
use palabre::wire::{Deframer, TooLong};

/// The frames in a stream that comes in these pieces.
fn frames<'a>(
    limit: usize,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<(Form, Vec<u8>)>, TooLong> {
    let (mut deframer, mut found) = (Deframer::new(StoriesFraming::new(limit)), Vec::new());
    let mut form = None;
    for mut piece in pieces {
        while let Some(whole) = deframer.next(&mut piece)? {
            let form = *form.get_or_insert_with(|| Form::of(whole.iter().copied()).expect("four bytes"));
            found.push((form, form.content(&whole).to_vec()));
        }
    }
    Ok(found)
}
