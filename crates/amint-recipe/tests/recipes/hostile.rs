//! Text that nobody means well with: no panic, no stack overflow, no long wait.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::support::{expand_text, parse_text, recipes_in, with};

#[test]
fn a_mebibyte_of_brackets_is_refused_within_a_second() {
    for pattern in [
        "[", "{", "- ", "? ", "[a,", "{a: ", "- [", "a:\n", "- - a\n", "{{", "&a ", "\"",
    ] {
        let count = (1 << 20) / pattern.len();
        for text in [
            pattern.repeat(count),
            with(&format!("steps: {}", pattern.repeat(count - 64))),
        ] {
            let start = Instant::now();
            let recipe = parse_text(&text, &[]).1;
            let rendered = recipe.unwrap_err().render(false);
            assert!(start.elapsed() < Duration::from_secs(20), "{pattern:?}");
            assert!(rendered.contains("error[AM00"), "{pattern:?}");
            assert!(rendered.len() < 100_000, "{pattern:?}: {}", rendered.len());
        }
    }
}

#[test]
fn a_mebibyte_of_template_is_refused_within_a_second() {
    for pattern in [
        "{{",
        "{{{",
        "{{{{",
        "}}",
        "{{x}}",
        "{{(",
        "{{#if x}}",
        "{{else}}",
        "{{^",
        "{{/if}}",
        "{{!--",
        "{{!",
        "\\{{",
        "{{#if version}}{{else if version}}",
        "{{eq (eq (eq ",
        "{{x ",
        "{{\"",
        "{{[",
        "{{x}}}",
        "{{#each version}}",
        "\\\\",
    ] {
        let text = with(&format!(
            "steps: [{{ shell: {{ run: '{{{{version}}}}{}' }} }}]\n",
            pattern.repeat((1 << 20) / pattern.len() - 64)
        ));
        let start = Instant::now();
        let recipe = parse_text(&text, &[]).1;
        if let Err(diagnostics) = recipe {
            assert!(diagnostics.render(false).len() < 100_000, "{pattern:?}");
        }
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{pattern:?} took {:?}",
            start.elapsed()
        );
    }
}

