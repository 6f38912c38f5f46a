//! An account on a server of its own, seen through boto3.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Condvar, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::world::World;

/// Servers at the same time: builds mostly wait.
const SERVERS: usize = 6;
/// Where accounts are looked at.
pub(crate) const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "us-west-2"];

static POOL: Pool = Pool {
    servers: Mutex::new((SERVERS, Vec::new())),
    returned: Condvar::new(),
};

/// How many more may start, and those that wait for the next test.
struct Pool {
    servers: Mutex<(usize, Vec<Server>)>,
    returned: Condvar,
}

impl Pool {
    fn take(&self) -> Server {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(server) = servers.1.pop() {
                return server;
            }
            if servers.0 > 0 {
                servers.0 -= 1;
                drop(servers);
                return Server::on(World::start());
            }
            let waited = self.returned.wait(servers);
            servers = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// One that a test failed on ends, as it may be out of order.
    fn give_back(&self, server: Server) {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        match std::thread::panicking() {
            true => servers.0 += 1,
            false => servers.1.push(server),
        }
        self.returned.notify_one();
    }
}

/// A server and its client.
struct Server {
    world: World,
    boto3: Boto3,
}

impl Server {
    fn on(world: World) -> Self {
        let boto3 = Boto3::start(&world.endpoint);
        Self { world, boto3 }
    }
}

/// `resources.py --serve`: it ends when its standard input does.
struct Boto3 {
    child: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Boto3 {
    fn start(endpoint: &str) -> Self {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/aws");
        let python = Command::new(fixtures.join("venv")).output().unwrap();
        let mut child = Command::new(String::from_utf8(python.stdout).unwrap().trim())
            .arg("-B")
            .arg(fixtures.join("resources.py"))
            .args(["--serve", endpoint])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            pipes: Mutex::new((stdin, stdout)),
        }
    }

    fn ask(&self, request: &Value) -> Value {
        let mut pipes = self.pipes.lock().unwrap();
        let (stdin, stdout) = &mut *pipes;
        writeln!(stdin, "{request}").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let answer: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("no answer to {request}"));
        answer
    }
}

