namespace Kameo.Actors.Transport.Tests.Discovery.Seeds;

/// <summary>What becomes of a seed whose host is a name.</summary>
public sealed class SeedNameTests
{
    [Fact]
    public async Task A_node_whose_address_changes_behind_its_name_is_reached_again()
    {
        using SecretKey key = SecretKey.Generate();
        await using var network = new SeedNetwork(new ScriptedResolver("10.0.0.1"));
        TransportNode before = await network.AddAsync("10.0.0.1", key);
        TransportNode dialler = await network.AddDiallerAsync();
        await ConnectedAsync(dialler, before);

        network.Resolver.Answer("10.0.0.2");
        network.Medium.Unroute("10.0.0.1");
        await before.DisposeAsync();
        TransportNode after = await network.AddAsync("10.0.0.2", key);
        await ConnectedAsync(dialler, after);
        Assert.Equal(1, network.Medium.DialCount("10.0.0.1")); // The end of the connection was reason enough to ask before dialling.
    }

    [Fact]
    public async Task Each_address_of_a_name_is_a_peer()
    {
        await using var network = new SeedNetwork(new ScriptedResolver("10.0.0.1", "10.0.0.2", "::ffff:10.0.0.2", "fd00::3", "10.0.0.1"));
        TransportNode[] nodes = [await network.AddAsync("10.0.0.1"), await network.AddAsync("10.0.0.2"), await network.AddAsync("fd00::3")];
        TransportNode dialler = await network.AddDiallerAsync();
        foreach (TransportNode node in nodes)
        {
            await ConnectedAsync(dialler, node);
        }

        Assert.Equal(3, dialler.Peers.Count);
        Assert.All(["10.0.0.1", "10.0.0.2", "fd00::3"], address => Assert.Equal(1, network.Medium.DialCount(address)));
    }

    [Fact]
    public async Task While_an_address_is_not_connected_the_name_is_asked_again_and_what_is_new_is_dialled()
    {
        await using var network = new SeedNetwork(new ScriptedResolver("10.0.0.1", "10.0.0.9"));
        TransportNode first = await network.AddAsync("10.0.0.1");
        TransportNode second = await network.AddAsync("10.0.0.2");
        TransportNode dialler = await network.AddDiallerAsync();
        await ConnectedAsync(dialler, first);
        network.Resolver.Answer("10.0.0.1", "10.0.0.9", "10.0.0.2");
        await ConnectedAsync(dialler, second);
        Assert.Equal(1, network.Medium.DialCount("10.0.0.1"));
    }

    [Fact]
    public async Task A_lost_connection_is_reason_enough_to_ask_before_the_period_is_over()
    {
        await using var network = new SeedNetwork(new ScriptedResolver("10.0.0.1", "10.0.0.2"));
        TransportNode first = await network.AddAsync("10.0.0.1");
        TransportNode second = await network.AddAsync("10.0.0.2");
        TransportNode dialler = await network.AddDiallerAsync(configure: static options => options.Limits = options.Limits with { DnsRefreshPeriod = TimeSpan.FromHours(1) });
        await ConnectedAsync(dialler, first);
        await ConnectedAsync(dialler, second);
        Assert.Equal(1, network.Resolver.AskCount);
        await second.DisposeAsync();
        await Eventually.TrueAsync(() => network.Resolver.AskCount > 1, "the name to be asked again");
    }

    [Fact]
    public async Task An_address_that_has_left_the_answer_is_not_dialled_any_more()
    {
        await using var network = new SeedNetwork(new ScriptedResolver("10.0.0.8", "10.0.0.9"));
        await network.AddDiallerAsync();
        await DialledAsync(network, "10.0.0.8", 3);
        network.Resolver.Answer("10.0.0.9");
        int asked = network.Resolver.AskCount;
        await Eventually.TrueAsync(() => network.Resolver.AskCount > asked + 1, "the new answer to be applied");
        int dialled = network.Medium.DialCount("10.0.0.8");
        await DialledAsync(network, "10.0.0.9", network.Medium.DialCount("10.0.0.9") + 10);
        Assert.True(network.Medium.DialCount("10.0.0.8") <= dialled + 1, "one dial may have been under way");
    }

    [Fact]
    public async Task A_failure_is_logged_once_until_it_changes_and_success_afterwards()
    {
        await using var network = new SeedNetwork(new ScriptedResolver());
        network.Resolver.Fail("the server is down");
        TransportNode node = await network.AddAsync("10.0.0.1");
        TransportNode dialler = await network.AddDiallerAsync();
        await AskedAsync(network, 5);
        Assert.Equal(1, network.CountLines("the server is down"));
        network.Resolver.Answer();
        await AskedAsync(network, 5);
        Assert.Equal(1, network.CountLines("the name has no address"));
        network.Resolver.Fail("the server is down");
        await AskedAsync(network, 5);
        Assert.Equal(2, network.CountLines("the server is down"));
        network.Resolver.Answer("10.0.0.1");
        await ConnectedAsync(dialler, node);
        Assert.Equal(1, network.CountLines("leads to 1 addresses: 10.0.0.1:4711"));
    }

