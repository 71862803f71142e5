//! The embedded models are sound, and what users add lands above them.

use crate::old::program::{CHAINED, STEMS};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use ustr::{Ustr, ustr};

use super::derived::{SHELF, TEXT};
use super::embedded::{FILES, paths_in};
use super::load::Library;
use super::{BlockKind, Bound, ContextOp, FnModel, Models, Release, gotype};

fn method(path: &str, recv: &str, name: &str) -> FnModel {
    let found = Models::embedded().function(ustr(path), Some(ustr(recv)), ustr(name));
    found.unwrap_or_else(|| panic!("no model of ({path}.{recv}).{name}")).clone()
}

fn function(path: &str, name: &str) -> FnModel {
    let found = Models::embedded().function(ustr(path), None, ustr(name));
    found.unwrap_or_else(|| panic!("no model of {path}.{name}")).clone()
}

fn parsed() -> impl Iterator<Item = (&'static str, &'static str, Library)> {
    FILES.iter().map(|&(name, text)| match Library::parse(text, name, &[]) {
        Ok(library) => (name, text, library),
        Err(error) => panic!("src/models/{error}"),
    })
}

#[test]
fn every_file_parses_and_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/models");
    let in_folder: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".toml") && name != "vocabulary.toml")
        .collect();
    let listed: BTreeSet<String> = parsed().map(|(name, ..)| name.to_owned()).collect();
    assert_eq!(listed, in_folder, "FILES in embedded.rs and the folder differ");
    assert!(FILES.is_sorted(), "FILES in embedded.rs is not sorted");
    assert!(!Models::embedded().vocabulary().remote_verbs.is_empty());
}

#[test]
fn a_package_is_in_one_file_and_found_without_parsing() {
    let mut home = BTreeMap::new();
    for (name, text, library) in parsed() {
        let scanned: BTreeSet<Ustr> = paths_in(text).map(ustr).collect();
        let stated: BTreeSet<Ustr> = library.packages.keys().copied().collect();
        assert_eq!(scanned, stated, "{name}: `path = ` must begin its line");
        for path in stated {
            if let Some(other) = home.insert(path, name) {
                panic!("{path} is in {other} and in {name}");
            }
        }
    }
}

/// Entries stand in the order of import path, receiver, name, so that a reader finds them and two people do not add the same.
#[test]
fn entries_are_sorted() {
    for (name, text) in FILES {
        let document: toml::Table = text.parse().unwrap();
        for section in ["package", "type", "var", "function"] {
            let entries = document.get(section).and_then(toml::Value::as_array);
            let keys: Vec<_> =
                entries.into_iter().flatten().map(|entry| ["path", "recv", "name"].map(|key| first(entry, key))).collect();
            for pair in keys.windows(2) {
                assert!(pair[0] <= pair[1], "src/models/{name}: {section} {:?} comes after {:?}", pair[1], pair[0]);
            }
        }
    }
}

fn first(entry: &toml::Value, key: &str) -> String {
    match entry.get(key) {
        Some(toml::Value::Array(several)) => {
            let names: Vec<&str> = several.iter().filter_map(toml::Value::as_str).collect();
            assert!(names.is_sorted() && !names.is_empty(), "{key} = {names:?} is not sorted");
            names[0].to_owned()
        }
        Some(one) => one.as_str().unwrap_or_default().to_owned(),
        None => String::new(),
    }
}

