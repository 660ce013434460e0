# What a service in such an image does when it starts: it copies its defaults, and writes what it has to keep.
[ -e "$HOME/settings.conf" ] || cat /defaults/settings.conf >"$HOME/settings.conf"
date >>"$HOME/starts.log"
echo "runs as $(id -u):$(id -g), umask $(umask), home $HOME"
