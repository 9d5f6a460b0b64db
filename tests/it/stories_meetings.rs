//! Connections of two people of Stories: B7.

use palabre::time::Duration;
use serde_json::{Value, json};

use crate::served::Served;
use crate::stories_client::{Client, server};

fn ask(kind: &str, fields: &Value) -> String {
    let mut message = fields.clone();
    message["type"] = json!(kind);
    message.to_string()
}

fn with(kind: &str, token: &str) -> String {
    ask(kind, &json!({ "token": token }))
}

fn relay(token: &str, data: &Value) -> String {
    ask("P2P_RELAY", &json!({ "token": token, "data": data }))
}

/// The only thing that was heard, which is JSON.
#[track_caller]
fn one(heard: &[String]) -> Value {
    assert!(matches!(heard, [_]), "{heard:?}");
    serde_json::from_str(&heard[0]).unwrap_or_else(|_| panic!("{heard:?}"))
}

#[track_caller]
fn code(heard: &[String]) -> String {
    let one = one(heard);
    assert_eq!(one["type"], "ERROR", "{one}");
    one["code"].as_str().unwrap().to_owned()
}

fn trio(served: &Served) -> [Client; 3] {
    let people = [Client::bar(served, "alice"), Client::quoted(served, "bob"), Client::bar(served, "carol")];
    people.iter().for_each(Client::forgets);
    people
}

/// Alice and Bob have agreed to meet: their token.
#[track_caller]
fn introduced(alice: &Client, bob: &Client) -> String {
    assert_eq!(alice.asks(&ask("P2P_REQUEST", &json!({ "to": "bob", "port": 5001 }))), [""; 0]);
    assert_eq!(one(&bob.hears()), json!({ "type": "P2P_OFFER", "from": "alice" }));
    let callee = one(&bob.asks(&ask("P2P_ACCEPT", &json!({ "from": "alice", "port": 5002 }))));
    let caller = one(&alice.hears());
    let token = caller["token"].as_str().unwrap().to_owned();
    assert!(token.len() == 32 && token.bytes().all(|byte| b"0123456789abcdef".contains(&byte)), "{token}");
    for (invite, name, port, role) in [(&caller, "bob", 5002, "caller"), (&callee, "alice", 5001, "callee")] {
        assert_eq!((&invite["type"], &invite["token"]), (&json!("P2P_INVITE"), &json!(token)));
        assert_eq!((&invite["role"], &invite["expires"]), (&json!(role), &json!(60)));
        assert_eq!((&invite["peer"]["name"], &invite["peer"]["port"]), (&json!(name), &json!(port)));
        assert!(invite["peer"]["ip"].as_str().unwrap().starts_with("203.0."), "{invite}");
    }
    token
}

#[test]
fn b7_two_meet_who_both_want_to() {
    let served = server();
    let [alice, bob, carol] = trio(&served);
    let token = introduced(&alice, &bob);
    carol.heard([]);
    assert_eq!(alice.asks(&with("P2P_READY", &token)), [""; 0]);
    assert_eq!(bob.asks(&with("P2P_READY", &token)), [""; 0]);
    served.passes(Duration::from_secs(100));
    [&alice, &bob].iter().for_each(|client| client.heard([]));
    assert_eq!(code(&alice.asks(&relay(&token, &json!("x")))), "not-relayed");
    assert_eq!(code(&alice.asks(&with("P2P_READY", &token))), "token", "once");
    assert_ne!(introduced(&alice, &bob), token);
    assert_eq!(code(&alice.asks(&with("P2P_READY", &token))), "token", "of a meeting that was");
}

#[test]
fn b7_nobody_hears_where_somebody_is_without_his_consent() {
    let served = server();
    let [alice, bob, carol] = trio(&served);
    alice.sends(&ask("P2P_REQUEST", &json!({ "to": "bob", "port": 5001 })));
    bob.forgets();
    assert_eq!(code(&carol.asks(&ask("P2P_ACCEPT", &json!({ "from": "alice", "port": 1 })))), "unknown");
    assert_eq!(code(&bob.asks(&ask("P2P_ACCEPT", &json!({ "from": "carol", "port": 1 })))), "unknown");
    assert_eq!(code(&alice.asks(&ask("P2P_ACCEPT", &json!({ "from": "bob", "port": 1 })))), "unknown");
    assert_eq!(code(&alice.asks(&ask("P2P_REQUEST", &json!({ "to": "bob", "port": 5001 })))), "busy");
    assert_eq!(bob.asks(&ask("P2P_REFUSE", &json!({ "from": "alice" }))), [""; 0]);
    assert_eq!(one(&alice.hears()), json!({ "type": "P2P_REFUSED", "from": "bob" }));
    assert_eq!(code(&bob.asks(&ask("P2P_ACCEPT", &json!({ "from": "alice", "port": 1 })))), "unknown");
    assert_eq!(code(&alice.asks(&ask("P2P_REQUEST", &json!({ "to": "nobody", "port": 1 })))), "user");
    assert_eq!(code(&alice.asks(&ask("P2P_REQUEST", &json!({ "to": "alice", "port": 1 })))), "self");
    assert_eq!(code(&alice.asks(&ask("P2P_REQUEST", &json!({ "to": "bob", "port": 0 })))), "fields");
    assert_eq!(code(&alice.asks(&with("P2P_HELLO", "00"))), "type");
    [&alice, &bob, &carol].iter().for_each(|client| client.heard([]));
}

