//! A whole server and many clients in a network that breaks links, in virtual time, watched by a shadow model.
//!
//! In: a seed. Out: a run, or the first thing in it that must not happen. Must not know sockets or the real time.
//!
//! `world` lets things happen, `journal` notes what was said, accepted and heard and objects at once to what is wrong,
//! `verdict` judges the whole run, `person` is what a user believes, `scenario` and `weather` invent what happens, `deeds`
//! what people do. `texts` and `wire` recognise what is on the way, `known` where it belongs.

pub(crate) mod deeds;
pub(crate) mod hearing;
pub(crate) mod journal;
pub(crate) mod known;
pub(crate) mod person;
pub(crate) mod scenario;
pub(crate) mod setting;
pub(crate) mod texts;
pub(crate) mod verdict;
pub(crate) mod wire;
pub(crate) mod world;
