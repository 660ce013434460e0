# usage: sh compare.sh IMAGE
# Starts the image under each init that is installed here and under tsgosu by the same name, stops it, and prints what came of it.
set -eu
image=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source=$(podman create tsgosu-injector)
podman cp "$source:/tsgosu-static" "$work/tsgosu" >/dev/null
podman rm "$source" >/dev/null

# usage: show LABEL FILE NAME: FILE is mounted as /NAME, and is PID 1
show() {
  id=$(podman run -d --network none -v "$2:/$3:ro" --entrypoint "/$3" "$image" -- sh /server.sh)
  until podman logs "$id" 2>/dev/null | grep -q serving; do :; done
  pid=$(podman inspect -f '{{.State.Pid}}' "$id")
  # The orphan has ended after this, and so it is a zombie where nobody reaps.
  sleep 2
  memory=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")
  processes=$(podman exec "$id" sh -c 'ls -d /proc/[0-9]*' | wc -l)
  begin=$(date +%s%N)
  podman stop -t 20 "$id" >/dev/null
  took=$((($(date +%s%N) - begin) / 1000000))
  code=$(podman inspect -f '{{.State.ExitCode}}' "$id")
  podman rm "$id" >/dev/null
  # ls itself is one of the processes.
  printf '%-12s %-8s exit code %s, stopped in %s ms, %s processes, %s kB\n' "$3" "$1" "$code" "$took" "$((processes - 1))" "$memory"
}

for name in docker-init catatonit dumb-init; do
  real=$(command -v "$name" || true)
  if [ -n "$real" ]; then show itself "$(readlink -f "$real")" "$name"; else echo "$name itself is not installed here"; fi
  show tsgosu "$work/tsgosu" "$name"
done
