//! The table that `derive` makes of the standard library's own source, and how it is read.
//!
//! One line an exported name, columns parted by tabs, lists by `;`. A name of the package itself begins with a dot, `?` is a type that is
//! not known:
//!
//! ```text
//! package PATH
//! type NAME [alias TYPE | is TYPE | interface | struct FIELD TYPE;…]
//! var NAME TYPE
//! func [TYPE.]NAME [RESULT;…] [WORDS] [PARAMETER;…]
//! ```
//!
//! Words are `quick`, `no_return`, `runs=N`, `starts=N`, or what it waits for and what bounds that: `io always`, `io stream=0`,
//! `io wrapped`, `network context=0`. Without a word only the types are known. A hand-written entry wins over a line of this table, and
//! the table over a word about a whole package. A package's lines are read when a run first asks for it.

use super::model::{BlockKind, Blocks, Bound, FnModel, TypeModel, VarModel};
use memchr::memmem;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, LazyLock, OnceLock};
use ustr::{Ustr, ustr};

pub(super) const TEXT: &str = include_str!("derived/std.txt");

pub(super) static SHELF: LazyLock<DerivedShelf> = LazyLock::new(|| DerivedShelf::new(Cow::Borrowed(TEXT)));

/// Which table is asked.
#[derive(Clone, Debug)]
pub(super) enum Table {
    /// The one that is built in.
    Embedded,
    /// None at all.
    None,
    /// Another one.
    Own(Arc<DerivedShelf>),
}

impl Table {
    pub(super) fn package(&self, path: Ustr) -> Option<&DerivedPackage> {
        match self {
            Self::Embedded => SHELF.package(path),
            Self::None => None,
            Self::Own(shelf) => shelf.package(path),
        }
    }
}

/// The lines of each package, read on demand.
#[derive(Debug)]
pub(super) struct DerivedShelf {
    text: Cow<'static, str>,
    packages: FxHashMap<Box<str>, (Range<usize>, OnceLock<DerivedPackage>)>,
}

/// What the table says of one package.
#[derive(Debug, Default)]
pub(super) struct DerivedPackage {
    pub(super) functions: FxHashMap<(Option<Ustr>, Ustr), DerivedFn>,
    pub(super) types: FxHashMap<Ustr, TypeModel>,
    pub(super) vars: FxHashMap<Ustr, VarModel>,
}

/// A function, and whether more than its types is known.
#[derive(Debug)]
pub(super) struct DerivedFn {
    pub(super) model: FnModel,
    pub(super) told: bool,
}

impl DerivedShelf {
    /// Finds the packages in a table; nothing is read yet.
    pub(super) fn new(text: Cow<'static, str>) -> Self {
        const MARK: &str = "\npackage ";
        let starts: Vec<usize> = memmem::find_iter(text.as_bytes(), MARK).map(|at| at + MARK.len()).collect();
        let ends = starts.iter().skip(1).map(|next| next - MARK.len()).chain([text.len()]);
        let packages = starts
            .iter()
            .zip(ends)
            .filter_map(|(start, end)| {
                let section = text.get(*start..end)?;
                let name = section.lines().next()?;
                Some((name.into(), (*start + name.len()..end, OnceLock::new())))
            })
            .collect();
        Self { text, packages }
    }

    /// The packages that it speaks of.
    #[cfg(test)]
    pub(super) fn paths(&self) -> Vec<Ustr> {
        let mut out: Vec<Ustr> = self.packages.keys().map(|path| ustr(path)).collect();
        out.sort_unstable();
        out
    }

    pub(super) fn package(&self, path: Ustr) -> Option<&DerivedPackage> {
        let (range, read) = self.packages.get(path.as_str())?;
        Some(read.get_or_init(|| read_package(path, self.text.get(range.clone()).unwrap_or_default())))
    }
}

