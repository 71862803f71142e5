//! What a model can say: of a function, a type, a package-level variable.

use rustc_hash::FxHashMap;
use serde::Deserialize;
use ustr::Ustr;

/// What is known of a function or method whose source is not in view.
///
/// Arguments and results are counted from 0; the receiver is not an argument.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FnModel {
    /// Types of the results as Go text, packages by their full import path (`*net/http.Response`).
    pub results: Vec<Ustr>,
    /// Types of the parameters, given where a function-typed one needs them.
    pub params: Option<Vec<Ustr>>,
    /// The call creates something that must be let go.
    pub acquires: Option<Acquire>,
    /// The call lets something go.
    pub releases: Option<Release>,
    /// The call can wait.
    pub blocks: Option<Blocks>,
    /// Argument that the call runs in a new goroutine.
    pub starts: Option<u8>,
    /// Argument that the call runs itself, before it returns.
    pub runs: Option<u8>,
    /// It runs its argument again and again until `stop_arg` ends it.
    pub repeats: bool,
    /// The stop channel or context that ends what `repeats`, `starts` or `blocks` began.
    pub stop_arg: Option<u8>,
    /// The call never returns to its caller.
    pub no_return: bool,
    /// Only memory work or logging: it cannot wait for long.
    pub quick: bool,
    /// What the call does with a context.
    pub context: Option<ContextOp>,
    /// Context argument that bounds what result 0 does later (`exec.CommandContext`); see [`Bound::Origin`].
    pub binds: Option<u8>,
    /// Argument that result 0 reads from or writes to (`bufio.NewReader`): its deadline and its closing hold there too.
    pub wraps: Option<u8>,
    /// With `wraps`: the bytes pass as they are, so that it ends where what it wraps ends.
    pub raw: bool,
    /// Argument, a function, that the library calls when the receiver's scope ends (`t.Cleanup`): like a `defer` there.
    pub defers: Option<u8>,
    /// Argument that is a channel on which the library sends later, never waiting for a reader.
    pub sends_on: Option<u8>,
    /// Argument that the call closes, or takes over and closes later.
    pub closes_arg: Option<u8>,
    /// Argument that has to be nil for the test to go on: an assertion that a call did not fail.
    pub wants_nil: Option<u8>,
    /// Argument that the call reads to its end, unless it fails before.
    pub drains: Option<u8>,
    /// With `drains`: something else can stop it before, as a writer that fails; its error then says so.
    pub may_stop: bool,
    /// Arguments that the library keeps after the call returned.
    pub stores: Vec<u8>,
    /// The call bounds the later reads of its receiver (`SetReadDeadline`, `SetDeadline`).
    pub deadline: bool,
    /// The call bounds the later writes of its receiver (`SetWriteDeadline`, `SetDeadline`).
    pub write_deadline: bool,
}

/// Something that must be let go, and how.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acquire {
    /// What it is: `ticker`, `timer`, `cancel`, `body`, `conn`, `listener`, `server`, `rows`, `stream`, `pipe` …
    pub kind: Ustr,
    /// Index of the result that holds it, unless `arg` or `receiver` says otherwise.
    #[serde(default)]
    pub result: u8,
    /// The argument holds it: `signal.Notify(c)` is undone by `signal.Stop(c)`.
    #[serde(default)]
    pub arg: Option<u8>,
    /// The receiver holds it: `mu.Lock()`, `server.ListenAndServe()`.
    #[serde(default)]
    pub receiver: bool,
    /// Field of the holder whose methods release it: `Body` of a response.
    #[serde(default)]
    pub field: Option<Ustr>,
    /// A second result that holds the other end: the writer of `io.Pipe`.
    #[serde(default)]
    pub also: Option<u8>,
    /// Methods of the holder that let it go; `call` where the holder itself is called (a cancel function). Empty where nothing can.
    #[serde(default)]
    pub released_by: Vec<Ustr>,
    /// Methods that let it go by running into its end: `Next` when it says false, `Recv` when it gives an error.
    #[serde(default)]
    pub drained_by: Vec<Ustr>,
    /// Methods of the receiver of the acquiring call that let it go too: `Wait` closes what `cmd.StdoutPipe()` gave.
    #[serde(default)]
    pub released_by_owner: Vec<Ustr>,
    /// The library starts a goroutine that stays until it is let go.
    #[serde(default)]
    pub goroutine: bool,
    /// Error result that says, when it is not nil, that nothing was acquired.
    #[serde(default)]
    pub fails_with: Option<u8>,
    /// Go version from which dropping it leaks nothing, because it is collected.
    #[serde(default, deserialize_with = "super::load::go_version")]
    pub gc_since: Option<(u16, u16)>,
}

