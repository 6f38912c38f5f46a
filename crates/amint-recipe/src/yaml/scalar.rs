//! What a plain scalar means: the YAML 1.2 core schema (<https://yaml.org/spec/1.2.2/#103-core-schema>).

/// The meaning of a scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Meaning {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text,
}

impl Meaning {
    pub(crate) fn of(plain: &str) -> Meaning {
        match plain {
            "" | "~" | "null" | "Null" | "NULL" => return Meaning::Null,
            "true" | "True" | "TRUE" => return Meaning::Bool(true),
            "false" | "False" | "FALSE" => return Meaning::Bool(false),
            _ => {}
        }
        if let Some(integer) = integer(plain) {
            return Meaning::Integer(integer);
        }
        match float(plain) {
            Some(float) => Meaning::Float(float),
            None => Meaning::Text,
        }
    }
}

fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (digits, radix) = if let Some(hex) = digits.strip_prefix("0x") {
        (hex, 16)
    } else if let Some(octal) = digits.strip_prefix("0o") {
        (octal, 8)
    } else if let Some(binary) = digits.strip_prefix("0b") {
        (binary, 2)
    } else if has_leading_zero(digits) {
        // Octal in YAML 1.1, text in 1.2: `mode: 0644` keeps its digits.
        return None;
    } else {
        (digits, 10)
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = i128::from_str_radix(digits, radix).ok()?;
    Some(if negative { -magnitude } else { magnitude })
}

fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" if text.starts_with('-') => return Some(f64::NEG_INFINITY),
        ".inf" | ".Inf" | ".INF" => return Some(f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if unsigned == text => return Some(f64::NAN),
        _ => {}
    }
    // Rust also reads "inf" and "nan"; YAML does not.
    let starts_like_a_number = unsigned
        .strip_prefix('.')
        .unwrap_or(unsigned)
        .starts_with(|c: char| c.is_ascii_digit());
    if !starts_like_a_number || has_leading_zero(unsigned) {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

fn has_leading_zero(digits: &str) -> bool {
    digits.len() > 1
        && digits.starts_with('0')
        && digits.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::Meaning;

    #[test]
    fn words_mean_what_yaml_1_2_says() {
        for (text, meaning) in [
            ("", Meaning::Null),
            ("~", Meaning::Null),
            ("nil", Meaning::Text),
            ("yes", Meaning::Text),
            ("True", Meaning::Bool(true)),
            ("0", Meaning::Integer(0)),
            ("-12", Meaning::Integer(-12)),
            ("0x1f", Meaning::Integer(31)),
            ("0o17", Meaning::Integer(15)),
            ("0644", Meaning::Text),
            ("+-1", Meaning::Text),
            ("1.5", Meaning::Float(1.5)),
            ("-.inf", Meaning::Float(f64::NEG_INFINITY)),
            ("inf", Meaning::Text),
            ("nan", Meaning::Text),
            ("1.2.3", Meaning::Text),
            ("1e3", Meaning::Float(1000.0)),
        ] {
            assert_eq!(Meaning::of(text), meaning, "{text:?}");
        }
    }
}
