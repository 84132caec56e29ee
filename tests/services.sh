#!/bin/sh
# Installs what some tests need from Debian packages: PostgreSQL, Java for Spark, Node for a provider of OpenID
# Connect and for axe-core, Chromium to look at pages, sqlite3 for backups, nginx and Caddy to stand before the
# site, openssl for their certificate, systemd to check a unit. Needs root; does nothing where they are there.
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
for each in nginx:nginx-light caddy:caddy openssl:openssl systemd-analyze:systemd; do
    if command -v "${each%%:*}" >/dev/null 2>&1; then
        echo "${each%%:*} is there"
    else
        wanted="$wanted ${each##*:}"
    fi
done
if [ -n "$wanted" ] && [ ! -e /usr/sbin/policy-rc.d ]; then
    # The tests start what they need by themselves: packages are not to start servers of the machine.
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
[ -n "$wanted" ] || exit 0
apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted
