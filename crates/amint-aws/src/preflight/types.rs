//! Instance types: whether the base image runs on them, and where they are to be had.

use std::collections::{BTreeMap, BTreeSet};

use amint_cloud::{CloudError, ErrorKind, Placement, Result};
use aws_sdk_ec2::types::{
    ArchitectureValues, BootModeType, BootModeValues, EnaSupport, Filter, Image, InstanceTypeInfo,
    InstanceTypeOffering, LocationType,
};

use super::findings::Findings;
use super::network::Network;
use super::run::Subject;
use crate::error::Explain;

/// Where the builder can be launched: types first, then subnets, only where a type is offered.
pub(super) async fn check(
    subject: &Subject<'_>,
    base: Option<&Image>,
    network: &Network,
    found: &mut Findings,
) -> Result<Vec<Placement>> {
    let wanted = &subject.spec.instance_types;
    if wanted.is_empty() {
        found.unfit(
            "the recipe names no instance type",
            "name some in `builder.instance-types`",
        );
        return Ok(Vec::new());
    }
    let Some(known) = describe(subject, found).await? else {
        return Ok(Vec::new());
    };
    let Some(offered) = offerings(subject, found).await? else {
        return Ok(Vec::new());
    };
    let zones: BTreeSet<&str> = network
        .subnets
        .iter()
        .map(|subnet| subnet.zone.as_str())
        .collect();
    let zones: Vec<&str> = zones.into_iter().collect();
    let mut placements = Vec::new();
    let mut is_unfit = false;
    let mut nowhere = Vec::new();
    for name in wanted {
        let misfit = known.get(name).and_then(|info| misfit(info, base?));
        if let Some(reason) = misfit {
            let id = base.and_then(|base| base.image_id()).unwrap_or_default();
            found.unfit(
                format!("the instance type {name} does not run the base image {id}: {reason}"),
                hint(base),
            );
            is_unfit = true;
            continue;
        }
        let zones_of = offered.get(name.as_str());
        let before = placements.len();
        for subnet in &network.subnets {
            if zones_of.is_some_and(|zones| zones.contains(&subnet.zone)) {
                placements.push(Placement {
                    instance_type: Some(name.clone()),
                    subnet: Some(subnet.id.clone()),
                    zone: Some(subnet.zone.clone()),
                });
            }
        }
        if placements.len() == before && !zones.is_empty() {
            nowhere.push(name.as_str());
        }
    }
    missing(
        subject,
        &nowhere,
        &zones,
        placements.is_empty() && !is_unfit,
        found,
    );
    Ok(placements)
}

/// A warning for what is offered in none of the zones; a problem when nothing is left.
fn missing(
    subject: &Subject<'_>,
    nowhere: &[&str],
    zones: &[&str],
    is_all: bool,
    found: &mut Findings,
) {
    if nowhere.is_empty() {
        return;
    }
    let region = &subject.clients.region;
    let message = format!(
        "{} not offered in {} of {region}",
        match nowhere {
            [one] => format!("the instance type {one} is"),
            many => format!("the instance types {} are", many.join(", ")),
        },
        zones.join(", ")
    );
    match is_all {
        true => found.problem(CloudError::new(ErrorKind::NoCapacity, message).hint(
            "correct `builder.instance-types`, or name subnets in other zones in `builder.subnets`",
        )),
        false => found.warn(message),
    }
}

/// Why the type does not run the image.
fn misfit(info: &InstanceTypeInfo, image: &Image) -> Option<String> {
    let architecture = image.architecture().map(ArchitectureValues::as_str)?;
    let architectures = info
        .processor_info()
        .map(|info| info.supported_architectures());
    let architectures = architectures.unwrap_or_default();
    if !architectures.is_empty() && !architectures.iter().any(|one| one.as_str() == architecture) {
        let own: Vec<&str> = architectures.iter().map(|one| one.as_str()).collect();
        return Some(format!(
            "it is {}, the image {architecture}",
            own.join(" or ")
        ));
    }
    if !boots(info, image.boot_mode()) {
        let mode = image.boot_mode().map_or("", BootModeValues::as_str);
        return Some(format!("it has not the image's boot mode, {mode}"));
    }
    let types = info.supported_virtualization_types();
    if let Some(kind) = image.virtualization_type()
        && !types.is_empty()
        && !types.contains(kind)
    {
        return Some(format!(
            "it has not the image's virtualization, {}",
            kind.as_str()
        ));
    }
    let needs_ena = info.network_info().and_then(|info| info.ena_support());
    if needs_ena == Some(&EnaSupport::Required) && image.ena_support() == Some(false) {
        return Some("it needs ENA, and the image is not registered with it".to_owned());
    }
    None
}

