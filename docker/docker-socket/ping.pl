# Asks the daemon whether it is there, as `curl --unix-socket /var/run/docker.sock http://localhost/_ping` does.
use strict;
use warnings;
use Socket;

socket(my $daemon, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
connect($daemon, sockaddr_un('/var/run/docker.sock')) or die "/var/run/docker.sock: $!\n";
syswrite $daemon, "GET /_ping HTTP/1.0\r\n\r\n";
my ($status) = <$daemon> =~ /^HTTP\S+ (.*?)\r$/m;
my $uid = $<;
print "UID $uid: the daemon says $status\n";
