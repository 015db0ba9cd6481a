#!/bin/sh
# Runs a broker, and formats its data folder before its first start:
#
#   run-broker.sh DATA_FOLDER CLUSTER_ID SETTINGS_FILE JAVA [ARGUMENT...]
data=$1
cluster=$2
settings=$3
shift 3
if [ ! -e "$data/meta.properties" ]; then
  "$@" kafka.tools.StorageTool format -t "$cluster" -c "$settings" || exit 1
fi
exec "$@" kafka.Kafka "$settings"
