//! The program as a child process.
//!
//! In: arguments, what it reads, signals. Out: its lines, its exit code. It is killed when its handle is dropped.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// Far longer than anything here takes, so that only a hang ever meets it.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// A running `palabre`.
pub(crate) struct Program {
    child: Child,
    /// Closed when the program has closed its output, which it does when it ends.
    out: Receiver<String>,
    err: Receiver<String>,
}

/// What a program said that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: Vec<String>,
    pub(crate) err: Vec<String>,
}

impl Program {
    /// Starts it with these arguments and nothing to read.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, b"")
    }

    /// Starts it with these arguments and this to read.
    pub(crate) fn start_with(arguments: &[&str], input: &[u8]) -> Self {
        let (program, mut stdin) = Self::start_open(arguments);
        // A program that never reads may have ended already.
        let _ = stdin.write_all(input);
        program
    }

    /// Starts it with these arguments, and leaves open what it reads.
    pub(crate) fn start_open(arguments: &[&str]) -> (Self, ChildStdin) {
        Self::run(Command::new(env!("CARGO_BIN_EXE_palabre")).args(arguments))
    }

    /// Starts a line of shell, and leaves open what it reads.
    pub(crate) fn start_shell(line: &str) -> (Self, ChildStdin) {
        Self::run(Command::new("sh").args(["-c", line]))
    }

    fn run(command: &mut Command) -> (Self, ChildStdin) {
        let mut child = command
            .env_remove("RUST_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let out = lines_of(child.stdout.take().expect("piped"));
        let err = lines_of(child.stderr.take().expect("piped"));
        let stdin = child.stdin.take().expect("piped");
        (Self { child, out, err }, stdin)
    }

    /// Starts `palabre serve` on a free port, and says which it is.
    pub(crate) fn serve(options: &[&str]) -> (Self, SocketAddr) {
        let program = Self::start(&[&["serve", "--listen", "msp=127.0.0.1:0"], options].concat());
        let ready = program.line();
        let address = ready.strip_prefix("listening msp ").expect("the ready line");
        (program, address.parse().expect("an address"))
    }

    /// The next line of its output.
    #[track_caller]
    pub(crate) fn line(&self) -> String {
        self.out.recv_timeout(LIMIT).expect("a line in time")
    }

    /// The next line of its log that contains `words`.
    #[track_caller]
    pub(crate) fn log_line_with(&self, words: &str) -> String {
        loop {
            let line = self.err.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("no line with {words:?}"));
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Sends it a signal: `TERM` or `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(status.expect("kill starts").success());
    }

    /// Waits until it has ended.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ended {
        let out = rest_of(&self.out);
        let err = rest_of(&self.err);
        let code = self.child.wait().expect("a status").code();
        Ended { code, out, err }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

#[track_caller]
fn rest_of(lines: &Receiver<String>) -> Vec<String> {
    use std::sync::mpsc::RecvTimeoutError;
    let mut rest = Vec::new();
    loop {
        match lines.recv_timeout(LIMIT) {
            Ok(line) => rest.push(line),
            Err(RecvTimeoutError::Disconnected) => return rest,
            Err(RecvTimeoutError::Timeout) => panic!("it does not end; it said {rest:#?}"),
        }
    }
}
