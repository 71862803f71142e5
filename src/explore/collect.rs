//! Slices and maps.

use super::machine::{Machine, Stop};
use super::state::{ObjKind, State};
use super::value::{Path, Sym, Val};
use crate::ir::{Op, Operand, Reg};
use crate::source::Span;
use crate::types::Type;

/// Slices longer than this are not told apart element by element.
const LONGEST: i64 = 64;

impl Machine<'_> {
    pub(super) fn collection(&self, s: &mut State, g: usize, op: &Op, span: Span) -> Result<(), Stop> {
        match op {
            Op::Elem { dst, base, index } => {
                let val = self.element(s, g, base, index)?;
                self.write(s, g, *dst, val);
            }
            Op::MakeMap { dst } => {
                let at = self.at(s, g, span);
                let map = s.alloc(ObjKind::Map { entries: Vec::new(), open: false }, false, Some(at));
                self.write(s, g, *dst, Val::Map(map));
            }
            Op::MakeSlice { dst, len } => {
                let len = match self.value_of(s, g, len) {
                    Val::Int(n) if (0..=LONGEST).contains(&n) => n,
                    Val::Sym(sym) => return Err(Stop::Choose(self.sizes_of(s, sym))),
                    Val::Int(n) if n > LONGEST => LONGEST,
                    _ => return Err(Stop::Panic),
                };
                let element = self.element_type(s, g, *dst);
                let items = (0..len).map(|_| self.zero(&element)).collect();
                self.new_slice(s, g, *dst, items, element, span);
            }
            Op::SliceOf { dst, items } => {
                let items: Vec<Val> = items.iter().map(|i| self.value_of(s, g, i)).collect();
                let element = self.element_type(s, g, *dst);
                self.new_slice(s, g, *dst, items, element, span);
            }
            Op::Slice { dst, base, low, high } => self.reslice(s, g, *dst, base, low.as_ref(), high.as_ref())?,
            Op::Append { dst, base, items, spread } => self.append(s, g, *dst, base, items, spread.as_ref(), span)?,
            Op::MapGet { dst, ok, map, key } => self.map_get(s, g, *dst, *ok, map, key)?,
            Op::MapAt { key, val, map, index } => self.map_at(s, g, *key, *val, map, index),
            Op::MapSet { map, key, val } => {
                let (map, key, val) = (self.value_of(s, g, map), self.value_of(s, g, key), self.value_of(s, g, val));
                self.map_set(s, &map, key, val)?;
            }
            Op::MapDelete { map, key } => {
                let map = self.value_of(s, g, map);
                let key = key.as_ref().map(|k| self.value_of(s, g, k));
                Self::map_delete(s, &map, key.as_ref());
            }
            _ => {}
        }
        Ok(())
    }

    fn value_of(&self, s: &State, g: usize, operand: &Operand) -> Val {
        match s.gs[g].frames.last() {
            Some(frame) => self.get(s, &frame.regs, operand),
            None => Val::Nil,
        }
    }

    fn type_of(&self, s: &State, g: usize, reg: Reg) -> Type {
        let ty = s.gs[g].frames.last().map_or(Type::Unknown, |f| Self::func(f).regs[reg.at()].ty.clone());
        self.world.underlying(&ty)
    }

    fn element_type(&self, s: &State, g: usize, dst: Reg) -> Type {
        match self.type_of(s, g, dst) {
            Type::Slice(element) | Type::Array(_, element) => (*element).clone(),
            _ => Type::Unknown,
        }
    }

    fn new_slice(&self, s: &mut State, g: usize, dst: Reg, items: Vec<Val>, element: Type, span: Span) {
        let at = self.at(s, g, span);
        let len = u32::try_from(items.len()).unwrap_or(0);
        let array = s.alloc(ObjKind::Array(items, element), false, Some(at));
        self.write(s, g, dst, Val::Slice(array, 0, len));
    }

    /// A pointer to an element.
    fn element(&self, s: &mut State, g: usize, base: &Operand, index: &Operand) -> Result<Val, Stop> {
        let (base, index) = (self.value_of(s, g, base), self.value_of(s, g, index));
        let base = self.sized(s, base)?;
        let (obj, mut path, offset, len) = match base {
            Val::Slice(array, offset, len) => (array, Path::new(), offset, Some(len)),
            Val::Nil => return Err(Stop::Panic),
            pointer => {
                let (obj, path) = self.place(s, &pointer)?;
                (obj, path, 0, None)
            }
        };
        let at = match (index, len) {
            (Val::Int(i), len) => {
                let i = u32::try_from(i).map_err(|_| Stop::Panic)?;
                if len.is_some_and(|len| i >= len) {
                    return Err(Stop::Panic);
                }
                i
            }
            (Val::Sym(sym), Some(len)) if len > 0 && len <= 3 => {
                return Err(Stop::Choose((0..i64::from(len)).map(|i| (sym, Val::Int(i))).collect()));
            }
            (_, Some(0)) => return Err(Stop::Panic),
            _ => 0,
        };
        path.push(offset + at);
        Ok(Val::Ptr(obj, path))
    }

    /// A slice whose elements can be told apart: one that is not known gets a size and an array out of view.
    pub(super) fn sized(&self, s: &mut State, slice: Val) -> Result<Val, Stop> {
        let Val::Sym(sym) = slice else { return Ok(slice) };
        let Type::Slice(element) = self.world.underlying(&self.syms.ty(sym)) else { return Ok(slice) };
        let int = Type::Basic(crate::types::Basic::Int);
        let len = match self.pure(s, &crate::ir::Pure::Len, &[Val::Sym(sym)], &int) {
            Val::Int(n) => n,
            Val::Sym(len) => return Err(Stop::Choose(self.sizes_of(s, len))),
            _ => 0,
        };
        let item = |i: i64| {
            let index = u32::try_from(i).unwrap_or(0);
            self.part(sym, index, &element)
        };
        let items = (0..len.min(LONGEST)).map(item).collect();
        let array = s.alloc(ObjKind::Array(items, (*element).clone()), true, None);
        let val = Val::Slice(array, 0, u32::try_from(len).unwrap_or(0));
        Self::bind(s, sym, val.clone());
        let nil: Sym = self.is_nil_sym(sym);
        if len > 0 {
            Self::bind(s, nil, Val::Bool(false));
        }
        Ok(val)
    }

    fn reslice(
        &self,
        s: &mut State,
        g: usize,
        dst: Reg,
        base: &Operand,
        low: Option<&Operand>,
        high: Option<&Operand>,
    ) -> Result<(), Stop> {
        let base = self.value_of(s, g, base);
        let ty = self.type_of(s, g, dst);
        let bound = |operand: Option<&Operand>| operand.map(|o| self.value_of(s, g, o));
        let (low, high) = (bound(low), bound(high));
        let base = if matches!(ty, Type::Slice(_)) { self.sized(s, base)? } else { base };
        let (array, offset, len) = match base {
            Val::Slice(array, offset, len) => (array, offset, len),
            Val::Ptr(obj, path) if path.is_empty() => match self.load(s, obj, &path) {
                Val::Agg(parts) => (obj, 0, u32::try_from(parts.len()).unwrap_or(0)),
                _ => return self.lost(s, g, dst),
            },
            Val::Nil => {
                self.write(s, g, dst, Val::Nil);
                return Ok(());
            }
            _ => return self.lost(s, g, dst),
        };
        let number = |val: Option<Val>, default: u32| match val {
            None => Ok(default),
            Some(Val::Int(n)) => u32::try_from(n).map_err(|_| Stop::Panic),
            Some(Val::Sym(sym)) => Err(Stop::Choose((0..=i64::from(len.min(2))).map(|n| (sym, Val::Int(n))).collect())),
            Some(_) => Ok(default),
        };
        let (low, high) = (number(low, 0)?, number(high, len)?);
        if low > high || high > len {
            return Err(Stop::Panic);
        }
        self.write(s, g, dst, Val::Slice(array, offset + low, high - low));
        Ok(())
    }

    fn lost(&self, s: &mut State, g: usize, dst: Reg) -> Result<(), Stop> {
        let ty = s.gs[g].frames.last().map_or(Type::Unknown, |f| Self::func(f).regs[dst.at()].ty.clone());
        let val = self.unknown(&ty);
        self.write(s, g, dst, val);
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn append(
        &self,
        s: &mut State,
        g: usize,
        dst: Reg,
        base: &Operand,
        items: &[Operand],
        spread: Option<&Operand>,
        span: Span,
    ) -> Result<(), Stop> {
        let base = self.value_of(s, g, base);
        let base = self.sized(s, base)?;
        let mut all = self.items(s, &base);
        all.extend(items.iter().map(|i| self.value_of(s, g, i)));
        if let Some(spread) = spread {
            let more = self.value_of(s, g, spread);
            let more = self.sized(s, more)?;
            all.extend(self.items(s, &more));
        }
        all.truncate(usize::try_from(LONGEST).unwrap_or(64));
        let element = self.element_type(s, g, dst);
        // A fresh array each time: who shares one with what is appended to is not asked.
        let shared = matches!(base, Val::Slice(array, ..) if s.obj(array).shared());
        self.new_slice(s, g, dst, all, element, span);
        if shared {
            let val = s.gs[g].frames.last().map_or(Val::Nil, |f| f.regs[dst.at()].clone());
            self.share(s, &val);
        }
        Ok(())
    }

    fn items(&self, s: &State, slice: &Val) -> Vec<Val> {
        match slice {
            Val::Slice(array, offset, len) => match &s.obj(*array).kind {
                ObjKind::Array(items, _) => items.iter().skip(*offset as usize).take(*len as usize).cloned().collect(),
                ObjKind::Cell(Val::Agg(parts), _) => parts.iter().skip(*offset as usize).take(*len as usize).cloned().collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn map_get(&self, s: &mut State, g: usize, dst: Reg, ok: Option<Reg>, map: &Operand, key: &Operand) -> Result<(), Stop> {
        let (map, key) = (self.value_of(s, g, map), self.value_of(s, g, key));
        let ty = s.gs[g].frames.last().map_or(Type::Unknown, |f| Self::func(f).regs[dst.at()].ty.clone());
        let mut found = None;
        let mut sure = true;
        if let Val::Map(obj) = &map
            && let ObjKind::Map { entries, open } = &s.obj(*obj).kind
        {
            sure = !open;
            for (k, v) in entries {
                match super::pure::equal(k, &key) {
                    Some(true) => {
                        found = Some(v.clone());
                        break;
                    }
                    Some(false) => {}
                    None => sure = false,
                }
            }
        } else if map != Val::Nil {
            sure = false;
        }
        let (val, there) = match found {
            Some(val) => (val, Val::Bool(true)),
            None if sure => (self.zero(&ty), Val::Bool(false)),
            None => {
                let boolean = Type::Basic(crate::types::Basic::Bool);
                // An entry that is not known may be any of those that are: it is shared with them.
                self.share(s, &map);
                let there = self.unknown(&boolean);
                (self.unknown(&ty), there)
            }
        };
        self.write(s, g, dst, val);
        if let Some(ok) = ok {
            self.write(s, g, ok, there);
        }
        Ok(())
    }

    fn map_at(&self, s: &mut State, g: usize, key: Option<Reg>, val: Option<Reg>, map: &Operand, index: &Operand) {
        let (map, index) = (self.value_of(s, g, map), self.value_of(s, g, index));
        let entry = match (&map, index) {
            (Val::Map(obj), Val::Int(i)) => match &s.obj(*obj).kind {
                ObjKind::Map { entries, .. } => usize::try_from(i).ok().and_then(|i| entries.get(i).cloned()),
                _ => None,
            },
            _ => None,
        };
        for (reg, value) in [(key, entry.as_ref().map(|e| e.0.clone())), (val, entry.as_ref().map(|e| e.1.clone()))] {
            let Some(reg) = reg else { continue };
            let ty = s.gs[g].frames.last().map_or(Type::Unknown, |f| Self::func(f).regs[reg.at()].ty.clone());
            let value = value.unwrap_or_else(|| self.unknown(&ty));
            self.write(s, g, reg, value);
        }
    }

    fn map_set(&self, s: &mut State, map: &Val, key: Val, val: Val) -> Result<(), Stop> {
        match map {
            Val::Map(obj) => {
                if s.obj(*obj).shared() {
                    self.share(s, &key);
                    self.share(s, &val);
                }
                if let ObjKind::Map { entries, .. } = &mut s.obj_mut(*obj).kind {
                    match entries.iter_mut().find(|(k, _)| super::pure::equal(k, &key) == Some(true)) {
                        Some(entry) => entry.1 = val,
                        None => entries.push((key, val)),
                    }
                }
                Ok(())
            }
            Val::Nil => Err(Stop::Panic),
            _ => {
                self.share(s, &key);
                self.share(s, &val);
                Ok(())
            }
        }
    }

    fn map_delete(s: &mut State, map: &Val, key: Option<&Val>) {
        let Val::Map(obj) = map else { return };
        if let ObjKind::Map { entries, open } = &mut s.obj_mut(*obj).kind {
            match key {
                None => entries.clear(),
                Some(key) => {
                    // A key that may be the one is kept: what is listed may be gone then.
                    *open |= entries.iter().any(|(k, _)| super::pure::equal(k, key).is_none());
                    entries.retain(|(k, _)| super::pure::equal(k, key) != Some(true));
                }
            }
        }
    }
}
