//! Simple statements: assignments, declarations, sends, calls, `go`, `defer`, `return`.

use super::builder::{Builder, field, fields, named};
use crate::old::ir::{Call, Callee, Def, LocalKind, OpKind, Operand, Place, Proj, Term, Ty};
use smallvec::SmallVec;
use tree_sitter::Node;
use ustr::ustr;

impl Builder<'_> {
    /// Lowers a block in a scope of its own.
    pub(super) fn block(&mut self, n: Node<'_>) {
        self.push_scope();
        self.statements(n);
        self.pop_scope(n);
    }

    /// The statements of a block, a case clause or a statement list.
    pub(super) fn statements(&mut self, n: Node<'_>) {
        for child in named(n) {
            if child.kind() == "statement_list" {
                self.statements(child);
            } else {
                self.statement(child);
            }
        }
    }

    /// Lowers one statement.
    pub(super) fn statement(&mut self, n: Node<'_>) {
        if !self.enter(n) {
            return;
        }
        let label = self.f().label.take();
        match n.kind() {
            "for_statement" | "select_statement" | "expression_switch_statement" | "type_switch_statement" => {
                self.f().label = label;
                self.control(n);
            }
            "labeled_statement" => self.labeled(n),
            "block" => self.block(n),
            "if_statement" => self.if_statement(n),
            "break_statement" | "continue_statement" | "goto_statement" | "fallthrough_statement" => self.branch(n),
            _ => self.simple(n),
        }
        self.leave();
    }

    /// Statements without control flow of their own.
    pub(super) fn simple(&mut self, n: Node<'_>) {
        let span = self.span(n);
        match n.kind() {
            "expression_statement" => {
                if let Some(e) = n.named_child(0) {
                    self.expr_statement(e);
                }
            }
            "send_statement" => {
                let Some((ch, value)) = self.send_parts(n) else { return };
                self.emit(OpKind::Send { ch, value }, span);
            }
            "inc_statement" | "dec_statement" => {
                if let Some(place) = n.named_child(0).map(|e| self.place_or_temp(e)) {
                    self.emit(OpKind::Assign { dst: place, src: Operand::Opaque }, span);
                }
            }
            "assignment_statement" | "short_var_declaration" => self.assignment(n),
            "var_declaration" | "const_declaration" => self.local_declaration(n),
            "type_declaration" => self.local_type(n),
            "return_statement" => self.return_statement(n),
            "go_statement" | "defer_statement" => self.go_or_defer(n),
            "empty_statement" | "comment" => {}
            _ => {
                // A broken statement: what is whole inside it still counts.
                self.statements_inside(n);
            }
        }
    }

    fn statements_inside(&mut self, n: Node<'_>) {
        for child in named(n) {
            let kind = child.kind();
            if kind.ends_with("_statement") || kind.ends_with("_declaration") || kind == "block" {
                self.statement(child);
            } else if kind.ends_with("expression") || kind == "func_literal" {
                self.expr(child);
            } else if child.is_error() || kind == "statement_list" {
                self.statements_inside(child);
            }
        }
    }

    fn expr_statement(&mut self, e: Node<'_>) {
        let inner = if e.kind() == "parenthesized_expression" { e.named_child(0).unwrap_or(e) } else { e };
        match inner.kind() {
            "call_expression" => {
                if self.builtin(inner).is_none() {
                    self.call_into(inner, SmallVec::new());
                }
            }
            "unary_expression" if field(inner, "operator").is_some_and(|o| self.text_of(o) == "<-") => {
                let Some(operand) = field(inner, "operand") else { return };
                let ch = self.place_or_temp(operand);
                let span = self.span(inner);
                self.emit(OpKind::Recv { ch, dst: None, ok: None }, span);
            }
            _ => {
                self.expr(inner);
            }
        }
    }

    /// Channel and value of a send, evaluated.
    pub(super) fn send_parts(&mut self, n: Node<'_>) -> Option<(Place, Operand)> {
        let ch = field(n, "channel").map(|c| self.place_or_temp(c))?;
        let value = field(n, "value").map_or(Operand::Opaque, |v| self.expr(v));
        Some((ch, value))
    }

    fn assignment(&mut self, n: Node<'_>) {
        let declares = n.kind() == "short_var_declaration";
        let left = field(n, "left").map(named).unwrap_or_default();
        let right = field(n, "right").map(named).unwrap_or_default();
        if field(n, "operator").is_some_and(|o| self.text_of(o) != "=") && !declares {
            // `x += e`
            self.expr_list(&right);
            if let Some(dst) = left.first().map(|l| self.place_or_temp(*l)) {
                let span = self.span(n);
                self.emit(OpKind::Assign { dst, src: Operand::Opaque }, span);
            }
            return;
        }
        self.assign(&left, &right, declares, n);
    }

    /// `left = right` or `left := right`, in the forms with one value each and with one call, receive or lookup for several.
    pub(super) fn assign(&mut self, left: &[Node<'_>], right: &[Node<'_>], declares: bool, whole: Node<'_>) {
        let span = self.span(whole);
        let mark = self.pending.len();
        if let [value] = right
            && left.len() >= 2
        {
            self.assign_many(left, *value, declares, whole);
            return;
        }
        if let ([target], [value]) = (left, right)
            && value.kind() == "call_expression"
            && let Some(dst) = self.call_target(*target, *value, declares)
        {
            let parts = self.call_parts(*value);
            self.call_to(parts, vec![dst]);
            self.bind_declared(mark);
            return;
        }
        let values: Vec<Operand> = right.iter().map(|r| self.expr(*r)).collect();
        let mut targets = Vec::new();
        for (i, l) in left.iter().enumerate() {
            let def = values.get(i).map_or(Def::None, |v| self.def_of(v));
            targets.push(self.target(*l, declares, def));
        }
        for (dst, src) in targets.into_iter().zip(values) {
            if let Some(dst) = dst {
                self.emit(OpKind::Assign { dst, src }, span);
            }
        }
        self.bind_declared(mark);
    }

    /// A call assigned to one variable needs no local in between. The outer `None` says: not such a call.
    fn call_target(&mut self, target: Node<'_>, value: Node<'_>, declares: bool) -> Option<Option<Place>> {
        if self.is_builtin(value) {
            return None;
        }
        let callee_known = field(value, "function").is_some();
        if !callee_known {
            return None;
        }
        // The definition needs the callee, which the call lowers; peeking keeps the order of effects.
        let def = self.peek_callee(value).map_or(Def::None, |c| Def::Call(Box::new(c), 0));
        Some(self.target(target, declares, def))
    }

    /// Makes the call. Its results go to locals only; what belongs into a field or global is assigned from there, so that every
    /// result has a local whose definition names the call.
    fn call_to(&mut self, call: Call, targets: Vec<Option<Place>>) {
        let span = call.span;
        let mut results = SmallVec::new();
        let mut moves = Vec::new();
        for (i, target) in targets.into_iter().enumerate() {
            results.push(match target {
                Some(dst) if dst.as_local().is_none() => {
                    let index = u32::try_from(i).unwrap_or(u32::MAX);
                    let temp = self.temp(span, Def::Call(Box::new(call.callee.clone()), index));
                    moves.push((dst, temp.clone()));
                    Some(temp)
                }
                other => other,
            });
        }
        self.emit(OpKind::Call(Box::new(Call { results, ..call })), span);
        for (dst, temp) in moves {
            self.emit(OpKind::Assign { dst, src: Operand::Place(temp) }, span);
        }
    }

    fn is_builtin(&self, call: Node<'_>) -> bool {
        let Some(function) = field(call, "function").filter(|f| f.kind() == "identifier") else { return false };
        let name = self.sym(function);
        self.lookup(name).is_none()
            && matches!(
                name.as_str(),
                "make"
                    | "new"
                    | "len"
                    | "cap"
                    | "close"
                    | "panic"
                    | "append"
                    | "copy"
                    | "delete"
                    | "min"
                    | "max"
                    | "clear"
                    | "recover"
                    | "string"
                    | "bool"
                    | "error"
                    | "any"
                    | "int"
                    | "int8"
                    | "int16"
                    | "int32"
                    | "int64"
                    | "uint"
                    | "uint8"
                    | "uint16"
                    | "uint32"
                    | "uint64"
                    | "uintptr"
                    | "byte"
                    | "rune"
                    | "float32"
                    | "float64"
                    | "complex"
                    | "real"
                    | "imag"
                    | "complex64"
                    | "complex128"
            )
    }

    /// The callee of a call where reading it has no effect: names, packages, methods of plain paths.
    fn peek_callee(&mut self, call: Node<'_>) -> Option<Callee> {
        let function = field(call, "function")?;
        let plain = {
            let mut at = function;
            loop {
                match at.kind() {
                    "identifier" => break true,
                    "selector_expression" => match field(at, "operand") {
                        Some(operand) => at = operand,
                        None => break false,
                    },
                    "index_expression" => match (field(at, "operand"), field(at, "index")) {
                        (Some(operand), Some(index)) if index.kind() == "identifier" => at = operand,
                        _ => break false,
                    },
                    _ => break false,
                }
            }
        };
        plain.then(|| self.callee(function))
    }

    fn assign_many(&mut self, left: &[Node<'_>], value: Node<'_>, declares: bool, whole: Node<'_>) {
        let span = self.span(whole);
        let mark = self.pending.len();
        let value = if value.kind() == "parenthesized_expression" { value.named_child(0).unwrap_or(value) } else { value };
        match value.kind() {
            "call_expression" => {
                let callee = self.peek_callee(value);
                let call = self.call_parts(value);
                let callee = callee.unwrap_or_else(|| call.callee.clone());
                let mut targets = Vec::new();
                for (i, l) in left.iter().enumerate() {
                    let def = Def::Call(Box::new(callee.clone()), u32::try_from(i).unwrap_or(u32::MAX));
                    targets.push(self.target(*l, declares, def));
                }
                self.call_to(call, targets);
            }
            "unary_expression" if field(value, "operator").is_some_and(|o| self.text_of(o) == "<-") => {
                let Some(operand) = field(value, "operand") else { return };
                let ch = self.place_or_temp(operand);
                let dst = self.target(left[0], declares, Def::Recv(ch.clone()));
                let ok = self.target(left[1], declares, Def::None);
                self.emit(OpKind::Recv { ch, dst, ok }, span);
            }
            _ => {
                let value = self.expr(value);
                let def = self.def_of(&value);
                let dst = self.target(left[0], declares, def);
                let ok = self.target(left[1], declares, Def::None);
                if let Some(dst) = dst {
                    self.emit(OpKind::Assign { dst, src: value }, span);
                }
                if let Some(ok) = ok {
                    self.emit(OpKind::Assign { dst: ok, src: Operand::Opaque }, span);
                }
            }
        }
        self.bind_declared(mark);
    }

    /// The definition that a variable gets from the value it starts with.
    pub(super) fn def_of(&self, value: &Operand) -> Def {
        match value {
            Operand::Opaque | Operand::Nil => Def::None,
            other => Def::Value(other.clone()),
        }
    }

    /// The place that an assignment writes. A variable declared by `:=` comes into scope only by [`Self::bind_declared`], after the right side.
    pub(super) fn target(&mut self, n: Node<'_>, declares: bool, def: Def) -> Option<Place> {
        if n.kind() == "identifier" {
            let name = self.sym(n);
            if name == "_" {
                return None;
            }
            if declares && self.lookup_here(name).is_none() {
                let span = self.span(n);
                let id = self.new_local(name, LocalKind::Var, span, def);
                self.pending.push((name, id));
                return Some(Place::local(id));
            }
        }
        if n.kind() == "index_expression" {
            return self.element_target(n);
        }
        match self.expr(n) {
            Operand::Place(p) => Some(p),
            _ => None,
        }
    }

    /// `m[key] = …` keeps the key too.
    fn element_target(&mut self, n: Node<'_>) -> Option<Place> {
        let base = field(n, "operand").map(|o| self.place_or_temp(o))?;
        if let Some(index) = field(n, "index") {
            let key = self.expr(index);
            if let Operand::Place(_) = key {
                let span = self.span(n);
                self.emit(OpKind::Assign { dst: base.field(ustr("#key")), src: key }, span);
            }
        }
        Some(base.then(Proj::Elem))
    }

    /// Brings into scope what the statement declared: all that is pending above the mark taken at its start.
    pub(super) fn bind_declared(&mut self, mark: usize) {
        for (name, id) in self.pending.split_off(mark) {
            self.bind(name, super::builder::Entry::Local(id));
        }
    }

    fn local_declaration(&mut self, n: Node<'_>) {
        for spec in named(n).into_iter().flat_map(|n| if n.kind() == "var_spec_list" { named(n) } else { vec![n] }) {
            let names = fields(spec, "name");
            let ty = field(spec, "type").map(|t| self.ty(t));
            let values = field(spec, "value").map(named).unwrap_or_default();
            if values.is_empty() {
                for name in names {
                    let span = self.span(name);
                    let zero = ty.as_ref().map_or(Operand::Opaque, zero_value);
                    let def = ty.clone().map_or(Def::None, Self::typed);
                    let id = self.declare(self.sym(name), LocalKind::Var, span, def);
                    self.emit(OpKind::Assign { dst: Place::local(id), src: zero }, span);
                }
                continue;
            }
            self.assign(&names, &values, true, spec);
            // A declared type says more than the value does.
            if let Some(ty) = ty {
                for name in names {
                    if let Some(id) = self.lookup_here(self.sym(name)) {
                        self.body.locals[id.at()].def = Self::typed(ty.clone());
                    }
                }
            }
        }
    }

    /// One specification of a package-level `var` or `const`.
    pub(super) fn global_spec(&mut self, spec: Node<'_>) {
        let names = fields(spec, "name");
        let ty = field(spec, "type").map(|t| self.ty(t));
        let values = field(spec, "value").map(named).unwrap_or_default();
        let span = self.span(spec);
        let mut globals = Vec::new();
        for name in &names {
            let (name, at) = (self.sym(*name), self.span(*name));
            let def = ty.clone().map_or(Def::None, Self::typed);
            // Not brought into scope: the initialiser must see the package's variable, not this stand-in.
            globals.push((name, self.new_local(name, LocalKind::Var, at, def)));
        }
        if let [call] = values.as_slice()
            && call.kind() == "call_expression"
            && !self.is_builtin(*call)
        {
            let parts = self.call_parts(*call);
            for (i, (_, local)) in globals.iter().enumerate() {
                self.define(*local, Def::Call(Box::new(parts.callee.clone()), u32::try_from(i).unwrap_or(u32::MAX)));
            }
            let targets = globals.iter().map(|(name, _)| (*name != "_").then(|| Place::global(self.names.own(*name)))).collect();
            self.call_to(parts, targets);
            return;
        }
        for ((name, local), value) in globals.iter().zip(&values) {
            let src = self.expr(*value);
            let def = self.def_of(&src);
            self.define(*local, def);
            let dst = Place::global(self.names.own(*name));
            self.emit(OpKind::Assign { dst, src }, span);
        }
        if values.is_empty() {
            let zero = ty.as_ref().map_or(Operand::Opaque, zero_value);
            for (name, _) in globals {
                let dst = Place::global(self.names.own(name));
                self.emit(OpKind::Assign { dst, src: zero.clone() }, span);
            }
        }
    }

    fn define(&mut self, local: crate::old::ir::LocalId, def: Def) {
        let slot = &mut self.body.locals[local.at()].def;
        if *slot == Def::None {
            *slot = def;
        }
    }

    fn return_statement(&mut self, n: Node<'_>) {
        let span = self.span(n);
        let idx = self.f().idx;
        let results = self.body.funcs[idx.at()].results.clone();
        let nodes: Vec<Node<'_>> = n.named_child(0).filter(|l| l.kind() == "expression_list").map(named).unwrap_or_default();
        let values = match nodes.as_slice() {
            [] => results.iter().map(|r| Operand::Place(Place::local(*r))).collect(),
            [call] if results.len() > 1 && call.kind() == "call_expression" => self.return_call(*call, results.len()),
            list => self.expr_list(list),
        };
        self.end(Term::Return(values), span);
    }

    fn return_call(&mut self, n: Node<'_>, count: usize) -> Vec<Operand> {
        let call = self.call_parts(n);
        let mut temps = Vec::new();
        for i in 0..count {
            let def = Def::Call(Box::new(call.callee.clone()), u32::try_from(i).unwrap_or(u32::MAX));
            temps.push(self.temp(call.span, def));
        }
        let results = temps.iter().cloned().map(Some).collect();
        let span = call.span;
        self.emit(OpKind::Call(Box::new(Call { results, ..call })), span);
        temps.into_iter().map(Operand::Place).collect()
    }

    fn go_or_defer(&mut self, n: Node<'_>) {
        let Some(mut e) = n.named_child(0) else { return };
        while e.kind() == "parenthesized_expression"
            && let Some(inner) = e.named_child(0)
        {
            e = inner;
        }
        let span = self.span(n);
        if e.kind() != "call_expression" {
            self.expr(e);
            return;
        }
        let call = Box::new(self.call_parts(e));
        self.emit(if n.kind() == "go_statement" { OpKind::Spawn(call) } else { OpKind::Defer(call) }, span);
    }

    /// What a `range` binds: key and value as new or old variables.
    pub(super) fn range_targets(&mut self, left: &[Node<'_>], over: &Operand, declares: bool, whole: Node<'_>) {
        let span = self.span(whole);
        let mark = self.pending.len();
        for (i, l) in left.iter().enumerate() {
            let def = if i == 0 { Def::RangeKey(over.clone()) } else { Def::RangeVal(over.clone()) };
            let Some(dst) = self.target(*l, declares, def) else { continue };
            let src = match over {
                Operand::Place(p) if i == 1 => Operand::Place(p.then(Proj::Elem)),
                // Keys of a map, or what a channel gives.
                Operand::Place(p) => Operand::Place(p.field(ustr("#key"))),
                _ => Operand::Opaque,
            };
            self.emit(OpKind::Assign { dst, src }, span);
        }
        self.bind_declared(mark);
    }
}

/// What a variable of the type holds before anything is assigned, as far as it matters: nil or not known.
fn zero_value(ty: &Ty) -> Operand {
    match ty {
        // An array is no nil, but what counts of it is its elements, and those of channels are nil.
        Ty::Chan(..) | Ty::Ptr(_) | Ty::Func(_) | Ty::Map(..) | Ty::Seq(_) | Ty::Interface(_) => Operand::Nil,
        Ty::Named { path: None, name } if *name == ustr("error") || *name == ustr("any") => Operand::Nil,
        Ty::Named { path: None, name } if *name == ustr("bool") => Operand::Bool(false),
        Ty::Named { path: None, name } if *name == ustr("int") => Operand::Int(0),
        _ => Operand::Opaque,
    }
}
