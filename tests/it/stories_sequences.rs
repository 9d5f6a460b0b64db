//! Sequences of Stories: B6.

use palabre::time::Duration;
use serde_json::{Value, json};

use crate::served::Served;
use crate::stories_client::{Client, server};

fn vote(seq: &Value, room: &str) -> String {
    let details = json!({ "question": "pizza ?" });
    json!({ "type": "BEGIN_SEQUENCE", "seq": seq, "action": "VOTE", "room": room, "details": details })
        .to_string()
}

fn says(seq: &Value, vote: &str) -> String {
    json!({ "type": "VOTE", "seq": seq, "vote": vote }).to_string()
}

fn says_to(from: &str, seq: &Value, vote: &str) -> String {
    json!({ "type": "VOTE", "seq": seq, "vote": vote, "from": from }).to_string()
}

fn confirm(seq: &Value, to: &str, timeout: &Value) -> String {
    json!({ "type": "BEGIN_SEQUENCE", "seq": seq, "action": "CONFIRM", "to": to, "timeout": timeout })
        .to_string()
}

/// All that was heard, which is JSON.
#[track_caller]
fn all(heard: &[String]) -> Vec<Value> {
    heard.iter().map(|text| serde_json::from_str(text).unwrap_or_else(|_| panic!("{heard:?}"))).collect()
}

#[track_caller]
fn code(heard: &[String]) -> String {
    let [one] = &all(heard)[..] else { panic!("{heard:?}") };
    assert_eq!(one["type"], "ERROR");
    one["code"].as_str().unwrap().to_owned()
}

fn counts(yes: u64, no: u64, absent: u64) -> Value {
    json!({ "yes": yes, "no": no, "absent": absent })
}

fn complete(seq: &Value, result: &Value) -> Value {
    json!({ "type": "COMPLETE", "seq": seq, "result": result })
}

fn result(seq: &Value, from: &str, [yes, no, absent]: [u64; 3]) -> Value {
    json!({ "type": "SEQUENCE_RESULT", "seq": seq, "from": from, "yes": yes, "no": no, "absent": absent })
}

fn trio(served: &Served) -> [Client; 3] {
    let people = [Client::bar(served, "alice"), Client::quoted(served, "bob"), Client::bar(served, "carol")];
    people.iter().for_each(Client::forgets);
    people
}

#[test]
fn b6_a_vote_is_over_when_all_have_voted() {
    let served = server();
    let [alice, bob, carol] = trio(&served);
    for seq in [json!(101), json!("une-chaîne"), json!(-1)] {
        assert_eq!(all(&alice.asks(&vote(&seq, "public"))), [json!({ "type": "ACK", "seq": seq })]);
        let details = json!({ "question": "pizza ?" });
        let request = json!({
            "type": "VOTE_REQUEST", "seq": seq, "room": "public", "from": "alice", "details": details, "timeout": 30,
        });
        assert_eq!([all(&bob.hears()), all(&carol.hears())], [[request.clone()], [request]]);
        assert_eq!(bob.asks(&says(&seq, "yes")), [""; 0]);
        alice.heard([]);
        assert_eq!(all(&carol.asks(&says(&seq, "no"))), [result(&seq, "alice", [1, 1, 0])]);
        assert_eq!(all(&bob.hears()), [result(&seq, "alice", [1, 1, 0])]);
        assert_eq!(all(&alice.hears()), [complete(&seq, &counts(1, 1, 0))]);
    }
}

#[test]
fn b6_a_vote_is_over_in_time() {
    for (timeout, last) in
        [(Value::Null, 30), (json!(5), 5), (json!(5.2), 6), (json!(1e9), 300), (json!(301), 300)]
    {
        let served = server();
        let [alice, bob, carol] = trio(&served);
        let begin = json!({ "type": "BEGIN_SEQUENCE", "seq": 1, "action": "VOTE", "room": "public", "timeout": timeout });
        alice.sends(&begin.to_string());
        assert_eq!(all(&bob.hears())[0]["timeout"], json!(last));
        bob.sends(&says(&json!(1), "yes"));
        alice.forgets();
        served.passes(Duration::from_secs(last) - Duration::from_millis(1));
        alice.heard([]);
        served.passes(Duration::from_millis(1));
        assert_eq!(all(&alice.hears()), [complete(&json!(1), &counts(1, 0, 1))]);
        assert_eq!(all(&bob.hears()), [result(&json!(1), "alice", [1, 0, 1])]);
        carol.forgets();
        assert_eq!(code(&carol.asks(&says(&json!(1), "yes"))), "unknown");
    }
    let served = server();
    let [alice, ..] = trio(&served);
    for timeout in [json!(0), json!(-1), json!("30"), json!([])] {
        let begin = json!({ "type": "BEGIN_SEQUENCE", "seq": 1, "action": "VOTE", "room": "public", "timeout": timeout });
        assert_eq!(code(&alice.asks(&begin.to_string())), "fields", "{timeout}");
    }
}

