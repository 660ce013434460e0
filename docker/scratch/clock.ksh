# A service that says who it is, and waits until it is told to end.
trap 'print "clock: SIGTERM, the end"; exit 0' TERM
print "clock: UID $USER_ID, GID $KSHGID, PID $$, home $HOME"
# There is no sleep(1) in this image. A second shell waits for a line that nobody writes to it, and this one waits for that
# shell, until a signal comes.
read |&
wait