impl Drop for Boto3 {
    fn drop(&mut self) {
        // Its own child, which only reads.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An account in which the builder's instance profile was made, and nothing else.
pub(crate) struct Account {
    server: Option<Server>,
    pooled: bool,
    before: Inventory,
}

impl Account {
    /// moto with the layer of `fixtures/aws`.
    pub(crate) fn new() -> Self {
        let server = POOL.take();
        server.world.set("reset", &json!({}));
        Self::of(server, true)
    }

    /// moto as it is.
    pub(crate) fn plain() -> Self {
        let account = Self::of(Server::on(World::plain()), false);
        account.open_vpc();
        account.set("calls", &json!({}));
        account
    }

    /// moto's default VPC has no way out, unlike that of AWS.
    fn open_vpc(&self) {
        let vpcs = self.boto3("ec2", "describe_vpcs", json!({}));
        let vpc = &vpcs["Vpcs"][0]["VpcId"];
        let gateway = self.boto3("ec2", "create_internet_gateway", json!({}));
        let gateway = &gateway["InternetGateway"]["InternetGatewayId"];
        let both = json!({"InternetGatewayId": gateway, "VpcId": vpc});
        self.boto3("ec2", "attach_internet_gateway", both);
        let tables = self.boto3("ec2", "describe_route_tables", json!({}));
        let table = &tables["RouteTables"][0]["RouteTableId"];
        let route = json!({"RouteTableId": table, "GatewayId": gateway, "DestinationCidrBlock": "0.0.0.0/0"});
        self.boto3("ec2", "create_route", route);
    }

    fn of(server: Server, pooled: bool) -> Self {
        let mut account = Self {
            server: Some(server),
            pooled,
            before: Inventory::default(),
        };
        account.make_profile("amint-builder");
        account.before = account.resources();
        account.set("calls", &json!({}));
        account
    }

    pub(crate) fn make_profile(&self, name: &str) {
        let trust = json!({"Version": "2012-10-17", "Statement": []}).to_string();
        let role = json!({"RoleName": name, "AssumeRolePolicyDocument": trust});
        self.boto3("iam", "create_role", role);
        let profile = json!({"InstanceProfileName": name});
        self.boto3("iam", "create_instance_profile", profile);
        let both = json!({"InstanceProfileName": name, "RoleName": name});
        self.boto3("iam", "add_role_to_instance_profile", both);
    }

    fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.server().world.endpoint
    }

    /// Sets what the layer does.
    pub(crate) fn set(&self, what: &str, value: &Value) {
        self.server().world.set(what, value);
    }

    /// The names of all calls since the account was made.
    pub(crate) fn actions(&self) -> Vec<String> {
        self.server().world.calls()
    }

    /// The calls themselves.
    pub(crate) fn calls(&self) -> Vec<Value> {
        match self.server().world.get("calls") {
            Value::Array(calls) => calls,
            other => panic!("{other} is no list"),
        }
    }

    /// How often the action was called.
    pub(crate) fn count(&self, action: &str) -> usize {
        let actions = self.actions();
        actions.iter().filter(|one| *one == action).count()
    }

    /// One call of boto3 in us-east-1 that works.
    pub(crate) fn boto3(&self, service: &str, call: &str, arguments: Value) -> Value {
        self.boto3_in("us-east-1", service, call, arguments)
    }

    pub(crate) fn boto3_in(
        &self,
        region: &str,
        service: &str,
        call: &str,
        arguments: Value,
    ) -> Value {
        let request =
            json!({"region": region, "service": service, "call": call, "arguments": arguments});
        let mut answer = self.server().boto3.ask(&request);
        assert!(answer["error"].is_null(), "{call}: {answer}");
        answer["ok"].take()
    }

    /// Everything that is there.
    pub(crate) fn resources(&self) -> Inventory {
        let mut answer = self.server().boto3.ask(&json!({}));
        assert!(answer["error"].is_null(), "{answer}");
        serde_json::from_value(answer["ok"].take()).unwrap()
    }

    /// What was not there when the account was made, and costs money or is in somebody's way, as `kind in region`. What
    /// is over already does not count.
    pub(crate) fn left(&self) -> Vec<String> {
        let now = self.resources();
        let mut left = Vec::new();
        for (region, kinds) in &now.0 {
            for (kind, things) in kinds {
                // Commands are a record, and moto keeps the interfaces of what has ended.
                if ["commands", "interfaces"].contains(&kind.as_str()) {
                    continue;
                }
                let known = self.before.all(region, kind);
                for (id, facts) in things {
                    let over = ["terminated", "shutting-down"]
                        .iter()
                        .any(|state| facts["State"]["Name"] == *state);
                    if !over && !known.contains_key(id) {
                        left.push(format!("{kind} in {region}"));
                    }
                }
            }
        }
        left
    }

    /// Nothing but what was there before. EC2 takes a moment to end what was told to end.
    pub(crate) fn assert_only(&self, expected: &[&str]) {
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        let mut left = Vec::new();
        for _ in 0..30 {
            left = self.left();
            left.sort_unstable();
            if left == expected {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("there is {left:?}, and there should be {expected:?}");
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if let (Some(server), true) = (self.server.take(), self.pooled) {
            POOL.give_back(server);
        }
    }
}

/// Resources by region, kind and id.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Inventory(pub(crate) BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>);

impl Inventory {
    /// Those of one kind in one region.
    pub(crate) fn all(&self, region: &str, kind: &str) -> BTreeMap<String, Value> {
        let kinds = self.0.get(region);
        let things = kinds.and_then(|kinds| kinds.get(kind));
        things.cloned().unwrap_or_default()
    }

    /// The only one of its kind.
    pub(crate) fn only(&self, region: &str, kind: &str) -> (String, Value) {
        let mut all = self.all(region, kind).into_iter();
        let first = all
            .next()
            .unwrap_or_else(|| panic!("no {kind} in {region}"));
        assert!(all.next().is_none(), "several {kind} in {region}");
        first
    }
}
