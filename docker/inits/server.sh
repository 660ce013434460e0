# A service that leaves an orphan behind, and ends when it is asked to.
trap 'echo "SIGTERM, the end"; exit 0' TERM
sh -c 'sleep 0.1 & echo $! >/tmp/orphan'
echo "serving as UID $(id -u)"
while :; do sleep 1 & wait $!; done
