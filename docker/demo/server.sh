#!/bin/bash
# A server in miniature: says who it is, leaves an orphan for PID 1 to reap, answers requests, and ends when it is asked to.
trap 'echo "server: SIGTERM, closing"; exit 0' TERM
echo "server: I am $(id -un) ($(id -u):$(id -g)), my home is $HOME"
(sleep 0.1 &)
mkfifo "$HOME/requests"
# Opened for both and kept open, so that there is always a writer and no request is lost.
exec 3<>"$HOME/requests"
echo "server: ready"
while true; do
  # With a time limit, so that a signal is seen at once.
  if read -r -t 1 request <&3; then echo "server: hello, $request"; fi
done