fn read_package(path: Ustr, text: &str) -> DerivedPackage {
    let mut out = DerivedPackage::default();
    for line in text.lines() {
        let mut columns = line.split('\t');
        let Some((kind, name)) = columns.next().and_then(|head| head.split_once(' ')) else { continue };
        let rest: Vec<&str> = columns.collect();
        let column = |i: usize| rest.get(i).copied().unwrap_or_default();
        match kind {
            "type" => drop(out.types.insert(ustr(name), type_model(path, column(0), column(1)))),
            "var" => drop(out.vars.insert(ustr(name), VarModel { ty: full(path, column(0)), timeout: false })),
            "func" => {
                let (recv, name) = name.split_once('.').map_or((None, name), |(recv, name)| (Some(ustr(recv)), name));
                out.functions.insert((recv, ustr(name)), function(path, &rest));
            }
            _ => {}
        }
    }
    out
}

fn type_model(path: Ustr, form: &str, of: &str) -> TypeModel {
    let mut model = TypeModel::default();
    match form {
        // An alias has what it stands for: the name after its path is enough for that.
        "alias" => model.like = Some(full(path, of)),
        "is" => model.underlying = Some(full(path, of)),
        "interface" => model.interface = true,
        "struct" => {
            let field = |entry: &str| entry.split_once(' ').map(|(name, ty)| (ustr(name), full(path, ty)));
            model.fields.extend(of.split(';').filter_map(field));
        }
        _ => {}
    }
    model
}

fn function(path: Ustr, columns: &[&str]) -> DerivedFn {
    let list = |i: usize| columns.get(i).into_iter().flat_map(|c| c.split(';')).filter(|t| !t.is_empty()).map(|t| full(path, t));
    let mut model = FnModel { results: list(0).collect(), ..FnModel::default() };
    let words = columns.get(1).copied().unwrap_or_default();
    if columns.len() > 2 {
        model.params = Some(list(2).collect());
    }
    let mut kind = None;
    for word in words.split(' ').filter(|w| !w.is_empty()) {
        let (key, value) = word.split_once('=').unwrap_or((word, "0"));
        let arg = value.parse::<u8>().unwrap_or_default();
        let bound = match key {
            "quick" => {
                model.quick = true;
                continue;
            }
            "no_return" => {
                model.no_return = true;
                continue;
            }
            "runs" => {
                model.runs = Some(arg);
                continue;
            }
            "starts" => {
                model.starts = Some(arg);
                continue;
            }
            "stream" => Bound::Stream(arg),
            "context" => Bound::Context(arg),
            "wrapped" => Bound::Wrapped,
            "always" => Bound::Always,
            _ => {
                kind = block_kind(key);
                continue;
            }
        };
        let kind = kind.unwrap_or(BlockKind::Io);
        model.blocks = Some(Blocks { kind, bound, or_client: false, ended_by: Vec::new(), ended_arg: None });
    }
    DerivedFn { model, told: !words.is_empty() }
}

fn block_kind(word: &str) -> Option<BlockKind> {
    Some(match word {
        "sleep" => BlockKind::Sleep,
        "io" => BlockKind::Io,
        "network" => BlockKind::Network,
        "recv" => BlockKind::Recv,
        "wait" => BlockKind::Wait,
        "process" => BlockKind::Process,
        "forever" => BlockKind::Forever,
        _ => return None,
    })
}

/// A type's text with full import paths: `*.URL` in `net/url` is `*net/url.URL`.
fn full(path: Ustr, text: &str) -> Ustr {
    if !text.contains('.') {
        return ustr(text);
    }
    let mut out = String::with_capacity(text.len() + path.len());
    let mut before = ' ';
    for c in text.chars() {
        // `...` does not occur: a variadic parameter is a slice here.
        if c == '.' && !(before.is_alphanumeric() || matches!(before, '/' | '_' | '-')) {
            out.push_str(&path);
        }
        out.push(c);
        before = c;
    }
    ustr(&out)
}
