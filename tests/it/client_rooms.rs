//! A client and the rooms: it never says anything in a room it was not meant for (M21, M28).
//!
//! In: a scripted server. Out: stories by ruling: M7, M8, M9, M12, M21, M22, M28. Must not know other members.

use palabre::client::{Answer, Ask, Event, Fate, Invitation, Refused, Ticket, Why};
use palabre::dialect::msp::{
    Access, AccessStatus, Body, CreateStatus, ErrorCode, Event as Notice, Kind, SERVER, error,
};
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::client_desk::{Desk, name, say, server, text};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const JOINED: Body<'static> = Body::JoinRoomReply(Access::Central(AccessStatus::Joined));
const NO_SUCH_ROOM: Body<'static> = Body::JoinRoomReply(Access::Central(AccessStatus::NoSuchRoom));

fn closed(room: &str) -> Body<'_> {
    Body::Notification(Notice::Closed { room: name(room) })
}

fn gone(ticket: Ticket) -> Event {
    Event::Text { ticket, fate: Fate::GivenUp(Why::RoomGone) }
}

impl Desk {
    /// Goes back to the public room to know where it is: the server says whether it was in another one.
    #[track_caller]
    fn goes_home(&mut self, was_there: bool) {
        let asked = self.asks(Kind::LeaveRoom);
        self.is_answered(&asked, Body::LeaveRoomReply { refused: was_there });
        self.reads_directory(&[]);
    }

    /// Is invited into a room.
    fn is_invited(&mut self, seq: u16, room: &str) -> Invitation {
        self.is_asked(seq, SERVER, Body::Offer { by: name("bob"), mode: Mode::Central, room: name(room) });
        let Event::Invited { invitation, .. } = self.tells() else { panic!("no invitation") };
        invitation
    }
}

#[test]
fn m28_texts_wait_until_the_move_before_them_is_done() {
    let mut desk = Desk::registered();
    let moved = desk.wants(Ask::Create { room: "den".into(), mode: Mode::Central, capacity: 9 });
    desk.wants(say("only for the den"));
    let asked = desk.asks(Kind::CreateRoom);
    desk.asks_nothing();
    desk.is_answered(&asked, Body::CreateRoomReply { status: CreateStatus::Created, room: 1 });
    let answer = Answer::In { room: "den".into(), mode: Mode::Central };
    assert_eq!(desk.tells(), Event::Answered { ticket: moved, answer });
    desk.reads_directory(&[]);
    assert_eq!(desk.asks(Kind::Text).body, text("only for the den"));
}

#[test]
fn m28_a_move_that_fails_takes_the_texts_behind_it_along_up_to_the_next_move() {
    let mut desk = Desk::registered();
    let moved = desk.wants(Ask::Join("den".into()));
    let behind = [desk.wants(say("one")), desk.wants(say("two"))];
    desk.wants(Ask::ListRooms);
    desk.wants(Ask::Join("attic".into()));
    desk.wants(say("for the attic"));
    let asked = desk.asks(Kind::JoinRoom);
    desk.is_answered(&asked, NO_SUCH_ROOM);
    assert_eq!([desk.tells(), desk.tells()], behind.map(gone));
    let answer = Answer::Refused(Refused::Access(AccessStatus::NoSuchRoom));
    assert_eq!(desk.tells(), Event::Answered { ticket: moved, answer });
    let list = desk.asks(Kind::ListRooms);
    desk.is_answered(&list, Body::RoomList(Vec::new()));
    let attic = desk.asks(Kind::JoinRoom);
    desk.is_answered(&attic, JOINED);
    desk.reads_directory(&[]);
    assert_eq!(desk.asks(Kind::Text).body, text("for the attic"));
}

#[test]
fn m28_a_move_that_no_message_can_carry_fails_like_any_other() {
    let mut desk = Desk::registered();
    let busy = desk.wants(say("wait"));
    let moved = desk.wants(Ask::Join("d#n".into()));
    let behind = desk.wants(say("for the room that cannot be"));
    let asked = desk.asks(Kind::Text);
    desk.is_answered(&asked, Body::TextReply);
    assert_eq!(desk.tells(), Event::Text { ticket: busy, fate: Fate::Delivered });
    assert_eq!(desk.tells(), gone(behind));
    assert_eq!(desk.tells(), Event::Answered { ticket: moved, answer: Answer::Refused(Refused::BadName) });
}

