#!/bin/sh
# Runs a server that must not outlive its parent, not even when the parent is killed with -9:
#
#   watchdog.sh DATA_FOLDER COMMAND [ARGUMENT...]
#
# The parent holds the other end of standard input. When it closes, the server is killed and
# DATA_FOLDER removed: nobody is left who could. The server's pid is written to descriptor 3.
folder=$1
shift
exec 4<&0
"$@" </dev/null 3>&- 4<&- &
server=$!
echo "$server" >&3
exec 3>&-
# `read` is part of the shell: killing the subshell leaves no process behind.
(
  while read -r _; do :; done <&4
  # From here on it finishes, although the shell above ends it when the server has ended.
  trap '' TERM
  kill -9 "$server" 2>/dev/null
  rm -rf "$folder"
  # Once more when everything that may still have written there has ended.
  sleep 1
  rm -rf "$folder"
) >/dev/null 2>&1 &
guard=$!
exec 4<&-
wait "$server"
status=$?
kill "$guard" 2>/dev/null
exit "$status"
