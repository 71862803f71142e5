//! A bar for runs that take long enough to wonder.

use crate::pipeline::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A run shorter than this is over before a bar could be read.
const PATIENCE: Duration = Duration::from_millis(500);

/// A progress bar on standard error, or nothing where nobody watches.
pub(super) struct Bar {
    bar: ProgressBar,
    begin: Instant,
    /// Whether the bar may still be shown and is not yet.
    waiting: AtomicBool,
}

impl Bar {
    pub(super) fn new() -> Self {
        let watched = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
        Self { bar: ProgressBar::hidden(), begin: Instant::now(), waiting: AtomicBool::new(watched) }
    }
}

impl Progress for Bar {
    fn start(&self, total: usize) {
        self.bar.set_length(total as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} packages") {
            self.bar.set_style(style);
        }
    }

    fn tick(&self) {
        self.bar.inc(1);
        if self.waiting.load(Ordering::Relaxed) && self.begin.elapsed() > PATIENCE && self.waiting.swap(false, Ordering::Relaxed)
        {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    fn finish(&self) {
        self.waiting.store(false, Ordering::Relaxed);
        self.bar.finish_and_clear();
    }
}
