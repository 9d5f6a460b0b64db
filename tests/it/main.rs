//! Everything that runs in virtual time: laws, vectors, simulations. One binary, no sockets, no sleeps.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that meets the unexpected must fail loudly"
)]

mod architecture;
#[expect(unreachable_pub, reason = "what a fuzz target includes is public there")]
mod bodies {
    pub(crate) mod capture_read;
    pub(crate) mod client_ops;
    pub(crate) mod engine_five;
    pub(crate) mod engine_ops;
    pub(crate) mod matou_decode;
    pub(crate) mod msp_decode;
    pub(crate) mod shen_decode;
    pub(crate) mod stories_decode;
    pub(crate) mod stumtp_decode;
}
mod capture_files;
mod capture_frames;
mod capture_law;
mod capture_links;
mod capture_recorder;
mod capture_segments;
mod capture_streams;
mod captures;
mod chaos;
mod check_differences;
mod check_equal;
mod check_stories;
mod client_desk;
mod client_direct;
mod client_downloads;
mod client_matou;
mod client_rooms;
mod client_session;
mod client_shen_chaos;
mod client_shen_desk;
mod client_shen_doubts;
mod client_shen_rooms;
mod client_stories;
mod client_stories_peers;
mod client_stumtp;
mod codec;
mod corpus;
mod crossing_ids;
mod crossing_names;
mod crossing_rooms;
mod crossing_talk;
mod engine_abuse;
mod engine_form;
mod engine_invitations;
mod engine_laws;
mod engine_notices;
mod engine_numbers;
mod engine_outages;
mod engine_registration;
mod engine_reliability;
mod engine_rooms;
mod engine_words;
mod matou_client;
mod matou_codec;
mod matou_crossing;
mod matou_faults;
mod matou_hall;
mod matou_private;
mod msp_client;
mod netsim;
mod pairs;
mod reliable;
mod reliable_channel;
mod reliable_lanes;
mod reliable_laws;
mod reliable_memory;
mod reliable_numbers;
mod reliable_recent;
mod reliable_skip;
mod reliable_table;
mod reliable_trace;
mod rooms;
mod rooms_admission;
mod rooms_hall;
mod rooms_invitations;
mod rooms_management;
mod rooms_model;
mod rooms_proposals;
mod rooms_shadow;
mod rooms_shadow_commands;
mod rooms_shadow_rules;
mod rooms_story;
mod rooms_unaware;
mod rooms_votes;
mod served;
mod shen_answers;
mod shen_client;
mod shen_codec;
mod shen_crossing;
mod shen_desk;
mod shen_edges;
mod shen_hall;
mod shen_numbers;
mod shen_outages;
mod shen_registration;
mod shen_rooms;
mod shen_rooms_end;
mod shen_scenarios;
mod sim;
mod stories_client;
mod stories_codec;
mod stories_crossing;
mod stories_files;
mod stories_files_crossing;
mod stories_json;
mod stories_login;
mod stories_meetings;
mod stories_rooms;
mod stories_sequences;
mod stories_sequences_laws;
mod stream_world;
mod streamed;
mod streams;
mod streams_bursts;
mod stumtp_client;
mod stumtp_codec;
mod stumtp_cuts;
mod stumtp_frames;
mod stumtp_session;
mod stumtp_sessions;
mod taped;
