//! The keys of `image:` about its publication on AWS.

use super::decoder::{Decoder, Previewed};
use super::fields::Fields;
use super::value::Refusal;
use super::{list, value};
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::recipe::{Publish, ShareWith};
use crate::template::{Escape, Text};
use crate::yaml::node::{Entry, Node};

/// The most images of a recipe that are kept.
const MAX_KEPT: u32 = 1000;

/// What was reported is left out. `region` is the builder's.
pub(super) fn decode(decoder: &mut Decoder<'_>, fields: &mut Fields<'_>, region: &str) -> Publish {
    let copy_to = fields.optional("copy-to");
    let share_with = fields.optional("share-with");
    let deprecate_after = fields.optional("deprecate-after");
    let parameter = fields.optional("ssm-parameter");
    let keep_last = fields.optional("keep-last");
    Publish {
        copy_to: copy_targets(decoder, copy_to, region),
        share_with: share_with
            .and_then(|entry| decode_share(decoder, entry))
            .unwrap_or_default(),
        deprecate_after: deprecate_after.and_then(|entry| {
            let written = decoder.written(&entry.node)?;
            let text = decoder.fixed_text(written, entry.node.span)?;
            decoder.accept(value::aws::days(&text), entry.node.span)
        }),
        parameter: parameter.and_then(|entry| decode_parameter(decoder, &entry.node)),
        keep_last: keep_last.and_then(|entry| decoder.integer(&entry.node, 1..=MAX_KEPT)),
    }
}

fn copy_targets(decoder: &mut Decoder<'_>, entry: Option<&Entry>, region: &str) -> Vec<String> {
    list::words_with(decoder, entry, |decoder, node| {
        let text = decoder.fixed(node)?;
        decoder.accept(value::aws::region(&text), node.span)?;
        if text == region {
            let problem = Problem::new(
                Code::DuplicateItem,
                node.span,
                format!("the image is made in `{region}`, and needs no copy there"),
            );
            decoder.report(problem.hint("remove it"));
            return None;
        }
        Some(text)
    })
}

fn decode_parameter(decoder: &mut Decoder<'_>, node: &Node) -> Option<Text> {
    let Previewed { text, preview } = decoder.template(node, Escape::None)?;
    decoder.accept(value::aws::written_parameter(&preview?), node.span)?;
    Some(text)
}

fn decode_share(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<ShareWith> {
    if refuse_everybody(decoder, &entry.node) {
        return None;
    }
    let mut fields = Fields::of(decoder, &entry.node, "`share-with`", entry.key_span)?;
    let accounts = fields.optional("accounts");
    let organizations = fields.optional("organizations");
    let units = fields.optional("organizational-units");
    fields.finish(decoder);
    Some(ShareWith {
        accounts: list::words_with(decoder, accounts, account),
        organizations: arns(decoder, organizations, value::arn::organization),
        organizational_units: arns(decoder, units, value::arn::organizational_unit),
    })
}

fn account(decoder: &mut Decoder<'_>, node: &Node) -> Option<String> {
    let written = decoder.slice(node.span).to_owned();
    if written.starts_with(|c: char| c.is_ascii_digit()) {
        let problem = Problem::new(
            Code::WrongType,
            node.span,
            "an account's number is text, and this is a number to YAML",
        );
        decoder.report(problem.hint(format!(
            "put it in quotes, or its leading zeros are lost: \"{written}\""
        )));
        return None;
    }
    if refuse_everybody(decoder, node) {
        return None;
    }
    let text = decoder.fixed(node)?;
    decoder.accept(value::aws::account(&text), node.span)?;
    Some(text)
}

fn arns(
    decoder: &mut Decoder<'_>,
    entry: Option<&Entry>,
    valid: fn(&str) -> Result<(), Refusal>,
) -> Vec<String> {
    list::words_with(decoder, entry, |decoder, node| {
        if refuse_everybody(decoder, node) {
            return None;
        }
        let text = decoder.fixed(node)?;
        decoder.accept(valid(&text), node.span)?;
        Some(text)
    })
}

/// Whether a value means everybody, which was then reported: a slip here could not be taken back.
fn refuse_everybody(decoder: &mut Decoder<'_>, node: &Node) -> bool {
    let text = decoder.slice(node.span).trim_matches(['"', '\'']);
    let everybody = ["all", "public", "*"].contains(&text);
    if everybody {
        let problem = Problem::new(
            Code::NotOffered,
            node.span,
            "amint never shares an image with everybody",
        );
        decoder.report(problem.hint(
            "name accounts, organizations or organizational units; \
             sell to everybody through AWS Marketplace",
        ));
    }
    everybody
}