/// A model that names something unknown to itself is a slip.
#[test]
fn entries_hold_together() {
    let models = Models::embedded();
    for (file, _, library) in parsed() {
        for ((path, name), model) in &library.types {
            let Some(like) = model.like else { continue };
            let (like_path, like_name) = gotype::split(like.as_str()).unwrap();
            assert!(
                models.type_(ustr(like_path), ustr(like_name)).is_some(),
                "{file}: {path}.{name} is like {like}, which has no entry"
            );
        }
        for ((path, recv, name), model) in &library.functions {
            let entry = format!("{file}: {path} {recv:?} {name}");
            let waits = model.blocks.is_some() || model.no_return;
            assert!(!(waits && model.quick), "{entry} is quick and waits");
            let told = CHAINED.contains(&name.as_str()) || STEMS.iter().any(|stem| name.contains(stem));
            assert!(!model.no_return || told, "{entry} never returns: `STEMS` has to know it");
            assert!(!model.repeats || model.runs.is_some() || model.starts.is_some(), "{entry} repeats nothing");
            if let Some(acquires) = model.acquires.as_ref().filter(|what| what.arg.is_none() && !what.receiver) {
                let holders = [Some(acquires.result), acquires.also, acquires.fails_with];
                for index in holders.into_iter().flatten() {
                    assert!(usize::from(index) < model.results.len(), "{entry} has no result {index}");
                }
                let failing = acquires.fails_with.map(|index| model.results[usize::from(index)]);
                assert!(failing.is_none_or(|ty| ty == "error"), "{entry}: fails_with is not an error");
            }
            if model.blocks.as_ref().is_some_and(|blocks| blocks.bound == Bound::Client || blocks.or_client) {
                let receiver = recv.and_then(|recv| models.type_(*path, recv));
                assert!(receiver.is_some_and(|ty| !ty.timeouts.is_empty()), "{entry}: its receiver has no timeouts");
            }
        }
    }
}

#[test]
fn tickers_and_timers() {
    let ticker = function("time", "NewTicker");
    assert_eq!(ticker.results, [ustr("*time.Ticker")]);
    let acquires = ticker.acquires.unwrap();
    assert_eq!((acquires.kind, acquires.released_by, acquires.gc_since), (ustr("ticker"), vec![ustr("Stop")], Some((1, 23))));
    assert_eq!(method("time", "Ticker", "Stop").releases, Some(Release::Receiver));
    assert_eq!(function("time", "AfterFunc").starts, Some(1));
    assert_eq!(function("time", "Sleep").blocks.unwrap().bound, Bound::Duration(0));
    let ty = Models::embedded().type_(ustr("time"), ustr("Ticker")).unwrap();
    assert_eq!(ty.fields.get(&ustr("C")), Some(&ustr("<-chan time.Time")));
    assert!(method("time", "Time", "Add").quick);
}

#[test]
fn contexts() {
    let derive = ContextOp::Derive { parent: 0, cancellable: true, deadline: true, result: 0, cancel: Some(1) };
    assert_eq!(function("context", "WithTimeout").context, Some(derive));
    assert_eq!(function("golang.org/x/net/context", "WithTimeout").context, Some(derive));
    assert_eq!(function("context", "TODO").context, Some(ContextOp::Root));
    assert_eq!(method("net/http", "Request", "Context").context, Some(ContextOp::Carried));
    assert_eq!(function("net/http", "NewRequestWithContext").binds, Some(0));
}

#[test]
fn calls_to_other_machines() {
    let get = function("net/http", "Get").blocks.unwrap();
    assert_eq!((get.kind, get.bound), (BlockKind::Network, Bound::None));
    let call = method("net/http", "Client", "Do").blocks.unwrap();
    assert_eq!((call.bound, call.or_client), (Bound::Request(0), true));
    assert_eq!(Models::embedded().var(ustr("net/http"), ustr("DefaultClient")), Some(ustr("*net/http.Client")));
}

#[test]
fn a_type_has_what_the_type_it_is_like_has() {
    let read = method("net", "TCPConn", "Read").blocks.unwrap();
    assert_eq!((read.bound, read.ended_by), (Bound::Deadline, vec![ustr("Close")]));
    assert!(method("net", "UDPConn", "SetReadDeadline").deadline);
    assert_eq!(method("net", "TCPConn", "ReadFrom").results[0], "int64");
}

