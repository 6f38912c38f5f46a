//! What a build will cost.

use serde::Serialize;

use super::minutes::{PhaseMinutes, of_builder};
use super::prices::{
    DATE, GET_BLOCK, HOURS_OF_MONTH, PUT_BLOCK, REGION, SNAPSHOT, SOURCE, instance, volume,
};
use crate::machine::{AwsMachine, Machine};
use crate::plan::BuildPlan;

/// Blocks of the EBS direct API in a GiB (512 KiB each).
const BLOCKS_OF_GIB: f64 = 2048.0;
/// The share of a disk's blocks that is assumed to be written, and with it read by the inspection.
const WRITTEN: f64 = 0.5;
/// The share of a disk's blocks that is assumed to hold what the scrub reads and writes anew.
const SCRUBBED: f64 = 0.05;

/// What a build costs, in US dollars.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cost {
    /// What is paid for once, part by part.
    pub build: Vec<CostItem>,
    /// What is paid for each month that the image is kept, part by part.
    pub month: Vec<CostItem>,
    /// The month of the prices.
    pub date: &'static str,
    /// Where they come from.
    pub source: &'static str,
}

/// A part of what a build costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CostItem {
    /// What is paid for.
    pub what: String,
    /// US dollars; nothing when it is not known.
    pub dollars: Option<f64>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

impl CostItem {
    fn new(what: &str, dollars: Result<f64, String>) -> Self {
        let what = what.to_owned();
        match dollars {
            Ok(dollars) => Self {
                what,
                dollars: Some(dollars),
                unknown: None,
            },
            Err(why) => Self {
                what,
                dollars: None,
                unknown: Some(why),
            },
        }
    }
}

/// What a build by this plan costs; nothing on this computer. `base_gib` is the size of the base image's disk, where it
/// is known.
pub fn cost(plan: &BuildPlan, phases: &[PhaseMinutes], base_gib: Option<u32>) -> Option<Cost> {
    let Machine::Aws(machine) = &plan.builder.machine else {
        return None;
    };
    let disks = disks(machine, base_gib);
    let hours = of_builder(phases) / 60.0;
    let kind = machine.instance_types.first().map_or("", String::as_str);
    let here = |dollars| of_region(&machine.region, dollars);
    let per_hour = instance(kind).ok_or_else(|| format!("no price for {kind}"));
    let blocks = disks.clone().map(|disks| {
        let gib: f64 = disks.iter().map(|disk| disk.gib).sum();
        let dollars = (WRITTEN + SCRUBBED) * GET_BLOCK + SCRUBBED * PUT_BLOCK;
        gib * BLOCKS_OF_GIB * dollars
    });
    let volumes = disks.clone().and_then(|disks| {
        let monthly = disks.into_iter().map(|disk| disk.monthly);
        let monthly: f64 = monthly.sum::<Result<f64, String>>()?;
        Ok(monthly * hours / HOURS_OF_MONTH)
    });
    let snapshots = disks.map(|disks| {
        let gib: f64 = disks.iter().map(|disk| disk.gib).sum();
        gib * WRITTEN * SNAPSHOT
    });
    let instance = CostItem::new(
        &format!("instance {kind}"),
        here(per_hour.map(|one| one * hours)),
    );
    let mut month = vec![CostItem::new("snapshots", here(snapshots.clone()))];
    for region in &plan.image.publish.copy_to {
        let dollars = of_region(region, snapshots.clone());
        month.push(CostItem::new(&format!("snapshots in {region}"), dollars));
    }
    Some(Cost {
        build: vec![
            instance,
            CostItem::new("volumes", here(volumes)),
            CostItem::new("EBS direct API", here(blocks)),
        ],
        month,
        date: DATE,
        source: SOURCE,
    })
}

/// What the table says, for the one Region that it is for.
fn of_region(region: &str, dollars: Result<f64, String>) -> Result<f64, String> {
    match region {
        REGION => dollars,
        region => Err(format!("no prices for {region}")),
    }
}

/// A disk of the builder.
#[derive(Clone)]
struct Disk {
    gib: f64,
    monthly: Result<f64, String>,
}

fn disks(machine: &AwsMachine, base_gib: Option<u32>) -> Result<Vec<Disk>, String> {
    let root = &machine.root_volume;
    let size = root.size_gib.or(base_gib);
    let size = size.ok_or("the size of the base image's disk is not known")?;
    let disk = |kind: &Option<String>, gib: u32, iops, throughput| {
        let kind = kind.as_deref().unwrap_or("gp3");
        let monthly = volume(kind, gib, iops, throughput);
        Disk {
            gib: f64::from(gib),
            monthly: monthly.ok_or_else(|| format!("no price for {kind}")),
        }
    };
    let mut all = vec![disk(&root.kind, size, root.iops, root.throughput)];
    let volumes = machine.volumes.iter();
    all.extend(volumes.map(|one| disk(&one.kind, one.size_gib, one.iops, one.throughput)));
    Ok(all)
}

/// The sum of what is known, in dollars, and whether that is all.
pub fn sum(items: &[CostItem]) -> (f64, bool) {
    let known = items.iter().filter_map(|one| one.dollars).sum();
    (known, items.iter().all(|one| one.dollars.is_some()))
}
