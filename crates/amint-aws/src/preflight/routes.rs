//! Whether the agent in a subnet reaches AWS.

use amint_cloud::Result;
use aws_sdk_ec2::types::{Filter, Route, RouteState, RouteTable, VpcEndpoint};

use super::findings::Findings;
use super::network::Subnet;
use super::run::Subject;
use crate::error::Explain;

/// The services that the agent talks to.
const SERVICES: [&str; 2] = ["ssm", "ssmmessages"];

/// The ways out of some networks.
pub(super) struct Ways {
    tables: Vec<RouteTable>,
    endpoints: Vec<VpcEndpoint>,
    region: String,
}

/// Absent when it can't be found out; that is among the findings then.
pub(super) async fn look(
    subject: &Subject<'_>,
    vpcs: &[&str],
    found: &mut Findings,
) -> Result<Option<Ways>> {
    if vpcs.is_empty() {
        return Ok(None);
    }
    let ec2 = &subject.clients.ec2;
    let values = vpcs.iter().map(|&vpc| vpc.to_owned()).collect();
    let filter = Filter::builder()
        .name("vpc-id")
        .set_values(Some(values))
        .build();
    let ask = ec2.describe_route_tables().filters(filter.clone());
    let tables = ask.into_paginator().items().send();
    let tables = tables
        .collect::<std::result::Result<Vec<RouteTable>, _>>()
        .await;
    let what = "whether the builder has a route out";
    let tables = found.wanted(what, tables.explain("ec2:DescribeRouteTables"))?;

    let ask = ec2.describe_vpc_endpoints().filters(filter);
    let endpoints = ask.into_paginator().items().send();
    let endpoints = endpoints
        .collect::<std::result::Result<Vec<VpcEndpoint>, _>>()
        .await;
    let endpoints = found.wanted(
        "whether the builder's network has endpoints for SSM",
        endpoints.explain("ec2:DescribeVpcEndpoints"),
    )?;
    Ok(match (tables, endpoints) {
        (Some(tables), Some(endpoints)) => Some(Ways {
            tables,
            endpoints,
            region: subject.clients.region.clone(),
        }),
        _ => None,
    })
}

impl Ways {
    /// What keeps the agent in `subnet` from AWS, if anything does.
    pub(super) fn obstacle(&self, subnet: &Subnet) -> Option<String> {
        let missing = self.missing_endpoints(&subnet.vpc);
        if missing.is_empty() {
            return None;
        }
        let reason = match self.way_out(subnet) {
            WayOut::Open => return None,
            WayOut::NoAddress => {
                "leads to an internet gateway, and its instances get no public address".to_owned()
            }
            WayOut::Blackhole => "has a default route to something that is gone".to_owned(),
            WayOut::None => "has no default route".to_owned(),
        };
        Some(format!(
            "{reason}, and its VPC no endpoint for {}: the SSM agent cannot reach AWS",
            missing.join(" and ")
        ))
    }

    fn missing_endpoints(&self, vpc: &str) -> Vec<&'static str> {
        let is_there = |service: &str| {
            let suffix = format!(".{}.{service}", self.region);
            self.endpoints.iter().any(|endpoint| {
                let state = endpoint.state().map_or("available", |state| state.as_str());
                endpoint.vpc_id() == Some(vpc)
                    && endpoint
                        .service_name()
                        .is_some_and(|name| name.ends_with(&suffix))
                    && state.eq_ignore_ascii_case("available")
                    && endpoint.private_dns_enabled() != Some(false)
            })
        };
        SERVICES
            .into_iter()
            .filter(|service| !is_there(service))
            .collect()
    }

    fn way_out(&self, subnet: &Subnet) -> WayOut {
        let Some(table) = self.table(subnet) else {
            return WayOut::None;
        };
        let is_default = |route: &&Route| route.destination_cidr_block() == Some("0.0.0.0/0");
        let Some(route) = table.routes().iter().find(is_default) else {
            return WayOut::None;
        };
        if route.state() == Some(&RouteState::Blackhole) {
            return WayOut::Blackhole;
        }
        let is_internet = route.gateway_id().is_some_and(|id| id.starts_with("igw-"));
        match is_internet && !subnet.gives_public_addresses {
            true => WayOut::NoAddress,
            false => WayOut::Open,
        }
    }

    /// The subnet's own route table, or else its network's main one.
    fn table(&self, subnet: &Subnet) -> Option<&RouteTable> {
        let own = |table: &&RouteTable| {
            let mut associations = table.associations().iter();
            associations.any(|one| one.subnet_id() == Some(&subnet.id))
        };
        let main = |table: &&RouteTable| {
            let mut associations = table.associations().iter();
            table.vpc_id() == Some(&subnet.vpc) && associations.any(|one| one.main() == Some(true))
        };
        self.tables
            .iter()
            .find(own)
            .or_else(|| self.tables.iter().find(main))
    }
}

