//! The tables of the Wireshark dissector: what the protocols have, written down for another language.
//!
//! In: the fields, types and words of the dialects. Out: the marked block of `packaging/wireshark/palabre.lua`, which must be
//! exactly that; `PALABRE_BLESS=1` writes it anew. Must not know what the dissector does with them.

use std::fmt::Write as _;
use std::path::Path;

use palabre::dialect::{matou, msp, shen, stories, stumtp};
use palabre::wire::Field;

const BEGIN: &str = "-- BEGIN TABLES\n";
const END: &str = "-- END TABLES\n";
const WARNING: &str =
    "-- Written by `PALABRE_BLESS=1 cargo test --test it wireshark_tables`: change the crate, not this.\n";

#[test]
fn the_tables_of_the_dissector_are_those_of_the_crate() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/wireshark/palabre.lua");
    let script = std::fs::read_to_string(&path).expect("the dissector can be read");
    let (before, rest) = script.split_once(BEGIN).expect("the tables begin");
    let (found, after) = rest.split_once(END).expect("the tables end");
    let tables = tables();
    if std::env::var_os("PALABRE_BLESS").is_some() {
        let script = [before, BEGIN, &tables, END, after].concat();
        std::fs::write(&path, script).expect("the dissector can be written");
        return;
    }
    assert_eq!(found, tables, "\nIf the crate is right, PALABRE_BLESS=1 writes the tables anew.");
}

fn tables() -> String {
    let mut out = String::from(WARNING);
    out.push_str("local TABLES = {\n");
    for (name, table) in [
        ("msp", msp_table()),
        ("shen", shen_table()),
        ("matou", matou_table()),
        ("stories", stories_table()),
        ("stumtp", stumtp_table()),
    ] {
        writeln!(out, "  {name} = {{\n{table}  }},").unwrap();
    }
    out + "}\n"
}

fn msp_table() -> String {
    let codes: Vec<_> = (0..=u8::MAX)
        .filter_map(|code| Some((u64::from(code), msp::ErrorCode(code).meaning()?.to_owned())))
        .collect();
    let kinds = || msp::Kind::ALL.iter().map(|kind| (kind.code(), kind.wire_name()));
    let mut out = fields(msp::NUMBERS, msp::STRINGS);
    out += "    words = {\n";
    words(&mut out, "TYPE", kinds());
    words(&mut out, "TYPE_REFUSE", kinds());
    words(&mut out, "MODE", numbered(msp::MODE_WORDS));
    words(
        &mut out,
        "STATUT_INSCRIPTION",
        msp::RegisterStatus::ALL.iter().map(|status| (status.code(), status.wire_name())),
    );
    words(
        &mut out,
        "STATUT_CREATION",
        msp::CreateStatus::ALL.iter().map(|status| (status.code(), status.wire_name())),
    );
    words(
        &mut out,
        "STATUT_ACCES",
        msp::AccessStatus::ALL.iter().map(|status| (status.code(), status.wire_name())),
    );
    words(&mut out, "EVENEMENT", msp::EventKind::ALL.iter().map(|event| (event.code(), event.wire_name())));
    words(&mut out, "CODE", codes);
    out += "    },\n    capabilities = {";
    for (bits, name) in msp::Capabilities::NAMES {
        write!(out, " {{ {}, {name:?} }},", bits.0).unwrap();
    }
    out + " },\n"
}

fn shen_table() -> String {
    use shen::Format;
    let format = |kind: &shen::Kind| match kind.format() {
        Format::Plain => "plain",
        Format::Speech => "speech",
        Format::Room => "room",
        Format::List => "list",
    };
    let mut out = fields(shen::NUMBERS, shen::STRINGS);
    out += "    words = {\n";
    words(&mut out, "TYPE", shen::Kind::ALL.iter().map(|kind| (kind.code(), kind.wire_name())));
    words(&mut out, "STATE", numbered(shen::PRIVACY_WORDS));
    words(&mut out, "STATUS", numbered(shen::PRIVACY_WORDS));
    words(&mut out, "MODE", numbered(shen::MODE_WORDS));
    out += "    },\n    formats = {\n";
    for (name, format) in
        [("plain", Format::Plain), ("speech", Format::Speech), ("room", Format::Room), ("list", Format::List)]
    {
        writeln!(out, "      {name} = {},", names(format.fields())).unwrap();
    }
    writeln!(out, "    }},\n    entry = {},\n    format_of = {{", names(shen::ENTRY)).unwrap();
    for kind in shen::Kind::ALL {
        writeln!(out, "      [{}] = {:?},", kind.code(), format(kind)).unwrap();
    }
    out + "    },\n"
}

