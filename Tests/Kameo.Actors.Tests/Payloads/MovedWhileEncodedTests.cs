using System.Collections.Concurrent;
using Kameo.Actors.Placement;
using Kameo.Actors.Slots;
using Kameo.Actors.Tests.Placing;
using Orleans;

namespace Kameo.Actors.Tests.Payloads;

/// <summary>A slot that moves after a call of it was encoded and before it was sent: the call goes another way, with all that it carries.</summary>
public sealed class MovedWhileEncodedTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(100)]
    [InlineData(200_000)]
    public async Task What_the_first_encoding_took_goes_with_the_second(int count)
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(2);
        ActorNode caller = cluster.Nodes[0];
        ITrapped actor = await FindAwayAsync(caller, "asked");

        Payload<int> payload = Numbers(count);
        Task<long> asked = MoveWhile(caller, actor, trap => actor.Weigh(trap, payload, new MemoryStream(new byte[count]), Items(count)).AsTask());
        Assert.Equal((2L * count) + (count - 1L) * count, await asked.WaitAsync(s_deadline));
        Assert.Throws<ObjectDisposedException>(() => payload.Span.Length); // It went with the call all the same.

        actor = await FindAwayAsync(caller, "told"); // What was published of the other one's slot stays so.
        Payload<int> told = Numbers(count);
        string note = Guid.NewGuid().ToString("n");
        await MoveWhile(caller, actor, trap => actor.Tell().Note(trap, note, told, new MemoryStream(new byte[count])).AsTask()).WaitAsync(s_deadline);
        await Life.Eventually.TrueAsync(() => TrappedActor.Notes.ContainsKey(note), "the tell");
        Assert.Equal(count + ((count - 1L) * count / 2), TrappedActor.Notes[note]);
        Assert.Throws<ObjectDisposedException>(() => told.Span.Length);
    }

    private static async Task<ITrapped> FindAwayAsync(ActorNode caller, string prefix)
    {
        for (int number = 0; ; number++)
        {
            ITrapped actor = caller.Get<ITrapped>($"{prefix}{number}");
            if (await actor.Node().AsTask().WaitAsync(s_deadline) != caller.Id.ToString())
            {
                return actor;
            }
        }
    }

    /// <summary>What a view does first when it takes a slot from its owner: nobody goes by what is known of it any more.</summary>
    private static Task<T> MoveWhile<T>(ActorNode caller, ITrapped actor, Func<Trap, Task<T>> call)
    {
        Task<T>? made = null;
        MoveWhile(caller, actor, trap => (Task)(made = call(trap)));
        return made!;
    }

    private static Task MoveWhile(ActorNode caller, ITrapped actor, Func<Trap, Task> call)
    {
        bool hasMoved = false;
        Trap.OnRead = () =>
        {
            ActorId id = ActorId.Of(actor);
            TypeGroup group = caller.Slots!.GroupOf(id.ClassName)!;
            Assert.Equal(SlotState.Elsewhere, group.StateOf(SlotHash.SlotOf(id)));
            group.Publish(SlotHash.SlotOf(id), SlotState.Ask);
            hasMoved = true;
        };
        Task made = call(new Trap { Number = 1 });
        Assert.True(hasMoved, made.Exception?.ToString());
        return made;
    }

    private static Payload<int> Numbers(int count) => Payload.Copy<int>([.. Enumerable.Range(0, count)]);

    private static async IAsyncEnumerable<int> Items(int count)
    {
        for (int number = 0; number < count; number++)
        {
            yield return number;
        }

        await Task.CompletedTask;
    }
}

/// <summary>Takes what is used up by being sent, behind what tells a test that it is being encoded.</summary>
public interface ITrapped : IGrainWithStringKey
{
    ValueTask<string> Node();

    ValueTask<long> Weigh(Trap trap, Payload<int> payload, Stream stream, IAsyncEnumerable<int> items);

    ValueTask Note(Trap trap, string note, Payload<int> payload, Stream stream);
}

/// <summary>Runs something of the test's when it is read for the first time.</summary>
public sealed class Trap
{
    [ThreadStatic]
    private static Action? t_onRead;

    public static Action? OnRead
    {
        set => t_onRead = value;
    }

    public int Number
    {
        get
        {
            Interlocked.Exchange(ref t_onRead, null)?.Invoke();
            return field;
        }
        set;
    }
}

public sealed class TrappedActor(ActorNode node) : Actor, ITrapped
{
    public static ConcurrentDictionary<string, long> Notes { get; } = new(StringComparer.Ordinal);

    public ValueTask<string> Node() => new(node.Id.ToString());

    public async ValueTask<long> Weigh(Trap trap, Payload<int> payload, Stream stream, IAsyncEnumerable<int> items)
    {
        long sum = trap.Number * 2L * await LengthAsync(stream) + SumOf(payload);
        await foreach (int item in items)
        {
            sum += item;
        }

        return sum;
    }

    public async ValueTask Note(Trap trap, string note, Payload<int> payload, Stream stream) => Notes[note] = (trap.Number * await LengthAsync(stream)) + SumOf(payload);

    private static long SumOf(Payload<int> payload)
    {
        long sum = 0;
        foreach (int value in payload.Span)
        {
            sum += value;
        }

        return sum;
    }

    private static async Task<long> LengthAsync(Stream stream)
    {
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.Length;
    }
}
