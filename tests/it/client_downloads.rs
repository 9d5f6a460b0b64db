//! Names of files that strangers chose: whatever they write, the file stays in its folder.

use palabre::client::stream::names::{LONGEST, other, safe};
use proptest::prelude::*;

#[test]
fn ordinary_names_stay_as_they_are() {
    for name in
        ["photo.jpg", "Été à Paris.tar.gz", "漢字", "a b (2).txt", "_", "-rf", "README", "console.log"]
    {
        assert_eq!(safe(name), name);
    }
}

#[test]
fn a8_hostile_names_become_harmless_ones() {
    for (given, name) in [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/", "file"),
        ("", "file"),
        ("..", "file"),
        (". . .", "file"),
        (".bashrc", "bashrc"),
        ("dir/", "dir"),
        ("C:evil.exe", "C_evil.exe"),
        ("a\0b\u{1b}[31m.txt", "ab[31m.txt"),
        ("gnp.\u{202e}exe", "gnp.exe"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("Com1.tar.gz", "_Com1.tar.gz"),
        ("lpt¹", "_lpt¹"),
        ("com", "com"),
        ("trailing. . ", "trailing"),
        ("a<b>|c?.txt", "a_b__c_.txt"),
    ] {
        assert_eq!(safe(given), name, "{given:?}");
    }
}

#[test]
fn a_long_name_keeps_its_ending_and_its_characters_whole() {
    let name = safe(&format!("{}.jpeg", "é".repeat(200)));
    assert_eq!(name, format!("{}.jpeg", "é".repeat(47)));
    assert_eq!(safe(&"x".repeat(300)), "x".repeat(LONGEST));
}

#[test]
fn the_second_file_of_a_name_has_a_number_before_its_ending() {
    assert_eq!(other("photo.jpg", 2), "photo (2).jpg");
    assert_eq!(other("README", 10), "README (10)");
    assert_eq!(other("archive.tar.gz", 3), "archive.tar (3).gz");
    assert!(other(&format!("{}.jpg", "x".repeat(96)), 9_999).len() <= LONGEST);
}

/// Texts in which what is dangerous is frequent.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("..".to_owned()),
        Just("/".to_owned()),
        Just("\\".to_owned()),
        Just(".".to_owned()),
        Just(" ".to_owned()),
        Just("\0".to_owned()),
        Just("con".to_owned()),
        Just("LPT9".to_owned()),
        Just("\u{202e}".to_owned()),
        Just("\u{200b}".to_owned()),
        any::<char>().prop_map(String::from),
        "[a-z]{1,60}",
        "\\PC{0,60}",
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

fn is_harmless(name: &str) -> Result<(), TestCaseError> {
    prop_assert!((1..=LONGEST).contains(&name.len()), "{name:?}");
    prop_assert!(!name.contains(['/', '\\', ':', '\0']) && !name.chars().any(char::is_control), "{name:?}");
    prop_assert!(!name.starts_with(['.', ' ']) && !name.ends_with(['.', ' ']), "{name:?}");
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    prop_assert!(!["con", "prn", "aux", "nul", "com1", "lpt9"].contains(&stem.as_str()), "{name:?}");
    let path = std::path::Path::new("downloads").join(name);
    prop_assert_eq!(path.components().count(), 2, "{:?}", name);
    Ok(())
}

proptest! {
    #[test]
    fn a8_no_name_leads_out_of_the_folder(given in hostile(), count in 2_u32..10_000) {
        let name = safe(&given);
        is_harmless(&name)?;
        is_harmless(&other(&name, count))?;
        prop_assert_eq!(safe(&name), name, "what is safe stays");
    }
}
