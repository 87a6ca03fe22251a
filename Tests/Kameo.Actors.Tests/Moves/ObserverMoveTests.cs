using System.Threading.Channels;
using Kameo.Actors.Tests.Handoff;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;

namespace Kameo.Actors.Tests.Moves;

/// <summary>References to local objects where actors move and nodes leave: they stay with their node.</summary>
public sealed class ObserverMoveTests
{
    private static readonly TimeSpan s_deadline = RealCluster.Deadline;

    [Theory]
    [InlineData(Way.Leave)]
    [InlineData(Way.Order)]
    public async Task A_reference_in_a_call_that_waits_goes_with_it_and_leads_back_to_the_object(Way way)
    {
        await using MovingPair pair = await MovingPair.StartAsync(way);
        string key = await pair.NewAtAsync(pair.Goes);
        (Hearer ofClient, Hearer ofNode) = (new(), new());
        (ActorNode Node, IHearer Reference)[] hearers = [(pair.Client, pair.Client.CreateObserverReference<IHearer>(ofClient)), (pair.Stays, pair.Stays.CreateObserverReference<IHearer>(ofNode))];
        string gate = Journal.NewKey();
        Task<string> turn = pair.Get(pair.Client, key).Hold(gate).AsTask();
        await ProbeGates.Of(gate).Entered.Task.WaitAsync(s_deadline);
        List<Task<string>> answers = [.. hearers.Select(hearer => pair.Get(hearer.Node, key).AskHearer(hearer.Reference, "before").AsTask())];
        Task over = await pair.BeginMoveAsync(key);
        answers.AddRange(hearers.Select(hearer => pair.Get(hearer.Node, key).AskHearer(hearer.Reference, "after").AsTask()));
        ProbeGates.Of(gate).Open.SetResult();

        await turn.WaitAsync(s_deadline);
        string[] answered = await Task.WhenAll(answers).WaitAsync(s_deadline);
        Assert.Equal([$"before heard {pair.Stays.Id}", $"before heard {pair.Stays.Id}", $"after heard {pair.Stays.Id}", $"after heard {pair.Stays.Id}"], answered);
        await over.WaitAsync(s_deadline);
        GC.KeepAlive(ofClient);
        GC.KeepAlive(ofNode);
    }

    [Theory]
    [InlineData(Way.Leave)]
    [InlineData(Way.Order)]
    public async Task What_an_actor_kept_is_gone_with_its_fields_and_can_be_given_again(Way way)
    {
        await using MovingPair pair = await MovingPair.StartAsync(way);
        string key = await pair.NewAtAsync(pair.Goes);
        var hearer = new Hearer();
        IHearer reference = pair.Client.CreateObserverReference<IHearer>(hearer);
        IMover mover = pair.Get(pair.Client, key);
        await mover.Observe(reference);
        Assert.Equal(1, await mover.Publish("old"));
        Assert.Equal("old", await hearer.NextAsync());
        await pair.MoveAsync(key).WaitAsync(s_deadline);

        Assert.Equal(0, await mover.Publish("nobody"));
        await mover.Observe(reference);
        Assert.Equal(1, await mover.Publish("new"));
        Assert.Equal("new", await hearer.NextAsync());
        Assert.True(pair.Client.DeleteObserverReference(reference)); // It is the same one all the time.
        GC.KeepAlive(hearer);
    }

    [Fact]
    public async Task One_of_a_node_that_left_fails_by_name_and_did_not_run()
    {
        await using MovingPair pair = await MovingPair.StartAsync(Way.Leave, static options => options.WaitForHost = TimeSpan.FromMilliseconds(300));
        string key = await pair.NewAtAsync(pair.Stays);
        var hearer = new Hearer();
        IHearer reference = pair.Goes.CreateObserverReference<IHearer>(hearer);
        Assert.Equal($"a heard {pair.Stays.Id}", await pair.Get(pair.Stays, key).AskHearer(reference, "a"));
        await pair.MoveAsync(key).WaitAsync(s_deadline);

        ActorFaultException gone = await Assert.ThrowsAsync<ActorFaultException>(() => pair.Get(pair.Client, key).AskHearer(reference, "b").AsTask().WaitAsync(s_deadline));
        Assert.Equal(typeof(NodeUnreachableException).FullName, gone.TypeName);
        Assert.Contains("did not run: the node of the observer is not connected", gone.Message, StringComparison.Ordinal);
        GC.KeepAlive(hearer);
    }

    private sealed class Hearer : IHearer
    {
        private readonly Channel<string> _heard = Channel.CreateUnbounded<string>();

        public async Task<string> NextAsync() => await _heard.Reader.ReadAsync().AsTask().WaitAsync(s_deadline);

        public void Hear(string text) => _heard.Writer.TryWrite(text);

        public Task<string> Answer(string text) => Task.FromResult($"{text} heard");
    }
}
