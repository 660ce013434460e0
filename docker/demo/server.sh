#!/bin/bash
# A server in miniature: says who it is, leaves an orphan for PID 1 to reap, answers requests, and ends when it is asked to.
trap 'echo "server: SIGTERM, closing"; exit 0' TERM
echo "server: I am $(id -un) ($(id -u):$(id -g)), my home is $HOME"
(sleep 0.1 &)
mkfifo "$HOME/requests"
echo "server: ready"
while true; do
  # Opened for both, so that there is always a writer; with a time limit, so that a signal is seen at once.
  if read -r -t 1 request <>"$HOME/requests"; then echo "server: hello, $request"; fi
done
