//! What a template may cost to parse. Handlebars' parser recurses, and its time grows with the square of a template's
//! pieces; so depth and number are bounded before it sees the text.

/// How many `{{` one string may hold.
pub(crate) const MAX_EXPRESSIONS: usize = 200;

/// How many `{{` all strings of a recipe may hold.
pub(crate) const MAX_EXPRESSIONS_IN_RECIPE: usize = 2000;

/// How many bytes one string may have, times the `{{` that it holds (8 MiB: 200 in 40 KiB, 8 in 1 MiB).
const MAX_WORK: usize = 8 << 20;

/// How many bytes all strings of a recipe may have, with all that it includes and in all cells of its matrix (64 MiB).
const MAX_BYTES: usize = 64 << 20;

/// What those strings may cost to render: bytes times the `{{` in them, 16 times what one string may cost.
const MAX_WORK_IN_RECIPE: usize = 16 * MAX_WORK;

/// What each string and each name counts, in bytes, however short.
const EACH: usize = 256;

/// What a regular expression counts, in bytes.
const PATTERN: usize = 4096;

/// What a name counts in each string that is rendered: all of them are laid out for it.
const LAID_OUT: usize = 256;

/// What a recipe costs so far, with all that it includes and in all cells of its matrix. A small text must not cost much: a
/// file can be included a thousand times, and a recipe decoded for each of 64 cells.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    bytes: usize,
    work: usize,
}

impl Cost {
    /// Adds a string of so many bytes with so many `{{`, where so many names are known.
    pub(crate) fn add_text(&mut self, bytes: usize, expressions: usize, names: usize) {
        self.bytes += EACH + bytes;
        if expressions > 0 {
            let work = bytes.saturating_mul(expressions) + names.saturating_mul(LAID_OUT);
            self.work = self.work.saturating_add(work);
        }
    }

    /// Adds a name with a value of so many bytes.
    pub(crate) fn add_name(&mut self, bytes: usize) {
        self.bytes += EACH + bytes;
    }

    /// Adds a regular expression.
    pub(crate) fn add_pattern(&mut self) {
        self.bytes += PATTERN;
    }

    /// Adds the match of a value of so many bytes: a regular expression takes time by the product of both lengths, with its
    /// repetitions written out.
    pub(crate) fn add_match(&mut self, pattern: &str, bytes: usize) {
        let work = written_out(pattern).saturating_mul(bytes);
        self.work = self.work.saturating_add(work);
    }

    pub(crate) fn is_too_much(self) -> bool {
        self.bytes > MAX_BYTES || self.work > MAX_WORK_IN_RECIPE
    }
}

/// About how long a regular expression is with its repetitions written out: `(ab){3}` is three times as long as `(ab)`.
fn written_out(pattern: &str) -> usize {
    let repetitions = pattern.split('{').skip(1).filter_map(|rest| {
        let (counts, _) = rest.split_once('}')?;
        counts
            .split(',')
            .filter_map(|count| count.parse().ok())
            .max()
    });
    repetitions.fold(pattern.len(), |length, count: usize| {
        length.saturating_mul(count.max(1))
    })
}

/// How many backslashes may follow each other in a string with `{{`.
pub(crate) const MAX_BACKSLASHES: usize = 32;

/// How many `{{#…}}` and `{{else}}` one string may hold.
pub(crate) const MAX_BLOCKS: usize = 32;

/// How deep brackets may lie in each other inside one `{{…}}`.
pub(crate) const MAX_BRACKETS: usize = 8;

/// The longest `{{…}}`, in bytes.
pub(crate) const MAX_EXPRESSION: usize = 1024;

/// What is too much, and where (byte offset in the template).
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Excess {
    Blocks(usize),
    Brackets(usize),
    Length(usize),
    /// Where, and how many a string of this length may hold.
    Expressions(usize, usize),
    Backslashes(usize),
    /// A partial or decorator: `{{> …}}`, `{{* …}}`.
    Partial(usize),
}

