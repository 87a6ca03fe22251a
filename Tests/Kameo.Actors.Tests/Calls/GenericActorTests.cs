using Kameo.Actors;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Calls;
using Orleans;

[assembly: ActorForm(typeof(ICell<DateOnly>))]

namespace Kameo.Actors.Tests.Calls;

/// <summary>Closed forms of generic actor interfaces and classes.</summary>
public sealed class GenericActorTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_form_that_code_names_is_an_actor_type_of_its_own(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ActorNode caller = isLocal ? cluster.Nodes[0] : cluster.Clients[0];
        ICell<int> number = caller.Get<ICell<int>>("a");
        ICell<List<Coin>> coins = caller.Get<ICell<List<Coin>>>("a");
        await number.Put(7);
        await coins.Put([new Coin(3)]);
        Assert.Equal(7, await number.Take());
        Assert.Equal([new Coin(3)], await coins.Take());
        await number.Tell().Put(8);
        Assert.Equal(8, await number.Take());
        Assert.Equal("Kameo.Actors.Tests.Calls.CellActor<int>/a", ActorId.Of(number).ToString());
        Assert.Equal("Kameo.Actors.Tests.Calls.CellActor<global::System.Collections.Generic.List<global::Kameo.Actors.Tests.Calls.Coin>>/a", ActorId.Of(coins).ToString());
        Assert.Equal("Kameo.Actors.Tests.Calls.ICell<int>/a", number.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_form_that_only_a_method_or_an_attribute_names_is_known_too(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ActorNode caller = isLocal ? cluster.Nodes[0] : cluster.Clients[0];
        ICell<decimal> wallet = await caller.Get<IWallets>("w").Of("ann");
        await wallet.Put(1.5m);
        Assert.Equal(1.5m, await wallet.Take());
        Assert.Equal(wallet, await wallet.Same(wallet));
        ICell<DateOnly> day = Cell<DateOnly>(caller, "d");
        await day.Put(DateOnly.MaxValue);
        Assert.Equal(DateOnly.MaxValue, await day.Take());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_form_closes_the_class_that_its_arguments_fit(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ActorNode caller = isLocal ? cluster.Nodes[0] : cluster.Clients[0];
        Assert.Equal("value of Int64", await caller.Get<IKind<long>>(1).Name());
        Assert.Equal("reference of String", await caller.Get<IKind<string>>(1).Name());
        Assert.Equal("list of Char", await caller.Get<IKind<char[]>>(1).Name());
        Assert.Equal("date of its own", await caller.Get<IKind<DateTime>>(1).Name());
    }

    [Fact]
    public async Task A_form_that_nobody_names_is_an_error_that_says_so()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        InvalidOperationException unknown = Assert.Throws<InvalidOperationException>(() => Cell<TimeOnly>(cluster.Nodes[0], "x"));
        Assert.Contains("ActorForm", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_nobody_hosts_is_an_error_that_says_so()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(configure: static options => options.WaitForHost = TimeSpan.FromMilliseconds(1));
        NodeUnreachableException nobody = await Assert.ThrowsAsync<NodeUnreachableException>(async () => await cluster.Nodes[0].Get<IKind<Guid>>(1).Name());
        Assert.Equal(CallOutcome.NotRun, nobody.Outcome);
        Assert.Contains("ActorForm", nobody.Message, StringComparison.Ordinal);
    }

    private static ICell<T> Cell<T>(ActorNode node, string key) => node.Get<ICell<T>>(key);
}

public interface ICell<T> : IGrainWithStringKey
{
    Task Put(T value);

    ValueTask<T?> Take();

    Task<ICell<T>> Same(ICell<T> cell);
}

public sealed class CellActor<T> : Actor, ICell<T>
{
    private T? _value;

    public Task Put(T value)
    {
        _value = value;
        return Task.CompletedTask;
    }

    public ValueTask<T?> Take() => new(_value);

    public Task<ICell<T>> Same(ICell<T> cell) => Task.FromResult(cell);
}

public sealed record Coin(int Value);

public interface IWallets : IGrainWithStringKey
{
    Task<ICell<decimal>> Of(string owner);
}

public sealed class WalletsActor : Actor, IWallets
{
    public Task<ICell<decimal>> Of(string owner) => Task.FromResult(Actors.Get<ICell<decimal>>(owner));
}

public interface IKind<T> : IGrainWithIntegerKey
{
    Task<string> Name();
}

public sealed class ValueKindActor<T> : Actor, IKind<T>
    where T : struct, IComparable<T>, IAdditive
{
    public Task<string> Name() => Task.FromResult("additive");
}

/// <summary>Nothing has it: the class above is closed for no form.</summary>
public interface IAdditive;

public sealed class NumberKindActor<T> : Actor, IKind<T>
    where T : unmanaged, System.Numerics.INumber<T>
{
    public Task<string> Name() => Task.FromResult($"value of {typeof(T).Name}");
}

public sealed class ReferenceKindActor<TItem> : Actor, IKind<TItem>
    where TItem : class, IComparable<TItem>
{
    public Task<string> Name() => Task.FromResult($"reference of {typeof(TItem).Name}");
}

public sealed class ListKindActor<TItem> : Actor, IKind<TItem[]>
{
    public Task<string> Name() => Task.FromResult($"list of {typeof(TItem).Name}");
}

public sealed class DateKindActor : Actor, IKind<DateTime>
{
    public Task<string> Name() => Task.FromResult("date of its own");
}
