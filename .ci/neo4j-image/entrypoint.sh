#!/bin/sh
# Starts Neo4j in a container and reads from the environment what the official image does, as far as
# the tests use it: NEO4J_AUTH (none, or neo4j/PASSWORD) and settings as NEO4J_<name>, where `_` stands
# for `.` and `__` for `_`; an empty one is no setting.
set -eu
home=/var/lib/neo4j
settings=$home/conf/neo4j.conf

env | sed -n 's/^NEO4J_\([a-z][A-Za-z0-9_]*\)=\(..*\)$/\1 \2/p' | while read -r name value; do
  echo "$(echo "$name" | sed 's/_/./g; s/\.\./_/g')=$value"
done > "$settings"

# Half the processor time until it answers.
quick='-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData'

case "${NEO4J_AUTH:-}" in
  '') ;;
  none) echo dbms.security.auth_enabled=false >> "$settings" ;;
  neo4j/neo4j) echo "NEO4J_AUTH: the password may not be neo4j" >&2; exit 1 ;;
  neo4j/*)
    [ -e /data/dbms/auth.ini ] || NEO4J_HOME=$home NEO4J_CONF=$home/conf java $quick \
      -cp "$home/lib/*" org.neo4j.cli.AdminTool dbms set-initial-password "${NEO4J_AUTH#neo4j/}" ;;
  *) echo "NEO4J_AUTH is neither none nor neo4j/PASSWORD" >&2; exit 1 ;;
esac
unset NEO4J_AUTH

setting() { sed -n "s/^$1=//p" "$settings"; }

heap=$(setting 'server\.memory\.heap\.max_size')
exec java $quick "-Xmx${heap:-512m}" -cp "$home/lib/*" \
  --add-opens=java.base/java.nio=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED \
  org.neo4j.server.CommunityEntryPoint "--home-dir=$home" "--config-dir=$home/conf" --console-mode
