using Kameo.Actors.Testing;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Tests.Calls;

/// <summary>Exceptions of a program's own arrive as themselves where their class says so, with what they hold and what they came of; on calls within a node as on those from another.</summary>
public sealed class TravellingExceptionTests : IAsyncLifetime
{
    private TestCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_arrives_as_itself_with_its_members_and_its_stack(bool isLocal)
    {
        OverdrawnException got = await Assert.ThrowsAsync<OverdrawnException>(() => Get(isLocal).Throw(ThrownKind.Overdrawn));
        Assert.Equal("short", got.Message);
        Assert.Equal(12.5m, got.Missing);
        Assert.Equal(["pay in", "wait"], got.Hints);
        Assert.Null(got.InnerException);
        Assert.Contains("TravellerActor.Throw", got.StackTrace, StringComparison.Ordinal);

        NothingThereException own = await Assert.ThrowsAsync<NothingThereException>(() => Get(isLocal).Throw(ThrownKind.MakesItsMessage));
        Assert.Equal((7, "nothing at 7"), (own.Place, own.Message));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_it_came_of_comes_with_it(bool isLocal)
    {
        InvalidOperationException outer = await Assert.ThrowsAsync<InvalidOperationException>(() => Get(isLocal).Throw(ThrownKind.Nested));
        OverdrawnException middle = Assert.IsType<OverdrawnException>(outer.InnerException);
        Assert.Equal(("middle", 3m), (middle.Message, middle.Missing));
        ActorFaultException inmost = Assert.IsType<ActorFaultException>(middle.InnerException);
        Assert.Equal((typeof(UnmarkedChildException).FullName, "inmost"), (inmost.TypeName, inmost.FaultMessage));
        Assert.Null(inmost.InnerException);
    }

    [Theory]
    [InlineData(true, ThrownKind.UnmarkedChild, typeof(UnmarkedChildException), "child")]
    [InlineData(false, ThrownKind.UnmarkedChild, typeof(UnmarkedChildException), "child")]
    [InlineData(true, ThrownKind.CannotBeRead, typeof(AwkwardException), "awkward")]
    [InlineData(false, ThrownKind.CannotBeRead, typeof(AwkwardException), "awkward")]
    [InlineData(true, ThrownKind.CannotBeMade, typeof(AwkwardException), "awkward")]
    [InlineData(false, ThrownKind.CannotBeMade, typeof(AwkwardException), "awkward")]
    [InlineData(true, ThrownKind.TooLong, typeof(OverdrawnException), "long")]
    [InlineData(false, ThrownKind.TooLong, typeof(OverdrawnException), "long")]
    [InlineData(true, ThrownKind.ToText, typeof(MuteException), "InvalidOperationException")]
    [InlineData(false, ThrownKind.ToText, typeof(MuteException), "InvalidOperationException")]
    public async Task What_cannot_travel_arrives_as_text(bool isLocal, ThrownKind kind, Type type, string message)
    {
        ActorFaultException got = await Assert.ThrowsAsync<ActorFaultException>(() => Get(isLocal).Throw(kind));
        Assert.Equal(type.FullName, got.TypeName);
        Assert.Contains(message, got.FaultMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Causes_beyond_the_bound_are_left_out(bool isLocal)
    {
        Exception? at = await Assert.ThrowsAsync<InvalidOperationException>(() => Get(isLocal).Throw(ThrownKind.TenCauses));
        int count = 0;
        for (; at.InnerException is { } inner; at = inner)
        {
            count++;
        }

        Assert.Equal(Fault.CausesMax, count);
    }

    [Fact]
    public async Task What_it_holds_stays_where_its_causes_find_no_room_in_an_answers_frame()
    {
        OverdrawnException got = await Assert.ThrowsAsync<OverdrawnException>(() => Get(isLocal: false).Throw(ThrownKind.LongCauses));
        Assert.Equal(5_000, Assert.Single(got.Hints).Length);
        Assert.Equal(2_000, got.Message.Length);
        Assert.Null(got.InnerException);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task So_it_does_behind_items_and_through_an_actor_that_forwards(bool isLocal)
    {
        OverdrawnException got = await Assert.ThrowsAsync<OverdrawnException>(async () =>
        {
            await foreach (int item in Get(isLocal).ThrowBehindItems(ThrownKind.Overdrawn))
            {
                Assert.Equal(1, item);
            }
        });
        Assert.Equal(12.5m, got.Missing);
        got = await Assert.ThrowsAsync<OverdrawnException>(() => Get(isLocal).Pass("other", ThrownKind.Overdrawn));
        Assert.Equal(12.5m, got.Missing);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_an_actor_lets_through_arrives_as_what_it_was_however_many_let_it_through(bool isLocal)
    {
        ActorFaultException got = await Assert.ThrowsAsync<ActorFaultException>(() => Get(isLocal).AskAlong(["b", "c", "d"], ThrownKind.UnmarkedChild));
        Assert.Equal((typeof(UnmarkedChildException).FullName, "child"), (got.TypeName, got.FaultMessage));
        Assert.Contains("TravellerActor.Throw", got.RemoteStackTrace, StringComparison.Ordinal);
    }

    private ITraveller Get(bool isLocal) => (isLocal ? _cluster.Nodes[0] : _cluster.Clients[0]).Get<ITraveller>("a");
}