#[test]
fn nothing_is_known_of_a_bare_name() {
    let models = Models::embedded();
    assert!(models.function(ustr("example.com/time"), None, ustr("NewTicker")).is_none());
    assert!(!models.knows(ustr("example.com/time")));
}

#[test]
fn words_that_tell_of_another_machine() {
    let words = Models::embedded().vocabulary();
    for remote in ["callSlowDownstreamAPI", "fetchOne", "sendRequest", "UploadFile", "doHTTP"] {
        assert!(words.is_remote(remote), "{remote}");
    }
    for local in ["process", "heavyComputation", "parseRequest", "NewRequest", "capitalize", "isHTTPS"] {
        assert!(!words.is_remote(local), "{local}");
    }
}

#[test]
fn a_user_entry_replaces_an_embedded_one() {
    let text = "[[function]]\npath = \"time\"\nname = \"Sleep\"\nquick = true\n\n[[package]]\npath = \"example.com/log\"\nquick = true\n";
    let models = Models::embedded().extend(text, "goleash.toml").unwrap();
    let sleep = models.function(ustr("time"), None, ustr("Sleep")).unwrap();
    assert!(sleep.quick && sleep.blocks.is_none());
    assert!(models.function(ustr("example.com/log/v3"), Some(ustr("Logger")), ustr("Info")).unwrap().quick);
    assert!(models.function(ustr("time"), None, ustr("NewTicker")).unwrap().acquires.is_some());
}

#[test]
fn a_user_entry_leaves_its_neighbours() {
    let text = "[[function]]\npath = [\"github.com/redis/go-redis/v9\", \"strings\"]\nname = \"New\"\nno_return = true\n";
    let models = Models::embedded().extend(text, "goleash.toml").unwrap();
    let redis = ustr("github.com/redis/go-redis/v9");
    assert!(models.function(redis, None, ustr("New")).unwrap().no_return);
    assert!(models.function(redis, None, ustr("NewClient")).unwrap().acquires.is_some());
    assert!(models.function(ustr("strings"), None, ustr("ToUpper")).unwrap().quick);
}

#[test]
fn a_version_in_the_path_is_ignored() {
    let pool = function("github.com/jackc/pgx/v5/pgxpool", "New");
    assert_eq!(pool.blocks.unwrap().bound, Bound::Context(0));
    assert_eq!(method("gopkg.in/tomb.v2", "Tomb", "Go").starts, Some(0));
    assert_eq!(function("github.com/cenkalti/backoff/v5", "Retry").runs, Some(1));
    assert_eq!(function("github.com/cenkalti/backoff/v4", "Retry").runs, Some(0));
}

#[test]
fn libraries_beyond_the_standard_one() {
    let read = method("github.com/gorilla/websocket", "Conn", "ReadMessage").blocks.unwrap();
    assert_eq!((read.kind, read.bound, read.ended_by), (BlockKind::Network, Bound::Deadline, vec![ustr("Close")]));
    assert_eq!(method("github.com/coder/websocket", "Conn", "Read").blocks.unwrap().bound, Bound::Context(0));
    assert_eq!(method("golang.org/x/sync/errgroup", "Group", "Go").starts, Some(0));
    assert!(
        method("go.uber.org/zap", "SugaredLogger", "Fatalf").no_return && !method("go.uber.org/zap", "Logger", "Error").no_return
    );
    assert!(
        method("github.com/rs/zerolog", "Event_fatal", "Msg").no_return
            && !method("github.com/rs/zerolog", "Event", "Msg").no_return
    );
    assert_eq!(function("go.etcd.io/etcd/client/v3", "New").acquires.unwrap().released_by, [ustr("Close")]);
    assert_eq!(method("go.etcd.io/etcd/client/v3", "Client", "Put").blocks.unwrap().bound, Bound::Context(0));
    let until = function("k8s.io/apimachinery/pkg/util/wait", "Until");
    assert_eq!((until.runs, until.repeats, until.stop_arg), (Some(0), true, Some(2)));
    assert_eq!(method("github.com/redis/go-redis/v9", "Client", "HGetAll").blocks.unwrap().bound, Bound::Always);
}

