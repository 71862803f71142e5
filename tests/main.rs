//! The one integration binary: a binary for each file of tests would be linked, and waited for, each by itself.

mod rules;