/// What a call lets go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// Its receiver.
    Receiver,
    /// One of its arguments.
    Arg(u8),
}

/// A call that can wait.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blocks {
    /// What it waits for.
    pub kind: BlockKind,
    /// What ends the wait if nothing arrives.
    #[serde(default)]
    pub bound: Bound,
    /// A time-out field of the receiver ([`TypeModel::timeouts`]) bounds it as well: either is enough.
    #[serde(default)]
    pub or_client: bool,
    /// Methods of the receiver that wake it (`Close` a connection that reads, `Shutdown` a server that serves).
    #[serde(default)]
    pub ended_by: Vec<Ustr>,
    /// Argument whose closing wakes it (`http.Serve` by its listener).
    #[serde(default)]
    pub ended_arg: Option<u8>,
}

/// What a blocking call waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockKind {
    /// Time to pass.
    Sleep,
    /// A reader, writer, file or pipe on this machine, or of unknown kind.
    Io,
    /// Another machine.
    Network,
    /// A value from a channel or queue inside the library.
    Recv,
    /// Other goroutines to finish or to signal.
    Wait,
    /// A lock or a semaphore.
    Lock,
    /// Its end, which is not meant to come while the program runs: a server loop, `wait.Forever`.
    Forever,
    /// Another process.
    Process,
}

/// What ends a wait if nothing arrives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bound {
    /// Nothing.
    #[default]
    None,
    /// The context in this argument.
    Context(u8),
    /// The stop channel in this argument.
    Channel(u8),
    /// The context of the `*http.Request` in this argument.
    Request(u8),
    /// A time-out field of the receiver, if it is set.
    Client,
    /// The receiver's deadline, if somebody sets one.
    Deadline,
    /// The duration in this argument.
    Duration(u8),
    /// The context that was given when the receiver was made ([`FnModel::binds`]).
    Origin,
    /// What this argument is: as long as reading from or writing to it takes (`io.Copy`, `fmt.Fprintf`).
    Stream(u8),
    /// What the receiver reads from or writes to, which it was given when it was made ([`FnModel::wraps`]).
    Wrapped,
    /// The library itself: the wait is always short.
    Always,
}

/// What a call does with a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ContextOp {
    /// Gives a context that never ends (`Background`, `TODO`).
    Root,
    /// Gives a context made from another one.
    Derive {
        /// Argument that is the parent.
        parent: u8,
        /// It can end before its parent.
        #[serde(default)]
        cancellable: bool,
        /// It ends by itself when a time has passed.
        #[serde(default)]
        deadline: bool,
        /// Result that is the new context.
        #[serde(default)]
        result: u8,
        /// Result that is its cancel function; none where the library itself cancels it.
        #[serde(default)]
        cancel: Option<u8>,
    },
    /// Gives a context with its parent's values that does not end with it (`WithoutCancel`).
    WithoutCancel {
        /// Argument that is the parent.
        parent: u8,
    },
    /// Gives the context that the receiver carries (`(*http.Request).Context`).
    Carried,
    /// The done channel of the receiver.
    Done,
    /// Asks the receiver, or the context given, whether and why it has ended.
    Err,
}

/// What is known of a type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypeModel {
    /// What it is to the rules: `ticker`, `timer`, `context`, `cancel`, `waitgroup`, `mutex`, `conn`, `client` …
    pub kind: Option<Ustr>,
    /// Types of its exported fields as Go text.
    pub fields: FxHashMap<Ustr, Ustr>,
    /// It is an interface.
    pub interface: bool,
    /// Its underlying type as Go text, where that matters (`func()`).
    pub underlying: Option<Ustr>,
    /// Another type, `path.Name`, whose methods it has too: what is known of them holds here unless said anew.
    pub like: Option<Ustr>,
    /// Fields that bound the calls on it when they are set ([`Bound::Client`]).
    pub timeouts: Vec<Ustr>,
    /// Methods without a model of their own only do memory work.
    pub quick: bool,
}

/// What is known of a package-level variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VarModel {
    /// Its type as Go text.
    pub ty: Ustr,
    /// It is made with a time-out that bounds calls on it ([`Bound::Client`]).
    pub timeout: bool,
}
