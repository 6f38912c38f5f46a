//! Lints that a recipe silences, each with a reason.

use super::subject::Material;
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::recipe::Allow;
use crate::span::Span;
use crate::suggest::nearest;

/// What the recipe allows, and which of it was needed.
#[derive(Debug, Default)]
pub(crate) struct Allowed<'a> {
    allows: Vec<(&'a Allow, bool)>,
}

impl<'a> Allowed<'a> {
    pub(crate) fn new(allows: &'a [Allow]) -> Allowed<'a> {
        Allowed {
            allows: allows.iter().map(|allow| (allow, false)).collect(),
        }
    }

    /// Whether a finding of this lint is allowed, in the step of this name if it is in one.
    pub(crate) fn takes(&mut self, code: Code, step: Option<&str>) -> bool {
        let mut taken = false;
        for (allow, used) in &mut self.allows {
            let here = allow.step.is_none() || allow.step.as_deref() == step;
            if allow.lint == code.id() && here {
                *used = true;
                taken = true;
            }
        }
        taken
    }

    /// Where those stand that silence something.
    pub(crate) fn needed(&self) -> impl Iterator<Item = Span> + '_ {
        let needed = self.allows.iter().filter(|(_, used)| *used);
        needed.map(|(allow, _)| allow.span)
    }

    /// A warning for each that silences nothing. With unreadable steps nobody knows.
    pub(crate) fn unneeded(&self, material: &Material) -> Vec<Problem> {
        let names: Vec<_> = material
            .steps
            .iter()
            .filter_map(|piece| piece.name())
            .collect();
        if names.len() < material.steps.len() {
            return Vec::new();
        }
        let unused = self.allows.iter().filter(|(_, used)| !used);
        let problem = |(allow, _): &(&Allow, bool)| {
            let (message, hint) = match allow.step.as_deref() {
                Some(step) if !names.contains(&step) => {
                    let hint = nearest(step, names.iter().copied()).map_or_else(
                        || "use a step's `name`, or leave `step` out".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    );
                    (format!("there is no step named `{step}`"), hint)
                }
                _ => (
                    format!(
                        "`{}` finds nothing here that would have to be allowed",
                        allow.lint
                    ),
                    "remove it, so that it hides nothing later".to_owned(),
                ),
            };
            Problem::new(Code::UnusedAllow, allow.span, message)
                .hint(hint)
                .warning()
        };
        unused.map(problem).collect()
    }
}
