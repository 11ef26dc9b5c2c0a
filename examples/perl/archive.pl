#!/usr/bin/env perl
# Keeps the log of a room in a text file, one message a line, as people know it from IRC:
#
#     SALON_TOKEN=5f0c….3xhK… perl archive.pl 127.0.0.1:7256 lobby lobby.log
#
#     1 2026-11-22T12:00:00.000Z <alice> hello, world
#
# Perl's core modules are all that it needs. The file itself says how far it is: each line begins with the message's id,
# so the program may be killed at any moment and goes on where it was, with every message once. A line that was being
# written then is written again. An edit is a line too, and names the message that it changes.
use strict;
use warnings;
use Fcntl qw(SEEK_SET SEEK_END);
use IO::Handle;
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP;

my ($where, $room, $path) = @ARGV;
die "usage: archive.pl HOST:PORT|SOCKET ROOM FILE\n" unless defined $path && defined $ENV{SALON_TOKEN};
my $json = JSON::PP->new->utf8->canonical;
my $keepalive = 30;    # seconds: a connection without a line for longer is lost
binmode STDERR, ':encoding(UTF-8)';
$SIG{PIPE} = 'IGNORE';

open my $log, '+>>:raw', $path or die "$path: $!\n";
$log->autoflush(1);
my $last = last_id();

while (1) {
  my $wait = follow() // 2;
  sleep($wait < 1 ? 1 : $wait);
}

# The id of the last whole line. Cuts off what a killed program left behind it.
sub last_id {
  my ($id, $end) = (0, 0);
  seek $log, 0, SEEK_SET;
  while (my $line = <$log>) {
    last unless $line =~ /^(\d+) .*\n\z/s;
    ($id, $end) = ($1, tell $log);
  }
  truncate $log, $end or die "$path: $!\n";
  seek $log, 0, SEEK_END;
  return $id + 0;
}

# Follows the room over one connection. Answers the seconds after which to come back, where the server names them.
sub follow {
  my $socket = $where =~ m{^/} ? IO::Socket::UNIX->new(Peer => $where) : IO::Socket::INET->new(PeerAddr => $where)
    or return;
  my $ask = sub { print {$socket} $json->encode({@_}), "\n"; $socket->flush };
  $socket->autoflush(1);
  $ask->(command => 'authenticate_token', token => $ENV{SALON_TOKEN});
  my ($ready, $rest) = (IO::Select->new($socket), '');
  while ($ready->can_read($keepalive + 10)) {
    sysread $socket, $rest, 65536, length $rest or return;
    while ($rest =~ s/^(\d+)\t(.*)\n//) {
      my ($code, $line) = ($1, $json->decode($2));
      if ($code == 100 || $code == 110) {
        note($line);
      } elsif ($code == 191) {
        print {$socket} "\n";    # a sign of life for another
      } elsif ($code == 199 || $code == 2 || $code == 14 || $code == 16) {
        return ($line->{retry_after} // 60_000) / 1000;
      } elsif ($code > 1 && $code < 100) {
        die "$line->{command}: $line->{error}\n";
      } elsif ($code == 1 && $line->{command} eq 'authenticate_token') {
        $ask->(command => 'set_session', events => 'messages', names => JSON::PP::false, keepalive => $keepalive);
        $ask->(command => 'join_chatroom', username => $line->{username}, room => $room, after => $last);
      }
    }
  }
  return;
}

# Writes a message into the log.
sub note {
  my ($message) = @_;
  return if $message->{room} ne $room;
  my $text = $message->{deleted} ? '(deleted)' : $message->{message};
  $text =~ s/[[:cntrl:]]+/ /g;
  my $about = ($message->{kind} // '') eq 'edit' ? "(edits $message->{re}) " : '';
  my $line = "$message->{id} $message->{time} <$message->{username}> $about$text\n";
  utf8::encode($line);
  syswrite $log, $line or die "$path: $!\n";
  $last = $message->{id};
}
