//! Secrets that the account keeps: parameters of SSM, and Secrets Manager's.

use amint_cloud::{CloudError, ErrorKind, Result, SecretSource, SecretValue};
use serde_json::Value;

use crate::clients::Clients;
use crate::error::{Explain, code, explain};

/// The secret's value.
pub(crate) async fn read(clients: &Clients, source: &SecretSource) -> Result<SecretValue> {
    match source {
        SecretSource::Parameter { name } => parameter(clients, name).await,
        SecretSource::Manager { id, key } => {
            let whole = managed(clients, id).await?;
            match key {
                Some(key) => value_of(&whole, id, key),
                None => Ok(whole),
            }
        }
    }
}

async fn parameter(clients: &Clients, name: &str) -> Result<SecretValue> {
    let request = clients.ssm.get_parameter().name(name).with_decryption(true);
    let answer = request.send().await.map_err(|error| {
        // Of a parameter that is not there SSM only says so by the code.
        match code(&error) {
            Some("ParameterNotFound" | "ParameterVersionNotFound") => {
                missing(format!("there is no parameter {name}"), &clients.region)
            }
            _ => explain(error, "ssm:GetParameter"),
        }
    })?;
    let value = answer.parameter.and_then(|found| found.value);
    let value = value.ok_or_else(|| CloudError::other(format!("{name} has no value")))?;
    Ok(SecretValue::new(value))
}

/// The whole text of a secret. An ARN names its region.
async fn managed(clients: &Clients, id: &str) -> Result<SecretValue> {
    let region = region(id).unwrap_or(&clients.region);
    let client = clients.secrets_in(region);
    let answer = client.get_secret_value().secret_id(id).send().await;
    let answer = match answer {
        Err(error) if code(&error) == Some("ResourceNotFoundException") => {
            return Err(missing(format!("there is no secret {id}"), region));
        }
        answer => answer.explain("secretsmanager:GetSecretValue")?,
    };
    match answer.secret_string {
        Some(value) => Ok(SecretValue::new(value)),
        None => {
            let message = format!("the secret {id} holds no text");
            Err(CloudError::new(ErrorKind::Unfit, message)
                .hint("keep it as text, in base64 where it is binary"))
        }
    }
}

/// One value of the JSON object that a secret holds. No message tells anything of what is there.
fn value_of(whole: &SecretValue, id: &str, key: &str) -> Result<SecretValue> {
    let unfit = |message: String| {
        Err(CloudError::new(ErrorKind::Unfit, message)
            .hint("look at the secret's keys, or leave out `key` for the whole text"))
    };
    let Ok(Value::Object(mut values)) = serde_json::from_str(whole.expose()) else {
        return unfit(format!("the secret {id} is no JSON object"));
    };
    match values.remove(key) {
        Some(Value::String(value)) => Ok(SecretValue::new(value)),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => {
            Ok(SecretValue::new(value.to_string()))
        }
        Some(_) => unfit(format!("`{key}` of the secret {id} is no single value")),
        None => unfit(format!("the secret {id} has no key `{key}`")),
    }
}

fn missing(message: String, region: &str) -> CloudError {
    let hint = format!("check its name, and that it is in {region}, where it was looked for");
    CloudError::new(ErrorKind::NotFound, message).hint(hint)
}

/// The region of an ARN.
fn region(id: &str) -> Option<&str> {
    let rest = id.strip_prefix("arn:")?;
    rest.split(':').nth(2).filter(|region| !region.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_chooses_a_value() {
        let whole = SecretValue::new(
            r#"{"user": "u", "password": "p4ss", "port": 5432, "x": []}"#.to_owned(),
        );
        let value = |key: &str| value_of(&whole, "db", key);
        assert_eq!(value("password").expect("it is there").expose(), "p4ss");
        assert_eq!(value("port").expect("it is there").expose(), "5432");
        for (key, message) in [
            ("x", "`x` of the secret db is no single value"),
            ("y", "the secret db has no key `y`"),
        ] {
            assert_eq!(value(key).expect_err("none").to_string(), message);
        }
        let text = SecretValue::new("p4ss".to_owned());
        let error = value_of(&text, "db", "a").expect_err("no object");
        assert_eq!(error.to_string(), "the secret db is no JSON object");
    }

    #[test]
    fn an_arn_names_its_region() {
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
        assert_eq!(region(arn), Some("eu-west-1"));
        assert_eq!(region("team/db"), None);
    }
}
