//! The keys of `builder:` that only concern AWS.

use std::collections::BTreeMap;

use super::decoder::Decoder;
use super::fields::Fields;
use crate::recipe::{
    AwsBuilder, DEFAULT_INSTANCE_PROFILE, DEFAULT_REGION, InstanceProfile, Volume,
};

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

pub(super) fn decode(decoder: &mut Decoder<'_>, fields: &mut Fields<'_>) -> AwsBuilder {
    let mut builder = AwsBuilder::default();
    if let Some(entry) = fields.optional("region") {
        builder.region = decoder.fixed(&entry.node).unwrap_or_default();
    }
    if let Some(entry) = fields.optional("instance-types") {
        for node in decoder.sequence(&entry.node).unwrap_or_default() {
            builder.instance_types.extend(decoder.fixed(node));
        }
    }
    if let Some(entry) = fields.optional("instance-profile") {
        let name = decoder.fixed(&entry.node).unwrap_or_default();
        builder.instance_profile = InstanceProfile::Named(name);
    }
    builder
}
