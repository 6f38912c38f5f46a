//! Recipes from `fixtures/recipes` and `recipes` through the public API.

#[cfg(test)]
mod recipes {
    mod codes;
    pub(crate) mod composition;
    pub(crate) mod diagnostics;
    pub(crate) mod hostile;
    pub(crate) mod reference;
    pub(crate) mod rendering;
    pub(crate) mod schema;
    pub(crate) mod support;
    pub(crate) mod valid;
    pub(crate) mod variables;
}
