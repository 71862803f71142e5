//! The rules, one folder each. Adding a rule is a folder and two lines here: its module and its entry in the list.

mod bad_suppression;
mod blocked_once;
mod blocked_receive;
mod blocked_send;
mod http_without_context;
mod ignored_context;
mod lost_cancel;
mod stuck_connection;
mod stuck_lock;
mod unclosed_body;
mod unclosed_pipe;
mod undrained_timer;
mod unfinished_wait;
mod unguarded_loop;
mod unreleased_listener;
mod unstopped_ticker;
mod unstopped_workers;

use crate::lint::{Meta, Rule};

/// All rules, by id.
pub static ALL: &[&dyn Rule] = &[
    &bad_suppression::BadSuppression,
    &blocked_once::BlockedOnce,
    &blocked_receive::BlockedReceive,
    &blocked_send::BlockedSend,
    &http_without_context::HttpWithoutContext,
    &ignored_context::IgnoredContext,
    &lost_cancel::LostCancel,
    &stuck_connection::StuckConnection,
    &stuck_lock::StuckLock,
    &unclosed_body::UnclosedBody,
    &unclosed_pipe::UnclosedPipe,
    &undrained_timer::UndrainedTimer,
    &unfinished_wait::UnfinishedWait,
    &unguarded_loop::UnguardedLoop,
    &unreleased_listener::UnreleasedListener,
    &unstopped_ticker::UnstoppedTicker,
    &unstopped_workers::UnstoppedWorkers,
];

/// The cards of all rules, by id.
#[must_use]
pub fn metas() -> Vec<&'static Meta> {
    ALL.iter().map(|r| r.meta()).collect()
}
