//! Who is left to receive from a channel that leaves its function.
