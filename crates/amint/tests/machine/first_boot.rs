//! What a sealed image does when it boots: every instance becomes itself.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use amint_cloud::{
    BaseQuery, Cloud, CommandRequest, CommandState, LaunchRequest, Machine, Owner, Placement,
    Resource, ResourceKind, VirtualMachine,
};
use amint_local::{LocalCloud, LocalOptions};

use crate::world::{World, repository, shared_cache};

/// What one instance says about itself.
#[derive(Debug)]
struct Instance {
    secret: String,
    secret_mode: String,
    machine_id: String,
    host_keys: String,
    product: String,
}

const LOOK: &str = "\
while ! [ -s /var/lib/amint/first-boot/admin-password.done ] &&
    [ \"$(systemctl show -P ActiveState amint-first-boot-admin-password)\" != failed ] &&
    [ \"$(systemctl show -P SubState amint-first-boot-admin-password)\" != exited ]; do sleep 1; done
cat /var/lib/amint/secrets/admin-password; echo
stat -c '%U:%a' /var/lib/amint/secrets/admin-password
cat /etc/machine-id
while ! [ -s /etc/ssh/ssh_host_ed25519_key.pub ]; do sleep 1; done
sha256sum </etc/ssh/ssh_host_ed25519_key
systemctl is-active demo.service
";

async fn boot(cloud: &LocalCloud, build: &str, base: &BaseQuery) -> Instance {
    let base = cloud.find_base(base, &|_| ()).await.unwrap();
    let request = LaunchRequest {
        owner: Owner {
            build: build.into(),
            recipe: "test".into(),
            image: "demo".to_owned(),
            expires: jiff::Timestamp::now() + Duration::from_secs(600),
            tags: BTreeMap::new(),
        },
        attempt: 1,
        base,
        machine: Machine::Virtual(VirtualMachine {
            vcpus: 2,
            memory_mib: 1024,
            network: false,
        }),
        placement: Placement::default(),
        supports: Vec::new(),
    };
    let builder = cloud.launch(&request, &|_| ()).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(300);
    while !cloud.agent_online(&builder).await.unwrap() {
        assert!(
            Instant::now() < deadline,
            "{}",
            cloud.console(&builder).await.unwrap()
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let look = CommandRequest {
        build: build.into(),
        token: "look".into(),
        script: LOOK.into(),
        timeout: Duration::from_secs(300),
    };
    let command = cloud.start_command(&builder, &look).await.unwrap();
    while cloud.command_state(&builder, &command).await.unwrap() == CommandState::Running {
        assert!(Instant::now() < deadline, "the first boot never finished");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let output = cloud.command_output(&builder, &command, 0).await.unwrap();
    let output = String::from_utf8(output.bytes).unwrap();
    let lines: Vec<&str> = output.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(
        lines.len(),
        5,
        "{output}\n{}",
        cloud.console(&builder).await.unwrap()
    );
    let resource = Resource {
        build: build.into(),
        kind: ResourceKind::Builder,
        id: build.into(),
    };
    cloud.release(&resource).await.unwrap();
    Instance {
        secret: lines[0].into(),
        secret_mode: lines[1].into(),
        machine_id: lines[2].into(),
        host_keys: lines[3].into(),
        product: lines[4].into(),
    }
}

#[test]
fn two_instances_of_one_image_share_no_secret() {
    let world = World::new();
    let built = world.run(&repository("recipes/demo.yaml"), &[]);
    assert_eq!(built.code, 0, "{}", built.stderr);
    let image = world.path("out/image.raw");
    let summed = Command::new("sha256sum").arg(&image).output().unwrap();
    let sha256 = String::from_utf8(summed.stdout).unwrap()[..64].to_owned();
    let base = BaseQuery::Image {
        path: image,
        sha256: sha256.clone(),
    };

    let cloud = LocalCloud::new(LocalOptions {
        cache_dir: shared_cache(),
        runtime_dir: world.path("run"),
        output_dir: world.path("instances"),
        cold: true,
        overwrite: false,
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let one = runtime.block_on(boot(&cloud, "one", &base));
    let two = runtime.block_on(boot(&cloud, "two", &base));
    // No other test uses this image.
    std::fs::remove_dir_all(shared_cache().join("bases").join(format!("image-{sha256}"))).unwrap();

    for instance in [&one, &two] {
        assert_eq!(instance.secret.len(), 32, "{instance:?}");
        assert_eq!(instance.secret_mode, "root:600");
        assert_eq!(instance.machine_id.len(), 32);
        assert_eq!(instance.product, "active");
    }
    assert_ne!(one.secret, two.secret);
    assert_ne!(one.machine_id, two.machine_id);
    assert_ne!(one.host_keys, two.host_keys);
}
