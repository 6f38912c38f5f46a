//! How a recipe is written means nothing: order of keys, flow or block, quotes, comments. And what is read is what was
//! written.

use amint_plan::{Action, BuildPlan, Target, resolve};
use proptest::prelude::*;

use super::printer::{Tree, print};
use super::support::{BUILD, recipe};

/// A string as somebody may want it, without templates.
fn text() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "",
        " ",
        "true",
        "null",
        "~",
        "1.10",
        "0x1f",
        "1e3",
        "2030-01-31",
        "- a",
        "a: b",
        "a #b",
        "#",
        "'",
        "\"",
        "it's",
        "\"x\" 'y'",
        "[a",
        "{a}",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "%a",
        "@a",
        "`a`",
        "a\n",
        "a\n\n",
        "a\n  b\n",
        "a\n\nb",
        "\n",
        " a",
        "a ",
        "\ta",
        "a\tb\n",
        "é\u{1f980}",
        "\\",
        "\\n",
        "a:",
        ":a",
        "?",
        "? a",
        "---",
        "...",
        "a\n---\nb\n",
        "a\n# b\n",
        "a\nb",
        "=",
    ]);
    prop_oneof![
        nasty.prop_map(str::to_owned),
        "[a-zA-Z0-9 .,:#'\"\\[\\]|>&*!%@-]{0,30}",
        "([a-z #:-]{0,12}\n){1,4}",
    ]
}

/// A variable's value or a file's content: what is kept as it is.
fn word() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9]{0,8}"
}

fn step(index: usize) -> impl Strategy<Value = Tree> {
    let name = format!("step {index}");
    let named = move |kind: &str, mut keys: Vec<(String, Tree)>| {
        keys.push(("name".to_owned(), Tree::text(name.clone())));
        Tree::map([(kind, Tree::Map(keys))])
    };
    let keys = |entries: Vec<(&str, Tree)>| -> Vec<(String, Tree)> {
        let entries = entries.into_iter();
        entries
            .map(|(key, value)| (key.to_owned(), value))
            .collect()
    };
    let (one, two, three, four) = (named.clone(), named.clone(), named.clone(), named);
    prop_oneof![
        (text(), word(), any::<bool>()).prop_map(move |(content, path, executable)| {
            one(
                "file",
                keys(vec![
                    ("content", Tree::Text(content)),
                    ("to", Tree::text(format!("/opt/{path}"))),
                    ("executable", Tree::Bare(executable.to_string())),
                ]),
            )
        }),
        (word(), 1..90_u32).prop_map(move |(word, minutes)| {
            two(
                "shell",
                keys(vec![
                    (
                        "run",
                        Tree::text(format!(
                            "test -e '/{word}' || true  # {{{{build.id}}}}\ntouch \"/{word}\"\n"
                        )),
                    ),
                    ("timeout", Tree::text(format!("{minutes}m"))),
                ]),
            )
        }),
        prop::collection::vec(word(), 1..4).prop_map(move |packages| {
            let packages = packages.into_iter().map(Tree::Text).collect();
            three(
                "install-packages",
                keys(vec![("packages", Tree::List(packages))]),
            )
        }),
        Just(()).prop_map(move |()| four("reboot", Vec::new())),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    let steps = (0..6_usize).prop_flat_map(|count| (0..count).map(step).collect::<Vec<_>>());
    let variables = prop::collection::btree_map("[a-z][a-z0-9]{1,6}x", text(), 0..4);
    (word(), variables, steps, 1..9_u32, word()).prop_map(|(name, variables, steps, cpus, tag)| {
        let variables = variables.into_iter();
        let variables = variables.map(|(name, value)| {
            (
                name,
                Tree::map([
                    ("default", Tree::Text(value)),
                    ("description", Tree::text("what: it is")),
                ]),
            )
        });
        let mut recipe = vec![
            ("amint", Tree::Bare("1".to_owned())),
            ("name", Tree::Text(name)),
            ("version", Tree::text("1.10")),
            (
                "base",
                Tree::map([("local", Tree::map([("debian", Tree::text("bookworm"))]))]),
            ),
            ("variables", Tree::Map(variables.collect())),
            (
                "builder",
                Tree::map([
                    ("vcpus", Tree::Bare(cpus.to_string())),
                    ("network", Tree::text("none")),
                    ("timeout", Tree::text("30m")),
                ]),
            ),
            (
                "seal",
                Tree::map([(
                    "application-logs",
                    Tree::List(vec![Tree::text("/opt/logs")]),
                )]),
            ),
            (
                "image",
                Tree::map([("tags", Tree::map([("product", Tree::Text(tag))]))]),
            ),
            (
                "waivers",
                Tree::List(vec![Tree::map([
                    ("rule", Tree::text("MP-CLEAN-002")),
                    ("reason", Tree::text("it's \"shown\": yes")),
                    ("expires", Tree::text("2030-01-31")),
                ])]),
            ),
        ];
        if !steps.is_empty() {
            recipe.push(("steps", Tree::List(steps)));
        }
        Tree::Map(
            recipe
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        )
    })
}

fn planned(text: &str) -> BuildPlan {
    resolve(&recipe(text), Target::Local, BUILD).unwrap()
}

/// What a plan says of the tree's strings, found again by itself.
fn assert_says(plan: &BuildPlan, tree: &serde_json::Value) -> Result<(), TestCaseError> {
    let variables = tree["variables"].as_object().unwrap();
    prop_assert_eq!(plan.variables.len(), variables.len());
    for (name, variable) in variables {
        prop_assert_eq!(&plan.variables[name], variable["default"].as_str().unwrap());
    }
    let steps = tree["steps"].as_array().cloned().unwrap_or_default();
    prop_assert_eq!(plan.steps.len(), steps.len());
    for (planned, step) in plan.steps.iter().zip(&steps) {
        let (kind, keys) = step.as_object().unwrap().iter().next().unwrap();
        prop_assert_eq!(&planned.kind, kind);
        prop_assert_eq!(&planned.name, keys["name"].as_str().unwrap());
        if let Action::Upload { content, .. } = &planned.actions[0] {
            prop_assert_eq!(
                content.as_slice(),
                keys["content"].as_str().unwrap().as_bytes()
            );
        }
    }
    prop_assert_eq!(
        plan.image.tags.get("product").map(String::as_str),
        tree["image"]["tags"]["product"].as_str()
    );
    prop_assert_eq!(
        &plan.waivers[0].reason,
        tree["waivers"][0]["reason"].as_str().unwrap()
    );
    Ok(())
}

proptest! {
    #[test]
    fn parsing_takes_back_what_printing_did(tree in tree(), one in any::<u64>(), other in any::<u64>()) {
        let json = tree.to_json();
        let plan = planned(&json.to_string());
        assert_says(&plan, &json)?;
        for seed in [one, other] {
            let text = print(&tree, seed);
            let printed = planned(&text);
            prop_assert_eq!(&printed.digest, &plan.digest, "{}", text);
            assert_says(&printed, &json)?;
        }
    }
}
