//! Counting sends against receives on channels that stay in one function.
