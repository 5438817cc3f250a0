#!/bin/sh
# What .ci/run does with our own events: against the previous commit; against the lock file where git does not know it.
# Usage: our-events.sh COMMAND… where COMMAND is `node bin/eshop.js schema` or the like. Further options come in SCHEMA_CHECK_OPTIONS.
set -eu
against=schemas/schema-check.lock.json
if [ "$(git rev-parse --is-shallow-repository 2>/dev/null)" = false ] &&
  git rev-parse --quiet --verify 'HEAD~1:./schemas/events' >/dev/null 2>&1; then
  against=git:HEAD~1
fi
exec "$@" check schemas/events --against "$against" ${SCHEMA_CHECK_OPTIONS:-}
