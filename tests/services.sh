#!/bin/sh
# Installs what some tests need from Debian packages. Needs root; does nothing where it is there.
set -eu
if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
    echo "PostgreSQL is there"
    exit 0
fi
apt-get update -qq
# The tests start servers of their own: none is to be created or started by the package.
mkdir -p /etc/postgresql-common
echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql
