//! The one integration binary: linking once is quicker than linking a dozen.

mod cli;
