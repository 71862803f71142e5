//! Arithmetic with constants. What does not fit, or is not certain to be exact, is [`Const::Other`].

use super::info::Const;
use super::ty::Basic;
use std::cmp::Ordering;
use std::sync::Arc;

/// Integers from here on are not exact as floats.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn as_float(value: &Const) -> Option<f64> {
    match value {
        Const::Int(n) => Some(*n as f64),
        Const::Float(n) => Some(*n),
        _ => None,
    }
}

/// An integer, if it is certain to be one.
pub(super) fn as_int(value: &Const) -> Option<i128> {
    match value {
        Const::Int(n) => Some(*n),
        Const::Float(n) if n.fract() == 0.0 && n.abs() < EXACT => Some(*n as i128),
        _ => None,
    }
}

fn float(n: f64) -> Const {
    if n.is_finite() { Const::Float(n) } else { Const::Other }
}

fn int(n: Option<i128>) -> Const {
    n.map_or(Const::Other, Const::Int)
}

/// `a op b`; `integer` is whether both are of integer types, so that `/` cuts off.
pub(super) fn binary(op: &str, a: &Const, b: &Const, integer: bool) -> Const {
    match (a, b) {
        (Const::Bool(a), Const::Bool(b)) => match op {
            "&&" => Const::Bool(*a && *b),
            "||" => Const::Bool(*a || *b),
            _ => Const::Other,
        },
        (Const::Str(a), Const::Str(b)) if op == "+" => Const::Str(Arc::from([&**a, &**b].concat())),
        (Const::Int(a), Const::Int(b)) if integer || !matches!(op, "/") => match op {
            "+" => int(a.checked_add(*b)),
            "-" => int(a.checked_sub(*b)),
            "*" => int(a.checked_mul(*b)),
            "/" => int(a.checked_div(*b)),
            "%" => int(a.checked_rem(*b)),
            "&" => Const::Int(a & b),
            "|" => Const::Int(a | b),
            "^" => Const::Int(a ^ b),
            "&^" => Const::Int(a & !b),
            _ => Const::Other,
        },
        _ => match (as_float(a), as_float(b)) {
            (Some(a), Some(b)) => match op {
                "+" => float(a + b),
                "-" => float(a - b),
                "*" => float(a * b),
                "/" => float(a / b),
                _ => Const::Other,
            },
            _ => Const::Other,
        },
    }
}

