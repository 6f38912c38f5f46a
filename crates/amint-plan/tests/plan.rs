//! Recipes to plans, and the scripts that plans hold.

#[cfg(test)]
mod plan {
    pub(crate) mod aws;
    pub(crate) mod composition;
    pub(crate) mod diff_guard_rows;
    pub(crate) mod diff_leaves;
    pub(crate) mod diff_properties;
    pub(crate) mod diff_rows;
    pub(crate) mod diff_table;
    pub(crate) mod digest;
    pub(crate) mod forecast;
    pub(crate) mod lock;
    pub(crate) mod printer;
    pub(crate) mod resolve;
    pub(crate) mod scripts;
    pub(crate) mod secrets;
    pub(crate) mod styles;
    pub(crate) mod support;
}