#[test]
fn m28_after_a_move_that_nobody_answered_it_goes_home_before_it_says_anything() {
    let mut desk = Desk::registered();
    desk.joins("den");
    let left = desk.wants(Ask::Leave);
    desk.passes(ms(12_000));
    assert_eq!(desk.tells(), Event::Answered { ticket: left, answer: Answer::Unanswered });
    // Its user was told nothing else, so he speaks to the den, which the server may have let him leave.
    let secret = desk.wants(say("between us"));
    desk.count(server(), Kind::LeaveRoom);
    desk.count(server(), Kind::Connect);
    desk.is_asked(900, SERVER, text(""));
    desk.goes_home(true);
    assert_eq!([desk.tells(), desk.tells()], [gone(secret), Event::Closed("den".into())]);
    desk.passes(ms(1_000));
    assert_eq!(desk.count(server(), Kind::Text), 0);
}

#[test]
fn m7_m21_when_its_room_closes_what_waits_is_given_up_and_it_makes_sure_where_it_is() {
    let mut desk = Desk::registered();
    desk.joins("den");
    let list = desk.wants(Ask::ListRooms);
    let waiting = desk.wants(say("between us"));
    desk.is_asked(900, SERVER, closed("den"));
    assert_eq!([desk.tells(), desk.tells()], [gone(waiting), Event::Closed("den".into())]);
    assert_eq!(desk.answers(server(), 900), Body::NotificationReply);
    let asked = desk.asks(Kind::ListRooms);
    desk.is_answered(&asked, Body::RoomList(Vec::new()));
    assert_eq!(desk.tells(), Event::Answered { ticket: list, answer: Answer::Rooms(Vec::new()) });
    let public = desk.wants(say("hello, everybody"));
    desk.goes_home(true);
    assert_eq!(desk.asks(Kind::Text).body, text("hello, everybody"));
    desk.tells_nothing();
    assert!(public > waiting);
}

#[test]
fn m21_a_closing_is_acknowledged_only_when_no_text_for_the_room_is_on_its_way() {
    let mut desk = Desk::registered();
    desk.joins("den");
    let secret = desk.wants(say("between us"));
    let asked = desk.asks(Kind::Text);
    desk.is_asked(900, SERVER, closed("den"));
    desk.is_asked(900, SERVER, closed("den"));
    assert_eq!(desk.tells(), Event::Closed("den".into()));
    assert_eq!(desk.count(server(), Kind::NotificationReply), 0, "a copy of the text would be published");
    desk.asks_nothing();
    desk.is_answered(&asked, error(Kind::Text.code(), ErrorCode::NOT_IN_PRIVATE_ROOM, ""));
    assert_eq!(desk.tells(), gone(secret));
    assert_eq!(desk.answers(server(), 900), Body::NotificationReply);
    desk.goes_home(true);
    desk.is_asked(900, SERVER, closed("den"));
    assert_eq!(desk.answers(server(), 900), Body::NotificationReply);
    desk.tells_nothing();
}

#[test]
fn m21_a_text_that_was_accepted_just_before_the_closing_is_delivered() {
    let mut desk = Desk::registered();
    desk.joins("den");
    let ticket = desk.wants(say("between us"));
    let asked = desk.asks(Kind::Text);
    desk.is_asked(900, SERVER, closed("den"));
    desk.is_answered(&asked, Body::TextReply);
    assert_eq!(desk.tells(), Event::Closed("den".into()));
    assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::Delivered });
}

#[test]
fn m15_m21_a_text_whose_room_has_closed_is_not_sent_anew_when_the_server_has_no_time() {
    let mut desk = Desk::registered();
    desk.joins("den");
    let secret = desk.wants(say("between us"));
    let asked = desk.asks(Kind::Text);
    desk.is_asked(900, SERVER, closed("den"));
    desk.is_answered(&asked, error(Kind::Text.code(), ErrorCode::TOO_MANY_REQUESTS, ""));
    assert_eq!([desk.tells(), desk.tells()], [Event::Closed("den".into()), gone(secret)]);
    desk.goes_home(true);
    desk.passes(ms(1_000));
    desk.asks_nothing();
}

#[test]
fn m21_a_closing_that_comes_before_the_answer_to_the_join_is_not_forgotten() {
    let mut desk = Desk::registered();
    desk.wants(Ask::Join("den".into()));
    let secret = desk.wants(say("between us"));
    let asked = desk.asks(Kind::JoinRoom);
    desk.is_asked(900, SERVER, closed("den"));
    desk.tells_nothing();
    desk.is_answered(&asked, JOINED);
    assert!(matches!(desk.tells(), Event::Answered { answer: Answer::In { .. }, .. }));
    desk.goes_home(true);
    assert_eq!([desk.tells(), desk.tells()], [gone(secret), Event::Closed("den".into())]);
}