enum WayOut {
    Open,
    NoAddress,
    Blackhole,
    None,
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::builders::RouteBuilder;
    use aws_sdk_ec2::types::{RouteTableAssociation, State};

    use super::*;

    fn subnet(public: bool) -> Subnet {
        Subnet {
            id: "subnet-1".to_owned(),
            zone: "us-east-1a".to_owned(),
            vpc: "vpc-1".to_owned(),
            gives_public_addresses: public,
        }
    }

    fn main_table(route: Option<RouteBuilder>) -> RouteTable {
        let main = RouteTableAssociation::builder().main(true).build();
        let table = RouteTable::builder().vpc_id("vpc-1").associations(main);
        let routes = route.map(|route| vec![route.destination_cidr_block("0.0.0.0/0").build()]);
        table.set_routes(routes).build()
    }

    fn endpoint(service: &str, state: State) -> VpcEndpoint {
        VpcEndpoint::builder()
            .vpc_id("vpc-1")
            .service_name(format!("com.amazonaws.us-east-1.{service}"))
            .state(state)
            .private_dns_enabled(true)
            .build()
    }

    fn obstacle(
        tables: Vec<RouteTable>,
        endpoints: Vec<VpcEndpoint>,
        public: bool,
    ) -> Option<String> {
        let ways = Ways {
            tables,
            endpoints,
            region: "us-east-1".to_owned(),
        };
        ways.obstacle(&subnet(public))
    }

    #[test]
    fn a_gateway_needs_a_public_address() {
        let gateway = || vec![main_table(Some(Route::builder().gateway_id("igw-1")))];
        assert_eq!(obstacle(gateway(), Vec::new(), true), None);
        let reason = obstacle(gateway(), Vec::new(), false).expect("an obstacle");
        assert!(reason.contains("no public address"), "{reason}");
        let nat = main_table(Some(Route::builder().nat_gateway_id("nat-1")));
        assert_eq!(obstacle(vec![nat], Vec::new(), false), None);
    }

    #[test]
    fn a_route_leads_somewhere() {
        let none = obstacle(vec![main_table(None)], Vec::new(), true).expect("an obstacle");
        assert!(none.contains("no default route"), "{none}");
        let gone = Route::builder()
            .nat_gateway_id("nat-1")
            .state(RouteState::Blackhole);
        let gone = obstacle(vec![main_table(Some(gone))], Vec::new(), true).expect("an obstacle");
        assert!(gone.contains("something that is gone"), "{gone}");
    }

    #[test]
    fn the_own_route_table_counts() {
        let own = RouteTableAssociation::builder()
            .subnet_id("subnet-1")
            .build();
        let own = RouteTable::builder()
            .vpc_id("vpc-1")
            .associations(own)
            .build();
        let main = main_table(Some(Route::builder().gateway_id("igw-1")));
        assert!(obstacle(vec![main, own], Vec::new(), true).is_some());
    }

    #[test]
    fn endpoints_do_without_a_route() {
        let both = |state: State| {
            vec![
                endpoint("ssm", State::Available),
                endpoint("ssmmessages", state),
            ]
        };
        let isolated = || vec![main_table(None)];
        assert_eq!(obstacle(isolated(), both(State::Available), false), None);
        let half = obstacle(isolated(), both(State::Pending), false).expect("an obstacle");
        assert!(half.contains("no endpoint for ssmmessages:"), "{half}");
    }
}