#[test]
fn b7_a_request_waits_for_a_minute_or_until_one_of_the_two_leaves() {
    let served = server();
    let [alice, bob, carol] = trio(&served);
    alice.sends(&ask("P2P_REQUEST", &json!({ "to": "bob", "port": 5001 })));
    bob.forgets();
    served.passes(Duration::from_millis(59_999));
    alice.heard([]);
    served.passes(Duration::from_millis(1));
    assert_eq!(one(&alice.hears()), json!({ "type": "P2P_REFUSED", "from": "bob" }));
    assert_eq!(code(&bob.asks(&ask("P2P_ACCEPT", &json!({ "from": "alice", "port": 1 })))), "unknown");

    alice.sends(&ask("P2P_REQUEST", &json!({ "to": "bob", "port": 5001 })));
    carol.sends(&ask("P2P_REQUEST", &json!({ "to": "alice", "port": 5001 })));
    alice.forgets();
    bob.line.dies();
    assert_eq!(alice.hears()[0], r#"{"type":"P2P_REFUSED","from":"bob"}"#);
    carol.line.dies();
    alice.forgets();
    assert_eq!(code(&alice.asks(&ask("P2P_ACCEPT", &json!({ "from": "carol", "port": 1 })))), "user");
}

#[test]
fn b7_who_fails_falls_back_and_only_then_and_only_the_two_are_relayed() {
    let served = server();
    let [alice, bob, carol] = trio(&served);
    let token = introduced(&alice, &bob);
    assert_eq!(code(&alice.asks(&relay(&token, &json!("early")))), "not-relayed");
    assert_eq!(code(&carol.asks(&with("P2P_FAILED", &token))), "token");
    assert_eq!(code(&carol.asks(&with("P2P_READY", &token))), "token");
    alice.sends(&with("P2P_READY", &token));
    let fallback = json!({ "type": "P2P_FALLBACK", "token": token });
    assert_eq!(one(&bob.asks(&with("P2P_FAILED", &token))), fallback);
    assert_eq!(one(&alice.hears()), fallback);
    assert_eq!(alice.asks(&with("P2P_FAILED", &token)), [""; 0], "they know");
    assert_eq!(code(&alice.asks(&with("P2P_READY", &token))), "token", "too late");

    let data = json!({ "text": "élan | \"x\"", "n": [1, 2.5, null] });
    assert_eq!(alice.asks(&relay(&token, &data)), [""; 0]);
    assert_eq!(one(&bob.hears()), json!({ "type": "P2P_RELAY", "token": token, "data": data }));
    served.passes(Duration::from_secs(1_000));
    bob.sends(&relay(&token, &json!("back")));
    assert_eq!(one(&alice.hears())["data"], "back");
    assert_eq!(code(&carol.asks(&relay(&token, &json!("x")))), "token");
    for bad in ["", "0", &"0".repeat(32), &token.to_uppercase(), &format!("{token} "), "é"] {
        if bad != token {
            assert_eq!(code(&alice.asks(&relay(bad, &json!("x")))), "token", "{bad}");
        }
    }
    assert_eq!(alice.asks(&relay(&token, &json!("x".repeat(65_534)))), [""; 0]);
    bob.forgets();
    assert_eq!(code(&alice.asks(&relay(&token, &json!("x".repeat(65_535))))), "too-long");
    [&bob, &carol].iter().for_each(|client| client.heard([]));
    bob.line.dies();
    alice.forgets();
    assert_eq!(code(&alice.asks(&relay(&token, &json!("x")))), "token");
}

#[test]
fn b7_without_ready_from_both_within_ten_seconds_both_fall_back() {
    let served = server();
    let [alice, bob, _] = trio(&served);
    let token = introduced(&alice, &bob);
    alice.sends(&with("P2P_READY", &token));
    assert_eq!(code(&alice.asks(&with("P2P_READY", &token))), "token");
    served.passes(Duration::from_millis(9_999));
    [&alice, &bob].iter().for_each(|client| client.heard([]));
    served.passes(Duration::from_millis(1));
    let fallback = json!({ "type": "P2P_FALLBACK", "token": token });
    assert_eq!([one(&alice.hears()), one(&bob.hears())], [fallback.clone(), fallback]);
    assert_eq!(code(&bob.asks(&with("P2P_READY", &token))), "token");
    served.passes(Duration::from_secs(1_000));
    [&alice, &bob].iter().for_each(|client| client.heard([]));
}

#[test]
fn b7_a_direct_connection_that_breaks_falls_back_too() {
    let served = server();
    let [alice, bob, _] = trio(&served);
    let token = introduced(&alice, &bob);
    [&alice, &bob].iter().for_each(|client| client.sends(&with("P2P_READY", &token)));
    served.passes(Duration::from_secs(120));
    assert_eq!(one(&alice.asks(&with("P2P_FAILED", &token)))["type"], "P2P_FALLBACK");
    assert_eq!(one(&bob.hears())["type"], "P2P_FALLBACK");
}

#[test]
fn b7_so_many_requests_of_one_wait_and_no_more() {
    let served = server();
    let alice = Client::bar(&served, "alice");
    let others: Vec<Client> = (0..17).map(|number| Client::bar(&served, &format!("user{number}"))).collect();
    alice.forgets();
    for number in 0..16 {
        let heard = alice.asks(&ask("P2P_REQUEST", &json!({ "to": format!("user{number}"), "port": 1 })));
        assert_eq!(heard, [""; 0]);
    }
    assert_eq!(code(&alice.asks(&ask("P2P_REQUEST", &json!({ "to": "user16", "port": 1 })))), "busy");
    assert_eq!(others.len(), 17);
}
