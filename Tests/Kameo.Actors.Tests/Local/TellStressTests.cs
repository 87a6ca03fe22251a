using Kameo.Actors.Testing;
using Orleans;

namespace Kameo.Actors.Tests.Local;

/// <summary>Streams of tells: what waits in batches runs once and in the order of each sender, on whatever threads it sends.</summary>
[Collection(Calls.AloneCollection.Name)]
public sealed class TellStressTests
{
    private const int Senders = 6;
    private const int Actors = 2;

    [Theory]
    [InlineData(4)]
    [InlineData(64)]
    [InlineData(16_384)]
    public async Task Each_runs_once_in_its_senders_order(int capacity)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, configure: options => options.MailboxCapacity = capacity);
        IStreamed[] actors = [.. Enumerable.Range(0, Actors).Select(key => cluster.Nodes[0].Get<IStreamed>((capacity * Actors) + key))];
        long end = Environment.TickCount64 + 1200;
        int[][] sent = await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(actors, sender, end))));
        for (int actor = 0; actor < Actors; actor++)
        {
            (int[] counted, string? wrong) = await actors[actor].Look();
            Assert.Null(wrong);
            Assert.Equal(sent.Select(of => of[actor]), counted);
        }
    }

    private static async Task<int[]> SendAsync(IStreamed[] actors, int sender, long end)
    {
        var random = new Random(sender);
        int[] sent = new int[Actors];
        while (Environment.TickCount64 < end)
        {
            int actor = random.Next(Actors);
            IStreamedTell tell = actors[actor].Tell();
            for (int burst = random.Next(1, 100); burst > 0; burst--)
            {
                int number = ++sent[actor];
                await (random.Next(20) switch
                {
                    0 => tell.NoteText(sender, number, $"{number}"), // Another method's source, and a reference to be cleared.
                    1 => tell.NoteLate(sender, number), // Its turn suspends.
                    _ => tell.Note(sender, number),
                });
            }

            switch (random.Next(8))
            {
                case 0:
                    int last = ++sent[actor];
                    await actors[actor].Note(sender, last); // An ask behind them.
                    break;
                case 1:
                    await actors[actor].Tell().Leave(); // What waits goes to the next activation.
                    break;
                case 2 or 3 or 4:
                    await Task.Yield(); // Goes on on another thread.
                    break;
            }
        }

        return sent;
    }
}

/// <summary>Counts what its senders number.</summary>
public interface IStreamed : IGrainWithIntegerKey
{
    ValueTask Note(int sender, int number);

    ValueTask NoteText(int sender, int number, string text);

    ValueTask NoteLate(int sender, int number);

    ValueTask Leave();

    ValueTask<(int[] Counted, string? Wrong)> Look();
}

/// <summary>What it counted outlives it.</summary>
public sealed class StreamedActor : Actor, IStreamed
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<long, (int[] Counted, string?[] Wrong)> s_seen = new();

    private (int[] Counted, string?[] Wrong) Seen => s_seen.GetOrAdd(Key.Integer, static _ => (new int[6], new string?[1]));

    public ValueTask Note(int sender, int number)
    {
        (int[] counted, string?[] wrong) = Seen;
        if (number != counted[sender] + 1)
        {
            wrong[0] ??= $"number {number} of sender {sender} came after {counted[sender]}";
        }

        counted[sender] = number;
        return default;
    }

    public ValueTask NoteText(int sender, int number, string text) => text == $"{number}" ? Note(sender, number) : Note(sender, -1);

    public async ValueTask NoteLate(int sender, int number)
    {
        await Note(sender, number);
        await Task.Yield();
    }

    public ValueTask Leave()
    {
        DeactivateOnIdle();
        return default;
    }

    public ValueTask<(int[] Counted, string? Wrong)> Look() => new((Seen.Counted, Seen.Wrong[0]));
}