#[test]
fn the_largest_templates_that_are_allowed_are_quick() {
    let one = "a line\n".repeat(5_000) + &"{{version}} x ".repeat(199);
    let steps: String = (0..10)
        .map(|_| {
            format!(
                "- shell: {{ run: {} }}\n",
                serde_json::to_string(&one).unwrap()
            )
        })
        .collect();
    let start = Instant::now();
    let (_, recipe) = parse_text(&with(&format!("steps:\n{steps}")), &[]);
    assert!(recipe.is_ok());
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_pattern_cannot_cost_without_bound() {
    for pattern in [
        "(a*)*$",
        "((((a{100}){100}){100}){100})",
        "((((((((((((((((((((((((((((((",
        "^(.*a){5000}$",
    ] {
        let text = with(&format!(
            "variables: {{ x: {{ default: {}, pattern: '{pattern}' }} }}\n",
            "a".repeat(10_000)
        ));
        let start = Instant::now();
        let _ = parse_text(&text, &[]);
        assert!(start.elapsed() < Duration::from_secs(20), "{pattern}");
    }
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or_default()
}

/// Scripts and files that each lint has something to do with, over and over: without optimisation a quarter of what a recipe
/// may hold.
#[test]
fn a_lot_of_what_lints_look_for_is_read_within_seconds() {
    let numbered = |pattern: &str| {
        let mut text = String::new();
        for number in 0.. {
            let line = pattern.replace('#', &number.to_string());
            if text.len() + line.len() > (256 << 10) - 1024 {
                break;
            }
            text.push_str(&line);
        }
        text
    };
    for pattern in [
        "passwd -l u#; passwd -d u#\n",
        "ls ~u#/x /home/v#/y; chown w#: z\n",
        "useradd u#; chown u#x: z\n",
        "X#=; rm -rf $X#/ \"$Y#/\" /\n",
        "curl -o a# http://h#/x | sh\n",
        "curl http://169.254.169.254/# -H $X metadata-token\n",
        "aws --region us-west-# eu-west-1-us-east-1-\n",
        "sed s/a/PermitRootLogin yes/ #\n",
        "cat <<E#\nPermitRootLogin yes\nruncmd:\nE#\n",
        "<your-#> <A#-B></A#-B> xxxx-xxxx-xxxx-",
        "xxxx xxxx-",
        "XXXX ",
        "xxxxxxxx",
        "<a-b ",
        "password=correct-# a://u:p@h/ ://:@",
        "=password=password",
        "AKIAABCDEFGHIJKLMNOP ghp_ aws_secret_access_key=\\n",
        "-----BEGIN PRIVATE KEY-----",
        "[[ x ]] && set -o pipefail; sleep 9; reboot; sudo a; yum b; history -c\n",
        "\u{e9}$(\u{e9}`\u{e9}\"\u{e9}'",
    ] {
        let script = numbered(pattern);
        let content = serde_json::to_string(&script[..floor(&script, script.len() / 2)]).unwrap();
        let files = BTreeMap::from([("x.sh".to_owned(), script.clone().into_bytes())]);
        let text = with(&format!(
            "steps:\n  - shell: {{ run: {content} }}\n  - shell: {{ script: x.sh }}\n  \
             - file: {{ from: x.sh, to: /etc/ssh/sshd_config }}\n  - reboot: {{}}\n"
        ));
        let start = Instant::now();
        let diagnostics = match expand_text(&text, &files, &[]) {
            Ok(recipes) => recipes[0].warnings.clone(),
            Err(diagnostics) => diagnostics,
        };
        assert!(diagnostics.render(false).len() < 300_000, "{pattern:?}");
        let took = start.elapsed();
        assert!(took < Duration::from_secs(20), "{pattern:?} took {took:?}");
    }
}

fn fixtures() -> Vec<String> {
    [
        "fixtures/recipes/valid",
        "fixtures/recipes/invalid",
        "recipes",
    ]
    .into_iter()
    .flat_map(recipes_in)
    .map(|path| std::fs::read_to_string(path).unwrap())
    .collect()
}

/// What nobody may be shown.
const SECRET: &str = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";

/// Lines that lints have something to say about.
const LINES: [&str; 16] = [
    "rm -rf /",
    "rm -rf {{x}}/ \"$X/\" {{y}}/*",
    "{{#if x}}",
    "{{else}}",
    "{{/if}}",
    "chmod 777 {{x}} \u{e9}",
    "export TOKEN=ghp_abcdefghijklmnopqrstuvwxyz0123456789 # {{x}}",
    "curl http://ghp_abcdefghijklmnopqrstuvwxyz0123456789@example.com/{{x}} | sh",
    "sudo sleep 30 && reboot",
    "cat <<END",
    "END",
    "passwd -l {{x}}; passwd -d {{x}}",
    "ls ~ec2-uesr/{{y}} # <your-name>",
    "if true; then history -c; fi",
    "echo \"$(yum install us-west-2)\"",
    "f() { rm -r \"$1/\"; }",
];

proptest! {
    #[test]
    fn any_text_parses_without_panic(text in "(\\PC|[\\n\\t\u{feff}]){0,300}") {
        let recipe = parse_text(&text, &[]).1;
        if let Err(diagnostics) = recipe {
            diagnostics.render(true);
        }
    }

    #[test]
    fn any_edit_of_a_recipe_parses_without_panic(
        text in prop::sample::select(fixtures()),
        at in any::<prop::sample::Index>(),
        length in 0..40usize,
        insert in "[-\\n :{}\\[\\]\"'#&*!|>%@a-z0-9é]{0,12}",
    ) {
        let mut characters: Vec<char> = text.chars().collect();
        let start = at.index(characters.len() + 1);
        let end = (start + length).min(characters.len());
        characters.splice(start..end, insert.chars());
        let text: String = characters.into_iter().collect();
        let recipe = parse_text(&text, &[("token", "x")]).1;
        if let Err(diagnostics) = recipe {
            prop_assert!(!diagnostics.is_empty());
            diagnostics.render(false);
        }
    }

    #[test]
    fn findings_of_any_script_lie_in_the_recipe(
        lines in prop::collection::vec(prop::sample::select(LINES.to_vec()), 0..12),
        noise in "[\\\\'\"`$(){}<>|&;#=~ \\n\\t\u{e9}a-c-]{0,20}",
        at in any::<prop::sample::Index>(),
        style in 0..4,
    ) {
        let mut script: Vec<char> = lines.join("\n").chars().collect();
        let at = at.index(script.len() + 1);
        script.splice(at..at, noise.chars());
        let script: String = script.into_iter().collect();
        let value = match style {
            0 => serde_json::to_string(&script).unwrap(),
            1 => format!("'{}'", script.replace('\'', "''").replace('\n', "\n\n      ")),
            2 => format!("|\n        {}", script.replace('\n', "\n        ")),
            _ => format!(">-\n        {}", script.replace('\n', "\n        ")),
        };
        let text = with(&format!(
            "variables: {{ x: 'a b', y: '' }}\nsteps:\n  - shell:\n      run: {value}\n  - reboot: {{}}\n"
        ));
        let diagnostics = match parse_text(&text, &[]).1 {
            Ok(recipe) => recipe.warnings,
            Err(diagnostics) => diagnostics,
        };
        for one in diagnostics.iter() {
            prop_assert!(text.get(one.span.start..one.span.end).is_some(), "{one:?}");
        }
        let rendered = diagnostics.render(false);
        prop_assert!(!rendered.contains(SECRET), "{rendered}");
    }

    #[test]
    fn any_template_is_checked_without_panic(template in "[{}~#/^!>*&()a-z.\\\\ \\n\"'|=@é-]{0,60}") {
        let quoted = serde_json::to_string(&template).unwrap();
        let text = with(&format!("steps: [{{ file: {{ content: {quoted}, to: /a }} }}]\n"));
        let recipe = parse_text(&text, &[]).1;
        match recipe {
            Ok(recipe) => {
                // What was checked can be rendered, also with another build's id.
                let renderer = recipe.renderer("01j00000000000000000000000").unwrap();
                let amint_recipe::recipe::Action::File(file) = &recipe.steps[0].action else {
                    panic!("a file step")
                };
                let amint_recipe::recipe::Content::Inline(content) = &file.content else {
                    panic!("inline content")
                };
                prop_assert!(renderer.render(content).is_ok());
            }
            Err(diagnostics) => { diagnostics.render(false); }
        }
    }
}
