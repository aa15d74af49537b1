# Makes an API token for every user that somebody made and prints them as shell variables: REST 2.0 has no call for it.
use strict;
use warnings;
use RT;
RT::LoadConfig();
RT::Init();
require RT::AuthToken;
my $root = RT::CurrentUser->new;
$root->Load('root');
my $users = RT::Users->new(RT->SystemUser);
$users->LimitToEnabled;
while (my $user = $users->Next) {
    next if $user->Name =~ /^(?:Nobody|RT_System)$/;
    my ($ok, $message, $token) = RT::AuthToken->new($root)->Create(Owner => $user->Id, Description => 'test');
    die 'no token for ' . $user->Name . ": $message\n" unless $ok;
    print 'RT_TOKEN_', uc($user->Name), "=$token\n";
}
