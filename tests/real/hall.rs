//! The public room as full as it can be, on real sockets.

use palabre::dialect::msp::{Body, RegisterStatus, Registration};
use palabre::wire::Integrity;

use crate::client::Client;
use crate::program::Program;

#[test]
fn m5_m10_254_share_the_public_room_and_the_255th_finds_it_full() {
    let (program, address) = Program::serve(&[]);
    let mut clients: Vec<_> =
        (1..=254).map(|number| Client::registered(address, &format!("u{number}"))).collect();
    for client in &mut clients {
        // Whoever never spoke might have to make room (M15).
        assert!(matches!(client.ask(Body::ListRooms), Body::RoomList(_)));
    }
    let full = Registration::Registered { status: RegisterStatus::ServerFull, id: 0 };
    assert_eq!(Client::new(address, Integrity::None).register("late"), full);

    let mut author = clients.swap_remove(0);
    let said = Body::Text { text: "Who hears me?".into(), order: None };
    assert_eq!(author.ask(said), Body::TextReply);
    assert_eq!(clients.len(), 253);
    for client in &mut clients {
        assert_eq!(client.text_of(author.id()), "Who hears me?");
    }

    // What the author asks now comes after all acknowledgements: they are counted when it is answered.
    assert!(matches!(author.ask(Body::ListRooms), Body::RoomList(_)));
    program.signal("TERM");
    let totals = program.log_line_with("stopped: ");
    assert!(totals.contains(" 1 texts accepted, 253 texts delivered"), "{totals}");
}
