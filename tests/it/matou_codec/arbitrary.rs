//! Any message of Matou that can be sent.

use std::net::IpAddr;

use palabre::dialect::matou::{ErrorCode, LONGEST_TEXT, Message, Ports};
use proptest::prelude::*;
use proptest::sample::select;

use crate::codec::arbitrary::text;

/// Any message, each type as likely as any other.
pub(super) fn message() -> impl Strategy<Value = Message<'static>> {
    prop_oneof![5 => public(), 5 => asking(), 5 => agreed(), 4 => private()]
}

fn public() -> impl Strategy<Value = Message<'static>> {
    prop_oneof![
        select(ErrorCode::ALL).prop_map(Message::Error),
        any::<bool>().prop_map(|accepted| Message::Connected { accepted }),
        said().prop_map(|text| Message::Say { text: text.into() }),
        (name(), said())
            .prop_map(|(author, text)| Message::Said { author: author.into(), text: text.into() }),
        Just(Message::SignOut),
    ]
}

fn asking() -> impl Strategy<Value = Message<'static>> {
    (0..6, name()).prop_map(|(which, name)| {
        let name = name.into();
        match which {
            0 => Message::Connect { name },
            1 => Message::Arrived { name },
            2 => Message::Left { name },
            3 => Message::Ask { name },
            4 => Message::Asked { name },
            _ => Message::Accept { name },
        }
    })
}

fn agreed() -> impl Strategy<Value = Message<'static>> {
    let ports = (any::<i32>(), any::<i32>()).prop_map(|(messages, files)| Ports { messages, files });
    (0..3, name(), any::<IpAddr>(), ports).prop_map(|(which, name, address, ports)| {
        let name = name.into();
        match which {
            0 => Message::Offer { name, ports },
            1 => Message::Expect { name, address },
            _ => Message::Meet { name, address, ports },
        }
    })
}

fn private() -> impl Strategy<Value = Message<'static>> {
    let file =
        (text(64), 0..=i64::MAX as u64).prop_map(|(name, size)| Message::File { name: name.into(), size });
    prop_oneof![
        said().prop_map(|text| Message::Private { text: text.into() }),
        file,
        Just(Message::PrivateSignOut),
    ]
}

fn name() -> impl Strategy<Value = String> {
    text(32)
}

fn said() -> impl Strategy<Value = String> {
    prop_oneof![6 => text(60), 2 => text(LONGEST_TEXT), 1 => Just("x".repeat(LONGEST_TEXT))]
}
