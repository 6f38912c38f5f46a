//! The parameter that names the newest image.

use amint_cloud::{CloudError, ErrorKind, Result};
use aws_sdk_ssm::types::ParameterType;

use super::findings::Findings;
use super::run::Subject;
use crate::error::Explain;

/// The data type of a parameter that names an image: SSM checks its values.
const IMAGE: &str = "aws:ec2:image";

/// Free, or a parameter that names an image already: the type of one that is there can't be changed.
pub(super) async fn check(subject: &Subject<'_>, found: &mut Findings) -> Result<()> {
    let Some(name) = &subject.request.publish.parameter else {
        return Ok(());
    };
    let answer = subject.clients.ssm.get_parameter().name(name).send().await;
    let answer = match answer.explain("ssm:GetParameter") {
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(()),
        answer => found.needed(answer)?,
    };
    let Some(parameter) = answer.and_then(|answer| answer.parameter) else {
        return Ok(());
    };
    let kind = parameter.r#type().map_or("", ParameterType::as_str);
    let data = parameter.data_type().unwrap_or("text");
    if kind != "String" || data != IMAGE {
        found.problem(
            CloudError::new(
                ErrorKind::Conflict,
                format!("the parameter `{name}` is there and names no image: it is a {kind} of data type {data}"),
            )
            .hint(format!(
                "name another one in `image.ssm-parameter`, or delete it: it is made again with data type {IMAGE}"
            )),
        );
    }
    Ok(())
}
