//! The role of a temporary instance profile: what the agent needs, and nothing else.

use amint_cloud::{InstanceProfile, Machine, Result, SupportRequest};
use aws_sdk_iam::error::SdkError;
use aws_sdk_iam::operation::create_role::CreateRoleError;

use crate::AwsOptions;
use crate::clients::Clients;
use crate::error::{self, Explain};
use crate::{names, policy, tags};

/// The name of the policy inside the role.
const POLICY: &str = "amint-builder";

pub(super) async fn create(
    clients: &Clients,
    options: &AwsOptions,
    request: &SupportRequest,
) -> Result<String> {
    let name = names::of_build(&request.owner.build);
    let tags = super::iam_tags(&tags::temporary(&request.owner))?;
    let made = clients
        .iam
        .create_role()
        .path(names::IAM_PATH)
        .role_name(&name)
        .description("amint: what one builder may do")
        .assume_role_policy_document(policy::trust_policy(&clients.region).to_string())
        .set_permissions_boundary(boundary(request))
        .set_tags(Some(tags))
        .send()
        .await;
    match made {
        Err(refusal) if exists(&refusal) => {
            let role = clients.iam.get_role().role_name(&name).send().await;
            let role = role.explain("iam:GetRole")?.role;
            let ours = role
                .is_some_and(|role| super::is_ours(role.path(), role.tags(), &request.owner.build));
            if !ours {
                return Err(super::taken("role", &name));
            }
        }
        made => {
            made.explain("iam:CreateRole")?;
        }
    }
    let bucket = options.bucket.as_deref();
    let document = policy::builder_policy(&clients.region, bucket, options.log_group.as_deref());
    let document = document.to_string();
    // Asked for again, it replaces itself.
    let put = || async {
        let put = clients.iam.put_role_policy().role_name(&name);
        let put = put.policy_name(POLICY).policy_document(&document);
        put.send().await.explain("iam:PutRolePolicy")
    };
    super::when_known(options, "role", put).await?;
    Ok(name)
}

fn boundary(request: &SupportRequest) -> Option<String> {
    let Machine::Instance(spec) = &request.machine else {
        return None;
    };
    match &spec.profile {
        InstanceProfile::Temporary {
            permissions_boundary,
        } => permissions_boundary.clone(),
        InstanceProfile::Named(_) => None,
    }
}

fn exists(refusal: &SdkError<CreateRoleError>) -> bool {
    error::code(refusal) == Some("EntityAlreadyExists")
}
