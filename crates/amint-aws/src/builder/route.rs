//! Whether a builder can reach SSM: by a way out of its subnet, or by endpoints inside its network.

use amint_cloud::Result;
use aws_sdk_ec2::types::{Filter, Instance, Route, RouteState, RouteTable};

use crate::clients::Clients;
use crate::error::Explain;

/// Why there is no way to SSM; nothing when there is one.
pub(super) async fn missing(clients: &Clients, instance: &Instance) -> Result<Option<String>> {
    let (Some(subnet), Some(vpc)) = (instance.subnet_id(), instance.vpc_id()) else {
        return Ok(None);
    };
    let mut tables = tables(clients, "association.subnet-id", subnet, None).await?;
    if tables.is_empty() {
        // A subnet without a table of its own has the network's main one.
        tables = self::tables(clients, "vpc-id", vpc, Some("association.main")).await?;
    }
    let routes = tables.iter().flat_map(|table| table.routes());
    let Some(reason) = no_way_out(routes, instance.public_ip_address().is_some()) else {
        return Ok(None);
    };
    if has_endpoints(clients, vpc).await? {
        return Ok(None);
    }
    Ok(Some(format!(
        "the builder cannot reach SSM: {reason} {subnet}, and {vpc} has no endpoints for ssm and ssmmessages: \
         choose another of `builder.subnets`, or add endpoints, a NAT gateway or public addresses"
    )))
}

async fn tables(
    clients: &Clients,
    name: &str,
    value: &str,
    main: Option<&str>,
) -> Result<Vec<RouteTable>> {
    let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
    let mut ask = clients.ec2.describe_route_tables();
    ask = ask.filters(filter(name, value));
    if let Some(main) = main {
        ask = ask.filters(filter(main, "true"));
    }
    let answer = ask.send().await.explain("ec2:DescribeRouteTables")?;
    Ok(answer.route_tables.unwrap_or_default())
}

/// Reads before the subnet's name.
fn no_way_out<'a>(
    routes: impl Iterator<Item = &'a Route>,
    has_public_address: bool,
) -> Option<&'static str> {
    let mut reason = "no route leads out of";
    for route in routes {
        let everywhere = route.destination_cidr_block() == Some("0.0.0.0/0")
            || route.destination_ipv6_cidr_block() == Some("::/0");
        if !everywhere || route.state() == Some(&RouteState::Blackhole) {
            continue;
        }
        let internet = route.gateway_id().is_some_and(|id| id.starts_with("igw-"));
        if internet && !has_public_address {
            reason = "it has no public address in the public subnet";
            continue;
        }
        return None;
    }
    Some(reason)
}

/// Whether the network has SSM inside it, ready.
async fn has_endpoints(clients: &Clients, vpc: &str) -> Result<bool> {
    let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
    let ask = clients.ec2.describe_vpc_endpoints();
    let ask = ask.filters(filter("vpc-id", vpc));
    let mut pages = ask.into_paginator().send();
    let mut services = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.explain("ec2:DescribeVpcEndpoints")?;
        let ready = page.vpc_endpoints().iter().filter(|endpoint| {
            let state = endpoint.state().map(|state| state.as_str());
            state.is_some_and(|state| state.eq_ignore_ascii_case("available"))
        });
        services.extend(ready.filter_map(|one| one.service_name().map(str::to_owned)));
    }
    let has = |name: &str| services.iter().any(|service| service.ends_with(name));
    Ok(has(".ssm") && has(".ssmmessages"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(to: &str, gateway: &str) -> Route {
        Route::builder()
            .destination_cidr_block(to)
            .gateway_id(gateway)
            .build()
    }

    #[test]
    fn a_way_out_is_a_default_route_that_leads_somewhere() {
        let local = route("10.0.0.0/16", "local");
        let internet = route("0.0.0.0/0", "igw-1");
        let nat = Route::builder()
            .destination_cidr_block("0.0.0.0/0")
            .nat_gateway_id("nat-1");
        let dead = nat.clone().state(RouteState::Blackhole).build();
        let of = |routes: &[Route], public| no_way_out(routes.iter(), public);
        assert!(of(std::slice::from_ref(&local), true).is_some());
        assert!(of(&[local.clone(), dead], true).is_some());
        assert_eq!(of(&[local.clone(), internet.clone()], true), None);
        assert_eq!(of(&[local, nat.build()], false), None);
        let reason = of(&[internet], false).expect("a reason");
        assert!(reason.contains("public address"), "{reason}");
    }
}
