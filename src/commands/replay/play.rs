//! The way from files to what is shown.
//!
//! In: files, a story, somebody who shows it. Out: whether all of it could be read. Must not know what a line looks like.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use palabre::capture::{Header, Reader};
use palabre::replay::{Item, Story, Summary};

/// Shows a story as it is told.
pub(super) trait Show {
    /// A file begins, at this time: what wrote it, if it says so.
    fn file(&mut self, name: &str, at: u64, header: Option<&Header>) -> io::Result<()>;
    /// The next thing.
    fn item(&mut self, item: &Item) -> io::Result<()>;
    /// The end.
    fn summary(&mut self, summary: &Summary) -> io::Result<()>;
}

/// Files being told.
pub(super) struct Play<S> {
    story: Story,
    show: S,
    /// How many packets the files before had.
    packets: u64,
    /// What could not be read.
    troubles: Vec<String>,
    /// Whether there was anything to tell.
    has_told: bool,
}

impl<S: Show> Play<S> {
    pub(super) const fn new(story: Story, show: S) -> Self {
        Self { story, show, packets: 0, troubles: Vec::new(), has_told: false }
    }

    /// Tells a file, or standard input, which is called `-`. What cannot be read is not told, and remembered.
    pub(super) fn file(&mut self, path: &Path) -> io::Result<()> {
        let name = path.display().to_string();
        if name == "-" {
            return self.read("standard input", io::stdin().lock());
        }
        match File::open(path) {
            Ok(file) => self.read(&name, BufReader::with_capacity(1 << 18, file)),
            Err(why) => {
                self.troubles.push(format!("{name}: {why}"));
                Ok(())
            }
        }
    }

    /// Tells what is left, and what it came to. What was wrong, in words.
    pub(super) fn end(mut self) -> io::Result<Vec<String>> {
        self.story.end();
        self.tell()?;
        self.show.summary(&self.story.summary())?;
        if self.troubles.is_empty() && !self.has_told {
            let words = "there is nothing to tell: no packet of a port that is known (see --map)";
            self.troubles.push(words.into());
        }
        Ok(self.troubles)
    }

    fn read(&mut self, name: &str, source: impl Read) -> io::Result<()> {
        let mut reader = match Reader::open(source) {
            Ok(reader) => reader,
            Err(why) => {
                self.troubles.push(format!("{name}: {why}"));
                return Ok(());
            }
        };
        let (before, mut part) = (self.packets, None);
        let mut is_begun = false;
        loop {
            let mut event = match reader.next() {
                Ok(Some(event)) => event,
                Ok(None) => return Ok(()),
                Err(why) => {
                    self.troubles.push(format!("{name}: {why}"));
                    continue;
                }
            };
            // A file may have several sections, each with a server of its own.
            let header = reader.header();
            if !is_begun || header.map(|header| (header.origin, header.part)) != part {
                self.show.file(name, event.at, header)?;
                part = header.map(|header| (header.origin, header.part));
                header.into_iter().for_each(|header| self.story.learn(header));
                is_begun = true;
            }
            event.packet = event.packet.saturating_add(before);
            self.packets = self.packets.max(event.packet);
            self.story.hear(event);
            self.tell()?;
        }
    }

    fn tell(&mut self) -> io::Result<()> {
        while let Some(item) = self.story.next() {
            self.show.item(&item)?;
            self.has_told = true;
        }
        Ok(())
    }
}
