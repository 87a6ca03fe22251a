using System.Collections.Concurrent;
using Kameo.Actors.Testing;
using Orleans;

namespace Kameo.Actors.Tests.Local;

/// <summary>An actor that checks by itself that it runs one turn at a time, each call once, and those of one sender in order.</summary>
public interface IWatched : IGrainWithIntegerKey
{
    ValueTask<int> Run(int sender, int number, int call, int how);

    ValueTask RunTold(int sender, int number, int call, int how);
}

public sealed class WatchedActor : Actor, IWatched
{
    public const int Yield = 1;
    public const int Leave = 2;
    public const int Tick = 3;
    public const int Fail = 4;

    private static readonly ConcurrentDictionary<long, Record> s_records = new();

    /// <summary>How often each call has run.</summary>
    public static int[] Runs { get; } = new int[4_000_000];

    public static ConcurrentQueue<string> Wrong { get; } = new();

    public async ValueTask<int> Run(int sender, int number, int call, int how)
    {
        Record record = Enter(sender, number, call);
        try
        {
            switch (how)
            {
                case Yield:
                    await Task.Yield();
                    break;
                case Leave:
                    DeactivateOnIdle();
                    break;
                case Tick:
                    RegisterTimer(
                        static (actor, _) =>
                        {
                            Record record = RecordOf(actor.Key.Integer);
                            record.EnterAlone();
                            record.Exit();
                            return default(ValueTask);
                        },
                        this,
                        new ActorTimerOptions(TimeSpan.Zero, TimeSpan.Zero));
                    break;
                case Fail:
                    throw new InvalidOperationException("as told");
            }

            return call;
        }
        finally
        {
            record.Exit();
        }
    }

    public ValueTask RunTold(int sender, int number, int call, int how)
    {
        Record record = Enter(sender, number, call);
        if (how == Leave)
        {
            DeactivateOnIdle();
        }

        record.Exit();
        return default;
    }

    private static Record RecordOf(long key) => s_records.GetOrAdd(key, static _ => new Record());

    private Record Enter(int sender, int number, int call)
    {
        Record record = RecordOf(Key.Integer);
        record.EnterAlone();
        record.Order(sender, number);
        if (Interlocked.Increment(ref Runs[call]) != 1)
        {
            Wrong.Enqueue($"call {call} ran again");
        }

        return record;
    }

    private sealed class Record
    {
        private readonly int[] _last = new int[16];
        private int _inside;

        public void EnterAlone()
        {
            if (Interlocked.Increment(ref _inside) != 1)
            {
                Wrong.Enqueue("two turns at a time");
            }
        }

        public void Exit() => Interlocked.Decrement(ref _inside);

        public void Order(int sender, int number)
        {
            if (number <= _last[sender])
            {
                Wrong.Enqueue($"number {number} of sender {sender} came after {_last[sender]}");
            }

            _last[sender] = number;
        }
    }
}

/// <summary>Inline, queued and told calls, ticks and deactivation, all at once from many threads.</summary>
[Collection(Calls.AloneCollection.Name)]
public sealed class LocalStressTests
{
    private const int Actors = 3;
    private const int Senders = 6;
    private const int CallsMin = 100;
    private const int CallsMax = 1_000_000;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);
    private static int s_calls;

    [Theory]
    [InlineData(1024)]
    [InlineData(4)]
    public async Task One_turn_at_a_time_each_call_at_most_once_in_order(int capacity)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, configure: options => options.MailboxCapacity = capacity);
        long end = Environment.TickCount64 + 1500;
        int callMax = Volatile.Read(ref s_calls) + CallsMax;
        int[] asked = await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(cluster.Nodes[0], capacity * Actors, sender, end, callMax)))).WaitAsync(s_deadline);
        Assert.Empty(WatchedActor.Wrong);
        Assert.All(asked, static count => Assert.True(count > CallsMin, $"{count} calls only"));
    }

    private static async Task<int> SendAsync(ActorNode node, int first, int sender, long end, int callMax)
    {
        var random = new Random(sender);
        int[] numbers = new int[Actors];
        IWatched[] actors = [.. Enumerable.Range(0, Actors).Select(key => node.Get<IWatched>(first + key))];
        int count = 0;
        while ((Environment.TickCount64 < end || count <= CallsMin) && Volatile.Read(ref s_calls) < callMax)
        {
            int call = Interlocked.Increment(ref s_calls);
            int actor = random.Next(Actors);
            int number = ++numbers[actor];
            int how = random.Next(60) is var dice && dice <= 4 ? dice : 0;
            if (random.Next(3) == 0)
            {
                await actors[actor].Tell().RunTold(sender, number, call, how);
                continue;
            }

            try
            {
                int answered = await actors[actor].Run(sender, number, call, how);
                Check(answered == call && WatchedActor.Runs[call] == 1, $"call {call} was answered by {answered} and ran {WatchedActor.Runs[call]} times");
            }
            catch (InvalidOperationException)
            {
                Check(how == WatchedActor.Fail, $"call {call} failed");
            }

            count++;
        }

        return count;
    }

    private static void Check(bool holds, string wrong)
    {
        if (!holds)
        {
            WatchedActor.Wrong.Enqueue(wrong);
        }
    }
}