#[test]
fn m28_a_late_closing_of_a_room_it_has_left_is_not_told() {
    let mut desk = Desk::registered();
    desk.joins("den");
    desk.joins("attic");
    desk.is_asked(900, SERVER, closed("den"));
    assert_eq!(desk.answers(server(), 900), Body::NotificationReply);
    desk.tells_nothing();
    assert_eq!(desk.client.room(), Some(("attic", Mode::Central)));
    desk.asks_nothing();
}

#[test]
fn m28_refused_as_if_it_were_in_no_room_it_finds_out_where_it_is() {
    let mut desk = Desk::registered();
    desk.joins("den");
    let ticket = desk.wants(Ask::Invite("bob".into()));
    let asked = desk.asks(Kind::Invite);
    desk.is_answered(
        &asked,
        error(Kind::Invite.code(), ErrorCode::NOT_IN_PRIVATE_ROOM, "not in a private room"),
    );
    assert!(
        matches!(desk.tells(), Event::Answered { ticket: told, answer: Answer::Refused(_) } if told == ticket)
    );
    desk.goes_home(true);
    assert_eq!(desk.tells(), Event::Closed("den".into()));
}

#[test]
fn m22_who_accepts_an_invitation_says_so_and_asks_for_access() {
    let mut desk = Desk::registered();
    let invitation = desk.is_invited(900, "den");
    assert_eq!(desk.count(server(), Kind::OfferReply), 0, "it waits for a person");
    desk.is_asked(900, SERVER, Body::Offer { by: name("bob"), mode: Mode::Central, room: name("den") });
    desk.tells_nothing();
    let ticket = desk.wants(Ask::Answer { invitation, accept: true });
    assert_eq!(desk.answers(server(), 900), Body::OfferReply { declined: false });
    let asked = desk.asks(Kind::JoinRoom);
    desk.is_answered(&asked, JOINED);
    let answer = Answer::In { room: "den".into(), mode: Mode::Central };
    assert_eq!(desk.tells(), Event::Answered { ticket, answer });
}

#[test]
fn m22_m28_who_did_not_get_in_is_not_moved_there_later_by_the_repeated_question() {
    let mut desk = Desk::registered();
    let invitation = desk.is_invited(900, "den");
    desk.wants(Ask::Answer { invitation, accept: true });
    assert_eq!(desk.answers(server(), 900), Body::OfferReply { declined: false });
    let asked = desk.asks(Kind::JoinRoom);
    desk.is_answered(&asked, Body::JoinRoomReply(Access::Central(AccessStatus::RoomFull)));
    desk.is_asked(900, SERVER, Body::Offer { by: name("bob"), mode: Mode::Central, room: name("den") });
    assert_eq!(desk.answers(server(), 900), Body::OfferReply { declined: true });
    assert!(matches!(desk.tells(), Event::Answered { answer: Answer::Refused(_), .. }));
    // It may have got in and have been moved out again before it asked.
    desk.goes_home(true);
    desk.tells_nothing();
}

#[test]
fn m22_m28_who_did_not_get_in_asks_for_the_room_he_was_in() {
    for (status, is_still_there) in [(AccessStatus::Joined, true), (AccessStatus::NoSuchRoom, false)] {
        let mut desk = Desk::registered();
        desk.joins("attic");
        let invitation = desk.is_invited(900, "den");
        desk.wants(Ask::Answer { invitation, accept: true });
        let asked = desk.asks(Kind::JoinRoom);
        desk.is_answered(&asked, NO_SUCH_ROOM);
        assert!(matches!(desk.tells(), Event::Answered { answer: Answer::Refused(_), .. }));
        let asked = desk.asks(Kind::JoinRoom);
        assert_eq!(asked.body, Body::JoinRoom { room: name("attic") });
        desk.is_answered(&asked, Body::JoinRoomReply(Access::Central(status)));
        if is_still_there {
            desk.asks_nothing();
            assert_eq!(desk.client.room(), Some(("attic", Mode::Central)));
        } else {
            desk.goes_home(true);
            assert_eq!(desk.tells(), Event::Closed("attic".into()));
        }
    }
}

