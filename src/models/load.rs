//! TOML text → models. Strict: an unknown key or a misspelt type is an error that names its line.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::de::{Error as _, SeqAccess, Visitor, value::SeqAccessDeserializer};
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use ustr::{Ustr, ustr};

use super::gotype;
use super::model::{Acquire, Blocks, ContextOp, FnModel, Release, TypeModel, VarModel};
use super::vocabulary::Vocabulary;

/// A model text that cannot be used, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin}:{line}: {message} (at `{key}`)")]
pub struct ModelError {
    /// The file, as it was named by whoever gave the text.
    pub origin: String,
    /// Line in it, from 1.
    pub line: u32,
    /// The key on that line.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// Where it is, in bytes from the start.
    pub offset: usize,
}

/// The models of one text, by what they speak of.
#[derive(Debug, Default)]
pub(super) struct Library {
    /// The import paths that the text speaks of, and whether everything unlisted in them is quick if it says so.
    pub(super) packages: FxHashMap<Ustr, Option<bool>>,
    pub(super) types: FxHashMap<(Ustr, Ustr), Arc<TypeModel>>,
    pub(super) vars: FxHashMap<(Ustr, Ustr), VarModel>,
    pub(super) functions: FxHashMap<FnKey, Arc<FnModel>>,
    pub(super) vocabulary: Option<Vocabulary>,
}

/// Import path, receiver's type name, name.
pub(super) type FnKey = (Ustr, Option<Ustr>, Ustr);

/// The top-level keys that hold models, for whoever reads a file that holds other things too.
pub const SECTIONS: &[&str] = &["function", "model", "package", "type", "var", "vocabulary"];

impl Library {
    /// Reads a text in which the top-level keys `foreign` belong to somebody else.
    pub(super) fn parse(text: &str, origin: &str, foreign: &[&str]) -> Result<Self, ModelError> {
        let place = Place { text, origin };
        let mut document = toml::de::DeTable::parse(text).map_err(|error| place.toml_error(&error))?;
        for key in foreign {
            document.get_mut().remove(*key);
        }
        let raw = RawFile::deserialize(toml::de::Deserializer::from(document)).map_err(|error| place.toml_error(&error))?;
        let mut library = Self { vocabulary: raw.vocabulary, ..Self::default() };
        for package in raw.package {
            library.add_package(package, &place)?;
        }
        for entry in raw.types {
            library.add_type(entry, &place)?;
        }
        for var in raw.var {
            library.add_var(var, &place)?;
        }
        for function in raw.function.into_iter().chain(raw.model) {
            library.add_function(function, &place)?;
        }
        Ok(library)
    }

    fn add_package(&mut self, raw: Spanned<RawPackage>, place: &Place<'_>) -> Result<(), ModelError> {
        let start = raw.span().start;
        let raw = raw.into_inner();
        for &path in &raw.path.0 {
            if self.packages.insert(path, Some(raw.quick)).is_some() {
                return Err(place.error(start, format!("package {path} is listed twice")));
            }
        }
        Ok(())
    }

    fn add_type(&mut self, raw: Spanned<RawType>, place: &Place<'_>) -> Result<(), ModelError> {
        let start = raw.span().start;
        let raw = raw.into_inner();
        for text in raw.fields.values().chain(&raw.underlying) {
            gotype::check(text).map_err(|why| place.type_error(start, text, &why))?;
        }
        if let Some(like) = raw.like.filter(|like| gotype::split(like).is_none()) {
            return Err(place.error(start, format!("`like` wants path.Name, not `{like}`")));
        }
        let model = Arc::new(TypeModel {
            kind: raw.kind,
            fields: raw.fields,
            interface: raw.interface,
            underlying: raw.underlying,
            like: raw.like,
            timeouts: raw.timeouts,
            quick: raw.quick,
        });
        for &path in &raw.path.0 {
            for &name in &raw.name.0 {
                self.packages.entry(path).or_default();
                if self.types.insert((path, name), Arc::clone(&model)).is_some() {
                    return Err(place.error(start, format!("type {path}.{name} is listed twice")));
                }
            }
        }
        Ok(())
    }

