//! Where in a template each part of its rendered text comes from.

use handlebars::Template;
use handlebars::template::TemplateElement;

use super::build::Build;
use super::renderer::render_compiled;
use super::text::Text;
use crate::lint::place::Runs;

/// What marks begin and end with: no text of a recipe holds them, and one that does is not traced.
const MARK: (char, char) = ('\u{1}', '\u{2}');

/// How `rendered` follows from the template that it was rendered from. `None` when that cannot be told.
///
/// Every literal part of the template is marked with its offset and the whole rendered once more, so that conditions and
/// helpers are followed whatever they do.
pub(crate) fn trace(text: &Text, rendered: &str) -> Option<Runs> {
    let mut runs = Runs::default();
    if text.is_literal() {
        runs.push(0, 0, rendered.len());
        return Some(runs);
    }
    let mut template = Template::compile(&text.template).ok()?;
    mark(&mut template, &text.template);
    let marked = render_compiled(template, text, Some(&Build::placeholder())).ok()?;
    let mut made = 0;
    let mut parts = marked.split(MARK.0);
    made += check(rendered, made, parts.next()?)?;
    for part in parts {
        let (offset, literal) = part.split_once(MARK.1)?;
        let (offset, length) = offset.split_once(',')?;
        runs.push(made, offset.parse().ok()?, length.parse().ok()?);
        made += check(rendered, made, literal)?;
    }
    (made == rendered.len()).then_some(runs)
}

/// The part's length, when it is the next one of what was rendered.
fn check(rendered: &str, made: usize, part: &str) -> Option<usize> {
    rendered
        .get(made..)?
        .starts_with(part)
        .then_some(part.len())
}

fn mark(template: &mut Template, whole: &str) {
    for (element, place) in template.elements.iter_mut().zip(&template.mapping) {
        match element {
            TemplateElement::RawString(text) => {
                // The place is after the blanks that it starts with; those beside a block are removed, and so is the
                // backslash of `\{{`.
                let start = super::check::offset(whole, (place.0, place.1));
                let start = whole[..start].trim_end().len();
                let plain = text.split("{{").next().unwrap_or_default();
                let found = whole[start..].find(plain);
                let start = start + found.unwrap_or_default();
                *text = format!("{}{start},{}{}{text}", MARK.0, text.len(), MARK.1);
            }
            TemplateElement::HelperBlock(helper) => {
                let parts = [&mut helper.template, &mut helper.inverse];
                for inner in parts.into_iter().flatten() {
                    mark(inner, whole);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::trace;
    use crate::span::Span;
    use crate::template::names::Names;
    use crate::template::renderer::render_compiled;
    use crate::template::{Escape, Text};

    #[test]
    fn literal_parts_are_traced_through_values_and_blocks() {
        let template = "é one {{a}} two\n{{#if a}}\n  three {{b}}\n{{else}}\n  four\n{{/if}}\nfive \\{{six}}\n";
        for (a, found) in [("x y", "three"), ("", "four")] {
            let mut names = Names::default();
            names.set("a", a.into());
            names.set("b", "".into());
            let text = Text::new(template, Escape::Shell, Span::default(), Arc::new(names));
            let compiled = handlebars::Template::compile(template).unwrap();
            let rendered = render_compiled(compiled, &text, None).unwrap();
            let runs = trace(&text, &rendered).unwrap();
            for word in ["one", "two", found, "five"] {
                let at = rendered.find(word).unwrap();
                assert_eq!(
                    Some(runs.origin(at)),
                    template.find(word),
                    "{word} of {rendered:?}"
                );
            }
            // A byte of a value comes from its expression.
            let at = rendered.find("one ").unwrap() + 5;
            assert_eq!(Some(runs.origin(at)), template.find("{{a}}"));
        }
    }
}