#[test]
fn a_user_adds_words() {
    let models = Models::embedded().extend("[vocabulary]\nremote_verbs = [\"frobnicate\"]\n", "goleash.toml").unwrap();
    assert!(models.vocabulary().is_remote("frobnicateAll") && models.vocabulary().is_remote("fetch"));
}

#[test]
fn a_circle_of_likes_ends() {
    let text = "[[type]]\npath = \"x\"\nname = \"A\"\nlike = \"x.B\"\n[[type]]\npath = \"x\"\nname = \"B\"\nlike = \"x.A\"\n";
    let models = Models::embedded().extend(text, "goleash.toml").unwrap();
    assert!(models.function(ustr("x"), Some(ustr("A")), ustr("F")).is_none());
}

#[test]
fn errors_name_file_line_and_key() {
    let error = |text: &str| Models::embedded().extend(text, "goleash.toml").unwrap_err().to_string();
    let errors = [
        error("[[function]]\npath = \"x\"\nname = \"F\"\nblock = true\n"),
        error("\n[[function]]\npath = \"x\"\nname = \"F\"\nresults = [\"Conn\"]\n"),
        error("[[function]]\npath = \"x\"\nname = \"F\"\nblocks = { kind = \"nap\" }\n"),
        error("[[function]]\npath = \"x\"\nname = \"F\"\nacquires = { kind = \"ticker\", gc_since = \"new\" }\n"),
        error("[[function]]\npath = \"x\"\nname = [\"F\", \"F\"]\n"),
        error("[[function]]\npath = \"x\"\n"),
        error("[[functions]]\npath = \"x\"\n"),
        error("[[function]\n"),
    ];
    let expected = [
        r#"goleash.toml:5: type `Conn`: `Conn` is neither predeclared nor written by its import path (at `results`)"#,
        r#"goleash.toml:4: unknown variant `nap`, expected one of `sleep`, `io`, `network`, `recv`, `wait`, `lock`, `forever`, `process` (at `blocks`)"#,
        r#"goleash.toml:4: `new` is not a Go version such as "1.23" (at `acquires`)"#,
        r#"goleash.toml:1: function x.F is listed twice (at `[[function]]`)"#,
        r#"goleash.toml:1: missing key `name` (at `[[function]]`)"#,
        r#"goleash.toml:1: unknown key `functions`, expected one of `package`, `type`, `var`, `function`, `model`, `vocabulary` (at `[[functions]]`)"#,
        r#"goleash.toml:1: unclosed array table, expected `]` (at `[[function]`)"#,
    ];
    let (keys, others) = errors.split_first().unwrap();
    assert!(keys.starts_with("goleash.toml:4: unknown key `block`, expected one of `path`, `recv`, `name`, "), "{keys}");
    assert!(keys.ends_with(", `deadline`, `write_deadline` (at `block`)"), "{keys}");
    assert_eq!(others, expected);
}

#[test]
fn a_file_may_hold_other_things_too() {
    let text = "exclude = [\"x\"]\n[[package]]\npath = \"x\"\nquick = true\nslow = 1\n";
    let models = Models::embedded();
    let error = models.extend_within(text, "goleash.toml", &["exclude"]).unwrap_err();
    assert_eq!((error.line, error.key.as_str()), (5, "slow"));
    assert_eq!(models.extend(text, "goleash.toml").unwrap_err().line, 1);
}

