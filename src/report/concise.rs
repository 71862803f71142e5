//! A line for each finding, `path:line:column: level[rule] message`, as compilers write them: editors and `grep` know that form.

use super::{Report, visible};
use std::io;

pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    for finding in report.shown() {
        let (path, start) = (visible::line(&finding.at.file.display), finding.at.start());
        let message = visible::line(&finding.message);
        writeln!(out, "{path}:{}:{}: {}[{}] {message}", start.line, start.col, finding.level, finding.rule)?;
    }
    for problem in &report.outcome.problems {
        let (path, line) = (visible::line(&problem.path), problem.line.unwrap_or(1));
        writeln!(out, "{path}:{line}:1: problem {}", visible::line(&problem.message))?;
    }
    Ok(())
}
