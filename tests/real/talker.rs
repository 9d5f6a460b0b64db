//! `palabre chat` as a child process that somebody talks through.
//!
//! In: lines to type. Out: lines it prints. What it does is the program's own business.

use std::io::Write;
use std::net::SocketAddr;
use std::process::ChildStdin;

use crate::program::{Ended, Program};

pub(crate) struct Talker {
    program: Program,
    stdin: Option<ChildStdin>,
}

impl Talker {
    /// Starts it under a name, and waits until it is registered.
    #[track_caller]
    pub(crate) fn on(server: SocketAddr, name: &str) -> Self {
        Self::with(server, name, &[])
    }

    /// The same with more options.
    #[track_caller]
    pub(crate) fn with(server: SocketAddr, name: &str, options: &[&str]) -> Self {
        let server = server.to_string();
        let arguments = [&["chat", &server, "--name", name], options].concat();
        let (program, stdin) = Program::start_open(&arguments);
        let talker = Self { program, stdin: Some(stdin) };
        talker.sees(&format!("* you are {name} on {server}, in the public room"));
        talker
    }

    /// Types lines.
    #[track_caller]
    pub(crate) fn types(&mut self, lines: &str) {
        let stdin = self.stdin.as_mut().expect("the input is still open");
        stdin.write_all(lines.as_bytes()).and_then(|()| stdin.write_all(b"\n")).expect("it reads");
    }

    /// Waits for a notice that contains `words`.
    #[track_caller]
    pub(crate) fn sees(&self, words: &str) -> String {
        self.program.log_line_with(words)
    }

    /// Waits for the next thing that is heard.
    #[track_caller]
    pub(crate) fn hears(&self, line: &str) {
        assert_eq!(self.program.line(), line);
    }

    /// Waits for the next thing that is heard, whatever it is.
    #[track_caller]
    pub(crate) fn hears_next(&self) -> String {
        self.program.line()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        self.program.signal(name);
    }

    /// Types nothing more, and waits until it has ended.
    #[track_caller]
    pub(crate) fn ends(mut self) -> Ended {
        self.stdin = None;
        self.program.end()
    }

    /// The same; it has to end well, and to have nothing more to say.
    #[track_caller]
    pub(crate) fn ends_well(self) {
        let ended = self.ends();
        assert_eq!((ended.code, ended.out.as_slice()), (Some(0), &[][..]), "{ended:?}");
    }
}
