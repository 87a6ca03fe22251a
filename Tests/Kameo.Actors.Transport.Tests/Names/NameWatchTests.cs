using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Names;

/// <summary>Watches tell what is there and each change, or say that they left something out.</summary>
public sealed class NameWatchTests
{
    [Fact]
    public async Task A_watch_tells_what_is_there_and_what_changes_on_another_member()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        NameRegistration first = cluster[0].Register("shop/1", ClusterNameTests.Echo, "a"u8.ToArray());
        using NameRegistration other = cluster[0].Register("bank", ClusterNameTests.Echo);
        await Task.WhenAll(first.VisibleAsync(), other.VisibleAsync());
        await using IAsyncEnumerator<NameChange> watch = cluster[1].WatchAsync("shop/", isPrefix: true).GetAsyncEnumerator();
        await NextAsync(watch, NameChangeKind.Added, "shop/1", cluster[0].Id, "a");
        first.Change("b"u8.ToArray());
        await NextAsync(watch, NameChangeKind.Changed, "shop/1", cluster[0].Id, "b");
        using NameRegistration second = cluster[1].Register("shop/2", ClusterNameTests.Echo);
        await NextAsync(watch, NameChangeKind.Added, "shop/2", cluster[1].Id, "");
        first.Dispose();
        await NextAsync(watch, NameChangeKind.Removed, "shop/1", cluster[0].Id, "b");
    }

    [Fact]
    public async Task A_watch_of_one_name_tells_of_no_other()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(1);
        await using IAsyncEnumerator<NameChange> watch = cluster[0].WatchAsync("shop").GetAsyncEnumerator();
        ValueTask<bool> next = watch.MoveNextAsync();
        using NameRegistration other = cluster[0].Register("shop/1", ClusterNameTests.Echo);
        using NameRegistration wanted = cluster[0].Register("shop", ClusterNameTests.Echo);
        Assert.True(await next.AsTask().WaitAsync(TwoNodes.Deadline));
        Assert.Equal("shop", watch.Current.Name);
    }

    [Fact]
    public async Task A_slow_watcher_is_told_to_begin_anew_and_then_has_everything()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(1);
        await using IAsyncEnumerator<NameChange> watch = cluster[0].WatchAsync("", isPrefix: true, bufferCount: 4).GetAsyncEnumerator();
        ValueTask<bool> first = watch.MoveNextAsync(); // It watches from here on.
        NameRegistration[] names = [.. Enumerable.Range(0, 20).Select(number => cluster[0].Register($"{number}", ClusterNameTests.Echo))];
        names[0].Dispose();
        var known = new HashSet<string>();
        int resets = 0;
        await first;
        while (true)
        {
            switch (watch.Current.Kind)
            {
                case NameChangeKind.Reset:
                    resets++;
                    known.Clear();
                    break;
                case NameChangeKind.Removed:
                    Assert.True(known.Remove(watch.Current.Name));
                    break;
                default:
                    Assert.True(known.Add(watch.Current.Name));
                    break;
            }

            if (known.Count == 19 && !known.Contains("0"))
            {
                break;
            }

            Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(TwoNodes.Deadline));
        }

        Assert.True(resets > 0);
        Assert.True(NameCluster.NamesOf(cluster[0]).WatchOverflows > 0);
    }

    [Fact]
    public async Task A_watch_begins_anew_with_a_new_life_and_ends_with_the_node()
    {
        NameCluster cluster = await NameCluster.StartAsync(1);
        using NameRegistration own = cluster[0].Register("own", ClusterNameTests.Echo);
        await using IAsyncEnumerator<NameChange> watch = cluster[0].WatchAsync("own").GetAsyncEnumerator();
        await NextAsync(watch, NameChangeKind.Added, "own", cluster[0].Id, "");
        cluster.Rebear(0);
        await NextAsync(watch, NameChangeKind.Reset, "", default, "");
        cluster.Install(0);
        await NextAsync(watch, NameChangeKind.Added, "own", cluster[0].Id, "");
        ValueTask<bool> next = watch.MoveNextAsync();
        await cluster.DisposeAsync();
        Assert.False(await next.AsTask().WaitAsync(TwoNodes.Deadline));
    }

    [Fact]
    public async Task A_watch_ends_by_its_token_and_gives_its_place_back()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(1, static options => options.Limits = new TransportLimits { NameWatchesMax = 1 });
        using var cancel = new CancellationTokenSource();
        IAsyncEnumerator<NameChange> watch = cluster[0].WatchAsync("a").GetAsyncEnumerator(cancel.Token);
        ValueTask<bool> next = watch.MoveNextAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await cluster[0].WatchAsync("b").GetAsyncEnumerator().MoveNextAsync());
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.AsTask().WaitAsync(TwoNodes.Deadline));
        await watch.DisposeAsync();
        Assert.Equal(0, NameCluster.NamesOf(cluster[0]).WatchCount);
        using NameRegistration c = cluster[0].Register("c", ClusterNameTests.Echo);
        await using IAsyncEnumerator<NameChange> another = cluster[0].WatchAsync("c").GetAsyncEnumerator();
        Assert.True(await another.MoveNextAsync());
    }

    [Fact]
    public async Task Names_that_are_waited_for_are_bounded_and_given_back()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(1, static options => options.Limits = new TransportLimits { NameWatchesMax = 1 });
        using var cancel = new CancellationTokenSource();
        Task<RemoteName> one = cluster[0].LookupAsync("a", cancel.Token);
        Task<RemoteName> same = cluster[0].LookupAsync("a", CancellationToken.None);
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster[0].LookupAsync("b", CancellationToken.None));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        using NameRegistration a = cluster[0].Register("a", ClusterNameTests.Echo);
        Assert.Equal(cluster[0].Id, (await same.WaitAsync(TwoNodes.Deadline)).Owner);
        Task<RemoteName> next = cluster[0].LookupAsync("c", CancellationToken.None);
        Assert.False(next.IsCompleted);
    }

    [Fact]
    public async Task Without_membership_watches_changes_and_conflicts_work_among_connected_nodes()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        await using IAsyncEnumerator<NameChange> watch = nodes.Client.WatchAsync("name").GetAsyncEnumerator();
        ValueTask<bool> next = watch.MoveNextAsync();
        NameRegistration name = nodes.Server.Register("name", ClusterNameTests.Echo, "a"u8.ToArray());
        await name.VisibleAsync();
        Assert.True(await next.AsTask().WaitAsync(TwoNodes.Deadline));
        Assert.Equal(NameChangeKind.Added, watch.Current.Kind);
        Assert.Equal("a"u8, nodes.Client.Lookup("name")!.Metadata.Span);
        name.Change("b"u8.ToArray());
        await NextAsync(watch, NameChangeKind.Changed, "name", nodes.Server.Id, "b");
        Assert.Equal("b"u8, nodes.Client.Lookup("name")!.Metadata.Span);
        Assert.Single(nodes.Client.Snapshot("na"));

        using NameRegistration same = nodes.Client.Register("name", ClusterNameTests.Echo);
        NameRegistration loser = nodes.Client.Id.CompareTo(nodes.Server.Id) < 0 ? name : same;
        await Eventually.TrueAsync(() => loser.IsLost, "the higher id to lose the name");
        Assert.False((loser == name ? same : name).IsLost);
        await NextAsync(watch, NameChangeKind.Added, "name", nodes.Client.Id, "");
        name.Dispose();
        await NextAsync(watch, NameChangeKind.Removed, "name", nodes.Server.Id, "b");
        Assert.False(same.IsLost);
    }

    private static async Task NextAsync(IAsyncEnumerator<NameChange> watch, NameChangeKind kind, string name, PeerId owner, string metadata)
    {
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(TwoNodes.Deadline));
        Assert.Equal((kind, name, owner, metadata), (watch.Current.Kind, watch.Current.Name, watch.Current.Owner, System.Text.Encoding.UTF8.GetString(watch.Current.Metadata.Span)));
    }
}
