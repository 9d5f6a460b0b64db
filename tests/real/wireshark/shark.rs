//! tshark with our dissector, and what it shows.
//!
//! In: a capture. Out: the messages that our dissector has shown, field by field. Must not know what they should be.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// One field as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The name to filter by.
    pub(crate) name: String,
    /// The whole line.
    pub(crate) line: String,
    /// The value.
    pub(crate) value: String,
    /// Its first byte, from the message's first, and how many it has.
    pub(crate) bytes: (usize, usize),
}

/// One message as it is shown.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The number of its packet.
    pub(crate) frame: String,
    /// `palabre.msp` and the like.
    pub(crate) protocol: String,
    /// `address:port` of both sides.
    pub(crate) way: (String, String),
    /// All that begins with `palabre.`, in order.
    pub(crate) fields: Vec<Shown>,
}

impl Told {
    /// The value of a field, where the message has it.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.name == name).map(|field| &*field.value)
    }
}

/// Whether tshark is here. Where it is not, `PALABRE_WIRESHARK=required` makes that a failure.
pub(crate) fn is_here() -> bool {
    let is_here = Command::new("tshark").arg("--version").output().is_ok_and(|ended| ended.status.success());
    if !is_here {
        let is_required = std::env::var_os("PALABRE_WIRESHARK").is_some_and(|value| value == "required");
        assert!(!is_required, "tshark is required, and it is not installed");
        // Not by a macro: what those print is kept back when a test passes.
        let _ = std::io::stderr()
            .write_all(b"tshark is not installed: the dissector for Wireshark is NOT tested\n");
    }
    is_here
}

/// What tshark prints about a capture with our dissector. Nobody else's errors are ours, but one of Lua always is.
pub(crate) fn print(capture: &Path, options: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/wireshark/palabre.lua");
    let ended = Command::new("tshark")
        .args(["-n", "-X", &format!("lua_script:{}", script.display())])
        .args(options)
        .arg("-r")
        .arg(capture)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("tshark starts");
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{errors}");
    let out = String::from_utf8_lossy(&ended.stdout).into_owned();
    for line in errors.lines().chain(out.lines()) {
        assert!(!["Lua Error", "Lua error", "Lua: "].iter().any(|words| line.contains(words)), "{line}");
    }
    out
}

/// The messages of a capture, in its order.
pub(crate) fn messages(capture: &Path, options: &[&str]) -> Vec<Told> {
    let out = print(capture, &[&["-T", "pdml"], options].concat());
    let mut read = Read::default();
    let mut rest = &*out;
    while let Some((_, element)) = rest.split_once('<') {
        let (element, after) = tag(element);
        read.element(element);
        rest = after;
    }
    read.told
}

#[derive(Default)]
struct Read {
    told: Vec<Told>,
    frame: String,
    hosts: (String, String),
    ports: (String, String),
    /// Where the message begins that is being read.
    start: Option<usize>,
    /// How many protocols are shown inside it: JSON.
    inside: usize,
}

impl Read {
    fn element(&mut self, element: &str) {
        if element.starts_with("proto ") && !element.ends_with('/') {
            return self.protocol(element);
        }
        if element == "/proto" {
            match self.inside.checked_sub(1) {
                Some(inside) => self.inside = inside,
                None => self.start = None,
            }
        }
        if !element.starts_with("field ") {
            return;
        }
        let [name, line, value] = ["name", "showname", "show"].map(|name| attribute(element, name));
        match &*name {
            "num" => self.frame = value,
            "ip.src" | "ipv6.src" => self.hosts.0 = value,
            "ip.dst" | "ipv6.dst" => self.hosts.1 = value,
            "udp.srcport" | "tcp.srcport" => self.ports.0 = value,
            "udp.dstport" | "tcp.dstport" => self.ports.1 = value,
            "palabre.dissector_fault" => panic!("frame {}: {line}", self.frame),
            _ if name.starts_with("palabre.") => {
                let [at, length] = ["pos", "size"].map(|name| number(element, name));
                let at = at.saturating_sub(self.start.unwrap_or_default());
                let shown = Shown { name, line, value, bytes: (at, length) };
                if let (Some(_), Some(told)) = (self.start, self.told.last_mut()) {
                    told.fields.push(shown);
                }
            }
            _ => {}
        }
    }

    fn protocol(&mut self, element: &str) {
        let protocol = attribute(element, "name");
        if self.start.is_some() {
            self.inside += 1;
        } else if protocol.starts_with("palabre.") {
            self.start = Some(number(element, "pos"));
            let way = [(&self.hosts.0, &self.ports.0), (&self.hosts.1, &self.ports.1)];
            let [from, to] = way.map(|(host, port)| format!("{host} {port}"));
            self.told.push(Told { frame: self.frame.clone(), protocol, way: (from, to), fields: vec![] });
        }
    }
}

/// An element up to its end, and the rest: a `>` may stand in a value.
fn tag(text: &str) -> (&str, &str) {
    let mut is_quoted = false;
    let end = text.find(|c| {
        is_quoted ^= c == '"';
        c == '>' && !is_quoted
    });
    text.split_at(end.unwrap_or(text.len()))
}

fn attribute(element: &str, name: &str) -> String {
    let value = element.split_once(&format!(" {name}=\"")).map_or("", |(_, rest)| rest);
    let value = value.split('"').next().unwrap_or_default();
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")]
        .into_iter()
        .fold(value.to_owned(), |value, (from, to)| value.replace(from, to))
}

fn number(element: &str, name: &str) -> usize {
    attribute(element, name).parse().expect("a number")
}
