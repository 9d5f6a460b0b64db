//! The golden captures of `tests/captures`, and what makes them: a daemon, people, bad links.
//!
//! `cargo test --test real -- --ignored make_the_captures` makes all of them again; with `PALABRE_CAPTURE=NAME` only those
//! whose names contain this. `tests/it/captures.rs` checks them.

#![expect(clippy::disallowed_types, reason = "people at real sockets")]

mod drops;
mod drops_streams;
mod drops_waiting;
mod matou_scenes;
mod mixed;
mod mixed_rooms;
mod msp;
mod msp_faults;
mod msp_scenes;
mod packets;
mod readme;
mod shen;
mod shen_faults;
mod shen_scenes;
mod stage;
mod stories_scenes;
mod streams;
mod stumtp_scenes;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use palabre::capture::Reader;
use palabre::replay::check::Check;
use socket2::{Domain, Protocol, Socket, Type};
use stage::{Setup, Stage};

/// One capture and how it is made.
pub(crate) struct Scene {
    /// Of the file, without its ending.
    name: &'static str,
    /// How it was made, and what to look at.
    about: &'static str,
    /// What the daemon is told before it starts.
    prepare: fn(&mut Setup),
    /// What people do.
    play: fn(&Stage),
}

/// All of them, in the order of the README.
const SCENES: &[&[Scene]] = &[
    msp_scenes::SCENES,
    msp_faults::SCENES,
    shen_scenes::SCENES,
    shen_faults::SCENES,
    matou_scenes::SCENES,
    stories_scenes::SCENES,
    stumtp_scenes::SCENES,
    mixed::SCENES,
    mixed_rooms::SCENES,
    drops::SCENES,
    drops_streams::SCENES,
    drops_waiting::SCENES,
];

/// What only root can make.
const NEEDS_ROOT: &str = "drop-unanswerable-source";
/// As many at once: most of their time is waiting.
const AT_ONCE: usize = 8;

/// The one command. Made aside and moved when they are whole, so that a scene that fails leaves the old capture.
#[test]
#[ignore = "makes the files that other tests check; takes two minutes"]
fn make_the_captures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let aside = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("captures");
    let _ = fs::remove_dir_all(&aside);
    fs::create_dir_all(&aside).expect("a folder");
    fs::create_dir_all(&folder).expect("a folder");
    let only = std::env::var("PALABRE_CAPTURE").unwrap_or_default();
    let scenes: Vec<_> = SCENES.iter().copied().flatten().collect();
    let is_wanted = |scene: &Scene| scene.name.contains(&only) && (scene.name != NEEDS_ROOT || is_root());
    let wanted: Vec<_> = scenes.iter().copied().enumerate().filter(|(_, scene)| is_wanted(scene)).collect();
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((number, scene)) = wanted.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if !make(*number, scene, &aside, &folder) {
                        failed.lock().expect("nobody panics").push(scene.name);
                    }
                }
            });
        }
    });
    readme::write(&scenes, &folder);
    let failed = failed.into_inner().expect("nobody panics");
    assert!(failed.is_empty(), "not made: {failed:?}");
}

/// Whether this may have a raw socket.
fn is_root() -> bool {
    let raw = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::UDP));
    if let Err(why) = &raw {
        says(&format!("{NEEDS_ROOT} is left as it is: only root may make it ({why})"));
    }
    raw.is_ok()
}

/// A server that lives through the same again says the same; else there is a fault to be found, and no capture to be kept.
fn check(path: &Path) {
    let mut reader = Reader::open(fs::File::open(path).expect("a capture")).expect("a capture");
    let header = reader.header().cloned().expect("palabre wrote it");
    let mut check = Check::new(&[header]).expect("what can be checked");
    while let Some(event) = reader.next().expect("a capture that can be read") {
        check.event(&event).expect("what the server says");
    }
    check.finish().expect("all that the server says");
}

/// Plays one; whether it came to its end, and checks.
fn make(number: usize, scene: &Scene, aside: &Path, folder: &Path) -> bool {
    let file = format!("{}.pcapng", scene.name);
    let path = aside.join(&file);
    let play = std::panic::catch_unwind(|| {
        let mut setup = Setup::new();
        (scene.prepare)(&mut setup);
        let stage = Stage::open(setup, 0x5eed_0000 + number as u64, &path);
        (scene.play)(&stage);
        stage.ends();
    });
    if play.is_err() || std::panic::catch_unwind(|| check(&path)).is_err() {
        says(&format!("{} was not made", scene.name));
        return false;
    }
    fs::rename(&path, folder.join(&file)).expect("a file in its place");
    says(&format!("{} is made", scene.name));
    true
}

#[expect(clippy::print_stderr, reason = "whoever makes them wants to know how far they are")]
fn says(words: &str) {
    eprintln!("{words}");
}

#[expect(clippy::disallowed_methods, reason = "a limit of a real wait")]
fn now() -> Instant {
    Instant::now()
}

fn after(limit: Duration) -> Instant {
    now() + limit
}
