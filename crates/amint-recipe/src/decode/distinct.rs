//! What must differ between the cells of a matrix, because one would replace the other.

use std::collections::BTreeMap;

use super::decoder::Decoder;
use super::problems::in_words;
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::recipe::Recipe;
use crate::template::{Renderer, Text};

/// Reports cells whose images, or the parameters that name them, are called the same.
pub(super) fn check(decoder: &mut Decoder<'_>, recipes: &[Recipe]) {
    let names = recipes.iter().map(|recipe| Some(&recipe.image.name));
    same(decoder, "image", recipes, names);
    let parameters = recipes
        .iter()
        .map(|recipe| recipe.image.publish.parameter.as_ref());
    same(decoder, "SSM parameter", recipes, parameters);
}

fn same<'r>(
    decoder: &mut Decoder<'_>,
    what: &str,
    recipes: &[Recipe],
    texts: impl Iterator<Item = Option<&'r Text>>,
) {
    let mut first = BTreeMap::new();
    for (index, text) in texts.enumerate() {
        // Each build has an id of its own, so a name with the id differs.
        let Some(text) = text else { continue };
        let renderer = Renderer::new(&format!("{index:026}"));
        let Some(name) = renderer.and_then(|one| one.render(text)).ok() else {
            continue;
        };
        if let Some(other) = first.insert(name.clone(), index) {
            let cells = [other, index].map(|index| in_words(&recipes[index].matrix));
            let values = &recipes[other].matrix;
            let mut axes = recipes[index].matrix.iter();
            let axis = axes.find(|(axis, value)| values.get(*axis) != Some(*value));
            let axis = axis.map_or("architecture", |(axis, _)| axis.as_str());
            let message = format!("two cells of the matrix would both name the {what} `{name}`");
            let hint = format!(
                "name an axis in it, such as `{{{{{axis}}}}}`: it is the same where {} and where {}",
                cells[0], cells[1]
            );
            decoder.report(Problem::new(Code::SameInCells, text.span(), message).hint(hint));
            return;
        }
    }
}
