//! Names of files that strangers chose, made safe.
//!
//! In: any text. Out: a name for a file in a folder: one component, that no system takes for something else. Must not know
//! whether there is such a file.

/// The most bytes of a name.
pub const LONGEST: usize = 100;
/// The name of a file whose name has nothing left.
const NAMELESS: &str = "file";
/// Longer endings are not ones that a name has to keep.
const LONGEST_ENDING: usize = 16;

/// Names that some systems take for devices, with any ending behind.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// The name that a file gets which somebody calls `given`: its last component, without what could hide it, lead
/// elsewhere, or move a cursor; 1 to [`LONGEST`] bytes. What is safe already stays as it is.
#[must_use]
pub fn safe(given: &str) -> String {
    let last = given.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !is_hidden(*c)).map(harmless).collect();
    let name = kept.trim_start_matches(|c: char| c == '.' || c.is_whitespace());
    let name = name.trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    let name = if is_device(name) { format!("_{name}") } else { name.to_owned() };
    let name = shortened(&name, LONGEST);
    if name.is_empty() { NAMELESS.into() } else { name }
}

/// Another name for the same file, the `count`th: `photo (2).jpg`. It is as safe as the first.
#[must_use]
pub fn other(name: &str, count: u32) -> String {
    let (stem, ending) = parts(name);
    let mark = format!(" ({count})");
    let room = LONGEST.saturating_sub(mark.len()).saturating_sub(ending.len());
    let stem = stem.get(..stem.floor_char_boundary(room)).unwrap_or_default();
    format!("{stem}{mark}{ending}")
}

/// What is left of a name that is too long, with its ending.
fn shortened(name: &str, longest: usize) -> String {
    if name.len() <= longest {
        return name.into();
    }
    let (stem, ending) = parts(name);
    let room = longest.saturating_sub(ending.len());
    let stem = stem.get(..stem.floor_char_boundary(room)).unwrap_or_default();
    let short = format!("{stem}{ending}");
    short.trim_end_matches(|c: char| c == '.' || c.is_whitespace()).into()
}

/// A name and its ending, with the dot.
fn parts(name: &str) -> (&str, &str) {
    let dot = name.rfind('.').filter(|dot| *dot > 0 && name.len() - dot <= LONGEST_ENDING);
    name.split_at_checked(dot.unwrap_or(name.len())).unwrap_or((name, ""))
}

/// Control characters, and what is not seen or turns the direction of writing.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// What some systems do not let a name have.
const fn harmless(c: char) -> char {
    match c {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        c => c,
    }
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let is_port = port.is_some_and(|rest| {
        let mut rest = rest.chars();
        matches!(rest.next(), Some('0'..='9' | '¹' | '²' | '³')) && rest.next().is_none()
    });
    is_port || DEVICES.contains(&stem.as_str())
}
