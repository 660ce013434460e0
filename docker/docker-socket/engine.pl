# Stands for the Docker daemon: a socket that root and a group of the host's may use, and that answers every request with OK.
use strict;
use warnings;
use Socket;

my $path = '/run/engine/docker.sock';
unlink $path;
socket(my $server, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
bind($server, sockaddr_un($path)) or die "bind: $!\n";
chown(0, 998, $path) == 1 or die "chown: $!\n";
chmod(0660, $path) == 1 or die "chmod: $!\n";
listen($server, 8) or die "listen: $!\n";
$SIG{TERM} = sub { exit 0 };
$| = 1;
print "listening\n";
while (accept(my $client, $server)) {
    while (my $line = <$client>) { last if $line eq "\r\n"; }
    print $client "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nOK";
    close $client;
}