/// An image without a boot mode takes the type's own.
fn boots(info: &InstanceTypeInfo, mode: Option<&BootModeValues>) -> bool {
    let modes = info.supported_boot_modes();
    let wanted = match mode {
        Some(BootModeValues::LegacyBios) => BootModeType::LegacyBios,
        Some(BootModeValues::Uefi) => BootModeType::Uefi,
        _ => return true,
    };
    modes.is_empty() || modes.contains(&wanted)
}

fn hint(base: Option<&Image>) -> String {
    let fitting = match base.and_then(Image::architecture) {
        Some(ArchitectureValues::Arm64) => "m7g.large",
        _ => "m7i.large",
    };
    format!("put a type that does into `builder.instance-types`, such as {fitting}")
}

/// By filter: an unknown type is left out of the answer.
async fn describe(
    subject: &Subject<'_>,
    found: &mut Findings,
) -> Result<Option<BTreeMap<String, InstanceTypeInfo>>> {
    let ask = subject.clients.ec2.describe_instance_types();
    let pages = ask.filters(wanted(subject)).into_paginator().items().send();
    let answer = pages
        .collect::<std::result::Result<Vec<InstanceTypeInfo>, _>>()
        .await;
    let answer = found.needed(answer.explain("ec2:DescribeInstanceTypes"))?;
    let named = |info: InstanceTypeInfo| Some((info.instance_type()?.as_str().to_owned(), info));
    Ok(answer.map(|types| types.into_iter().filter_map(named).collect()))
}

/// The zones of each type.
async fn offerings(
    subject: &Subject<'_>,
    found: &mut Findings,
) -> Result<Option<BTreeMap<String, BTreeSet<String>>>> {
    let ask = subject.clients.ec2.describe_instance_type_offerings();
    let ask = ask.location_type(LocationType::AvailabilityZone);
    let pages = ask.filters(wanted(subject)).into_paginator().items().send();
    let answer = pages
        .collect::<std::result::Result<Vec<InstanceTypeOffering>, _>>()
        .await;
    let answer = found.needed(answer.explain("ec2:DescribeInstanceTypeOfferings"))?;
    Ok(answer.map(|offerings| {
        let mut zones: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for one in offerings {
            if let (Some(name), Some(zone)) = (one.instance_type, one.location) {
                zones
                    .entry(name.as_str().to_owned())
                    .or_default()
                    .insert(zone);
            }
        }
        zones
    }))
}

fn wanted(subject: &Subject<'_>) -> Filter {
    let types = subject.spec.instance_types.clone();
    Filter::builder()
        .name("instance-type")
        .set_values(Some(types))
        .build()
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{ArchitectureType, NetworkInfo, ProcessorInfo};

    use super::*;

    fn nitro(architecture: ArchitectureType, modes: &[BootModeType]) -> InstanceTypeInfo {
        let processor = ProcessorInfo::builder().supported_architectures(architecture);
        let network = NetworkInfo::builder().ena_support(EnaSupport::Required);
        InstanceTypeInfo::builder()
            .processor_info(processor.build())
            .network_info(network.build())
            .set_supported_boot_modes(Some(modes.to_vec()))
            .build()
    }

    fn image(architecture: ArchitectureValues, mode: Option<BootModeValues>, ena: bool) -> Image {
        let image = Image::builder().architecture(architecture);
        image.set_boot_mode(mode).ena_support(ena).build()
    }

    #[test]
    fn types_run_images_of_their_kind() {
        let both = [BootModeType::LegacyBios, BootModeType::Uefi];
        let intel = nitro(ArchitectureType::X8664, &both);
        let arm = nitro(ArchitectureType::Arm64, &both[1..]);
        let x86 = |mode| image(ArchitectureValues::X8664, mode, true);
        assert_eq!(misfit(&intel, &x86(None)), None);
        assert_eq!(
            misfit(&intel, &x86(Some(BootModeValues::UefiPreferred))),
            None
        );
        assert_eq!(
            misfit(&arm, &x86(None)).as_deref(),
            Some("it is arm64, the image x86_64")
        );
        let old = image(
            ArchitectureValues::Arm64,
            Some(BootModeValues::LegacyBios),
            true,
        );
        let reason = misfit(&arm, &old);
        assert_eq!(
            reason.as_deref(),
            Some("it has not the image's boot mode, legacy-bios")
        );
        let slow = image(ArchitectureValues::X8664, None, false);
        assert!(misfit(&intel, &slow).is_some_and(|reason| reason.contains("ENA")));
    }

    #[test]
    fn a_fitting_type_is_named() {
        let arm = image(ArchitectureValues::Arm64, None, true);
        assert!(hint(Some(&arm)).ends_with("m7g.large"));
        assert!(hint(Some(&image(ArchitectureValues::X8664, None, true))).ends_with("m7i.large"));
    }
}
