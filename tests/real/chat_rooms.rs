//! Rooms, by commands through pipes.

use crate::program::Program;
use crate::talker::Talker;

#[test]
fn people_are_invited_to_a_decentralised_room_and_talk_directly() {
    let (_server, address) = Program::serve(&[]);
    let mut alice = Talker::on(address, "alice");
    let mut bob = Talker::on(address, "bob");
    let eve = Talker::on(address, "eve");

    alice.types("/create les amis --p2p --max 5\n/who\n/rooms");
    alice.sees("* you are in the room les amis (members talk directly)");
    alice.sees("* in the room les amis: alice");
    alice.sees("* room les amis: 1 member, members talk directly");
    alice.types("/invite bob");
    alice.sees("* /invite bob: it is on its way");
    bob.sees("* alice invites you to the room les amis (members talk directly): /accept 1 or /decline 1");
    bob.types("/accept\nhere I am");
    bob.sees("* you are in the room les amis");
    alice.sees("* bob has come into this room");
    alice.hears("<bob> here I am");
    alice.types("welcome, bob");
    bob.hears("<alice> welcome, bob");
    bob.types("/leave\nback in public");
    bob.sees("* you are in the public room");
    eve.hears("<bob> back in public");
    // One member alone is no room (M7).
    alice.sees("* the room les amis has closed: you are in the public room");
    alice.hears("<bob> back in public");
    alice.ends_well();
    bob.ends_well();
    eve.ends_well();
}

#[test]
fn m9_an_invitation_is_declined_by_its_number_and_the_inviter_is_told() {
    let (_server, address) = Program::serve(&[]);
    let mut alice = Talker::on(address, "alice");
    let mut bob = Talker::on(address, "bob");
    alice.types("/create lol\n/invite bob");
    bob.sees("/accept 1 or /decline 1");
    bob.types("/decline 2\n/decline 1\n/accept");
    bob.sees("* there is no invitation 2");
    bob.sees("* /decline lol: it is on its way");
    bob.sees("* nobody has invited you");
    alice.sees("* bob does not come");
    alice.ends_well();
    bob.ends_well();
}

#[test]
fn what_is_refused_is_told_and_what_is_no_command_is_never_said() {
    let (_server, address) = Program::serve(&[]);
    let bob = Talker::on(address, "bob");
    let mut alice = Talker::on(address, "alice");
    alice.types("/leave\n/invite bob\n/joni lol\n/rooms\n/who nowhere\n/help");
    alice.sees("* /leave: you are in no private room");
    alice.sees("* /invite bob: ");
    alice.sees("* /joni: no such command; /help lists them");
    alice.sees("* there is no private room");
    alice.sees("* in the room nowhere: nobody, or no such room");
    alice.sees("* /create NAME [--p2p] [--max N]");
    alice.ends_well();
    bob.sees("* alice has left this room");
    bob.ends_well();
}

#[test]
fn m28_what_was_meant_for_a_room_that_could_not_be_entered_is_not_said_in_public() {
    let (_server, address) = Program::serve(&[]);
    let bob = Talker::on(address, "bob");
    let mut alice = Talker::on(address, "alice");
    alice.types("/join lol\na secret\n/leave\nnot a secret");
    alice.sees("* /join lol: there is no such room");
    alice.sees("* not said: \"a secret\": it was meant for the room lol, and you are in the public room");
    bob.hears("<alice> not a secret");
    assert_eq!(alice.ends().code, Some(1), "a text was given up");
    bob.ends_well();
}

#[test]
fn m28_what_was_meant_for_a_room_that_has_closed_is_not_said_in_public() {
    let (_server, address) = Program::serve(&[]);
    let mut eve = Talker::on(address, "eve");
    let mut alice = Talker::on(address, "alice");
    let mut bob = Talker::on(address, "bob");
    alice.types("/create lol");
    alice.sees("* you are in the room lol");
    bob.types("/join lol");
    alice.sees("* bob has come into this room");
    bob.ends_well();
    alice.sees("* the room lol has closed: you are in the public room");
    alice.types("a secret");
    alice.sees("* not said: \"a secret\": it was meant for the room lol");
    eve.types("hello");
    alice.hears("<eve> hello");
    assert_eq!(alice.ends().code, Some(1), "a text was given up");
    eve.ends_well();
}
