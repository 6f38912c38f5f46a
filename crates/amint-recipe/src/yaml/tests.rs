//! Our tree against another YAML library, and hostile text.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::node::{Node, Value};
use super::scalar::Meaning;
use crate::diagnostic::Problem;
use crate::source::Source;
use crate::sources::Sources;
use crate::span::FileId;

fn source(text: impl Into<String>) -> Sources {
    Sources::new(Source {
        path: "test.yaml".into(),
        text: text.into(),
    })
}

fn read(sources: &Sources, problems: &mut Vec<Problem>) -> Option<Node> {
    super::read::read(sources, FileId::default(), problems)
}

fn other(node: &Node) -> serde_yaml::Value {
    match &node.value {
        Value::Scalar(scalar) => match scalar.meaning() {
            Meaning::Null => serde_yaml::Value::Null,
            Meaning::Bool(value) => value.into(),
            Meaning::Integer(value) => match u64::try_from(value) {
                Ok(value) => value.into(),
                Err(_) => i64::try_from(value).unwrap().into(),
            },
            Meaning::Float(value) => value.into(),
            Meaning::Text => scalar.text.clone().into(),
        },
        Value::Sequence(items) => items.iter().map(other).collect::<Vec<_>>().into(),
        Value::Mapping(entries) => serde_yaml::Value::Mapping(
            entries
                .iter()
                .map(|entry| (entry.key.clone().into(), other(&entry.node)))
                .collect(),
        ),
        Value::Refused => panic!("refused"),
    }
}

fn documents() -> impl Strategy<Value = serde_yaml::Value> {
    let leaf = prop_oneof![
        Just(serde_yaml::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        (-1e9..1e9f64).prop_map(Into::into),
        "\\PC{0,12}".prop_map(Into::into),
        "[-~:#{}\\[\\]'\"|>& a-c0-9.\n]{0,12}".prop_map(Into::into),
        Just("first\nsecond\n\n  third\n".into()),
        Just("0644".into()),
        Just("yes".into()),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::btree_map("[a-z]{1,6}|[ -~é]{1,4}", inner, 0..5).prop_map(
                |entries| {
                    serde_yaml::Value::Mapping(
                        entries
                            .into_iter()
                            .map(|(key, value)| (key.into(), value))
                            .collect(),
                    )
                }
            ),
        ]
    })
}

proptest! {
    #[test]
    fn the_tree_equals_what_another_library_reads(document in documents()) {
        let text = serde_yaml::to_string(&document).unwrap();
        let theirs: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
        let mut problems = Vec::new();
        let ours = read(&source(text.clone()), &mut problems);
        prop_assert!(problems.is_empty(), "{text:?}: {problems:?}");
        let ours = ours.as_ref().map_or(serde_yaml::Value::Null, other);
        prop_assert_eq!(ours, theirs, "{:?}", text);
    }

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,200}|[-?:,\\[\\]{}#&*!|>'\"%@` \\t\\r\\na-c\u{feff}é]{0,200}") {
        let mut problems = Vec::new();
        let source = source(text);
        if let Some(node) = read(&source, &mut problems) {
            prop_assert!(node.span.end <= source.recipe().text.len());
        } else if problems.is_empty() {
            // Only a text without a document has neither.
            let theirs: Result<serde_yaml::Value, _> = serde_yaml::from_str(&source.recipe().text);
            prop_assert!(theirs.is_err() || theirs.unwrap().is_null());
        }
    }
}

#[test]
fn a_mebibyte_of_anything_ends_soon() {
    for pattern in [
        "[", "{", "- ", "? ", "a: ", "[a,", "{a: ", "- [", "&a ", "!t ", "a:\n", "'", "é",
        "- - a\n",
    ] {
        let text = source(pattern.repeat((1 << 20) / pattern.len()));
        let start = Instant::now();
        let mut problems = Vec::new();
        let root = read(&text, &mut problems);
        assert!(start.elapsed() < Duration::from_secs(20), "{pattern:?}");
        if let Some(root) = root {
            assert!(matches!(root.value, Value::Scalar(_)), "{pattern:?}");
        } else {
            assert!((1..=101).contains(&problems.len()), "{pattern:?}");
        }
    }
}

#[test]
fn spans_are_bytes_also_after_wide_characters() {
    let text = source("é: ü\nkey: \"välue\"   \n");
    let root = read(&text, &mut Vec::new()).unwrap();
    let Value::Mapping(entries) = &root.value else {
        panic!("a mapping")
    };
    let slices: Vec<_> = entries
        .iter()
        .map(|entry| (text.slice(entry.key_span), text.slice(entry.node.span)))
        .collect();
    assert_eq!(slices, [("é", "ü"), ("key", "\"välue\"")]);
}
