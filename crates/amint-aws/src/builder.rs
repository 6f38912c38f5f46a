//! What can be asked of a builder, and told to it, from outside.

use amint_cloud::{BuilderId, CloudError, OnPowerOff, Result};

use crate::clients::Clients;

pub(crate) async fn why_silent(_clients: &Clients, _builder: &BuilderId) -> Result<Option<String>> {
    Err(CloudError::other("not built yet"))
}

pub(crate) async fn console(_clients: &Clients, _builder: &BuilderId) -> Result<String> {
    Err(CloudError::other("not built yet"))
}

pub(crate) fn access(_clients: &Clients, _builder: &BuilderId) -> String {
    String::new()
}

pub(crate) async fn reboot(_clients: &Clients, _builder: &BuilderId) -> Result<()> {
    Err(CloudError::other("not built yet"))
}

pub(crate) async fn set_on_power_off(
    _clients: &Clients,
    _builder: &BuilderId,
    _action: OnPowerOff,
) -> Result<()> {
    Err(CloudError::other("not built yet"))
}