#[test]
fn b6_a_vote_that_comes_when_the_time_is_over_does_not_count() {
    let served = server();
    let [alice, bob, _] = trio(&served);
    alice.sends(&vote(&json!(1), "public"));
    [&alice, &bob].iter().for_each(|client| client.forgets());
    served.oversleeps(Duration::from_secs(31));
    let heard = all(&bob.asks(&says(&json!(1), "yes")));
    assert_eq!(heard[0], result(&json!(1), "alice", [0, 0, 2]));
    assert_eq!(heard[1]["code"], "unknown");
    assert_eq!(all(&alice.hears()), [complete(&json!(1), &counts(0, 0, 2))]);
}

#[test]
fn b6_double_foreign_and_unknown_votes_are_refused() {
    let served = server();
    let [alice, bob, carol] = trio(&served);
    let dave = Client::bar(&served, "dave");
    dave.sends("ROOM|room1");
    [&alice, &bob, &carol, &dave].iter().for_each(|client| client.forgets());
    let one = json!(1);
    alice.sends(&vote(&one, "public"));
    [&alice, &bob, &carol].iter().for_each(|client| client.forgets());
    bob.sends(&says(&one, "yes"));
    assert_eq!(code(&bob.asks(&says(&one, "yes"))), "double");
    assert_eq!(code(&bob.asks(&says(&one, "no"))), "double");
    assert_eq!(code(&alice.asks(&says(&one, "yes"))), "foreign", "nobody votes on his own question");
    assert_eq!(code(&dave.asks(&says(&one, "yes"))), "foreign");
    dave.sends("ROOM|public");
    [&alice, &bob, &carol, &dave].iter().for_each(|client| client.forgets());
    assert_eq!(code(&dave.asks(&says(&one, "yes"))), "foreign", "he came after it");
    assert_eq!(code(&carol.asks(&says(&json!("1"), "yes"))), "unknown", "a string is no number");
    assert_eq!(code(&carol.asks(&says_to("bob", &one, "yes"))), "unknown");
    assert_eq!(code(&carol.asks(&says_to("nobody", &one, "yes"))), "unknown");
    assert_eq!(code(&carol.asks(r#"{"type":"CONFIRM","seq":1,"ok":true}"#)), "unknown", "it is a vote");
    carol.sends(&says(&one, "yes"));
    assert_eq!(all(&alice.hears()), [complete(&one, &counts(2, 0, 0))]);
}

#[test]
fn b6_one_at_a_time_and_only_in_ones_own_room() {
    let served = server();
    let [alice, bob, carol] = trio(&served);
    assert_eq!(code(&alice.asks(&vote(&json!(1), "room1"))), "room");
    assert_eq!(code(&alice.asks(r#"{"type":"BEGIN_SEQUENCE","seq":1,"action":"VOTE"}"#)), "room");
    assert_eq!(code(&alice.asks(r#"{"type":"BEGIN_SEQUENCE","seq":1,"action":"DANCE"}"#)), "action");
    alice.sends(&vote(&json!(1), "public"));
    alice.forgets();
    for again in
        [vote(&json!(1), "public"), vote(&json!(2), "public"), confirm(&json!(3), "bob", &Value::Null)]
    {
        assert_eq!(code(&alice.asks(&again)), "busy");
    }
    assert_eq!(all(&bob.hears()).len(), 1);
    [&bob, &carol].iter().for_each(|client| client.sends(&says(&json!(1), "no")));
    assert_eq!(all(&alice.hears()), [complete(&json!(1), &counts(0, 2, 0))]);
    assert_eq!(all(&alice.asks(&vote(&json!(2), "public")))[0]["type"], "ACK");
    let long = json!({ "type": "BEGIN_SEQUENCE", "seq": 1, "action": "VOTE", "room": "public", "details": "x".repeat(16_384) });
    bob.forgets();
    assert_eq!(code(&bob.asks(&long.to_string())), "too-long");
}

#[test]
fn b6_alone_a_vote_is_over_at_once() {
    let served = server();
    let alice = Client::bar(&served, "alice");
    let heard = all(&alice.asks(&vote(&json!(1), "public")));
    assert_eq!(heard, [json!({ "type": "ACK", "seq": 1 }), complete(&json!(1), &counts(0, 0, 0))]);
}

#[test]
fn b6_two_with_the_same_seq_have_to_be_told_apart() {
    let served = server();
    let [alice, bob, carol] = trio(&served);
    let one = json!(1);
    alice.sends(&vote(&one, "public"));
    bob.sends(&vote(&one, "public"));
    [&alice, &bob, &carol].iter().for_each(|client| client.forgets());
    assert_eq!(code(&carol.asks(&says(&one, "yes"))), "ambiguous");
    carol.sends(&says_to("alice", &one, "yes"));
    carol.sends(&says_to("bob", &one, "no"));
    carol.heard([]);
    // Each of the two is asked only once: what he means is clear.
    alice.sends(&says(&one, "yes"));
    assert_eq!(all(&bob.hears()), [complete(&one, &counts(1, 1, 0))]);
    bob.sends(&says(&one, "no"));
    assert_eq!(all(&alice.hears())[1..], [complete(&one, &counts(1, 1, 0))]);
}

#[test]
fn b6_the_initiator_leaving_cancels_it_and_a_voter_leaving_does_not_hold_it_up() {
    let served = server();
    let [alice, bob, carol] = trio(&served);
    let one = json!(1);
    alice.sends(&vote(&one, "public"));
    [&alice, &bob, &carol].iter().for_each(|client| client.forgets());
    let cancelled = alice.asks("ROOM|room1");
    assert!(cancelled.iter().any(|text| text.contains(r#""code":"cancelled""#)), "{cancelled:?}");
    bob.forgets();
    assert_eq!(code(&bob.asks(&says(&one, "yes"))), "unknown");
    alice.sends("ROOM|public");

    bob.sends(&vote(&one, "public"));
    [&alice, &bob, &carol].iter().for_each(|client| client.forgets());
    bob.line.dies();
    assert!(alice.hears().iter().all(|text| !text.contains("SEQUENCE_RESULT")));
    carol.forgets();
    assert_eq!(code(&carol.asks(&says(&one, "yes"))), "unknown");

    alice.sends(&vote(&one, "public"));
    alice.forgets();
    carol.line.dies();
    assert_eq!(all(&alice.hears()[..1]), [complete(&one, &counts(0, 0, 1))]);
}

#[test]
fn b6_a_confirmation_is_between_two() {
    let served = server();
    let [alice, bob, carol] = trio(&served);
    let seq = json!("c");
    assert_eq!(all(&alice.asks(&confirm(&seq, "bob", &json!(10)))), [json!({ "type": "ACK", "seq": "c" })]);
    let request =
        json!({ "type": "CONFIRM_REQUEST", "seq": "c", "from": "alice", "details": null, "timeout": 10 });
    assert_eq!(all(&bob.hears()), [request]);
    carol.heard([]);
    assert_eq!(code(&carol.asks(r#"{"type":"CONFIRM","seq":"c","ok":true}"#)), "foreign");
    assert_eq!(bob.asks(r#"{"type":"CONFIRM","seq":"c","ok":true}"#), [""; 0]);
    assert_eq!(all(&alice.hears()), [complete(&seq, &json!({ "ok": true, "absent": false }))]);
    assert_eq!(code(&bob.asks(r#"{"type":"CONFIRM","seq":"c","ok":true}"#)), "unknown");

    alice.sends(&confirm(&seq, "bob", &json!(10)));
    alice.forgets();
    served.passes(Duration::from_secs(10));
    assert_eq!(all(&alice.hears()), [complete(&seq, &json!({ "ok": false, "absent": true }))]);
    alice.sends(&confirm(&seq, "bob", &json!(10)));
    alice.forgets();
    bob.line.dies();
    assert_eq!(all(&alice.hears()[..1]), [complete(&seq, &json!({ "ok": false, "absent": true }))]);
    for (to, why) in [("bob", "user"), ("nobody", "user"), ("alice", "self")] {
        assert_eq!(code(&alice.asks(&confirm(&seq, to, &Value::Null))), why);
    }
}
