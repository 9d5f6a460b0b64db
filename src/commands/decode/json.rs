//! Findings as one line of JSON.
//!
//! In: findings. Out: `{"input", "message", "fields": [{"bit", "bits", "name", "value", "meaning"}], "error": null or
//! {"bit", "field", "why"}}`. Must not know any field.

use serde_json::{Value, json};

use super::findings::Findings;
use crate::commands::json::{ascii, error, fields, object};

/// The object, and a line end. Its keys stand in the order in which people read them.
pub(super) fn line(findings: &Findings) -> String {
    let (message, rows, error) = match &findings.found {
        Ok((_, found)) => (found.message, &*found.fields, error(found.error.as_ref())),
        Err(why) => {
            let wrong = [("bit", Value::Null), ("field", json!("input")), ("why", json!(why))];
            (None, &[][..], object(&wrong))
        }
    };
    let (input, message, fields) = (json!(findings.input), json!(message), fields(rows));
    ascii(&format!(r#"{{"input":{input},"message":{message},"fields":{fields},"error":{error}}}"#))
        .into_owned()
        + "\n"
}
