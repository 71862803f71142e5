//! The checker: walks the tree of one declaration with its scopes and says of every expression what it is.
//!
//! It reports nothing. Code that is wrong, or that hangs on something out of view, is [`Type::Unknown`].

mod builtin;
mod call;
mod convert;
mod decl;
mod expr;
mod infer;
mod literal;
mod names;
mod operand;
mod ops;
mod scope;
mod selector;
mod stmt;
mod typexpr;

pub(super) use names::is_exported;
use operand::Operand;

use super::info::{Const, Info, Local, Mode, NodeKey, Object, TypeAndValue};
use super::pkg::{Pkg, Place};
use super::ty::{Name, Type};
use super::world::World;
use crate::source::{Decl, Span};
use crate::syntax::ParsedDecl;
use rustc_hash::FxHashMap;
use scope::{Entry, Scopes};
use std::sync::Arc;
use tree_sitter::Node;

/// Expressions deeper inside each other than this are not looked at. Brackets alone do not nest so deep.
const MAX_DEPTH: u32 = 2_500;

/// Checks one declaration of a file.
#[must_use]
pub fn check(world: &World, pkg: &Arc<Pkg>, file: u32, parsed: &ParsedDecl<'_>) -> Info {
    let outline = &pkg.source.files[file as usize].outline;
    let Some(index) = outline.decl_at(parsed.decl.start) else { return Info::default() };
    let place = Place { file, decl: u32::try_from(index).unwrap_or(u32::MAX), index: 0 };
    let mut checker = Checker::new(world, pkg, file, parsed, &outline.decls[index]);
    checker.bodies = true;
    checker.declaration(place);
    checker.info
}

/// What is known while one declaration is walked.
pub(super) struct Checker<'w, 'p> {
    pub(super) world: &'w World,
    pub(super) pkg: &'p Arc<Pkg>,
    pub(super) file: u32,
    pub(super) parsed: &'p ParsedDecl<'p>,
    pub(super) decl: &'p Decl,
    pub(super) info: Info,
    scopes: Scopes,
    /// The value of `iota` in a constant declaration.
    iota: Option<i128>,
    /// Whether function bodies are walked. Types of variables do not hang on them.
    bodies: bool,
    /// Whether answers are written down: not where an expression is worked out a second time.
    recording: bool,
    /// The result types of the functions around.
    results: Vec<Vec<Type>>,
    /// How many expressions lie around.
    depth: u32,
    /// How many statements lie around.
    nested: u32,
    /// Whether a call or a receive was seen: the length of an array is constant only without.
    has_call: bool,
    /// Type arguments of generic functions that are not all written, by the function's name.
    partial: FxHashMap<NodeKey, Vec<Type>>,
}

impl<'w, 'p> Checker<'w, 'p> {
    pub(super) fn new(world: &'w World, pkg: &'p Arc<Pkg>, file: u32, parsed: &'p ParsedDecl<'p>, decl: &'p Decl) -> Self {
        Self {
            world,
            pkg,
            file,
            parsed,
            decl,
            info: Info::default(),
            scopes: Scopes::default(),
            iota: None,
            bodies: false,
            recording: true,
            results: Vec::new(),
            depth: 0,
            nested: 0,
            has_call: false,
            partial: FxHashMap::default(),
        }
    }

    fn text(&self, node: Node<'p>) -> &'p str {
        self.parsed.node_text(node)
    }

    fn name(&self, node: Node<'p>) -> Name {
        Name::from(self.text(node))
    }

    fn record(&mut self, node: Node<'p>, mode: Mode, ty: &Type, value: Option<&Const>) {
        if self.recording {
            self.info.exprs.insert(node.id(), TypeAndValue { ty: ty.clone(), mode, value: value.cloned() });
        }
    }

    fn record_use(&mut self, node: Node<'p>, object: Object) {
        if self.recording {
            self.info.uses.insert(node.id(), object);
        }
    }

    fn record_type(&mut self, node: Node<'p>, ty: Type) -> Type {
        self.record(node, if ty == Type::Unknown { Mode::Unknown } else { Mode::Type }, &ty, None);
        ty
    }

    /// A new local variable, not yet in scope.
    fn new_local(&mut self, name: Name, ty: Type, span: Span) -> u32 {
        let index = u32::try_from(self.info.locals.len()).unwrap_or(u32::MAX);
        self.info.locals.push(Local { name, ty, span });
        index
    }

    /// A new local variable with an identifier, in scope from here on.
    fn declare_local(&mut self, node: Node<'p>, ty: Type) -> u32 {
        let name = self.name(node);
        self.record(node, Mode::Variable, &ty, None);
        let local = self.new_local(name, ty, self.parsed.span(node));
        self.record_use(node, Object::Local(local));
        self.scopes.declare(name, Entry::Local(local));
        local
    }
}