#[test]
fn m9_who_declines_is_not_moved() {
    let mut desk = Desk::registered();
    let invitation = desk.is_invited(900, "den");
    let ticket = desk.wants(Ask::Answer { invitation, accept: false });
    assert_eq!(desk.answers(server(), 900), Body::OfferReply { declined: true });
    assert_eq!(desk.tells(), Event::Answered { ticket, answer: Answer::Done });
    desk.asks_nothing();
}

#[test]
fn m28_texts_behind_an_invitation_that_is_gone_are_given_up() {
    let mut desk = Desk::registered();
    let busy = desk.wants(say("wait"));
    let ticket = desk.wants(Ask::Answer { invitation: Invitation(99), accept: true });
    let behind = desk.wants(say("for the room of the invitation"));
    let asked = desk.asks(Kind::Text);
    desk.is_answered(&asked, Body::TextReply);
    assert_eq!(desk.tells(), Event::Text { ticket: busy, fate: Fate::Delivered });
    assert_eq!(desk.tells(), gone(behind));
    let answer = Answer::Refused(Refused::NoSuchInvitation);
    assert_eq!(desk.tells(), Event::Answered { ticket, answer });
    desk.asks_nothing();
}

#[test]
fn m9_an_invitation_that_is_refused_for_their_number_is_not_asked_again() {
    let mut desk = Desk::registered();
    desk.joins("den");
    let ticket = desk.wants(Ask::Invite("bob".into()));
    let asked = desk.asks(Kind::Invite);
    let code = ErrorCode::TOO_MANY_REQUESTS;
    desk.is_answered(&asked, error(Kind::Invite.code(), code, "too many"));
    let answer = Answer::Refused(Refused::Error(code, "too many".into()));
    assert_eq!(desk.tells(), Event::Answered { ticket, answer });
    desk.passes(ms(1_000));
    desk.asks_nothing();
}

/// The server says that a room, which it does not name, is called otherwise now.
fn renamed(room: &str) -> Body<'_> {
    Body::Notification(Notice::Renamed { room: name(room) })
}

#[test]
fn m8_m28_it_goes_home_if_its_room_is_renamed_while_it_asks_for_it_by_its_former_name() {
    let mut desk = Desk::registered();
    desk.wants(Ask::Create { room: "den".into(), mode: Mode::Direct, capacity: 9 });
    let asked = desk.asks(Kind::CreateRoom);
    desk.is_answered(&asked, Body::CreateRoomReply { status: CreateStatus::Created, room: 1 });
    assert!(matches!(desk.tells(), Event::Answered { .. }));
    desk.reads_directory(&[]);
    desk.is_asked(900, SERVER, Body::Notification(Notice::Left { id: 9, user: name("bob") }));
    assert_eq!(desk.tells(), Event::Left("bob".into()));
    let list = desk.asks(Kind::JoinRoom);
    // Another room may be called den by now, and then we have asked to come into that one.
    desk.is_asked(901, SERVER, renamed("attic"));
    assert_eq!(desk.tells(), Event::Renamed("attic".into()));
    let secret = desk.wants(say("between us"));
    desk.is_answered(
        &list,
        Body::JoinRoomReply(Access::Direct { status: AccessStatus::Joined, peers: Vec::new() }),
    );
    desk.goes_home(false);
    assert_eq!([desk.tells(), desk.tells()], [gone(secret), Event::Closed("attic".into())]);
}

#[test]
fn m28_it_goes_home_if_a_room_is_renamed_while_it_moves() {
    let mut desk = Desk::registered();
    desk.joins("den");
    let moved = desk.wants(Ask::Join("attic".into()));
    let secret = desk.wants(say("for the attic"));
    let asked = desk.asks(Kind::JoinRoom);
    // The news says neither which room it is about nor when that was.
    desk.is_asked(900, SERVER, renamed("hut"));
    assert_eq!(desk.tells(), Event::Renamed("hut".into()));
    desk.is_answered(&asked, JOINED);
    let answer = Answer::In { room: "attic".into(), mode: Mode::Central };
    assert_eq!(desk.tells(), Event::Answered { ticket: moved, answer });
    let leave = desk.asks(Kind::LeaveRoom);
    desk.is_answered(&leave, Body::LeaveRoomReply { refused: false });
    assert_eq!([desk.tells(), desk.tells()], [gone(secret), Event::Closed("attic".into())]);
    assert_eq!(desk.count(server(), Kind::Text), 0);
}
