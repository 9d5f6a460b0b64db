//! `palabre link`: a bad link, on purpose, for anybody's UDP or TCP.
//!
//! In: where to listen, where to pass things on to, how bad the link is. Out: a ready line, live counters and a summary on
//! standard output. Must not know sockets: the library has the link.

mod settings;
mod show;
mod values;

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use palabre::link::Link;
use palabre::netsim::Burst;
use palabre::time::Instant;

use super::Failure;
use super::values::{seed, socket_address};
use show::Show;
use values::{bits_a_second, burst, bytes_of_queue, long_time, percent, short_time};

/// Seeds that are drawn are below: people type them again.
const SEEDS: u64 = 1_000_000;

/// The arguments of `palabre link`.
#[derive(Args, Debug)]
#[command(after_help = "\
An ADDRESS is a number or localhost: 127.0.0.1:7401, [::1]:7401. A PERCENT is 20% or
20, a DURATION has a unit: 50ms, 1.5s, 2m. When it is ready, it prints where it listens,
and its seed if none was given: the same seed and the same datagrams, sent one after
the other, meet the same fate. It ends with a summary on SIGINT, SIGTERM or --for.

  palabre link --listen 127.0.0.1:9000 --to 127.0.0.1:7401 --loss 20% --delay 50ms
  palabre link --listen 127.0.0.1:9000 --to 127.0.0.1:7402 --tcp --rate 64kbit")]
pub(crate) struct LinkCommand {
    /// Where clients come; port 0 lets the system choose one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0", value_parser = socket_address)]
    listen: SocketAddr,
    /// Where to what they send is passed on
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = socket_address)]
    to: SocketAddr,
    /// Pass on TCP connections; without it, UDP datagrams
    #[arg(long)]
    tcp: bool,
    /// Which way the link is bad: there is from the clients to --to
    #[arg(long, value_enum, value_name = "WAY", default_value_t)]
    way: Ways,
    /// The same number makes the same choices
    #[arg(long, value_name = "NUMBER", value_parser = seed)]
    seed: Option<u64>,
    /// End after this time: 1ms to 24h
    #[arg(long = "for", value_name = "DURATION", value_parser = long_time)]
    lasting: Option<Duration>,
    #[command(flatten)]
    timing: Timing,
    #[command(flatten)]
    datagrams: OfDatagrams,
    #[command(flatten)]
    streams: OfStreams,
}

/// What UDP and TCP both feel.
#[derive(Args, Debug)]
#[command(next_help_heading = "Slow links")]
struct Timing {
    /// Everything takes this long each way: up to 60s
    #[arg(long, value_name = "DURATION", value_parser = short_time)]
    delay: Option<Duration>,
    /// And up to this much longer, by chance: so one datagram may overtake
    /// another; bytes of a connection never do
    #[arg(long, value_name = "DURATION", value_parser = short_time, verbatim_doc_comment)]
    jitter: Option<Duration>,
    /// So many bits a second leave, of all clients together: 9600bit,
    /// 64kbit, 1.5mbit, 1gbit; headers of IP are not counted
    #[arg(long, value_name = "BITS", value_parser = bits_a_second, verbatim_doc_comment)]
    rate: Option<u64>,
    /// So many bytes may wait to leave, as 16000, 16kB or 16KiB; what does
    /// not fit is lost [default: 16KiB]
    #[arg(long, value_name = "BYTES", value_parser = bytes_of_queue, verbatim_doc_comment)]
    queue: Option<u64>,
}

/// What only UDP feels.
#[derive(Args, Debug)]
#[command(next_help_heading = "Bad links for UDP")]
struct OfDatagrams {
    /// How many of a hundred datagrams are lost
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    loss: Option<f64>,
    /// Bad times: how likely one begins before a datagram, how likely it
    /// ends before one, and the loss meanwhile: 5%,20%,80% is bad for
    /// 5 datagrams on average, and then loses 4 of them
    #[arg(long, value_name = "BEGIN,END,LOSS", value_parser = burst, verbatim_doc_comment)]
    burst: Option<Burst>,
    /// How many of a hundred arrive twice
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    duplicate: Option<f64>,
    /// How many of a hundred are held up, so that later ones overtake them
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    reorder: Option<f64>,
    /// How long those are held up [default: 50ms]
    #[arg(long, value_name = "DURATION", value_parser = short_time)]
    reorder_by: Option<Duration>,
    /// How many of a hundred arrive with one bit flipped
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    corrupt: Option<f64>,
}

/// What only TCP feels.
#[derive(Args, Debug)]
#[command(next_help_heading = "Bad links for TCP")]
struct OfStreams {
    /// Nothing passes now and then: so often on average
    #[arg(long, value_name = "DURATION", value_parser = long_time, requires = "stall_for")]
    stall_every: Option<Duration>,
    /// And each time for so long
    #[arg(long, value_name = "DURATION", value_parser = long_time, requires = "stall_every")]
    stall_for: Option<Duration>,
    /// A connection is reset after so long on average
    #[arg(long, value_name = "DURATION", value_parser = long_time)]
    cut_every: Option<Duration>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Ways {
    #[default]
    Both,
    There,
    Back,
}

impl LinkCommand {
    /// Passes things on until a signal comes or the time is over.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let seed = self.seed.unwrap_or_else(|| RandomState::new().hash_one(()) % SEEDS);
        let settings = self.settings(seed)?;
        let mut link = Link::bind(&settings)
            .map_err(|error| Failure::Usage(format!("cannot listen on {}: {error}", self.listen)))?;
        link.stop_on_signals().map_err(|error| Failure::Broken(format!("cannot catch signals: {error}")))?;
        let mut show = Show::start(self.tcp);
        show.ready(link.address(), self.seed.is_none().then_some(seed));
        let end = self.lasting.map(|lasting| Instant::ZERO + lasting);
        carry(&mut link, end, &mut show)
            .map_err(|error| Failure::Broken(format!("cannot wait for sockets: {error}")))?;
        show.summary(link.now(), &link.totals());
        Ok(ExitCode::SUCCESS)
    }
}

fn carry(link: &mut Link, end: Option<Instant>, show: &mut Show) -> io::Result<()> {
    while !link.is_stopped() && end.is_none_or(|end| link.now() < end) {
        link.turn(end.map_or(show.due(), |end| end.min(show.due())))?;
        show.live(link.now(), || link.totals());
    }
    Ok(())
}