    fn add_var(&mut self, raw: Spanned<RawVar>, place: &Place<'_>) -> Result<(), ModelError> {
        let start = raw.span().start;
        let raw = raw.into_inner();
        gotype::check(&raw.ty).map_err(|why| place.type_error(start, &raw.ty, &why))?;
        let model = VarModel { ty: raw.ty, timeout: raw.timeout };
        for &path in &raw.path.0 {
            for &name in &raw.name.0 {
                self.packages.entry(path).or_default();
                if self.vars.insert((path, name), model).is_some() {
                    return Err(place.error(start, format!("var {path}.{name} is listed twice")));
                }
            }
        }
        Ok(())
    }

    fn add_function(&mut self, raw: Spanned<RawFunction>, place: &Place<'_>) -> Result<(), ModelError> {
        let start = raw.span().start;
        let raw = raw.into_inner();
        for text in &raw.results {
            gotype::check(text).map_err(|why| place.type_error(start, text, &why))?;
        }
        for text in raw.params.iter().flatten() {
            gotype::check_param(text).map_err(|why| place.type_error(start, text, &why))?;
        }
        let (paths, receivers, names) = (raw.path.0.clone(), raw.recv.clone(), raw.name.0.clone());
        let model = Arc::new(raw.into_model());
        let receivers = receivers.map_or_else(|| vec![None], |many| many.0.into_iter().map(Some).collect());
        for &path in &paths {
            self.packages.entry(path).or_default();
            for &receiver in &receivers {
                for &name in &names {
                    if self.functions.insert((path, receiver, name), Arc::clone(&model)).is_some() {
                        let of = receiver.map_or_else(|| path.to_string(), |receiver| format!("({path}.{receiver})"));
                        return Err(place.error(start, format!("function {of}.{name} is listed twice")));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Where a text came from, to say where in it something is wrong.
struct Place<'a> {
    text: &'a str,
    origin: &'a str,
}

impl Place<'_> {
    fn error(&self, offset: usize, message: String) -> ModelError {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let (before, after) = self.text.split_at(offset);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text[line_start..].lines().next().unwrap_or(after);
        ModelError {
            offset,
            origin: self.origin.to_owned(),
            line: u32::try_from(before.matches('\n').count()).map_or(u32::MAX, |count| count + 1),
            key: line.split('=').next().unwrap_or(line).trim().to_owned(),
            message,
        }
    }

    /// An error in a type text, on the line where the entry that begins at `start` has it.
    fn type_error(&self, start: usize, ty: &str, why: &str) -> ModelError {
        let within = self.text.get(start..).and_then(|entry| entry.find(&format!("\"{ty}\"")));
        self.error(start + within.unwrap_or(0), format!("type `{ty}`: {why}"))
    }

    fn toml_error(&self, error: &toml::de::Error) -> ModelError {
        let text = error.message();
        // The reader of enums has words of its own for what the reader of tables says.
        let message = match text.strip_prefix("unexpected keys in table: ").and_then(|rest| rest.split_once(", available keys: "))
        {
            Some((word, known)) => format!("unknown key `{word}`, expected one of `{}`", known.replace(", ", "`, `")),
            None => text.replace(" field `", " key `"),
        };
        self.error(error.span().map_or(0, |span| span.start), message)
    }
}

/// The TOML form of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    package: Vec<Spanned<RawPackage>>,
    #[serde(default, rename = "type")]
    types: Vec<Spanned<RawType>>,
    #[serde(default)]
    var: Vec<Spanned<RawVar>>,
    #[serde(default)]
    function: Vec<Spanned<RawFunction>>,
    /// Another word for `function`, for a file in which more than models stands.
    #[serde(default)]
    model: Vec<Spanned<RawFunction>>,
    vocabulary: Option<Vocabulary>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPackage {
    path: Many,
    quick: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVar {
    path: Many,
    name: Many,
    #[serde(rename = "type")]
    ty: Ustr,
    #[serde(default)]
    timeout: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawType {
    path: Many,
    name: Many,
    kind: Option<Ustr>,
    #[serde(default)]
    fields: FxHashMap<Ustr, Ustr>,
    #[serde(default)]
    interface: bool,
    underlying: Option<Ustr>,
    like: Option<Ustr>,
    #[serde(default)]
    timeouts: Vec<Ustr>,
    #[serde(default)]
    quick: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFunction {
    path: Many,
    recv: Option<Many>,
    name: Many,
    #[serde(default)]
    results: Vec<Ustr>,
    params: Option<Vec<Ustr>>,
    acquires: Option<Acquire>,
    releases: Option<RawRelease>,
    blocks: Option<Blocks>,
    starts: Option<u8>,
    runs: Option<u8>,
    #[serde(default)]
    repeats: bool,
    stop_arg: Option<u8>,
    #[serde(default)]
    no_return: bool,
    #[serde(default)]
    quick: bool,
    context: Option<ContextOp>,
    binds: Option<u8>,
    wraps: Option<u8>,
    #[serde(default)]
    raw: bool,
    defers: Option<u8>,
    sends_on: Option<u8>,
    closes_arg: Option<u8>,
    wants_nil: Option<u8>,
    drains: Option<u8>,
    #[serde(default)]
    may_stop: bool,
    #[serde(default)]
    stores: Vec<u8>,
    #[serde(default)]
    deadline: bool,
    #[serde(default)]
    write_deadline: bool,
}

impl RawFunction {
    fn into_model(self) -> FnModel {
        FnModel {
            results: self.results,
            params: self.params,
            acquires: self.acquires,
            releases: self.releases.map(|release| release.0),
            blocks: self.blocks,
            starts: self.starts,
            runs: self.runs,
            repeats: self.repeats,
            stop_arg: self.stop_arg,
            no_return: self.no_return,
            quick: self.quick,
            context: self.context,
            binds: self.binds,
            wraps: self.wraps,
            raw: self.raw,
            defers: self.defers,
            sends_on: self.sends_on,
            closes_arg: self.closes_arg,
            wants_nil: self.wants_nil,
            drains: self.drains,
            may_stop: self.may_stop,
            stores: self.stores,
            deadline: self.deadline,
            write_deadline: self.write_deadline,
        }
    }
}

/// One name, or several that share an entry.
#[derive(Clone)]
struct Many(Vec<Ustr>);

impl<'de> Deserialize<'de> for Many {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Many;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a name or an array of names")
            }
            fn visit_str<E>(self, one: &str) -> Result<Many, E> {
                Ok(Many(vec![ustr(one)]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, several: A) -> Result<Many, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(several)).map(Many)
            }
        }
        deserializer.deserialize_any(OneOrMore)
    }
}

/// `releases = true` for the receiver, `releases = 0` for an argument.
struct RawRelease(Release);

impl<'de> Deserialize<'de> for RawRelease {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TrueOrIndex;
        impl Visitor<'_> for TrueOrIndex {
            type Value = RawRelease;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("true, for the receiver, or the index of an argument")
            }
            fn visit_bool<E: serde::de::Error>(self, receiver: bool) -> Result<RawRelease, E> {
                if receiver { Ok(RawRelease(Release::Receiver)) } else { Err(E::custom("`releases = false` says nothing")) }
            }
            fn visit_i64<E: serde::de::Error>(self, index: i64) -> Result<RawRelease, E> {
                u8::try_from(index).map(|arg| RawRelease(Release::Arg(arg))).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(TrueOrIndex)
    }
}

/// `"1.23"` → `(1, 23)`.
pub(crate) fn go_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<(u16, u16)>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parts = text.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    parts.map(Some).ok_or_else(|| D::Error::custom(format!("`{text}` is not a Go version such as \"1.23\"")))
}
