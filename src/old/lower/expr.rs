//! Expressions: what they do goes into the current block, what they are comes back as an operand.

use super::builder::{Builder, field, named};
use crate::old::ir::{Call, Callee, Cap, Def, Expr, OpKind, Operand, Place, Proj, Root, Sym, Term, Ty};
use crate::source::Span;
use smallvec::{SmallVec, smallvec};
use std::sync::Arc;
use tree_sitter::Node;
use ustr::ustr;

/// Predeclared types whose conversions keep a number a number.
const NUMBERS: [&str; 14] = [
    "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "uintptr", "byte", "rune", "float64",
];

impl Builder<'_> {
    /// Lowers an expression for its value.
    pub(super) fn expr(&mut self, n: Node<'_>) -> Operand {
        if !self.enter(n) {
            return Operand::Opaque;
        }
        let value = self.expr_inner(n);
        self.leave();
        value
    }

    fn expr_inner(&mut self, n: Node<'_>) -> Operand {
        match n.kind() {
            "parenthesized_expression" => n.named_child(0).map_or(Operand::Opaque, |e| self.expr(e)),
            "identifier" | "type_identifier" | "selector_expression" | "index_expression" => {
                self.place(n).map_or(Operand::Opaque, Operand::Place)
            }
            "nil" => Operand::Nil,
            "true" => Operand::Bool(true),
            "false" => Operand::Bool(false),
            "int_literal" => parse_int(self.text_of(n)).map_or(Operand::Opaque, Operand::Int),
            "interpreted_string_literal" | "raw_string_literal" => Operand::Str(self.sym(n)),
            "func_literal" => Operand::Func(self.func_literal(n)),
            "call_expression" => self.call_value(n),
            "unary_expression" => self.unary(n),
            "binary_expression" => self.binary(n),
            "composite_literal" => self.composite(n),
            "type_assertion_expression" => self.assertion(n),
            "type_conversion_expression" => self.conversion(n),
            "type_instantiation_expression" => {
                field(n, "type").filter(|t| t.kind() == "type_identifier").map_or(Operand::Opaque, |t| self.name_operand(t))
            }
            "slice_expression" => self.slice(n),
            "variadic_argument" => n.named_child(0).map_or(Operand::Opaque, |e| self.expr(e)),
            _ => self.effects_only(n),
        }
    }

    fn name_operand(&mut self, n: Node<'_>) -> Operand {
        Operand::Place(Place::global(self.names.own(self.sym(n))))
    }

    /// For nodes of no interest (and error nodes): what is inside still happens.
    fn effects_only(&mut self, n: Node<'_>) -> Operand {
        for child in named(n) {
            if child.kind().ends_with("expression") || child.is_error() || child.kind() == "func_literal" {
                self.expr(child);
            }
        }
        Operand::Opaque
    }

    /// The access path of an expression, if it is one.
    fn place(&mut self, n: Node<'_>) -> Option<Place> {
        match n.kind() {
            "identifier" | "type_identifier" => self.name_place(n),
            "selector_expression" => {
                let (operand, name) = (field(n, "operand")?, field(n, "field")?);
                let name = self.sym(name);
                if let Some(path) = self.package_of(operand) {
                    let root = self.names.imported(path, name).map_or(Root::Import(path, name), Root::Global);
                    return Some(Place { root, path: SmallVec::new() });
                }
                Some(self.place_or_temp(operand).field(name))
            }
            "index_expression" => {
                let base = field(n, "operand").map(|o| self.place_or_temp(o))?;
                let index = field(n, "index").map_or(Operand::Opaque, |i| self.expr(i));
                // A key of a map is held by it as its values are; numbers hold nothing.
                if let Operand::Place(key) = index
                    && self.may_hold(&key)
                {
                    let span = self.span(n);
                    self.emit(OpKind::Assign { dst: base.field(ustr("#key")), src: Operand::Place(key) }, span);
                }
                // An instantiated function is the function.
                let is_func =
                    matches!(base.root, Root::Global(_)) && base.path.is_empty() && self.looks_like_type(field(n, "index"));
                Some(if is_func { base } else { base.then(Proj::Elem) })
            }
            "parenthesized_expression" => n.named_child(0).and_then(|e| self.place(e)),
            _ => None,
        }
    }

    /// Whether what the place holds may be more than a number or a string, as far as its declaration tells.
    fn may_hold(&self, key: &Place) -> bool {
        let Some(local) = key.as_local() else { return !key.path.is_empty() };
        match &self.body.local(local).def {
            Def::Typed(Ty::Named { path: None, name }) => !NUMBERS.contains(&name.as_str()) && *name != ustr("string"),
            Def::Value(Operand::Int(_) | Operand::Str(_) | Operand::Expr(_)) | Def::None => false,
            _ => true,
        }
    }

    fn looks_like_type(&self, n: Option<Node<'_>>) -> bool {
        n.is_some_and(|n| match n.kind() {
            "identifier" => {
                let name = self.sym(n);
                self.lookup_local(name).is_none()
                    && (NUMBERS.contains(&name.as_str()) || matches!(name.as_str(), "string" | "any" | "bool" | "error"))
            }
            _ => false,
        })
    }

    fn name_place(&mut self, n: Node<'_>) -> Option<Place> {
        let name = self.sym(n);
        if name == "_" {
            return None;
        }
        Some(self.lookup_local(name).map_or_else(|| Place::global(self.names.own(name)), Place::local))
    }

    /// The import path, where the expression is the name of an imported package.
    pub(super) fn package_of(&self, n: Node<'_>) -> Option<Sym> {
        if n.kind() != "identifier" {
            return None;
        }
        let name = self.sym(n);
        if self.lookup(name).is_some() {
            return None;
        }
        self.imports.path_of(name)
    }

    /// The access path of an expression; what has none gets a local of its own.
    pub(super) fn place_or_temp(&mut self, n: Node<'_>) -> Place {
        match self.expr(n) {
            Operand::Place(p) => p,
            value => {
                let span = self.span(n);
                self.hold(value, span)
            }
        }
    }

    fn hold(&mut self, value: Operand, span: Span) -> Place {
        let temp = self.temp(span, Def::Value(value.clone()));
        self.emit(OpKind::Assign { dst: temp.clone(), src: value }, span);
        temp
    }

    fn unary(&mut self, n: Node<'_>) -> Operand {
        let Some(operand) = field(n, "operand") else { return Operand::Opaque };
        match field(n, "operator").map(|o| self.text_of(o)) {
            Some("<-") => {
                let ch = self.place_or_temp(operand);
                let span = self.span(n);
                let dst = self.temp(span, Def::Recv(ch.clone()));
                self.emit(OpKind::Recv { ch, dst: Some(dst.clone()), ok: None }, span);
                Operand::Place(dst)
            }
            Some("&" | "*") => self.expr(operand),
            Some("-") => match self.expr(operand) {
                Operand::Int(i) => Operand::Int(i.saturating_neg()),
                _ => Operand::Opaque,
            },
            _ => {
                self.expr(operand);
                Operand::Opaque
            }
        }
    }

    fn binary(&mut self, n: Node<'_>) -> Operand {
        // Long chains lean to the left; walking down them by hand keeps the stack flat.
        let mut spine = vec![n];
        while let Some(left) = spine.last().and_then(|b| field(*b, "left")).filter(|l| l.kind() == "binary_expression") {
            spine.push(left);
        }
        let first = spine.last().and_then(|b| field(*b, "left"));
        let mut value = first.map_or(Operand::Opaque, |l| self.expr(l));
        for node in spine.into_iter().rev() {
            let right = field(node, "right").map_or(Operand::Opaque, |r| self.expr(r));
            let op = field(node, "operator").map_or("", |o| self.text_of(o));
            value = arithmetic(op, value, right);
        }
        value
    }

    fn slice(&mut self, n: Node<'_>) -> Operand {
        for bound in ["start", "end", "capacity"] {
            if let Some(e) = field(n, bound) {
                self.expr(e);
            }
        }
        let Some(operand) = field(n, "operand") else { return Operand::Opaque };
        let base = self.place_or_temp(operand);
        // The elements are the same, the length is not: a new place that holds what the old one holds.
        let span = self.span(n);
        let temp = self.temp(span, Def::Value(Operand::Place(base.clone())));
        self.emit(OpKind::Assign { dst: temp.then(Proj::Elem), src: Operand::Place(base.then(Proj::Elem)) }, span);
        Operand::Place(temp)
    }

    fn assertion(&mut self, n: Node<'_>) -> Operand {
        let (Some(operand), Some(ty)) = (field(n, "operand"), field(n, "type")) else { return Operand::Opaque };
        let value = self.expr(operand);
        let ty = self.ty(ty);
        let span = self.span(n);
        let temp = self.temp(span, Self::typed(ty));
        self.emit(OpKind::Assign { dst: temp.clone(), src: value }, span);
        Operand::Place(temp)
    }

    fn conversion(&mut self, n: Node<'_>) -> Operand {
        let (Some(operand), Some(ty)) = (field(n, "operand"), field(n, "type")) else { return Operand::Opaque };
        let value = self.expr(operand);
        let ty = self.ty(ty);
        let span = self.span(n);
        let temp = self.temp(span, Self::typed(ty));
        self.emit(OpKind::Assign { dst: temp.clone(), src: value }, span);
        Operand::Place(temp)
    }

    /// A function literal, lowered where it stands.
    pub(super) fn func_literal(&mut self, n: Node<'_>) -> crate::old::ir::FuncIdx {
        let body = field(n, "body");
        let head = body.map_or_else(|| self.span(n), |b| self.span_before(n, b));
        let span = self.span(n);
        let idx = self.begin_func(span, head);
        self.bind_signature(n, idx);
        if let Some(block) = body {
            // Parameters and results belong to the block of the body: `:=` there writes them, it does not hide them.
            self.statements(block);
        }
        let end = Span::new((span.end as usize).saturating_sub(1), span.end as usize);
        self.finish_func(end);
        idx
    }

    fn call_value(&mut self, n: Node<'_>) -> Operand {
        if let Some(value) = self.builtin(n) {
            return value;
        }
        let call = self.call_parts(n);
        let def = Def::Call(Box::new(call.callee.clone()), 0);
        let temp = self.temp(call.span, def);
        let call = Call { results: smallvec![Some(temp.clone())], ..call };
        let span = call.span;
        self.emit(OpKind::Call(Box::new(call)), span);
        Operand::Place(temp)
    }

    /// A call as a statement, or one whose results are assigned.
    pub(super) fn call_into(&mut self, n: Node<'_>, results: SmallVec<[Option<Place>; 2]>) {
        let call = Call { results, ..self.call_parts(n) };
        let span = call.span;
        self.emit(OpKind::Call(Box::new(call)), span);
    }

    /// Callee and arguments, evaluated; the call itself is not made.
    pub(super) fn call_parts(&mut self, n: Node<'_>) -> Call {
        let function = field(n, "function");
        let callee = function.map_or(Callee::Opaque, |f| self.callee(f));
        let (args, spread) = field(n, "arguments").map(|a| self.arguments(a)).unwrap_or_default();
        let callee_span = function.map_or_else(|| self.span(n), |f| self.span(f));
        Call { callee, args, results: SmallVec::new(), spread, span: self.span(n), callee_span }
    }

    fn arguments(&mut self, list: Node<'_>) -> (Vec<Operand>, bool) {
        let nodes = named(list);
        let spread = nodes.last().is_some_and(|a| a.kind() == "variadic_argument");
        (nodes.into_iter().map(|a| self.expr(a)).collect(), spread)
    }

    pub(super) fn callee(&mut self, n: Node<'_>) -> Callee {
        match n.kind() {
            "identifier" | "type_identifier" => {
                let name = self.sym(n);
                self.lookup_local(name).map_or_else(|| Callee::Name(self.names.own(name)), |id| Callee::Value(Place::local(id)))
            }
            "parenthesized_expression" => n.named_child(0).map_or(Callee::Opaque, |e| self.callee(e)),
            "func_literal" => Callee::Lit(self.func_literal(n)),
            "selector_expression" => {
                let (Some(operand), Some(name)) = (field(n, "operand"), field(n, "field")) else { return Callee::Opaque };
                let name = self.sym(name);
                if let Some(path) = self.package_of(operand) {
                    return self.imported_callee(path, name);
                }
                Callee::Method { recv: self.place_or_temp(operand), name }
            }
            "index_expression" | "type_instantiation_expression" => self.instantiated(n),
            "generic_type" => field(n, "type").map_or(Callee::Opaque, |t| self.callee(t)),
            "qualified_type" => match (field(n, "package"), field(n, "name")) {
                (Some(p), Some(name)) => {
                    let (package, name) = (self.sym(p), self.sym(name));
                    self.imports.path_of(package).map_or(Callee::Opaque, |path| self.imported_callee(path, name))
                }
                _ => Callee::Opaque,
            },
            _ => match self.expr(n) {
                Operand::Place(p) => Callee::Value(p),
                Operand::Func(f) => Callee::Lit(f),
                _ => Callee::Opaque,
            },
        }
    }

    fn imported_callee(&self, path: Sym, name: Sym) -> Callee {
        self.names.imported(path, name).map_or(Callee::Import { path, name }, Callee::Name)
    }

    /// `f[T](…)`, or an element of a collection of functions.
    fn instantiated(&mut self, n: Node<'_>) -> Callee {
        let Some(base) = field(n, "operand").or_else(|| field(n, "type")) else { return Callee::Opaque };
        match self.callee(base) {
            Callee::Value(p) => Callee::Value(p.then(Proj::Elem)),
            // `pkg.F[T]` and `F[T]` are functions; `s.handlers[i]` is an element.
            Callee::Method { recv, name } => Callee::Value(recv.field(name).then(Proj::Elem)),
            function => function,
        }
    }

    /// A predeclared function, unless its name is shadowed.
    pub(super) fn builtin(&mut self, n: Node<'_>) -> Option<Operand> {
        let function = field(n, "function").filter(|f| f.kind() == "identifier")?;
        let name = self.sym(function);
        if self.lookup(name).is_some() {
            return None;
        }
        let args = field(n, "arguments").map(named).unwrap_or_default();
        let span = self.span(n);
        Some(match name.as_str() {
            "make" => self.make(&args, span),
            "new" => {
                let Some(arg) = args.first() else { return Some(Operand::Opaque) };
                // Go 1.26: `new(expr)` too. A lone name is read as a type by the grammar; only the scope tells.
                let is_type = arg.kind().ends_with("_type")
                    || arg.kind() == "type_identifier" && self.lookup_local(self.sym(*arg)).is_none();
                if is_type {
                    let ty = self.ty(*arg);
                    return Some(Operand::Place(self.temp(span, Def::Typed(Ty::Ptr(Arc::new(ty))))));
                }
                let value = self.expr(*arg);
                Operand::Place(self.hold(value, span))
            }
            "len" | "cap" => {
                let place = args.first().map(|a| self.place_or_temp(*a))?;
                Operand::Expr(Box::new(if name == "len" { Expr::Len(place) } else { Expr::Cap(place) }))
            }
            "close" => {
                let ch = args.first().map(|a| self.place_or_temp(*a))?;
                self.emit(OpKind::Close { ch }, span);
                Operand::Opaque
            }
            "panic" => {
                self.expr_list(&args);
                self.end(Term::Panic, span);
                Operand::Opaque
            }
            "append" => self.append(&args, span),
            "copy" | "delete" | "min" | "max" | "clear" | "print" | "println" | "complex" | "real" | "imag" => {
                self.expr_list(&args);
                Operand::Opaque
            }
            // Nothing panics on the ways that are followed to a function's end: what is done with a panic is not done beside the rest.
            "recover" => Operand::Nil,
            "string" | "bool" | "error" | "any" | "float32" | "complex64" | "complex128" => {
                self.expr_list(&args);
                Operand::Opaque
            }
            other if NUMBERS.contains(&other) => self.expr_list(&args).into_iter().next().unwrap_or(Operand::Opaque),
            _ => return None,
        })
    }

    pub(super) fn expr_list(&mut self, nodes: &[Node<'_>]) -> Vec<Operand> {
        nodes.iter().map(|n| self.expr(*n)).collect()
    }

    fn make(&mut self, args: &[Node<'_>], span: Span) -> Operand {
        let Some((type_node, sizes)) = args.split_first() else { return Operand::Opaque };
        let ty = self.ty(*type_node);
        let sizes = self.expr_list(sizes);
        let temp = self.temp(span, Self::typed(ty.clone()));
        // A named type may be a channel too; what it is only the package knows, so every `make` of a name says its capacity.
        if matches!(ty, Ty::Chan(..) | Ty::Named { .. } | Ty::Unknown) {
            let cap = match sizes.into_iter().next() {
                None | Some(Operand::Int(0)) => Cap::Zero,
                Some(Operand::Int(n)) => Cap::Const(n),
                Some(other) => Cap::Expr(other),
            };
            self.emit(OpKind::MakeChan { dst: temp.clone(), cap, ty }, span);
        } else if let Some(size) = sizes.into_iter().next()
            && matches!(ty, Ty::Seq(_))
        {
            // `make([]T, n)`: its length is n, which loops over it count by.
            self.emit(OpKind::Assign { dst: temp.field(ustr("#len")), src: size }, span);
        }
        Operand::Place(temp)
    }

    fn append(&mut self, args: &[Node<'_>], span: Span) -> Operand {
        let Some((list, items)) = args.split_first() else { return Operand::Opaque };
        let list = self.expr(*list);
        let spread = items.last().is_some_and(|a| a.kind() == "variadic_argument");
        let items = self.expr_list(items);
        let temp = self.temp(span, Def::Value(list.clone()));
        let elem = temp.then(Proj::Elem);
        if let Operand::Place(p) = list {
            self.emit(OpKind::Assign { dst: elem.clone(), src: Operand::Place(p.then(Proj::Elem)) }, span);
        }
        for item in items {
            let src = match item {
                Operand::Place(p) if spread => Operand::Place(p.then(Proj::Elem)),
                Operand::Place(_) | Operand::Func(_) => item,
                _ => continue,
            };
            self.emit(OpKind::Assign { dst: elem.clone(), src }, span);
        }
        Operand::Place(temp)
    }

    fn composite(&mut self, n: Node<'_>) -> Operand {
        let (Some(type_node), Some(body)) = (field(n, "type"), field(n, "body")) else { return Operand::Opaque };
        let ty = self.ty(type_node);
        let span = self.span(n);
        self.literal_value(body, ty, span)
    }

    fn literal_value(&mut self, body: Node<'_>, ty: Ty, span: Span) -> Operand {
        if !self.enter(body) {
            return Operand::Opaque;
        }
        let temp = self.temp(span, Self::typed(ty.clone()));
        let elem_ty = match &ty {
            Ty::Seq(elem) | Ty::Map(_, elem) => Some((**elem).clone()),
            _ => None,
        };
        let elements = named(body);
        if matches!(ty, Ty::Seq(_)) && elements.iter().all(|e| e.kind() == "literal_element") {
            let count = Operand::Int(i64::try_from(elements.len()).unwrap_or(i64::MAX));
            self.emit(OpKind::Assign { dst: temp.field(ustr("#len")), src: count }, span);
        }
        for (i, element) in elements.into_iter().enumerate() {
            let (dst, value) = match element.kind() {
                "keyed_element" => match (field(element, "key"), field(element, "value")) {
                    (Some(key), Some(value)) => (self.key_place(&temp, key, elem_ty.is_some()), value),
                    _ => continue,
                },
                _ if elem_ty.is_some() => (temp.then(Proj::Elem), element),
                _ => (temp.field(ustr(&format!("#{i}"))), element),
            };
            let span = self.span(element);
            let src = self.element_value(value, elem_ty.as_ref());
            let dull = elem_ty.is_some() && !matches!(src, Operand::Place(_) | Operand::Func(_));
            if !dull {
                self.emit(OpKind::Assign { dst, src }, span);
            }
        }
        self.leave();
        Operand::Place(temp)
    }

    fn key_place(&mut self, base: &Place, key: Node<'_>, is_collection: bool) -> Place {
        let inner = if key.kind() == "literal_element" { key.named_child(0).unwrap_or(key) } else { key };
        if !is_collection && inner.kind() == "identifier" {
            return base.field(self.sym(inner));
        }
        if inner.kind() == "literal_value" {
            let span = self.span(inner);
            self.literal_value(inner, Ty::Unknown, span);
        } else {
            self.expr(inner);
        }
        base.then(Proj::Elem)
    }

    fn element_value(&mut self, n: Node<'_>, elem: Option<&Ty>) -> Operand {
        let inner = if n.kind() == "literal_element" { n.named_child(0).unwrap_or(n) } else { n };
        if inner.kind() == "literal_value" {
            let span = self.span(inner);
            return self.literal_value(inner, elem.cloned().unwrap_or(Ty::Unknown), span);
        }
        self.expr(inner)
    }
}

fn parse_int(text: &str) -> Option<i64> {
    let digits = text.replace('_', "");
    let lower = digits.to_ascii_lowercase();
    if let Some(hex) = lower.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok();
    }
    if let Some(bin) = lower.strip_prefix("0b") {
        return i64::from_str_radix(bin, 2).ok();
    }
    if let Some(oct) = lower.strip_prefix("0o").or_else(|| lower.strip_prefix('0').filter(|s| !s.is_empty())) {
        return i64::from_str_radix(oct, 8).ok();
    }
    lower.parse().ok()
}

/// Arithmetic that nests deeper than this is nothing that anybody counts by, and what walks it may recurse.
const MAX_ARITHMETIC: u32 = 32;

/// Whether an operand nests less deep than `left` levels.
fn is_shallow(value: &Operand, left: u32) -> bool {
    match value {
        Operand::Expr(e) => match &**e {
            Expr::Len(_) | Expr::Cap(_) => true,
            Expr::Add(a, b) | Expr::Sub(a, b) | Expr::Mul(a, b) => left > 0 && is_shallow(a, left - 1) && is_shallow(b, left - 1),
        },
        _ => true,
    }
}

fn arithmetic(op: &str, a: Operand, b: Operand) -> Operand {
    match (op, &a, &b) {
        ("+", Operand::Int(x), Operand::Int(y)) => x.checked_add(*y).map_or(Operand::Opaque, Operand::Int),
        ("-", Operand::Int(x), Operand::Int(y)) => x.checked_sub(*y).map_or(Operand::Opaque, Operand::Int),
        ("*", Operand::Int(x), Operand::Int(y)) => x.checked_mul(*y).map_or(Operand::Opaque, Operand::Int),
        (_, Operand::Opaque | Operand::Str(_) | Operand::Bool(_) | Operand::Nil | Operand::Func(_), _)
        | (_, _, Operand::Opaque | Operand::Str(_) | Operand::Bool(_) | Operand::Nil | Operand::Func(_)) => Operand::Opaque,
        _ if !is_shallow(&a, MAX_ARITHMETIC) || !is_shallow(&b, MAX_ARITHMETIC) => Operand::Opaque,
        ("+", ..) => Operand::Expr(Box::new(Expr::Add(a, b))),
        ("-", ..) => Operand::Expr(Box::new(Expr::Sub(a, b))),
        ("*", ..) => Operand::Expr(Box::new(Expr::Mul(a, b))),
        _ => Operand::Opaque,
    }
}
