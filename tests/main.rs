//! The one integration binary: linking once is quicker than linking a dozen.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

mod adopting;
mod bad_input;
mod cli;
mod corpus;
mod determinism;
mod documents;
mod editors;
mod listed;
mod packaging;
mod real;
mod review;
mod rules;
mod stdlib;
mod support;
mod tidy;
mod verdicts;
