//! Prices in US dollars.
//!
//! On-demand Linux instances, EBS and its direct API in `us-east-1`. AWS publishes them (EC2 On-Demand Pricing, Amazon EBS
//! Pricing, Pricing for EBS direct APIs); these figures were found in copies of those pages, not read there: whoever changes
//! the table reads AWS's own. Taxes, discounts, credits and free tiers are no part of it.

/// The month that the copies are of.
pub const DATE: &str = "2025-01";
/// Where it comes from.
pub const SOURCE: &str = "AWS's public price list, from published copies of it, on-demand Linux, without taxes and discounts";
/// The only Region that the table is for.
pub const REGION: &str = "us-east-1";

/// Dollars an hour of the size `large`, by family. The other sizes cost as many times as much as they have vCPUs.
const LARGE: [(&str, f64); 20] = [
    ("c5", 0.085),
    ("c6a", 0.0765),
    ("c6g", 0.068),
    ("c6i", 0.085),
    ("c7g", 0.0725),
    ("c7i", 0.08925),
    ("m5", 0.096),
    ("m5a", 0.086),
    ("m6a", 0.0864),
    ("m6g", 0.077),
    ("m6i", 0.096),
    ("m7g", 0.0816),
    ("m7i", 0.1008),
    ("r5", 0.126),
    ("r6g", 0.1008),
    ("r6i", 0.126),
    ("r7i", 0.1323),
    ("t3", 0.0832),
    ("t3a", 0.0752),
    ("t4g", 0.0672),
];

/// Sizes of these families, by how many times `large` they cost.
const SIZES: [(&str, f64); 5] = [
    ("large", 1.0),
    ("xlarge", 2.0),
    ("2xlarge", 4.0),
    ("4xlarge", 8.0),
    ("8xlarge", 16.0),
];

/// Sizes that only families with burstable performance have, and their largest.
const BURSTABLE: [(&str, f64); 4] = [
    ("nano", 0.0625),
    ("micro", 0.125),
    ("small", 0.25),
    ("medium", 0.5),
];

/// Dollars an hour of an instance type; nothing when the table does not have it.
pub fn instance(kind: &str) -> Option<f64> {
    let (family, size) = kind.split_once('.')?;
    let (_, large) = LARGE.iter().find(|(name, _)| *name == family)?;
    let burstable = family.starts_with('t');
    let small = BURSTABLE.iter().filter(|_| burstable);
    let large_ones = match family {
        _ if burstable => &SIZES[..3],
        // After its 4xlarge comes a 9xlarge.
        "c5" => &SIZES[..4],
        _ => &SIZES[..],
    };
    let mut sizes = small.chain(large_ones);
    let (_, times) = sizes.find(|(name, _)| *name == size)?;
    Some(large * times)
}

/// Dollars a month of a volume; nothing for a type that the table does not have.
pub fn volume(kind: &str, gib: u32, iops: Option<u32>, throughput: Option<u32>) -> Option<f64> {
    let gib = f64::from(gib);
    let iops_above = |free: u32| f64::from(iops.unwrap_or(0).saturating_sub(free));
    let mib_above = |free: u32| f64::from(throughput.unwrap_or(0).saturating_sub(free));
    Some(match kind {
        "gp3" => gib * 0.08 + iops_above(3000) * 0.005 + mib_above(125) * 0.04,
        "gp2" => gib * 0.10,
        // Above 32,000 IOPS the next one of an io2 volume costs less: the first ones are what a builder has.
        "io1" | "io2" => gib * 0.125 + iops_above(0) * 0.065,
        "st1" => gib * 0.045,
        "sc1" => gib * 0.015,
        _ => return None,
    })
}

/// Dollars a month of a GiB of snapshots.
pub const SNAPSHOT: f64 = 0.05;
/// Dollars of a block that the EBS direct API returns.
pub const GET_BLOCK: f64 = 0.003 / 1000.0;
/// Dollars of a block that the EBS direct API writes.
pub const PUT_BLOCK: f64 = 0.006 / 1000.0;
/// Hours of a month, as AWS counts them.
pub const HOURS_OF_MONTH: f64 = 730.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_follow_from_large() {
        let price = |kind| instance(kind).map(|dollars| (dollars * 1e5).round());
        assert_eq!(price("m7i.large"), Some(10080.0));
        assert_eq!(price("m7i.2xlarge"), Some(40320.0));
        assert_eq!(price("t3.micro"), Some(1040.0));
        assert_eq!(price("t3.2xlarge"), Some(33280.0));
        for unknown in [
            "t3.4xlarge",
            "m7i.micro",
            "m7i",
            "m99.large",
            "m7i.metal",
            "",
        ] {
            assert_eq!(instance(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn what_a_volume_has_beyond_its_type_costs_extra() {
        let price = |kind, iops, mib| volume(kind, 10, iops, mib).map(|one| (one * 1e3).round());
        assert_eq!(price("gp3", None, None), Some(800.0));
        assert_eq!(price("gp3", Some(4000), Some(250)), Some(10800.0));
        assert_eq!(price("io2", Some(100), None), Some(7750.0));
        assert_eq!(price("floppy", None, None), None);
    }
}
