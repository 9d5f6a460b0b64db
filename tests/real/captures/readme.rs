//! The page of the folder, from the scenes themselves.
//!
//! In: what each scene says of itself. Out: `tests/captures/README.md`. Must not know how captures are made.

use std::fs;
use std::path::Path;

use super::Scene;

/// The longest line of the page.
const WIDTH: usize = 120;

const HEAD: &str = "\
# Golden captures

    cargo test --test real -- --ignored make_the_captures

makes all of them again, in two minutes; with `PALABRE_CAPTURE=shen`, those with that in their names. Each was written by a daemon that served real people on real sockets (`serve --capture`, see
[spec/capture.md](../../spec/capture.md)); what the people say stands in `tests/real/captures`. Seeds are fixed and written
in the files; times differ from run to run, and so does what a bad link loses.

`cargo test` lets a server live through each of them again, and wants the same bytes; `palabre replay FILE` tells one as a
story, `palabre replay --check FILE` checks one, Wireshark opens it.
";

const TAIL: &str = "
## What is missing

One reason why something is dropped stands in no capture, `no such listener`: a peer can only reach listeners that exist.

What members of a decentralised room, or of a private connection, say to each other does not pass through the server; where
such a message stands here, somebody has sent it to the server, where it is a fault.
";

pub(super) fn write(scenes: &[&Scene], folder: &Path) {
    let mut page = HEAD.to_owned();
    for scene in scenes {
        page.push_str(&format!("\n## {}.pcapng\n\n", scene.name));
        page.push_str(&filled(scene.about));
    }
    page.push_str(TAIL);
    fs::write(folder.join("README.md"), page).expect("a page");
}

/// The words in lines.
fn filled(words: &str) -> String {
    let (mut lines, mut column) = (String::new(), 0);
    for word in words.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            lines.push('\n');
            column = 0;
        }
        if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines.push('\n');
    lines
}
