//! The order of the checks.

use amint_cloud::{
    CloudError, ErrorKind, InstanceProfile, InstanceSpec, Machine, Preflight, PreflightRequest,
    ResourceKind, Result,
};

use super::findings::Findings;
use super::{
    access, account, base, groups, names, network, parameter, permissions, profile, regions, types,
};
use crate::AwsOptions;
use crate::clients::Clients;
use crate::identity::{self, Caller};

/// What every check looks at.
pub(super) struct Subject<'a> {
    pub(super) clients: &'a Clients,
    pub(super) options: &'a AwsOptions,
    pub(super) request: &'a PreflightRequest,
    pub(super) spec: &'a InstanceSpec,
    pub(super) caller: Caller,
    /// Regions that get a copy, the home region left out.
    pub(super) copies: Vec<&'a str>,
}

impl Subject<'_> {
    /// The home region, and those that get a copy.
    pub(super) fn regions(&self) -> Vec<&str> {
        let mut regions = vec![self.clients.region.as_str()];
        regions.extend(&self.copies);
        regions
    }
}

/// Finds out what stands in the way of the build. Fails when nobody is known to be asking, or when answers that the
/// rest depends on were lost.
pub(crate) async fn run(
    clients: &Clients,
    options: &AwsOptions,
    request: &PreflightRequest,
) -> Result<Preflight> {
    let Machine::Instance(spec) = &request.machine else {
        return Err(CloudError::new(
            ErrorKind::Unfit,
            "a virtual machine of this computer cannot run on AWS",
        ));
    };
    let mut found = Findings::default();
    let mut subject = Subject {
        clients,
        options,
        request,
        spec,
        caller: identity::caller(clients).await?,
        copies: Vec::new(),
    };
    // Nothing can be asked in a region that is none.
    subject.copies = regions::check(&subject, &mut found).await?;

    let mut by = [(); 7].map(|()| Findings::default());
    let [access, account, names, parameter, base, network, profile] = &mut by;
    let (_, _, _, _, base, network, profile) = tokio::try_join!(
        access::check(&subject, access),
        account::check(&subject, account),
        names::check(&subject, names),
        parameter::check(&subject, parameter),
        base::check(&subject, base),
        network::check(&subject, network),
        profile::check(&subject, profile),
    )?;
    by.into_iter().for_each(|one| found.merge(one));

    groups::check(&subject, &network, &mut found).await?;
    let placements = types::check(&subject, base.as_ref(), &network, &mut found).await?;
    let role = profile.map(|profile| profile.role);
    let vpcs = network.vpcs();
    permissions::check(
        &subject,
        placements.first(),
        vpcs.first().copied(),
        role,
        &mut found,
    )
    .await?;
    if let Some(bucket) = &options.bucket {
        found.unchecked(format!("whether the bucket `{bucket}` exists"));
    }
    if let Some(group) = &options.log_group {
        found.unchecked(format!(
            "whether the log group `{group}` exists or can be made"
        ));
    }
    found.unchecked("quotas for vCPUs, images and snapshots: they show when they are reached");

    Ok(Preflight {
        placements,
        supports: supports(spec),
        problems: found.problems,
        warnings: found.warnings,
        unchecked: found.unchecked,
    })
}

/// What has to be made for the builder first.
fn supports(spec: &InstanceSpec) -> Vec<ResourceKind> {
    let mut supports = Vec::new();
    if matches!(spec.profile, InstanceProfile::Temporary { .. }) {
        supports.extend([ResourceKind::Role, ResourceKind::InstanceProfile]);
    }
    if spec.security_groups.is_empty() {
        supports.push(ResourceKind::SecurityGroup);
    }
    supports
}