/// Looks at every `{{…}}` once.
pub(crate) fn within(template: &str) -> Result<(), Excess> {
    let run = "\\".repeat(MAX_BACKSLASHES + 1);
    if let Some(start) = template.find(&run) {
        return Err(Excess::Backslashes(start));
    }
    let most = MAX_EXPRESSIONS.min(MAX_WORK / template.len().max(1));
    if let Some((start, _)) = template.match_indices("{{").nth(most) {
        return Err(Excess::Expressions(start, most));
    }
    let mut blocks = 0;
    let mut at = 0;
    while let Some(found) = template[at..].find("{{") {
        let start = at + found;
        let inside = &template[start + 2..];
        let length = inside.find("}}").unwrap_or(inside.len());
        if inside.starts_with('!') {
            // A comment costs nothing, however long.
            at = start + 2 + length;
            continue;
        }
        if length > MAX_EXPRESSION {
            return Err(Excess::Length(start));
        }
        let expression = inside[..length].trim_start_matches(['{', '~', ' ', '\t', '\r', '\n']);
        let word = expression.trim_start_matches(['#', '^']);
        if word.trim_start().starts_with(['>', '*']) {
            return Err(Excess::Partial(start));
        }
        if word.len() != expression.len() || word.starts_with("else") {
            blocks += 1;
            if blocks > MAX_BLOCKS {
                return Err(Excess::Blocks(start));
            }
        }
        let mut depth = 0usize;
        for byte in expression.bytes() {
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > MAX_BRACKETS {
                return Err(Excess::Brackets(start));
            }
        }
        at = start + 2 + length;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Excess, MAX_BLOCKS, MAX_EXPRESSIONS, within, written_out};

    #[test]
    fn repetitions_make_patterns_longer() {
        for (pattern, length) in [
            ("^a$", 3),
            ("^[a-z]{1,60}$", 13 * 60),
            ("((a{10}){100,})", 15 * 1000),
            ("a{0}{", 5),
            ("{{x}}", 5),
        ] {
            assert_eq!(written_out(pattern), length, "{pattern}");
        }
    }

    #[test]
    fn ordinary_templates_pass() {
        let template =
            "{{a}}{{{b}}}{{#if (eq a (not \"x\"))}}{{else}}{{/if}}{{! (((((((((((((((( }}";
        assert_eq!(within(template), Ok(()));
    }

    #[test]
    fn a_long_string_may_hold_fewer_expressions() {
        let long = "a".repeat((1 << 20) - 1024);
        assert_eq!(within(&format!("{long}{}", "{{a}}".repeat(8))), Ok(()));
        assert_eq!(
            within(&format!("{long}{}", "{{a}}".repeat(9))),
            Err(Excess::Expressions(long.len() + 40, 8))
        );
    }

    #[test]
    fn each_excess_is_named() {
        assert_eq!(
            within(&"{{#if a}}".repeat(MAX_BLOCKS + 1)),
            Err(Excess::Blocks(9 * MAX_BLOCKS))
        );
        assert_eq!(
            within(&"{{else if a}}".repeat(MAX_BLOCKS + 1)),
            Err(Excess::Blocks(13 * MAX_BLOCKS))
        );
        assert_eq!(
            within(&format!("x{{{{{}", "(".repeat(99))),
            Err(Excess::Brackets(1))
        );
        assert_eq!(
            within(&format!("{{{{{}", "a ".repeat(999))),
            Err(Excess::Length(0))
        );
        assert_eq!(
            within(&"{{a}}".repeat(MAX_EXPRESSIONS + 1)),
            Err(Excess::Expressions(5 * MAX_EXPRESSIONS, MAX_EXPRESSIONS))
        );
        assert_eq!(
            within(&format!("a{}", "\\".repeat(33))),
            Err(Excess::Backslashes(1))
        );
        assert_eq!(within("{{#> layout}}"), Err(Excess::Partial(0)));
        assert_eq!(within("{{~>p}}"), Err(Excess::Partial(0)));
        assert_eq!(within("{{#*inline \"p\"}}"), Err(Excess::Partial(0)));
    }
}
