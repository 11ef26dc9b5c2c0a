#!/usr/bin/env perl
# Keeps the log of a room in a text file, one message a line, as people know it from IRC:
#
#     SALON_TOKEN=5f0c….3xhK… perl archive.pl 127.0.0.1:7256 lobby lobby.log
#
#     1 2026-11-22T12:00:00.000Z <alice> hello, world
#
# Perl's core modules are all that it needs. The file itself says how far it is: each line begins with the message's id,
# so the program may be killed at any moment and goes on where it was, with every message once. A line that was being
# written then is written again. An edit is a line too, and names the message that it changes. After a kick the program
# comes back a minute later. It leaves a file alone that holds anything but such lines.
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
my $away = 60;         # seconds after which it comes back to a room that it was removed from
binmode STDERR, ':encoding(UTF-8)';
$SIG{PIPE} = 'IGNORE';

open my $log, '+>>:raw', $path or die "$path: $!\n";
$log->autoflush(1);
my $last = last_id();

while (1) {
  my $wait = follow() // 2;
  sleep($wait < 1 ? 1 : $wait);
}

# The id of the last line. Cuts off the beginning of another one, which a killed program has left.
sub last_id {
  my ($id, $end) = (0, 0);
  seek $log, 0, SEEK_SET;
  while (my $line = <$log>) {
    last if $end > 0 && $line =~ /^\d+( [\d:.TZ-]*( <[^\n]*)?)?\z/;
    die "$path: line $. is none of a log of this program\n" unless $line =~ /^(\d+) [\d-]+T[\d:.]+Z <.*\n\z/;
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
  my ($ready, $rest, $replies) = (IO::Select->new($socket), '', 0);
  while ($ready->can_read($keepalive + 10)) {
    sysread $socket, $rest, 65536, length $rest or return;
    while ($rest =~ s/^(\d+)\t(.*)\n//) {
      my ($code, $text) = ($1, $2);
      # Before set_session is answered a line may be in another form, which the token has kept. Only its code counts.
      my $line = eval { $json->decode($text) } // {};
      if ($code == 199 || $code == 2 || $code == 14 || $code == 16) {
        return ($line->{retry_after} // 60_000) / 1000;
      } elsif ($code > 1 && $code < 100) {
        die +($line->{command} // $code) . ': ' . ($line->{error} // $text) . "\n";
      } elsif ($code == 1 && ++$replies == 1) {
        $ask->(command => 'set_session', form => 'json', max_line => 32768, ascii => JSON::PP::false,
          events => 'messages', names => JSON::PP::false, keepalive => $keepalive);
      } elsif ($code == 1 && $replies == 2) {
        print {$socket} "join $room $last\n";
      } elsif ($replies < 2) {
        next;
      } elsif ($code == 100 || $code == 110) {
        note($line);
      } elsif ($code == 106) {
        warn "out of the room, back in $away seconds: ", $line->{reason} // '', "\n";
        return $away;
      } elsif ($code == 191) {
        print {$socket} "\n";    # a sign of life for another
      }
    }
  }
  return;
}

# Writes a message into the log.
sub note {
  my ($message) = @_;
  my $text = $message->{deleted} ? '(deleted)' : $message->{message};
  $text =~ s/[[:cntrl:]]+/ /g;
  my $about = ($message->{kind} // '') eq 'edit' ? "(edits $message->{re}) " : '';
  my $line = "$message->{id} $message->{time} <$message->{username}> $about$text\n";
  utf8::encode($line);
  syswrite $log, $line or die "$path: $!\n";
  $last = $message->{id};
}
