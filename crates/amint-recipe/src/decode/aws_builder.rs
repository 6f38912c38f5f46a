//! The keys of `builder:` that only concern AWS.

use std::collections::BTreeMap;

use super::decoder::Decoder;
use super::fields::Fields;
use super::value::{self, Refusal};
use super::{list, tags, volume};
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::recipe::{
    AgentPackage, AwsBuilder, DEFAULT_INSTANCE_PROFILE, DEFAULT_REGION, InstanceProfile, Volume,
};
use crate::yaml::node::{Entry, Node};

impl Default for AwsBuilder {
    fn default() -> AwsBuilder {
        AwsBuilder {
            region: DEFAULT_REGION.to_owned(),
            instance_types: Vec::new(),
            subnets: Vec::new(),
            security_groups: Vec::new(),
            instance_profile: InstanceProfile::Named(DEFAULT_INSTANCE_PROFILE.to_owned()),
            root_volume: Volume::default(),
            volumes: Vec::new(),
            tags: BTreeMap::new(),
            agent: None,
            bucket: None,
            log_group: None,
        }
    }
}

/// What was reported is left out or empty.
pub(super) fn decode(decoder: &mut Decoder<'_>, fields: &mut Fields<'_>) -> AwsBuilder {
    let mut builder = AwsBuilder::default();
    if let Some(entry) = fields.optional("region") {
        builder.region = word(decoder, &entry.node, value::aws::region).unwrap_or_default();
    }
    let instance_types = fields.optional("instance-types");
    builder.instance_types = list::words(decoder, instance_types, value::aws::instance_type);
    let subnets = fields.optional("subnets");
    builder.subnets = list::words(decoder, subnets, value::aws::subnet);
    let security_groups = fields.optional("security-groups");
    builder.security_groups = list::words(decoder, security_groups, value::aws::security_group);
    if let Some(profile) = instance_profile(decoder, fields) {
        builder.instance_profile = profile;
    }
    if let Some(entry) = fields.optional("root-volume") {
        builder.root_volume = volume::root(decoder, entry);
    }
    builder.volumes = volume::data(decoder, fields.optional("volumes"));
    if let Some(entry) = fields.optional("tags") {
        builder.tags = temporary_tags(decoder, entry);
    }
    refuse_spot(decoder, fields.optional("spot"));
    if let Some(entry) = fields.optional("ssm-agent") {
        builder.agent = agent(decoder, entry);
    }
    if let Some(entry) = fields.optional("bucket") {
        builder.bucket = word(decoder, &entry.node, value::aws::bucket);
    }
    if let Some(entry) = fields.optional("log-group") {
        builder.log_group = word(decoder, &entry.node, value::aws::log_group);
    }
    builder
}

fn word(
    decoder: &mut Decoder<'_>,
    node: &Node,
    valid: fn(&str) -> Result<(), Refusal>,
) -> Option<String> {
    let text = decoder.fixed(node)?;
    decoder.accept(valid(&text), node.span)?;
    Some(text)
}

fn instance_profile(decoder: &mut Decoder<'_>, fields: &mut Fields<'_>) -> Option<InstanceProfile> {
    let named = fields.optional("instance-profile");
    let temporary = fields.optional("temporary-instance-profile");
    if let (Some(_), Some(temporary)) = (named, temporary) {
        let problem = Problem::new(
            Code::KeysExclude,
            temporary.key_span,
            "`instance-profile` and `temporary-instance-profile` cannot be given together",
        );
        decoder.report(problem.hint("keep the one that is meant"));
    }
    if let Some(entry) = temporary {
        let mut fields = Fields::of(
            decoder,
            &entry.node,
            "`temporary-instance-profile`",
            entry.key_span,
        )?;
        let boundary = fields.optional("permissions-boundary");
        fields.finish(decoder);
        return Some(InstanceProfile::Temporary {
            permissions_boundary: boundary
                .and_then(|entry| word(decoder, &entry.node, value::arn::policy)),
        });
    }
    let name = word(decoder, &named?.node, value::arn::instance_profile)?;
    Some(InstanceProfile::Named(name))
}

fn temporary_tags(decoder: &mut Decoder<'_>, entry: &Entry) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    for entry in tags::entries(decoder, entry) {
        let Some(value) = decoder.fixed(&entry.node) else {
            continue;
        };
        decoder.accept(value::aws::tag(&entry.key, &value), entry.key_span);
        tags.insert(entry.key.clone(), value);
    }
    tags
}

/// Refuses a key that may only say no.
pub(super) fn not_offered(
    decoder: &mut Decoder<'_>,
    entry: Option<&Entry>,
    reason: &str,
    hint: &str,
) {
    let Some(entry) = entry else {
        return;
    };
    if decoder.boolean(&entry.node) == Some(true) {
        let problem = Problem::new(Code::NotOffered, entry.node.span, reason);
        decoder.report(problem.hint(hint));
    }
}

/// A one-time Spot instance cannot be stopped, it only ends (EC2 user guide, "Stop a Spot Instance").
fn refuse_spot(decoder: &mut Decoder<'_>, entry: Option<&Entry>) {
    let reason = "a Spot instance cannot be sealed: it never ends `stopped`, and its disk is gone";
    let hint = "remove it; give several `instance-types` for capacity";
    not_offered(decoder, entry, reason, hint);
}

fn agent(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<AgentPackage> {
    let mut fields = Fields::of(decoder, &entry.node, "`ssm-agent`", entry.key_span)?;
    let url = fields.required(decoder, "url", "https://…/amazon-ssm-agent.deb");
    let sha256 = fields.required(decoder, "sha256", "64 hexadecimal digits");
    let remove = fields.optional("remove");
    fields.finish(decoder);

    let url = url.and_then(|entry| word(decoder, &entry.node, value::aws::package_url));
    let sha256 = sha256.and_then(|entry| {
        let text = decoder.fixed(&entry.node)?;
        decoder.accept(value::sha256(&text), entry.node.span)
    });
    let remove = remove.map(|entry| decoder.boolean(&entry.node));
    Some(AgentPackage {
        url: url?,
        sha256: sha256?,
        remove: remove.unwrap_or(Some(false))?,
    })
}
