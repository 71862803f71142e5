//! The state of lowering one declaration: scopes, blocks, loops and jump targets.

use crate::old::ir::{
    Block, BlockId, Body, Def, Func, FuncIdx, Local, LocalId, LocalKind, Loop, LoopId, LoopKind, Op, OpKind, Place, Sig, Sym,
    Term, Ty,
};
use crate::source::Span;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::{Arc, OnceLock};
use tree_sitter::Node;
use ustr::ustr;

/// How deep statements and expressions may nest before lowering gives the inner ones up.
const MAX_DEPTH: u32 = 700;

/// What a name in scope stands for.
#[derive(Clone)]
pub(super) enum Entry {
    /// A variable, parameter or constant.
    Local(LocalId),
    /// A type declared in the function, or a type parameter (then unknown).
    Type(Ty),
}

/// Where `break` and `continue` lead.
pub(super) struct Target {
    pub(super) label: Option<Sym>,
    pub(super) brk: BlockId,
    pub(super) cont: Option<BlockId>,
}

/// A function that is being lowered.
pub(super) struct FuncState {
    pub(super) idx: FuncIdx,
    pub(super) blocks: Vec<Block>,
    pub(super) cur: BlockId,
    pub(super) loops: Vec<Loop>,
    pub(super) in_loop: Option<LoopId>,
    pub(super) targets: Vec<Target>,
    pub(super) labels: FxHashMap<Sym, BlockId>,
    /// The label that stands before the statement being lowered.
    pub(super) label: Option<Sym>,
    /// Where `fallthrough` leads.
    pub(super) next_case: Option<BlockId>,
}

