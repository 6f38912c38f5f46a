//! Commands over SSM.

use amint_cloud::{
    BuilderId, CloudError, CommandId, CommandOutput, CommandRequest, CommandState, Result,
};

use crate::clients::Clients;

/// The commands of this process's builds.
pub(crate) struct Commands {
    _clients: Clients,
    _log_group: Option<String>,
}

impl Commands {
    pub(crate) fn new(clients: Clients, log_group: Option<String>) -> Self {
        Self {
            _clients: clients,
            _log_group: log_group,
        }
    }

    pub(crate) async fn start(
        &self,
        _builder: &BuilderId,
        _command: &CommandRequest,
    ) -> Result<CommandId> {
        Err(CloudError::other("not built yet"))
    }

    pub(crate) async fn state(
        &self,
        _builder: &BuilderId,
        _command: &CommandId,
    ) -> Result<CommandState> {
        Err(CloudError::other("not built yet"))
    }

    pub(crate) async fn output(
        &self,
        _builder: &BuilderId,
        _command: &CommandId,
        _offset: u64,
    ) -> Result<CommandOutput> {
        Err(CloudError::other("not built yet"))
    }

    pub(crate) async fn cancel(&self, _builder: &BuilderId, _command: &CommandId) -> Result<()> {
        Err(CloudError::other("not built yet"))
    }
}
