//! What calls do to waiting: one table of protocols for every engine.
//!
//! A row says what a library's function acquires, releases, waits for, signals, starts or bounds. Functions whose source is in view need no
//! row: they are executed.

use crate::types::{FuncId, Name, Type};

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ends the process or the goroutine.
    NeverReturns,
    /// Returns soon, keeps nothing that it is handed, and touches no primitive.
    Quick,
    /// May take long, and keeps nothing that it is handed.
    Slow,
    /// A context that never ends.
    Background,
    /// A context and the function that cancels it.
    WithCancel,
    /// The same with a time limit.
    WithDeadline,
    /// A context that carries a value: it ends with its parent.
    WithValue,
    /// A context that does not end with its parent.
    WithoutCancel,
    /// The channel that a context closes when it ends.
    Done,
    /// Why a context ended, or nil.
    Err,
    /// A channel that a timer sends on once.
    After,
    /// A timer or ticker with its channel in field `C`.
    NewTimer {
        /// Whether it sends again and again.
        ticks: bool,
    },
    /// A channel that a ticker sends on.
    Tick,
    /// Stops a timer: its channel gets nothing any more.
    StopTimer,
    /// Lets a timer run again.
    ResetTimer {
        /// Whether it sends again and again.
        ticks: bool,
    },
    /// Takes a lock.
    Lock {
        /// As one of several readers.
        read: bool,
    },
    /// Releases a lock.
    Unlock {
        /// As a reader.
        read: bool,
    },
    /// Takes a lock if it is free.
    TryLock {
        /// As one of several readers.
        read: bool,
    },
    /// Counts a group up.
    GroupAdd,
    /// Counts a group down.
    GroupDone,
    /// Waits until a group's count is zero.
    GroupWait,
    /// Starts a function and counts it in a group.
    GroupGo,
    /// Runs a function the first time.
    OnceDo,
    /// Starts a function some time later.
    AfterFunc,
    /// Reads an atomic variable.
    AtomicLoad,
    /// Writes one, and gives nothing.
    AtomicStore,
    /// Adds to one and gives the sum.
    AtomicAdd,
    /// Writes one and gives what it was.
    AtomicSwap,
    /// Writes one if it is what is expected, and tells whether it was.
    AtomicCompareAndSwap,
    /// An error that is not nil.
    NewError,
    /// Runs a function that it is handed, any number of times, before it returns.
    Calls,
}

