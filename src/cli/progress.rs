//! A bar for runs that take long enough to wonder.

use crate::pipeline::Progress;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A run shorter than this is over before a bar could be read.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long a drawn bar stands: more often than this, drawing would cost more than it tells.
const STANDS: Duration = Duration::from_millis(50);

/// Columns of the bar itself.
const WIDTH: usize = 30;

/// A progress bar on standard error, or nothing where nobody watches.
pub(super) struct Bar {
    watched: bool,
    total: AtomicUsize,
    done: AtomicUsize,
    drawn: Mutex<Drawn>,
}

struct Drawn {
    /// When the bar is drawn next.
    next: Instant,
    /// Whether one stands on the terminal.
    stands: bool,
}

impl Bar {
    pub(super) fn new() -> Self {
        Self {
            watched: std::io::stderr().is_terminal() && std::env::var_os("CI").is_none(),
            total: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            drawn: Mutex::new(Drawn { next: Instant::now() + PATIENCE, stands: false }),
        }
    }
}

impl Progress for Bar {
    fn start(&self, total: usize) {
        self.total.store(total, Ordering::Relaxed);
    }

    fn tick(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        // A thread that finds another one drawing has nothing newer to show.
        let Some(mut drawn) = self.watched.then(|| self.drawn.try_lock().ok()).flatten() else { return };
        let now = Instant::now();
        if now >= drawn.next {
            (drawn.next, drawn.stands) = (now + STANDS, true);
            write(&line(done, self.total.load(Ordering::Relaxed)));
        }
    }

    fn finish(&self) {
        if let Ok(mut drawn) = self.drawn.lock() {
            if drawn.stands {
                write("\r\x1b[K");
            }
            // A tick that comes late must not draw over what is printed next.
            *drawn = Drawn { next: Instant::now() + Duration::from_secs(3600), stands: false };
        }
    }
}

fn write(text: &str) {
    // A terminal that has gone away needs no bar.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// The bar in the place of the last one.
fn line(done: usize, total: usize) -> String {
    let full = (WIDTH * done).checked_div(total).unwrap_or(WIDTH).min(WIDTH);
    let mut out = String::from("\r");
    out.extend((0..WIDTH).map(|column| if column < full { '█' } else { '░' }));
    let _ = write!(out, " {done}/{total} packages\x1b[K");
    out
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_bar_fills() {
        assert!(line(0, 7).starts_with("\r░") && line(0, 7).contains("░ 0/7 packages"));
        assert!(line(7, 7).ends_with("█ 7/7 packages\x1b[K"));
        assert_eq!(line(1, 2).matches('█').count(), 15);
        assert_eq!(line(9, 7).matches('█').count(), 30);
        assert_eq!(line(0, 0).matches('█').count(), 30);
    }
}