/// Lowers one declaration.
pub(super) struct Builder<'a> {
    pub(super) text: &'a str,
    pub(super) base: i64,
    pub(super) imports: &'a super::Imports,
    pub(super) names: &'a super::Names<'a>,
    pub(super) body: Body,
    scopes: Vec<(Sym, Entry)>,
    /// Where in `scopes` a name stands, innermost last: a function may declare a hundred thousand.
    places: FxHashMap<Sym, SmallVec<[usize; 2]>>,
    marks: Vec<usize>,
    pub(super) state: Vec<FuncState>,
    /// Variables declared by the statement in hand, not in scope before its right side is done.
    pub(super) pending: Vec<(Sym, LocalId)>,
    depth: u32,
    /// The first place that nests too deeply to be lowered.
    pub(super) too_deep: Option<Span>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str, base: i64, imports: &'a super::Imports, names: &'a super::Names<'a>, name: Sym) -> Self {
        Self {
            text,
            base,
            imports,
            names,
            body: Body { name, recv_type: None, locals: Vec::new(), funcs: Vec::new() },
            scopes: Vec::new(),
            places: FxHashMap::default(),
            marks: Vec::new(),
            state: Vec::new(),
            pending: Vec::new(),
            depth: 0,
            too_deep: None,
        }
    }

    /// Enters a statement or expression; false where the nesting is too deep to go on.
    pub(super) fn enter(&mut self, n: Node<'_>) -> bool {
        if self.depth >= MAX_DEPTH {
            let span = self.span(n);
            self.too_deep.get_or_insert(span);
            return false;
        }
        self.depth += 1;
        true
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn text_of(&self, n: Node<'_>) -> &'a str {
        self.text.get(n.byte_range()).unwrap_or("")
    }

    pub(super) fn sym(&self, n: Node<'_>) -> Sym {
        ustr(self.text_of(n))
    }

    fn offset(&self, byte: usize) -> usize {
        let at = i64::try_from(byte).unwrap_or(i64::MAX).saturating_add(self.base);
        usize::try_from(at).unwrap_or(0)
    }

    /// The node's bytes in the file.
    pub(super) fn span(&self, n: Node<'_>) -> Span {
        Span::new(self.offset(n.start_byte()), self.offset(n.end_byte()))
    }

    /// From the start of one node to the start of another, without the blanks between.
    pub(super) fn span_before(&self, from: Node<'_>, until: Node<'_>) -> Span {
        let text = self.text.get(from.start_byte()..until.start_byte()).unwrap_or("");
        Span::new(self.offset(from.start_byte()), self.offset(from.start_byte() + text.trim_end().len()))
    }

    pub(super) fn f(&mut self) -> &mut FuncState {
        // A function is pushed before anything in it is lowered.
        let top = self.state.len() - 1;
        &mut self.state[top]
    }

    pub(super) fn push_scope(&mut self) {
        self.marks.push(self.scopes.len());
    }

    /// Ends the innermost scope, at the end of the node.
    pub(super) fn pop_scope(&mut self, n: Node<'_>) {
        let end = self.span(n).end;
        self.pop_scope_at(end);
    }

    fn pop_scope_at(&mut self, end: u32) {
        let Some(mark) = self.marks.pop() else { return };
        for (name, entry) in self.scopes.drain(mark..) {
            if let Some(places) = self.places.get_mut(&name) {
                places.pop();
            }
            if let Entry::Local(id) = entry {
                self.body.locals[id.at()].scope_end = end;
            }
        }
    }

    pub(super) fn bind(&mut self, name: Sym, entry: Entry) {
        if name != "_" {
            self.places.entry(name).or_default().push(self.scopes.len());
            self.scopes.push((name, entry));
        }
    }

    pub(super) fn lookup(&self, name: Sym) -> Option<&Entry> {
        self.place_of(name).map(|at| &self.scopes[at].1)
    }

    /// The variable of that name in the innermost scope, for `:=`.
    pub(super) fn lookup_here(&self, name: Sym) -> Option<LocalId> {
        let mark = self.marks.last().copied().unwrap_or(0);
        match self.place_of(name).filter(|at| *at >= mark).map(|at| &self.scopes[at].1) {
            Some(Entry::Local(id)) => Some(*id),
            Some(Entry::Type(_)) | None => None,
        }
    }

    fn place_of(&self, name: Sym) -> Option<usize> {
        self.places.get(&name)?.last().copied()
    }

    pub(super) fn lookup_local(&self, name: Sym) -> Option<LocalId> {
        match self.lookup(name) {
            Some(Entry::Local(id)) => Some(*id),
            _ => None,
        }
    }

    pub(super) fn new_local(&mut self, name: Sym, kind: LocalKind, span: Span, def: Def) -> LocalId {
        let id = LocalId(u32::try_from(self.body.locals.len()).unwrap_or(u32::MAX));
        let func = self.state.last().map_or(FuncIdx::TOP, |s| s.idx);
        self.body.locals.push(Local { name, kind, func, span, def, scope_end: 0 });
        id
    }

    /// Declares a variable and brings it into scope.
    pub(super) fn declare(&mut self, name: Sym, kind: LocalKind, span: Span, def: Def) -> LocalId {
        let id = self.new_local(name, kind, span, def);
        self.bind(name, Entry::Local(id));
        id
    }

    pub(super) fn temp(&mut self, span: Span, def: Def) -> Place {
        let id = self.new_local(ustr("%"), LocalKind::Temp, span, def);
        Place::local(id)
    }

    pub(super) fn new_block(&mut self, span: Span) -> BlockId {
        let f = self.f();
        let id = BlockId(u32::try_from(f.blocks.len()).unwrap_or(u32::MAX));
        f.blocks.push(Block { ops: Vec::new(), term: Term::Dead, span, in_loop: f.in_loop });
        id
    }

    pub(super) fn emit(&mut self, kind: OpKind, span: Span) {
        let f = self.f();
        let cur = f.cur.at();
        f.blocks[cur].ops.push(Op { kind, span });
    }

    /// Ends the current block, if nothing has ended it yet, and goes on in `next`.
    pub(super) fn seal(&mut self, term: Term, span: Span, next: BlockId) {
        let f = self.f();
        let cur = f.cur.at();
        f.blocks[cur].term = term;
        f.blocks[cur].span = span;
        f.cur = next;
    }

    pub(super) fn jump_to(&mut self, next: BlockId, span: Span) {
        self.seal(Term::Jump(next), span, next);
    }

    /// Ends the current block with a way out; what follows it is dead.
    pub(super) fn end(&mut self, term: Term, span: Span) {
        let dead = self.new_block(span);
        self.seal(term, span, dead);
    }

    pub(super) fn new_loop(&mut self, header: BlockId, kind: LoopKind, head: Span, span: Span) -> LoopId {
        let f = self.f();
        let id = LoopId(u32::try_from(f.loops.len()).unwrap_or(u32::MAX));
        let parent = f.in_loop;
        f.loops.push(Loop { header, kind, head, span, parent, weak_breaks: Vec::new(), label: None });
        id
    }

    pub(super) fn begin_func(&mut self, span: Span, head: Span) -> FuncIdx {
        let idx = FuncIdx(u32::try_from(self.body.funcs.len()).unwrap_or(u32::MAX));
        let parent = self.state.last().map(|s| s.idx);
        self.body.funcs.push(Func {
            parent,
            recv: None,
            params: Vec::new(),
            results: Vec::new(),
            sig: Arc::new(Sig::default()),
            blocks: Vec::new(),
            loops: Vec::new(),
            span,
            head,
        });
        let entry = Block { ops: Vec::new(), term: Term::Dead, span, in_loop: None };
        self.state.push(FuncState {
            idx,
            blocks: vec![entry],
            cur: BlockId(0),
            loops: Vec::new(),
            in_loop: None,
            targets: Vec::new(),
            labels: FxHashMap::default(),
            label: None,
            next_case: None,
        });
        self.push_scope();
        idx
    }

    /// Ends the function: falling off its end is a return of the named results.
    pub(super) fn finish_func(&mut self, end: Span) {
        let idx = self.f().idx;
        let values = self.body.funcs[idx.at()].results.iter().map(|r| crate::old::ir::Operand::Place(Place::local(*r))).collect();
        let cur = self.f().cur.at();
        let unreached = self.f().blocks[cur].ops.is_empty() && cur != 0 && !self.is_target(cur);
        if !unreached {
            self.f().blocks[cur].term = Term::Return(values);
            self.f().blocks[cur].span = end;
        }
        self.pop_scope_at(end.end);
        if let Some(state) = self.state.pop() {
            let func = &mut self.body.funcs[idx.at()];
            func.blocks = state.blocks;
            func.loops = state.loops;
        }
    }

    fn is_target(&mut self, block: usize) -> bool {
        let f = self.f();
        f.blocks.iter().any(|b| match &b.term {
            Term::Jump(t) => t.at() == block,
            Term::If { then, els, .. } => then.at() == block || els.at() == block,
            Term::Switch(ts) => ts.iter().any(|t| t.at() == block),
            Term::Select { cases, default } => {
                cases.iter().any(|c| c.target.at() == block) || default.is_some_and(|d| d.at() == block)
            }
            Term::Loop { body, exit, .. } => body.at() == block || exit.is_some_and(|e| e.at() == block),
            Term::Return(_) | Term::Panic | Term::Dead => false,
        })
    }
}

/// The child in a field.
pub(super) fn field<'t>(n: Node<'t>, name: &str) -> Option<Node<'t>> {
    n.child_by_field_id(field_id(name)?)
}

/// The grammar's number for a field. The grammar itself would compare the name with each of its own, at every question.
fn field_id(name: &str) -> Option<u16> {
    static IDS: OnceLock<FxHashMap<String, u16>> = OnceLock::new();
    let ids = IDS.get_or_init(|| {
        let language = tree_sitter::Language::from(tree_sitter_go::LANGUAGE);
        let ids = (1..=language.field_count()).filter_map(|id| u16::try_from(id).ok());
        ids.filter_map(|id| Some((language.field_name_for_id(id)?.to_owned(), id))).collect()
    });
    ids.get(name).copied()
}

/// Named children, comments left out.
pub(super) fn named(n: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = n.walk();
    n.named_children(&mut cursor).filter(|c| c.kind() != "comment").collect()
}

/// All children in a field, in order.
pub(super) fn fields<'t>(n: Node<'t>, name: &str) -> Vec<Node<'t>> {
    let mut cursor = n.walk();
    n.children_by_field_name(name, &mut cursor).filter(Node::is_named).collect()
}
