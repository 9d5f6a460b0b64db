//! A lossy link between real programs.

use crate::bad_link::BadLink;
use crate::program::Program;
use crate::talker::Talker;

/// What the adaptive timer makes of losses depends on the time the scheduler takes: that is tested in virtual time.
const TIMER: &[&str] = &["--retransmit-timer", "20ms", "--fixed-timer"];

#[test]
fn m13_nothing_is_lost_between_two_people_when_a_third_of_all_datagrams_is() {
    let (_server, address) = Program::serve(TIMER);
    let link = BadLink::towards(address, &["--loss", "33.3%", "--seed", "7"]);
    let mut alice = Talker::with(link.address, "alice", TIMER);
    let mut bob = Talker::with(link.address, "bob", TIMER);
    let lines = |whose: &str| (1..=40).map(|number| format!("{whose} {number}")).collect::<Vec<_>>();
    alice.types(&lines("from alice").join("\n"));
    bob.types(&lines("from bob").join("\n"));
    for (of_alice, of_bob) in lines("from alice").into_iter().zip(lines("from bob")) {
        bob.hears(&format!("<alice> {of_alice}"));
        alice.hears(&format!("<bob> {of_bob}"));
    }
    alice.ends_well();
    bob.ends_well();
    let lost = link.ends().lost();
    assert!(lost > 80, "{lost} datagrams were lost: a third of more than 320");
}
