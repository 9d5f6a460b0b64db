//! What a bad way costs: loss × M × timer → how much arrives, after how many tries, how fast.
//!
//! In: a thousand texts for each row, in virtual time. Out: a table that must equal `golden/reliability.txt` to the digit;
//! `PALABRE_BLESS=1` writes it anew. Must not know the links' insides.

use std::fmt::Write as _;
use std::path::Path;

use palabre::reliable::{Patience, Policy, Quota, Timing};
use palabre::time::Duration;

use crate::reliable_channel::{Channel, Conditions, Item, Story};
use crate::reliable_skip::SHEN;

const TEXTS: usize = 1_000;

#[test]
fn m13_m30_s6_what_a_lossy_way_costs_is_what_the_golden_table_says() {
    let table = table();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/reliability.txt");
    if std::env::var_os("PALABRE_BLESS").is_some() {
        std::fs::write(&path, &table).expect("the golden table can be written");
    }
    let golden = std::fs::read_to_string(&path).expect("the golden table can be read");
    assert_eq!(table, golden, "\n{table}\nIf this is better, PALABRE_BLESS=1 makes it the golden one.");
}

const MSP: Duration = Duration::from_millis(100);

fn table() -> String {
    let mut table = String::from(
        "1,000 texts, T = 100 ms; each is given up after M tries. `way` is the time of each way, in ms; `loss` is of each\n\
         way, in percent. `ms` is virtual time per text: all texts of a lane wait for each other.\n\n\
         way  lanes  loss   M  timer     carried out %  answered %  tries    ms\n",
    );
    for way in [Way { millis: 20, lanes: 1 }, Way { millis: 20, lanes: 10 }, Way { millis: 300, lanes: 1 }] {
        for loss in [0, 10, 33, 50] {
            for tries in [5, 10, 20] {
                for policy in [Policy::Fixed, Policy::Adaptive] {
                    row::<16>(&mut table, way, loss, Timing { timer: MSP, tries, policy });
                }
            }
        }
    }
    table.push_str("\nThe same with T = 2 s and numbers of 10 bits.\n\n");
    for way in [Way { millis: 20, lanes: 1 }, Way { millis: 300, lanes: 10 }] {
        for loss in [0, 10, 33, 50] {
            for tries in [SHEN.tries, 2 * SHEN.tries] {
                row::<10>(&mut table, way, loss, Timing { tries, ..SHEN });
            }
        }
    }
    table
}

#[derive(Clone, Copy)]
struct Way {
    millis: u64,
    lanes: usize,
}

fn row<const BITS: u32>(table: &mut String, way: Way, loss: u32, timing: Timing) {
    let story = say_all::<BITS>(way, loss, timing);
    let texts = TEXTS as u64;
    let carried_out = story.executed.len() as u64 * 1_000 / texts;
    let answered = story.answered.len() as u64 * 1_000 / texts;
    let sends = story.sends * 100 / texts;
    let tenths = story.end.as_micros() / 100 / texts;
    let timer = if timing.policy == Policy::Fixed { "fixed" } else { "adaptive" };
    writeln!(
        table,
        "{:3}  {:5}  {loss:4}  {:2}  {timer:<8}  {:>11}.{}  {:>8}.{}  {:>2}.{:02}  {:>4}.{}",
        way.millis,
        way.lanes,
        timing.tries,
        carried_out / 10,
        carried_out % 10,
        answered / 10,
        answered % 10,
        sends / 100,
        sends % 100,
        tenths / 10,
        tenths % 10
    )
    .expect("a string takes any row");
}

fn say_all<const BITS: u32>(way: Way, loss: u32, timing: Timing) -> Story {
    let delay = Duration::from_millis(way.millis);
    let conditions = Conditions { loss, duplicate: 0, delay, jitter: Duration::ZERO, outage: Duration::ZERO };
    let quota = Quota { items: TEXTS, bytes: 1 << 20 };
    let mut channel = Channel::<BITS>::new(1, 0, timing, quota, conditions);
    for id in 0..TEXTS {
        let lane = u16::try_from(id % way.lanes).expect("few lanes");
        channel.ask(Item { id, lane: Some(lane), patience: Patience::GiveUp });
    }
    channel.run_until_pending(0);
    channel.story
}