fn matou_table() -> String {
    let mut out = fields(matou::NUMBERS, matou::STRINGS);
    out += "    words = {\n";
    words(&mut out, "Type", matou::Kind::ALL.iter().map(|kind| (kind.code(), kind.wire_name())));
    words(&mut out, "Code", matou::ErrorCode::ALL.iter().map(|code| (code.code(), code.wire_name())));
    words(&mut out, "Acceptation", numbered(matou::ACCEPTED_WORDS));
    out += "    },\n    layouts = {\n";
    for kind in matou::Kind::ALL {
        let parts: Vec<String> = kind.parts().iter().flat_map(part).collect();
        writeln!(out, "      [{}] = {{ {} }},", kind.code(), parts.join(", ")).unwrap();
    }
    out + "    },\n"
}

fn part(part: &matou::Part) -> Vec<String> {
    use matou::{ADDRESS, ADDRESS_SIZE, FILE_SIZE_HIGH, FILE_SIZE_LOW, Part};
    match part {
        Part::Fixed(fields) => fields.iter().map(|field| format!("{:?}", field.name)).collect(),
        Part::Str(string) => vec![format!(
            "{{ text = {:?}, size = {:?}, longest = {} }}",
            string.text.name, string.size.name, string.longest
        )],
        Part::Address => vec![format!("{{ address = {:?}, size = {:?} }}", ADDRESS.name, ADDRESS_SIZE.name)],
        Part::FileSize => {
            vec![format!("{{ high = {:?}, low = {:?} }}", FILE_SIZE_HIGH.name, FILE_SIZE_LOW.name)]
        }
    }
}

fn stories_table() -> String {
    let mut out = fields(stories::NUMBERS, stories::STRINGS);
    out += "    words = {},\n    commands = {\n";
    for command in stories::COMMANDS {
        writeln!(out, "      {command} = {command:?},").unwrap();
    }
    out + "    },\n"
}

fn stumtp_table() -> String {
    let numbers: Vec<(&str, u32)> = stumtp::MARKS
        .iter()
        .map(|mark| (mark.name, mark.bits))
        .chain(stumtp::DECIMALS.iter().map(|number| (number.name, u64::BITS)))
        .collect();
    described(&numbers, stumtp::STRINGS) + "    words = {},\n"
}

fn fields(numbers: &[Field], strings: &[Field]) -> String {
    let numbers: Vec<_> = numbers.iter().map(|field| (field.name, field.bits)).collect();
    described(&numbers, strings)
}

fn described(numbers: &[(&str, u32)], strings: &[Field]) -> String {
    let mut out = String::from("    fields = {\n");
    for (name, bits) in numbers {
        writeln!(out, "      [{name:?}] = {bits},").unwrap();
    }
    writeln!(out, "    }},\n    strings = {},", names(strings)).unwrap();
    out
}

fn names(fields: &[Field]) -> String {
    let names: Vec<_> = fields.iter().map(|field| format!("{:?}", field.name)).collect();
    format!("{{ {} }}", names.join(", "))
}

fn words<N: Into<u64>, W: AsRef<str>>(
    out: &mut String,
    field: &str,
    words: impl IntoIterator<Item = (N, W)>,
) {
    writeln!(out, "      {field} = {{").unwrap();
    for (number, word) in words {
        writeln!(out, "        [{}] = {:?},", number.into(), word.as_ref()).unwrap();
    }
    *out += "      },\n";
}

fn numbered<const N: usize>(words: [&str; N]) -> impl Iterator<Item = (u64, &str)> {
    (0..).zip(words)
}