/// `a op b` for a comparison; `None` where it is not certain.
pub(super) fn compare(op: &str, a: &Const, b: &Const) -> Option<bool> {
    let order = match (a, b) {
        (Const::Bool(a), Const::Bool(b)) => a.cmp(b),
        (Const::Str(a), Const::Str(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Const::Int(a), Const::Int(b)) => a.cmp(b),
        _ => {
            let (a, b) = (as_float(a)?, as_float(b)?);
            if (a - b).abs() <= 1e-9 * a.abs().max(b.abs()) {
                return None;
            }
            a.partial_cmp(&b)?
        }
    };
    Some(match op {
        "==" => order == Ordering::Equal,
        "!=" => order != Ordering::Equal,
        "<" => order == Ordering::Less,
        "<=" => order != Ordering::Greater,
        ">" => order == Ordering::Greater,
        ">=" => order != Ordering::Less,
        _ => return None,
    })
}

/// `a << b` and `a >> b`.
pub(super) fn shift(op: &str, a: &Const, b: &Const) -> Const {
    let (Some(a), Some(b)) = (as_int(a), as_int(b)) else { return Const::Other };
    let Ok(by) = u32::try_from(b) else { return Const::Other };
    if op == "<<" {
        let fits = by < 127 && (a.unsigned_abs().leading_zeros() > by + 1 || a == 0);
        return int(fits.then(|| a << by));
    }
    Const::Int(if by > 126 { if a < 0 { -1 } else { 0 } } else { a >> by })
}

/// `op a`; the type tells how wide the complement of an unsigned number is.
pub(super) fn unary(op: &str, a: &Const, ty: Option<Basic>) -> Const {
    match (op, a) {
        ("!", Const::Bool(a)) => Const::Bool(!a),
        ("+", Const::Int(_) | Const::Float(_)) => a.clone(),
        ("-", Const::Int(a)) => int(a.checked_neg()),
        ("-", Const::Float(a)) => Const::Float(-a),
        ("^", Const::Int(a)) => match ty {
            Some(basic) if basic.is_unsigned() => Const::Int(!a & ((1_i128 << basic.bits()) - 1)),
            _ => Const::Int(!a),
        },
        _ => Const::Other,
    }
}

/// The value as one of a predeclared type; `None` if it is none.
pub(super) fn represent(value: &Const, ty: Basic) -> Option<Const> {
    if *value == Const::Other {
        return Some(Const::Other);
    }
    if ty.is_integer() {
        return match value {
            Const::Int(_) => in_range(value.clone(), ty),
            Const::Float(n) if n.fract() == 0.0 => in_range(as_int(value).map_or(Const::Other, Const::Int), ty),
            _ => None,
        };
    }
    if ty.is_float() {
        return match (value, ty) {
            (Const::Int(n), _) if (*n as f64).abs() < EXACT => Some(value.clone()),
            (Const::Int(n), _) => Some(Const::Float(*n as f64)),
            (Const::Float(n), Basic::Float32) => Some(float(f64::from(*n as f32))),
            (Const::Float(_), _) => Some(value.clone()),
            _ => None,
        };
    }
    if ty.is_complex() {
        return matches!(value, Const::Int(_) | Const::Float(_)).then(|| value.clone());
    }
    let fits = matches!(value, Const::Str(_)) && ty.is_string() || matches!(value, Const::Bool(_)) && ty.is_boolean();
    fits.then(|| value.clone())
}

fn in_range(value: Const, ty: Basic) -> Option<Const> {
    let Const::Int(n) = value else { return Some(value) };
    let (low, high) = match (ty.is_untyped(), ty.is_unsigned()) {
        (true, _) => (i128::MIN, i128::MAX),
        (_, true) => (0, (1 << ty.bits()) - 1),
        _ => (-(1 << (ty.bits() - 1)), (1 << (ty.bits() - 1)) - 1),
    };
    (low..=high).contains(&n).then_some(Const::Int(n))
}

/// The value of an integer literal.
pub(super) fn int_literal(text: &str) -> Const {
    let text: String = text.chars().filter(|c| *c != '_').collect();
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = match lower.get(..2) {
        Some("0x") => (&lower[2..], 16),
        Some("0b") => (&lower[2..], 2),
        Some("0o") => (&lower[2..], 8),
        _ if lower.len() > 1 && lower.starts_with('0') => (&lower[1..], 8),
        _ => (lower.as_str(), 10),
    };
    i128::from_str_radix(digits, radix).map_or(Const::Other, Const::Int)
}

/// The value of a float literal.
pub(super) fn float_literal(text: &str) -> Const {
    let text: String = text.chars().filter(|c| *c != '_').collect();
    let lower = text.to_ascii_lowercase();
    let Some(hex) = lower.strip_prefix("0x") else { return lower.parse().map_or(Const::Other, float) };
    let Some((mantissa, exponent)) = hex.split_once('p') else { return Const::Other };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let (Ok(n), Ok(exponent)) = (u64::from_str_radix(&digits, 16), exponent.parse::<i32>()) else { return Const::Other };
    let scale = i32::try_from(fraction.len()).unwrap_or(0) * 4;
    float(n as f64 * f64::from(exponent - scale).exp2())
}

/// The value of a rune literal, quotes included.
pub(super) fn rune_literal(text: &str) -> Const {
    let inner = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or_default();
    let mut bytes = Vec::new();
    let mut rest = inner;
    let single = unescape_one(&mut rest, &mut bytes);
    single.filter(|_| rest.is_empty()).map_or(Const::Other, |n| Const::Int(i128::from(n)))
}

/// The value of an interpreted string literal, quotes included; not valid UTF-8 is [`Const::Other`].
pub(super) fn string_literal(text: &str) -> Const {
    let Some(mut rest) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else { return Const::Other };
    if !rest.contains('\\') {
        return Const::Str(Arc::from(rest));
    }
    let mut bytes = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        if unescape_one(&mut rest, &mut bytes).is_none() {
            return Const::Other;
        }
    }
    String::from_utf8(bytes).map_or(Const::Other, |text| Const::Str(Arc::from(text)))
}

/// Takes one character or escape sequence off `rest` and adds its bytes.
fn unescape_one(rest: &mut &str, out: &mut Vec<u8>) -> Option<u32> {
    let mut chars = rest.chars();
    let first = chars.next()?;
    if first != '\\' {
        *rest = chars.as_str();
        out.extend(first.encode_utf8(&mut [0; 4]).bytes());
        return Some(u32::from(first));
    }
    let kind = chars.next()?;
    let (digits, radix, skip) = match kind {
        'x' => (2, 16, 2),
        'u' => (4, 16, 2),
        'U' => (8, 16, 2),
        '0'..='7' => (3, 8, 1),
        _ => {
            *rest = chars.as_str();
            let byte = match kind {
                'a' => 7,
                'b' => 8,
                'f' => 12,
                'n' => b'\n',
                'r' => b'\r',
                't' => b'\t',
                'v' => 11,
                '\\' | '\'' | '"' => u8::try_from(kind).ok()?,
                _ => return None,
            };
            out.push(byte);
            return Some(u32::from(byte));
        }
    };
    let value = u32::from_str_radix(rest.get(skip..skip + digits)?, radix).ok()?;
    *rest = rest.get(skip + digits..)?;
    if matches!(kind, 'u' | 'U') {
        out.extend(char::from_u32(value)?.encode_utf8(&mut [0; 4]).bytes());
    } else {
        out.push(u8::try_from(value).ok()?);
    }
    Some(value)
}
