#!/bin/sh
# What even the first script needs and a bare Debian may lack: the library that the pinned Node links to, and strip.
# Runs before every npm script; costs a few milliseconds where nothing is missing.
set -eu
# Tests end with a line that counts them, also where none could run.
trap '[ $? = 0 ] || [ "${npm_lifecycle_event:-}" != test ] || echo "0 passed, 1 failed"' EXIT
missing=""
ls /usr/lib/*/libatomic.so.1 /lib/*/libatomic.so.1 >/dev/null 2>&1 || missing="$missing libatomic1"
command -v strip >/dev/null 2>&1 || missing="$missing binutils"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "tsgosu: install these packages first, then run this again:$missing" >&2
  exit 1
fi
echo "setup: installing$missing: the Node of this project, and the build of its executable, need them" >&2
# As scripts/changes.ts remembers it.
mkdir -p build/added
printf '%s\n' $missing >>build/added/packages
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >/dev/null
# shellcheck disable=SC2086
apt-get install -q -y --no-install-recommends $missing >/dev/null
