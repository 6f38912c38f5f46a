#!/bin/sh
# The demo's service: says in its log that it is up, and is done. A real one would now serve.
set -eu
# The seal may have removed it, or an administrator.
mkdir -p /opt/demo/logs
# shellcheck source=/dev/null
. /opt/demo/settings
echo "$GREETING from demo $VERSION" >> /opt/demo/logs/service.log
