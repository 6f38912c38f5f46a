//! `secret: true`, and `from`: where the value is read when a build begins.

use crate::code::Code;
use crate::decode::decoder::Decoder;
use crate::decode::fields::Fields;
use crate::decode::value;
use crate::decode::variables::check_name;
use crate::diagnostic::Problem;
use crate::given::{Given, environment_name};
use crate::recipe::{Secret, SecretSource};
use crate::yaml::node::{Entry, Value};

/// What a secret cannot have, and why.
const NEVER: [(&str, &str); 6] = [
    ("default", "a default would be in the recipe"),
    ("type", "a secret is text that nobody looks at"),
    ("pattern", "a secret is text that nobody looks at"),
    ("choices", "a secret is text that nobody looks at"),
    ("min", "a secret is text that nobody looks at"),
    ("max", "a secret is text that nobody looks at"),
];

/// Whether a variable is a secret; `None` when a problem was reported.
pub(super) fn is_secret(decoder: &mut Decoder<'_>, variable: &Entry) -> Option<bool> {
    let Value::Mapping(entries) = &variable.node.value else {
        return Some(false);
    };
    match entries.iter().find(|entry| entry.key == "secret") {
        Some(entry) => decoder.boolean(&entry.node),
        None => Some(false),
    }
}

/// `None` when a problem was reported.
pub(super) fn decode(decoder: &mut Decoder<'_>, variable: &Entry, given: &Given) -> Option<Secret> {
    let name = &variable.key;
    let named = check_name(decoder, variable);
    let what = format!("variable `{name}`");
    let mut fields = Fields::of(decoder, &variable.node, &what, variable.key_span)?;
    fields.optional("secret");
    if let Some(description) = fields.optional("description") {
        decoder.string(&description.node);
    }
    let mut wrong = false;
    for (key, why) in NEVER {
        if let Some(entry) = fields.optional(key) {
            wrong = true;
            let message = format!("`{key}` and `secret` cannot be given together");
            let problem = Problem::new(Code::KeysExclude, entry.key_span, message);
            decoder.report(problem.hint(format!("remove `{key}`: {why}")));
        }
    }
    let source = match fields.optional("from") {
        Some(entry) => source(decoder, entry),
        None => Some(SecretSource::Environment(environment_name(name))),
    };
    fields.finish(decoder);
    if let Some((_, origin)) = given.written(name) {
        wrong = true;
        let way = match &source {
            Some(SecretSource::Environment(variable)) => {
                format!("put the value into the environment variable `{variable}`")
            }
            _ => "leave it out: the value is read from where `from` says".to_owned(),
        };
        decoder.report(
            Problem::new(
                Code::SecretWritten,
                variable.key_span,
                format!("the secret `{name}` is given by {origin}, where others can read it"),
            )
            .hint(way),
        );
    }
    let source = source.filter(|_| named && !wrong)?;
    Some(Secret {
        name: name.clone(),
        source,
    })
}

/// `from` of a variable that is no secret.
pub(super) fn refuse_source(decoder: &mut Decoder<'_>, fields: &mut Fields<'_>) {
    // `secret: false` says what is so anyway.
    fields.optional("secret");
    if let Some(entry) = fields.optional("from") {
        let problem = Problem::new(
            Code::BadSecretSource,
            entry.key_span,
            "`from` says where a secret is read from, and this variable is none",
        );
        decoder.report(problem.hint("add `secret: true`, or remove `from`"));
    }
}

fn source(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<SecretSource> {
    let mut fields = Fields::of(decoder, &entry.node, "`from`", entry.key_span)?;
    let kinds = [
        fields.optional("env"),
        fields.optional("ssm-parameter"),
        fields.optional("secrets-manager"),
    ];
    let key = fields.optional("key");
    let misspelt = fields.has_unknown();
    fields.finish(decoder);
    let mut given = kinds.into_iter().flatten();
    let (first, second) = (given.next(), given.next());
    if first.is_none() && misspelt {
        return None;
    }
    let (Some(kind), None) = (first, second) else {
        let problem = Problem::new(
            Code::BadSecretSource,
            entry.key_span,
            "a secret is read from one place",
        );
        decoder.report(problem.hint(
            "write `from: { env: NAME }`, `{ ssm-parameter: /a/b }` or `{ secrets-manager: id }`",
        ));
        return None;
    };
    if let Some(key) = key.filter(|_| kind.key != "secrets-manager") {
        let problem = Problem::new(
            Code::BadSecretSource,
            key.key_span,
            format!("`key` and `{}` cannot be given together", kind.key),
        );
        decoder.report(problem.hint("`key` chooses a value of a secret of Secrets Manager"));
        return None;
    }
    let text = decoder.string(&kind.node)?.to_owned();
    let checked = match kind.key.as_str() {
        "env" => value::environment_variable(&text),
        "ssm-parameter" => value::aws::secret_parameter(&text),
        _ => value::arn::secret(&text),
    };
    decoder.accept(checked, kind.node.span)?;
    Some(match kind.key.as_str() {
        "env" => SecretSource::Environment(text),
        "ssm-parameter" => SecretSource::Parameter(text),
        _ => SecretSource::SecretsManager {
            id: text,
            key: match key {
                Some(key) => Some(decoder.string(&key.node)?.to_owned()),
                None => None,
            },
        },
    })
}
