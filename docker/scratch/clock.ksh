# A service that does one thing a second, until it is told to end.
trap 'print "clock: SIGTERM, the end"; exit 0' TERM
print "clock: UID $USER_ID, GID $KSHGID, PID $$, home $HOME"
while :; do sleep 1; done