/// A row of the table: package, receiver or empty, name.
type Row = (&'static str, &'static str, &'static str, Effect);

/// The rows, by package. A method of an interface goes by the interface's name.
const ROWS: &[Row] = &[
    ("context", "", "Background", Effect::Background),
    ("context", "", "TODO", Effect::Background),
    ("context", "", "WithCancel", Effect::WithCancel),
    ("context", "", "WithCancelCause", Effect::WithCancel),
    ("context", "", "WithDeadline", Effect::WithDeadline),
    ("context", "", "WithDeadlineCause", Effect::WithDeadline),
    ("context", "", "WithTimeout", Effect::WithDeadline),
    ("context", "", "WithTimeoutCause", Effect::WithDeadline),
    ("context", "", "WithValue", Effect::WithValue),
    ("context", "", "WithoutCancel", Effect::WithoutCancel),
    ("context", "Context", "Done", Effect::Done),
    ("context", "Context", "Err", Effect::Err),
    ("errors", "", "New", Effect::NewError),
    ("fmt", "", "Errorf", Effect::NewError),
    ("log", "", "Fatal", Effect::NeverReturns),
    ("log", "", "Fatalf", Effect::NeverReturns),
    ("log", "", "Fatalln", Effect::NeverReturns),
    ("os", "", "Exit", Effect::NeverReturns),
    ("runtime", "", "Goexit", Effect::NeverReturns),
    ("sync", "Mutex", "Lock", Effect::Lock { read: false }),
    ("sync", "Mutex", "TryLock", Effect::TryLock { read: false }),
    ("sync", "Mutex", "Unlock", Effect::Unlock { read: false }),
    ("sync", "Once", "Do", Effect::OnceDo),
    ("sync", "RWMutex", "Lock", Effect::Lock { read: false }),
    ("sync", "RWMutex", "RLock", Effect::Lock { read: true }),
    ("sync", "RWMutex", "RUnlock", Effect::Unlock { read: true }),
    ("sync", "RWMutex", "TryLock", Effect::TryLock { read: false }),
    ("sync", "RWMutex", "TryRLock", Effect::TryLock { read: true }),
    ("sync", "RWMutex", "Unlock", Effect::Unlock { read: false }),
    ("sync", "WaitGroup", "Add", Effect::GroupAdd),
    ("sync", "WaitGroup", "Done", Effect::GroupDone),
    ("sync", "WaitGroup", "Go", Effect::GroupGo),
    ("sync", "WaitGroup", "Wait", Effect::GroupWait),
    ("testing", "common", "FailNow", Effect::NeverReturns),
    ("testing", "common", "Fatal", Effect::NeverReturns),
    ("testing", "common", "Fatalf", Effect::NeverReturns),
    ("testing", "common", "Skip", Effect::NeverReturns),
    ("testing", "common", "SkipNow", Effect::NeverReturns),
    ("testing", "common", "Skipf", Effect::NeverReturns),
    ("time", "", "After", Effect::After),
    ("time", "", "AfterFunc", Effect::AfterFunc),
    ("time", "", "NewTicker", Effect::NewTimer { ticks: true }),
    ("time", "", "NewTimer", Effect::NewTimer { ticks: false }),
    ("time", "", "Sleep", Effect::Slow),
    ("time", "", "Tick", Effect::Tick),
    ("time", "Ticker", "Reset", Effect::ResetTimer { ticks: true }),
    ("time", "Ticker", "Stop", Effect::StopTimer),
    ("time", "Timer", "Reset", Effect::ResetTimer { ticks: false }),
    ("time", "Timer", "Stop", Effect::StopTimer),
    ("path/filepath", "", "Walk", Effect::Calls),
    ("path/filepath", "", "WalkDir", Effect::Calls),
    ("slices", "", "SortFunc", Effect::Calls),
    ("sort", "", "Slice", Effect::Calls),
    ("sort", "", "SliceStable", Effect::Calls),
    ("strings", "", "Map", Effect::Calls),
];

/// Packages whose functions return soon and keep nothing.
const QUICK: &[&str] = &[
    "bytes",
    "cmp",
    "encoding/binary",
    "encoding/hex",
    "encoding/json",
    "errors",
    "fmt",
    "log",
    "log/slog",
    "maps",
    "math",
    "math/bits",
    "math/rand",
    "math/rand/v2",
    "path",
    "path/filepath",
    "slices",
    "sort",
    "strconv",
    "strings",
    "sync/atomic",
    "time",
    "unicode",
    "unicode/utf8",
];

/// What a function of a library does, if the table says so.
#[must_use]
pub fn of(func: &FuncId) -> Option<Effect> {
    let recv = func.recv.map_or("", |r| r.as_str());
    if func.pkg == "sync/atomic" {
        return atomic(func.name.as_str());
    }
    let row = ROWS.iter().find(|(pkg, r, name, _)| *pkg == func.pkg && *r == recv && *name == func.name);
    row.map(|row| row.3).or_else(|| QUICK.contains(&func.pkg.as_str()).then_some(Effect::Quick))
}

/// Whether a function of which nothing but the name is known may be one that ends the process or panics: then it is not known to return.
#[must_use]
pub fn may_end(name: Name) -> bool {
    ["Fatal", "Panic", "Exit", "Abort", "fatal", "panic", "exit", "abort"].iter().any(|word| name.as_str().starts_with(word))
}

/// Functions and methods of `sync/atomic` are named after what they do.
fn atomic(name: &str) -> Option<Effect> {
    const BY_PREFIX: &[(&str, Effect)] = &[
        ("Load", Effect::AtomicLoad),
        ("Store", Effect::AtomicStore),
        ("Add", Effect::AtomicAdd),
        ("Swap", Effect::AtomicSwap),
        ("CompareAndSwap", Effect::AtomicCompareAndSwap),
    ];
    let effect = BY_PREFIX.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|row| row.1);
    Some(effect.unwrap_or(Effect::Quick))
}

/// What a method of an interface does, whoever implements it.
#[must_use]
pub fn of_interface(iface: &Type, method: Name) -> Option<Effect> {
    let Type::Named(named) = iface else { return None };
    let is_context = named.pkg == "context" && named.name == "Context";
    let row = ROWS.iter().find(|(pkg, recv, name, _)| *pkg == named.pkg && *recv == named.name && *name == method);
    row.map(|row| row.3).or_else(|| is_context.then_some(Effect::Quick))
}
