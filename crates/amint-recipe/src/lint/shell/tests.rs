//! What the reader makes of scripts.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::Script;

fn read(script: &str) -> Script {
    super::read(script, usize::MAX)
}

/// Each command as the texts of its words, joined by a blank.
fn commands(script: &str) -> Vec<String> {
    let words = |words: &[super::Word]| {
        let texts: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
        texts.join(" ")
    };
    read(script)
        .commands
        .iter()
        .map(|command| words(&command.words))
        .collect()
}

#[test]
fn commands_are_told_apart() {
    assert_eq!(
        commands("a b; c && d || e | f & g\nh \\\n  i # j\nk#l"),
        ["a b", "c", "d", "e", "f", "g", "h i", "k#l"]
    );
}

#[test]
fn quotes_are_taken_away() {
    assert_eq!(
        commands(r#"echo 'a b' "c $D ${E}" f\ g "h\"i" $'j\tk' "$(l m)" `n o`"#),
        ["l m", "n o", r#"echo a b c $D $E f g h"i j\tk $() $()"#]
    );
}

#[test]
fn the_shell_s_own_words_are_no_programs() {
    let script = "if a; then b; elif ! c; then d; else e; fi\n\
                  for x in 1 2; do f; done\nwhile g; do h; done < file\n\
                  case $1 in (a|b) i;; *) j ;; esac\n{ k; }; (l; m)\n\
                  n() { o; }\nfunction p { q; }\n[[ -n x && y ]] && r\n((s = 1))\nt";
    assert_eq!(
        commands(script),
        [
            "a",
            "b",
            "c",
            "d",
            "e",
            "for x in 1 2",
            "f",
            "g",
            "h",
            "",
            "i",
            "j",
            "k",
            "l",
            "m",
            "o",
            "q",
            "[[",
            "r",
            "t"
        ]
    );
}

#[test]
fn here_documents_are_no_commands() {
    let script =
        "cat <<EOF | tee x <<-'END'\nrm -rf /\n$(boom)\nEOF\n\trm a\n\tEND\nls\ncat <<X\nopen";
    let Script {
        commands: found,
        documents,
    } = read(script);
    assert_eq!(commands(script), ["cat", "tee x", "ls", "cat"]);
    let bodies: Vec<_> = documents.into_iter().map(|range| &script[range]).collect();
    assert_eq!(bodies, ["rm -rf /\n$(boom)\n", "\trm a\n", "open"]);
    assert_eq!(found[0].pipeline, found[1].pipeline);
    assert_ne!(found[1].pipeline, found[2].pipeline);
}

#[test]
fn the_program_stands_after_its_wrappers() {
    for (script, name, arguments) in [
        ("sudo -u x env A=1 B=2 rm -r y", "rm", "-r y"),
        ("timeout -k 5 10 /usr/bin/curl z", "curl", "z"),
        ("nice -n 5 nohup make", "make", ""),
        ("exec sudo", "sudo", ""),
        ("A=1 B=\"2 3\" ls", "ls", ""),
        ("$X y", "", "y"),
    ] {
        let found = read(script).commands;
        let texts: Vec<_> = found[0]
            .arguments()
            .iter()
            .map(|word| word.text.as_str())
            .collect();
        assert_eq!(
            (found[0].name(), texts.join(" ").as_str()),
            (name, arguments),
            "{script}"
        );
    }
    let found = read("A=1 B=\"2 3\" ls").commands;
    assert_eq!(found[0].assignments[1].1.text, "2 3");
    assert!(found[0].assignments[1].1.is_quoted() || !found[0].assignments[1].1.text.is_empty());
}

#[test]
fn loops_and_functions_are_known() {
    let found =
        read("a\nfor x in y; do b; (c); done\nf() { d; }\ne $(while g; do h; done)").commands;
    let known: Vec<_> = found
        .iter()
        .map(|one| (one.name(), one.in_loop, one.in_function))
        .collect();
    assert_eq!(
        known,
        [
            ("a", false, false),
            ("for", false, false),
            ("b", true, false),
            ("c", true, false),
            ("d", false, true),
            ("g", false, false),
            ("h", true, false),
            ("e", false, false),
        ]
    );
}

#[test]
fn redirections_are_no_words() {
    let found = read("a >b 2>>c <d 2>&1 &>e f >&2").commands;
    assert_eq!(commands("a >b 2>>c <d 2>&1 &>e f >&2"), ["a f"]);
    let targets: Vec<_> = found[0]
        .redirects
        .iter()
        .map(|one| one.target.text.as_str())
        .collect();
    assert_eq!(targets, ["b", "c", "d", "1", "e", "2"]);
}

#[test]
fn no_more_is_read_than_was_asked_for() {
    assert_eq!(super::read("a; b; c $(d; e)", 2).commands.len(), 2);
    assert_eq!(super::read("a $(b; c; d; e) f; g", 2).commands.len(), 3);
}

#[test]
fn a_lot_of_anything_is_read_at_once() {
    for pattern in [
        "$(",
        "`",
        "${",
        "${a:-",
        "\"",
        "'",
        "\"$(",
        "\\",
        "(",
        "((",
        "$((",
        "{ ",
        "case a in ",
        "<<E\n",
        "<<E ",
        "a|",
        "a() ",
        "`$(",
        "\"`",
        "if ",
        "do ",
        "[[ ",
        "x=(",
        "$'",
        "<(",
        "a\n",
        "a ",
        "é$",
        ";;",
        "esac ",
    ] {
        let script = pattern.repeat((256 << 10) / pattern.len());
        let start = Instant::now();
        read(&script);
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{pattern:?}: {:?}",
            start.elapsed()
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(
        script in "(\\PC|[\\n\\t]){0,120}|[\\\\'\"`$(){}<>|&;#=~ \\na-cé\\t-]{0,160}|(if |case a in |esac|done|do |\\$\\(|\\)|`|<<E\n|E\n|\\{ |\\}|x\\(\\)|;;|\"|'){0,60}",
    ) {
        let found = read(&script);
        for command in &found.commands {
            prop_assert!(script.get(command.range.clone()).is_some(), "{command:?}");
            for word in &command.words {
                prop_assert!(script.get(word.range.clone()).is_some(), "{word:?}");
            }
        }
        for range in found.documents {
            prop_assert!(script.get(range).is_some());
        }
    }
}
