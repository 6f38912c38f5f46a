//! What a text looks like before it is decoded: whether it is a recipe at all, and where its keys stand.

use std::collections::BTreeMap;

use crate::source::Source;
use crate::sources::Sources;
use crate::span::{FileId, Span};
use crate::yaml::node::{Entry, Node, Value};
use crate::yaml::read::read;

/// A text's keys and where they stand, whatever is wrong with their values.
#[derive(Debug)]
pub struct Outline {
    /// `None`: it is no YAML.
    root: Option<Node>,
    /// Whether a line begins as the first of a recipe does.
    announced: bool,
}

impl Outline {
    /// The outline of a text. What is wrong with it is not reported.
    pub fn of(source: &Source) -> Self {
        let announces = |line: &str| {
            let line = line.trim_start_matches(['"', '\'']);
            let rest = line.strip_prefix("amint");
            let rest = rest.map(|rest| rest.trim_start_matches(['"', '\'', ' ']));
            rest.is_some_and(|rest| rest.starts_with(':'))
        };
        Self {
            root: read(
                &Sources::new(source.clone()),
                FileId::default(),
                &mut Vec::new(),
            ),
            announced: source.text.lines().any(announces),
        }
    }

    /// Whether it is, or was meant to be, a recipe: it has the key `amint` at its top, or, where it is no YAML, a line that
    /// begins with it.
    pub fn is_recipe(&self) -> bool {
        match &self.root {
            Some(root) => entry(root, "amint").is_some(),
            None => self.announced,
        }
    }

    /// The recipe's `name`, as it is written.
    pub fn name(&self) -> Option<&str> {
        match &entry(self.root.as_ref()?, "name")?.node.value {
            Value::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// The keys of the mapping at a path, in order; none where there is no mapping.
    pub fn keys(&self, path: &[&str]) -> impl Iterator<Item = &str> {
        let entries = match self.node(path).map(|node| &node.value) {
            Some(Value::Mapping(entries)) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(|entry| entry.key.as_str())
    }

    /// The single value at a path, as it is written; `None` where there is none.
    pub fn scalar(&self, path: &[&str]) -> Option<&str> {
        let node = self.node(path)?;
        match &node.value {
            Value::Scalar(scalar) if !node.is_null() => Some(&scalar.text),
            _ => None,
        }
    }

    /// All single values at a path or below it, by keys and positions (from 0) with dots between them.
    pub fn scalars(&self, path: &[&str]) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut left: Vec<(String, &Node)> = self
            .node(path)
            .map(|node| (String::new(), node))
            .into_iter()
            .collect();
        let below = |path: &str, part: &str| match path {
            "" => part.to_owned(),
            path => format!("{path}.{part}"),
        };
        while let Some((path, node)) = left.pop() {
            match &node.value {
                Value::Scalar(scalar) => {
                    found.insert(path, scalar.text.clone());
                }
                Value::Sequence(items) => {
                    let items = items.iter().enumerate();
                    left.extend(
                        items.map(|(index, item)| (below(&path, &index.to_string()), item)),
                    );
                }
                Value::Mapping(entries) => {
                    let entries = entries.iter();
                    left.extend(entries.map(|entry| (below(&path, &entry.key), &entry.node)));
                }
                Value::Refused => {}
            }
        }
        found
    }

    /// Where the value at a path of keys and positions (from 0) stands, such as `["steps", "2"]`: its key, or the value
    /// itself where it has none. As far as the path can be followed; the text's start where it can't be at all.
    pub fn span(&self, path: &[&str]) -> Span {
        let mut span = Span::default();
        let mut node = self.root.as_ref();
        for part in path {
            let Some((at, inside)) = node.and_then(|node| child(node, part)) else {
                break;
            };
            (span, node) = (at, Some(inside));
        }
        span
    }

    fn node(&self, path: &[&str]) -> Option<&Node> {
        let mut node = self.root.as_ref()?;
        for part in path {
            (_, node) = child(node, part)?;
        }
        Some(node)
    }
}

/// The value at a key or a position, and where it stands.
fn child<'n>(node: &'n Node, part: &str) -> Option<(Span, &'n Node)> {
    match &node.value {
        Value::Sequence(items) => {
            let item = items.get(part.parse::<usize>().ok()?)?;
            Some((item.span, item))
        }
        _ => {
            let entry = entry(node, part)?;
            Some((entry.key_span, &entry.node))
        }
    }
}

fn entry<'n>(node: &'n Node, key: &str) -> Option<&'n Entry> {
    match &node.value {
        Value::Mapping(entries) => entries.iter().find(|entry| entry.key == key),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> Outline {
        Outline::of(&Source {
            path: "r.yaml".into(),
            text: text.to_owned(),
        })
    }

    #[test]
    fn a_recipe_is_known_by_its_key_however_it_is_written() {
        for text in [
            "amint: 1\n",
            "name: x\n\"amint\": 1\n",
            "{ amint: 1 }",
            "\"\\x61mint\": 1\n",
            "amint: 1\nname: [\n",
            "'amint' : 1\n\tname: x\n",
        ] {
            assert!(outline(text).is_recipe(), "{text:?}");
        }
        for text in [
            "",
            "a: { amint: 1 }\n",
            "amint-steps: 1\n",
            "- amint: 1\n",
            "# amint: 1\n",
            "#!/bin/sh\necho 'amint: 1'\n",
        ] {
            assert!(!outline(text).is_recipe(), "{text:?}");
        }
    }

    #[test]
    fn a_path_leads_to_its_key() {
        let text = "name: demo\nsteps:\n  - shell: x\n  - file:\n      to: /a\nseal: {}\n";
        let outline = outline(text);
        let found = |path: &[&str]| {
            let span = outline.span(path);
            &text[span.start..span.end]
        };
        assert_eq!(outline.name(), Some("demo"));
        assert_eq!(found(&["steps"]), "steps");
        assert_eq!(found(&["steps", "1", "file", "to"]), "to");
        assert_eq!(found(&["steps", "0"]), "shell: x");
        // As far as it goes.
        assert_eq!(found(&["seal", "profile"]), "seal");
        assert_eq!(found(&["steps", "9"]), "steps");
        assert_eq!(found(&["image"]), "");
        assert_eq!(
            outline.keys(&[]).collect::<Vec<_>>(),
            ["name", "steps", "seal"]
        );
        assert_eq!(outline.scalar(&["steps", "0", "shell"]), Some("x"));
        assert_eq!(outline.scalar(&["steps"]), None);
        let scalars = outline.scalars(&["steps"]);
        let scalars: Vec<_> = scalars
            .iter()
            .map(|(path, text)| format!("{path}={text}"))
            .collect();
        assert_eq!(scalars, ["0.shell=x", "1.file.to=/a"]);
    }
}
