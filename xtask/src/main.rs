//! `cargo xtask …`: work on goleash's own tables.

use clap::Parser;
use std::io::Write as _;
use std::path::PathBuf;

/// Makes the checked-in tables of goleash
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Task {
    /// Derive the table of the standard library from the `src` folder of a Go release, and print what is known and what is not
    Derive {
        /// The folder
        src: PathBuf,
        /// Print the table itself
        #[arg(long)]
        table: bool,
        /// Print what a function waits for, and through which calls
        #[arg(long, value_name = "PATH.NAME", conflicts_with = "table")]
        why: Option<String>,
    },
}

fn main() -> std::io::Result<()> {
    let Task::Derive { src, table, why } = Task::parse();
    let text = match why {
        Some(name) => xtask::derive::why(&src, &name),
        None => {
            let derived = xtask::derive::derive(&src);
            if table { derived.table } else { derived.summary() }
        }
    };
    std::io::stdout().write_all(text.as_bytes())
}
