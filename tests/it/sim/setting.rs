//! Where a made-up evening takes place: who comes, what the server bears, how bad the network is.
//!
//! In: a seed, which protocols are spoken. Out: a setup. Must not know what happens then.

use palabre::client::{self, Protocol};
use palabre::engine::{self, Integrity, Listener};
use palabre::netsim::{Burst, Conditions};
use palabre::reliable::{Policy, Quota};
use palabre::time::Duration;

use super::world::Setup;

/// Who comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cast {
    /// People who speak MSP.
    Msp,
    /// People of both protocols.
    Mixed,
    /// A few of both, who talk so much that 10-bit numbers begin anew again and again.
    Talkative,
}

pub(crate) fn setup(chance: &mut fastrand::Rng, cast: Cast, trace: bool) -> Setup {
    let mut engine = engine::Config::new(vec![Listener::msp(), Listener::shen()]);
    let mut msp = client::Config::new("", ([192, 0, 2, 1], 7401).into());
    let mut shen = client::Config::shen("", ([192, 0, 2, 1], 7403).into());
    if chance.u8(..4) == 0 {
        msp.integrity = Integrity::Crc32;
        shen.integrity = Integrity::Crc32;
        engine.listeners.iter_mut().for_each(|listener| listener.integrity = Integrity::Crc32);
    }
    if chance.u8(..3) == 0 {
        engine.limits.silence = Duration::from_secs(21);
        msp.keep_alive = Duration::from_secs(7);
        shen.keep_alive = Duration::from_secs(7);
    }
    if cast == Cast::Talkative {
        engine.limits.requests = engine::Rate { per_second: 2_000, burst: 10_000 };
        engine.limits.mailbox = Quota { items: 20_000, bytes: 1 << 24 };
    } else {
        if chance.u8(..4) == 0 {
            engine.limits.mailbox = Quota { items: chance.usize(3..12), bytes: 1 << 20 };
        }
        if chance.u8(..4) == 0 {
            engine.limits.requests = engine::Rate { per_second: chance.u32(3..10), burst: chance.u32(5..20) };
        }
    }
    if chance.u8(..4) == 0 {
        engine.listeners[0].timing.policy = Policy::Fixed;
        msp.timing.policy = Policy::Fixed;
    }
    Setup { seed: chance.u64(..), engine, msp, shen, nodes: nodes(chance, cast), trace }
}

fn nodes(chance: &mut fastrand::Rng, cast: Cast) -> Vec<Protocol> {
    let nodes = match cast {
        Cast::Talkative => 3,
        _ => chance.usize(3..=12),
    };
    let mut nodes: Vec<_> = (0..nodes)
        .map(|_| if cast == Cast::Msp || chance.bool() { Protocol::Msp } else { Protocol::Shen })
        .collect();
    if cast != Cast::Msp {
        (nodes[0], nodes[1]) = (Protocol::Msp, Protocol::Shen);
    }
    nodes
}

pub(crate) fn worst_weather(chance: &mut fastrand::Rng, cast: Cast, integrity: Integrity) -> Conditions {
    if cast == Cast::Talkative {
        return Conditions {
            loss: if chance.bool() { 0.003 } else { 0.0 },
            duplicate: chance.f64() * 0.3,
            delay: Duration::from_millis(1),
            jitter: Duration::from_millis(chance.u64(..4)),
            ..Conditions::default()
        };
    }
    let mut sometimes = |most: f64| if chance.bool() { chance.f64() * most } else { 0.0 };
    let (loss, duplicate, reorder, corrupt) =
        (sometimes(0.4), sometimes(0.3), sometimes(0.3), sometimes(0.1));
    let burst = (chance.u8(..5) == 0).then_some(Burst { begin: 0.02, end: 0.2, loss: 0.9 });
    Conditions {
        loss,
        burst,
        duplicate,
        reorder,
        reorder_delay: Duration::from_millis(chance.u64(1..150)),
        delay: Duration::from_millis(chance.u64(1..80)),
        jitter: Duration::from_millis(chance.u64(..60)),
        corrupt: if integrity == Integrity::Crc32 { corrupt } else { 0.0 },
        rate: None,
    }
}
