#!/bin/sh
# Installs what some tests need from Debian packages: PostgreSQL, Java for Spark, Node for a provider of OpenID
# Connect and for axe-core, Chromium to look at pages, sqlite3 for backups. Needs root; does nothing where they
# are there.
set -eu
wanted=""
if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
    echo "PostgreSQL is there"
else
    wanted="postgresql"
    # The tests start servers of their own: none is to be created or started by the package.
    mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
fi
if command -v java >/dev/null 2>&1; then
    echo "Java is there"
else
    wanted="$wanted openjdk-17-jre-headless"
fi
if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1; then
    echo "Node is there"
else
    wanted="$wanted nodejs npm"
fi
if command -v sqlite3 >/dev/null 2>&1; then
    echo "sqlite3 is there"
else
    wanted="$wanted sqlite3"
fi
if [ -x /usr/bin/chromium ]; then
    echo "Chromium is there"
else
    wanted="$wanted chromium"
fi
[ -n "$wanted" ] || exit 0
apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted
