//! What the options of `palabre link` ask for, as the library has it.
//!
//! In: the options. Out: settings, or in one line why they cannot be. Must not know how values are written.

use std::time::Duration;

use palabre::link::{Carries, Flow, Settings, Stalls};
use palabre::netsim::{Conditions, Rate};

use super::{LinkCommand, Ways};
use crate::commands::Failure;

/// How many bytes may wait to leave when nothing is said of it: two seconds at 64 kbit/s.
const QUEUE: u64 = 16 << 10;
/// How long those are held up that others are to overtake.
const REORDER_BY: Duration = Duration::from_millis(50);

impl LinkCommand {
    /// # Errors
    /// When what is asked for cannot be.
    pub(super) fn settings(&self, seed: u64) -> Result<Settings, Failure> {
        let (listen, to) = (self.listen, self.to);
        if to.port() == 0 || to.ip().is_unspecified() {
            return refuse(format!("--to {to} is nowhere: write an address and a port, as 127.0.0.1:7401"));
        }
        if listen == to {
            return refuse(format!(
                "--listen and --to are both {to}: the link would send everything to itself"
            ));
        }
        self.refuse_what_does_not_fit()?;
        let carries = if self.tcp { self.streams_carried() } else { self.datagrams_carried() };
        Ok(Settings { listen, to, seed, carries })
    }

    fn refuse_what_does_not_fit(&self) -> Result<(), Failure> {
        let (datagrams, streams, timing) = (&self.datagrams, &self.streams, &self.timing);
        let of_datagrams = [
            ("--loss", datagrams.loss.is_some()),
            ("--burst", datagrams.burst.is_some()),
            ("--duplicate", datagrams.duplicate.is_some()),
            ("--reorder", datagrams.reorder.is_some()),
            ("--reorder-by", datagrams.reorder_by.is_some()),
            ("--corrupt", datagrams.corrupt.is_some()),
        ];
        let of_streams =
            [("--stall-every", streams.stall_every.is_some()), ("--cut-every", streams.cut_every.is_some())];
        let given = |options: &[(&'static str, bool)]| {
            options.iter().find(|(_, is_given)| *is_given).map(|(option, _)| *option)
        };
        match (self.tcp, given(&of_datagrams), given(&of_streams)) {
            (true, Some(option), _) => refuse(format!(
                "{option} is not for --tcp: TCP repairs what happens to packets, and its users only wait: use \
                 --delay, --jitter, --rate, --stall-every or --cut-every"
            )),
            (false, _, Some(option)) => {
                refuse(format!("{option} is for --tcp: datagrams have no connection: use --burst or --loss"))
            }
            _ if self.tcp && timing.queue.is_some() => refuse(
                "--queue is not for --tcp: what does not fit is not lost there, it waits where it comes from"
                    .into(),
            ),
            _ if timing.queue.is_some() && timing.rate.is_none() => {
                refuse("--queue is for --rate: without it nothing waits".into())
            }
            _ if datagrams.reorder_by.is_some() && datagrams.reorder.is_none() => {
                refuse("--reorder-by is for --reorder: say how many of a hundred are held up".into())
            }
            _ => Ok(()),
        }
    }

    fn datagrams_carried(&self) -> Carries {
        let (datagrams, timing) = (&self.datagrams, &self.timing);
        let bad = Conditions {
            loss: datagrams.loss.unwrap_or_default(),
            burst: datagrams.burst,
            duplicate: datagrams.duplicate.unwrap_or_default(),
            reorder: datagrams.reorder.unwrap_or_default(),
            reorder_delay: datagrams.reorder_by.unwrap_or(REORDER_BY),
            delay: timing.delay.unwrap_or_default(),
            jitter: timing.jitter.unwrap_or_default(),
            corrupt: datagrams.corrupt.unwrap_or_default(),
            rate: timing.rate.map(|bits| Rate { bits, queue: timing.queue.unwrap_or(QUEUE) }),
        };
        let [there, back] = self.ways(bad);
        Carries::Datagrams { there, back }
    }

    fn streams_carried(&self) -> Carries {
        let (streams, timing) = (&self.streams, &self.timing);
        let stalls = streams.stall_every.zip(streams.stall_for);
        let bad = Flow {
            delay: timing.delay.unwrap_or_default(),
            jitter: timing.jitter.unwrap_or_default(),
            rate: timing.rate,
            stalls: stalls.map(|(every, lasting)| Stalls { every, lasting }),
        };
        let [there, back] = self.ways(bad);
        Carries::Streams { there, back, cut_every: streams.cut_every }
    }

    /// A way that is not bad is perfect.
    fn ways<T: Copy + Default>(&self, bad: T) -> [T; 2] {
        match self.way {
            Ways::Both => [bad, bad],
            Ways::There => [bad, T::default()],
            Ways::Back => [T::default(), bad],
        }
    }
}

fn refuse<T>(words: String) -> Result<T, Failure> {
    Err(Failure::Usage(words))
}
