//! The command line and the reports, over made-up findings and over the real binary.

mod baseline;
mod command;
mod config;
mod fake;
mod fingerprint;
mod fix;
mod formats;
mod git;
mod github;
mod human;
mod ignoring;
mod json;
mod packaging;
mod sarif;
mod schema;
mod services;
mod show;
mod suppress;
mod visible;
