#!/usr/bin/env bash
# site_config.sh DIRECTORY PORT - RT's configuration for the tests, on standard output.
#
# The package globals ($RT::VarPath and so on) are assigned, not Set(): that keeps RT out of /etc and /var.
set -euo pipefail
home=$1 port=$2
cat <<PERL
use utf8;
\$RT::VarPath         = '$home';
\$RT::MasonDataDir    = '$home/mason';
\$RT::MasonSessionDir = '$home/session';
Set(\$rtname, 'rt-test');
Set(\$Organization, 'rt-test.example');
Set(\$WebDomain, '127.0.0.1');
Set(\$WebPort, $port);
Set(\$WebPath, '');
Set(\$CanonicalizeRedirectURLs, 0);
Set(\$Timezone, 'UTC');
Set(\$DatabaseType, 'SQLite');
Set(\$DatabaseName, '$home/db/rt.sqlite');
Set(\$MailCommand, 'sendmailpipe');   # mail goes nowhere, but RT believes that it was sent
Set(\$SendmailPath, '$home/mail-sink');
Set(\$SendmailArguments, '-oi');
Set(\$CorrespondAddress, 'rt\@rt-test.example');
Set(\$CommentAddress, 'rt-comment\@rt-test.example');
Set(\$RTAddressRegexp, '^rt(-comment)?\@rt-test\.example\$');
Set(\$OwnerEmail, 'root\@rt-test.example');
Set(\$BcryptCost, 4);                 # RT checks tokens with bcrypt on every request; its own 12 costs 0.2 s each
Set(\$LogToSyslog, undef);
Set(\$LogToFile, undef);
Set(\$LogToSTDERR, 'warning');
Set(@LexiconLanguages, qw(en));       # not thirty translations
Set(%GnuPG, Enable => 0);
Set(%SMIME, Enable => 0);
Set(%Crypt, Incoming => []);
# Service levels, in elapsed time: those that the conformance suite promises to its priorities.
Set(%ServiceAgreements, (
    AssumeOutsideActor => 0,
    Levels => {
        'urgent' => { Response => { RealMinutes => 30 },  Resolve => { RealMinutes => 60*4 } },
        'high'   => { Response => { RealMinutes => 60 },  Resolve => { RealMinutes => 60*8 } },
        'normal' => { Response => { RealMinutes => 60*4, IgnoreOnStatuses => ['stalled'] },
                      Resolve  => { RealMinutes => 60*16, IgnoreOnStatuses => ['stalled'] } },
    },
));
# RT's default lifecycle with two statuses more, which the exporter does not know.
Set(%Lifecycles, support => {
    initial  => [qw(new)],
    active   => [qw(open stalled escalated)],
    inactive => [qw(resolved archived rejected deleted)],
    defaults => { on_create => 'new', on_merge => 'resolved' },
    transitions => {
        '' => [qw(new open resolved)],
        map { my \$from = \$_; \$from => [ grep { \$_ ne \$from } qw(open stalled escalated resolved archived rejected deleted) ] }
            qw(new open stalled escalated resolved archived rejected deleted),
    },
});
1;
PERL