    [Fact]
    public async Task When_the_name_cannot_be_resolved_any_more_its_known_addresses_are_still_dialled()
    {
        using SecretKey key = SecretKey.Generate();
        await using var network = new SeedNetwork(new ScriptedResolver("10.0.0.1"));
        TransportNode before = await network.AddAsync("10.0.0.1", key);
        TransportNode dialler = await network.AddDiallerAsync();
        await ConnectedAsync(dialler, before);
        network.Resolver.Fail("the server is down");
        await before.DisposeAsync();
        await AskedAsync(network, 2);
        await ConnectedAsync(dialler, await network.AddAsync("10.0.0.1", key));
    }

    [Fact]
    public async Task Another_node_that_has_been_given_the_address_is_taken_as_it_is()
    {
        await using var network = new SeedNetwork(new ScriptedResolver("10.0.0.1"));
        TransportNode before = await network.AddAsync("10.0.0.1");
        TransportNode dialler = await network.AddDiallerAsync();
        await ConnectedAsync(dialler, before);
        await before.DisposeAsync();
        await ConnectedAsync(dialler, await network.AddAsync("10.0.0.1"));
    }

    [Fact]
    public async Task A_name_that_leads_to_this_node_too_is_dialled_there_once_only()
    {
        await using var network = new SeedNetwork(new ScriptedResolver("10.0.0.1", "10.0.0.9"));
        TransportNode dialler = await network.AddDiallerAsync(listens: true);
        network.Medium.Route("10.0.0.1", dialler); // Through an address that it does not know as its own: only the handshake tells.
        await DialledAsync(network, "10.0.0.9", 10);
        await Eventually.TrueAsync(() => network.CountLines(nameof(CloseReason.Self)) > 0, "the node to find that it dialled itself");
        int dialled = network.Medium.DialCount("10.0.0.1");
        await DialledAsync(network, "10.0.0.9", network.Medium.DialCount("10.0.0.9") + 10);
        Assert.Equal(dialled, network.Medium.DialCount("10.0.0.1"));
        Assert.Empty(dialler.Peers);
    }

    [Fact]
    public async Task An_address_that_the_node_itself_listens_on_is_not_dialled_at_all()
    {
        await using var network = new SeedNetwork(new ScriptedResolver("127.0.0.1", "10.0.0.9"));
        await network.AddDiallerAsync(configure: static options => options.Listen = new System.Net.IPEndPoint(System.Net.IPAddress.Any, RoutedMedium.Port));
        await DialledAsync(network, "10.0.0.9", 5);
        Assert.Equal(0, network.Medium.DialCount("127.0.0.1"));
    }

    [Fact]
    public async Task No_more_addresses_are_dialled_than_the_limit_allows_and_it_is_said_once()
    {
        await using var network = new SeedNetwork(new ScriptedResolver("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"));
        await network.AddDiallerAsync(dialTargetsMax: 2);
        await AskedAsync(network, 10);
        Assert.Equal(2, Enumerable.Range(1, 4).Count(host => network.Medium.DialCount($"10.0.0.{host}") > 0));
        Assert.Equal(1, network.CountLines("2 of 4 addresses of nodes.test:4711"));
    }

    [Fact]
    public async Task A_dial_by_name_goes_through_its_addresses_until_the_expected_peer_answers()
    {
        await using var network = new SeedNetwork(new ScriptedResolver("10.0.0.9", "10.0.0.1", "10.0.0.2"));
        await network.AddAsync("10.0.0.1");
        TransportNode wanted = await network.AddAsync("10.0.0.2");
        TransportNode dialler = await network.AddDiallerAsync(configure: static options => options.Seeds.Clear());
        Peer peer = await dialler.ConnectAsync("nodes.test:4711", wanted.Id).WaitAsync(Nodes.TwoNodes.Deadline);
        Assert.Equal(wanted.Id, peer.Id);
        network.Resolver.Answer("10.0.0.9");
        TransportException failure = await Assert.ThrowsAsync<TransportException>(() => dialler.ConnectAsync("nodes.test:4711"));
        Assert.Equal("nodes.test:4711: Cannot reach 10.0.0.9:4711: nobody is there.", failure.Message);
    }

    [Fact]
    public async Task Nodes_that_all_have_the_name_of_all_of_them_end_with_one_connection_for_each_pair()
    {
        string[] addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"];
        await using var network = new SeedNetwork(new ScriptedResolver(addresses));
        var nodes = new List<TransportNode>();
        foreach (string address in addresses)
        {
            TransportNode node = await network.AddDiallerAsync(listens: true);
            network.Medium.Route(address, node);
            nodes.Add(node);
        }

        await Eventually.TrueAsync(
            () => nodes.All(node => node.ConnectionCount == nodes.Count - 1 && node.Peers.Count(static peer => peer.IsConnected) == nodes.Count - 1),
            "one connection for each pair");
    }

    private static Task ConnectedAsync(TransportNode dialler, TransportNode node) =>
        Eventually.TrueAsync(() => dialler.FindPeer(node.Id) is { IsConnected: true }, $"{node.LocalEndPoint} to be connected");

    private static Task DialledAsync(SeedNetwork network, string address, int count) =>
        Eventually.TrueAsync(() => network.Medium.DialCount(address) >= count, $"{count} dials of {address}");

    private static async Task AskedAsync(SeedNetwork network, int more)
    {
        int asked = network.Resolver.AskCount;
        await Eventually.TrueAsync(() => network.Resolver.AskCount >= asked + more, $"{more} more questions");
    }
}