#[test]
fn the_derived_table_reads_whole() {
    let lines = TEXT.lines().filter(|l| ["type ", "var ", "func "].iter().any(|kind| l.starts_with(kind))).count();
    let read: usize = SHELF
        .paths()
        .iter()
        .map(|path| SHELF.package(*path).unwrap())
        .map(|p| p.functions.len() + p.types.len() + p.vars.len())
        .sum();
    assert_eq!(lines, read);
    assert!(read > 7_000, "{read}");
    for path in SHELF.paths() {
        let package = SHELF.package(path).unwrap();
        for ((recv, name), function) in &package.functions {
            let types = function.model.results.iter().chain(function.model.params.iter().flatten());
            for ty in types.filter(|ty| !ty.contains('?')) {
                assert_eq!(gotype::check_param(ty), Ok(()), "{path} {recv:?} {name}");
            }
        }
        for (name, var) in &package.vars {
            assert_eq!(gotype::check(&var.ty), Ok(()), "{path} {name}");
        }
    }
}

#[test]
fn the_derived_table_fills_gaps_alone() {
    let models = Models::embedded();
    assert_eq!(models.result(ustr("net/url"), None, ustr("Parse"), 0), Some(ustr("*net/url.URL")));
    assert_eq!(models.field(ustr("net/http"), ustr("Request"), ustr("URL")), Some(ustr("*net/url.URL")));
    assert_eq!(models.function(ustr("slices"), None, ustr("ContainsFunc")).unwrap().runs, Some(1));
    assert!(method("time", "Time", "Format").quick);
    assert!(function("time", "Sleep").blocks.is_some());
}

/// A hand-written entry and the source agree on what is given back, and on whether it waits.
#[test]
fn the_derived_table_contradicts_no_entry() {
    let mut wrong = Vec::new();
    for (file, _, library) in parsed() {
        for ((path, recv, name), model) in &library.functions {
            let Some(derived) = SHELF.package(*path).and_then(|p| p.functions.get(&(*recv, *name))) else { continue };
            let entry = format!("{file}: {path} {recv:?} {name}");
            let plain = |list: &[Ustr]| list.iter().map(|t| without_arguments(t)).collect::<Vec<_>>();
            let (said, found) = (plain(&model.results), plain(&derived.model.results));
            if !said.is_empty() && said != found && !found.iter().any(|t| t.contains('?')) {
                wrong.push(format!("{entry}: gives {found:?} by its source, {said:?} by its model"));
            }
            let waits = model.blocks.as_ref().is_some_and(|b| b.bound != Bound::Always && b.kind != BlockKind::Lock);
            if waits && derived.model.quick {
                wrong.push(format!("{entry}: quick by its source, waits by its model"));
            }
        }
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Sizes of arrays and type arguments are not in the table.
fn without_arguments(ty: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    for c in ty.chars() {
        depth += i32::from(c == '[');
        if depth == 0 || (c == '[' && depth == 1) || (c == ']' && depth == 1) {
            out.push(c);
        }
        depth -= i32::from(c == ']');
    }
    out.replace("[]", "")
}

/// `cargo test --release models -- --ignored --nocapture` prints what the start costs.
#[test]
#[ignore = "a measurement"]
fn time_to_parse() {
    let start = Instant::now();
    let _ = ustr("the first string makes the interner");
    println!("interner {:?}", start.elapsed());
    let start = Instant::now();
    Models::embedded().knows(ustr("time"));
    println!("index {:?}", start.elapsed());
    let start = Instant::now();
    for path in ["time", "context", "sync", "net", "net/http"] {
        Models::embedded().function(ustr(path), None, ustr("x"));
    }
    println!("time, context, sync, net, net/http {:?}", start.elapsed());
    let start = Instant::now();
    let (mut functions, mut types, mut packages) = (0, 0, 0);
    for (_, _, library) in parsed() {
        functions += library.functions.len();
        types += library.types.len();
        packages += library.packages.len();
    }
    println!("all: {:?} for {functions} functions, {types} types, {packages} packages", start.elapsed());
    for &(name, text) in FILES {
        let start = Instant::now();
        let library = Library::parse(text, name, &[]).unwrap();
        println!("  {name}: {:?}, {} bytes, {} functions", start.elapsed(), text.len(), library.functions.len());
    }
}
