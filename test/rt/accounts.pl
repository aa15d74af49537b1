# RT initialdata: two agents, a customer, a user without any rights, custom fields, and for every test a queue of its own,
# Desk1 and so on, with a user that may read it and nothing else: monitor1 and so on.
our $desks = 40;

our @Users = (
    (map { { Name => $_, EmailAddress => "$_\@rt-test.example", Privileged => 1 } } qw(agent agent2 blind)),
    (map { { Name => "monitor$_", EmailAddress => "monitor$_\@rt-test.example", Privileged => 1, Password => "password-of-monitor$_" } } 1 .. $desks),
    { Name => 'customer', EmailAddress => 'customer@example.org', Privileged => 0 },
);

our @Groups = (
    { Name => 'Agents', Members => { Users => [qw(agent agent2)] } },
    (map { { Name => "Monitors$_", Members => { Users => ["monitor$_"] } } } 1 .. $desks),
);

our @Queues = map { { Name => "Desk$_", Lifecycle => 'support', SLADisabled => 0 } } 1 .. $desks;

our @CustomFields = map { { Name => $_, Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket' } } qw(Provider Channel);

our @ACL = (
    { GroupDomain => 'UserDefined', GroupId => 'Agents', Right => [qw(
        SeeQueue ShowTicket ShowTicketComments CreateTicket ReplyToTicket CommentOnTicket
        OwnTicket TakeTicket StealTicket ModifyTicket DeleteTicket Watch
        SeeCustomField ModifyCustomField SetInitialCustomField)] },
    { GroupDomain => 'SystemInternal', GroupType => 'Everyone', Right => [qw(CreateTicket SeeCustomField SetInitialCustomField)] },
    { GroupDomain => 'RT::System-Role', GroupType => 'Requestor', Right => [qw(ShowTicket ReplyToTicket)] },
    (map { { GroupDomain => 'UserDefined', GroupId => "Monitors$_", Queue => "Desk$_", Right => [qw(SeeQueue ShowTicket ShowTicketComments)] } } 1 .. $desks),
);
1;
