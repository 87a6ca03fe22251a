using Orleans;

namespace Kameo.Actors.EndToEnd.Node.Counting;

/// <summary>Counts calls and reports every stretch of its turns to the witness.</summary>
public interface ICountActor : IGrainWithIntegerKey
{
    /// <summary>Counts a call.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="sequence">Its how manieth ask to this actor.</param>
    /// <returns>The same sequence.</returns>
    Task<int> Count(int client, int sequence);
}

/// <summary>The actor behind <see cref="ICountActor"/>: a turn of three stretches.</summary>
public sealed class CountActor : Actor, ICountActor
{
    /// <summary>One stretch in so many rests before it reports, so that a process is often stopped between an entry and its report.</summary>
    private const int RestsInverse = 32;

    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(12);

    /// <summary>Never set.</summary>
    private static readonly ManualResetEventSlim s_never = new();

    private static long s_activations;

    private readonly long _activation = ((long)Environment.ProcessId << 32) | Interlocked.Increment(ref s_activations);

    /// <inheritdoc/>
    public async Task<int> Count(int client, int sequence)
    {
        Report(client, sequence, 0);
        await Task.Delay(TimeSpan.FromMilliseconds(sequence % 4));
        Report(client, sequence, 1);
        await Task.Yield();
        Report(client, sequence, 2);
        return sequence;
    }

    private void Report(int client, int sequence, byte stretch)
    {
        WitnessFile witness = WitnessFile.OfProcess!;
        var report = new WitnessReport
        {
            Kind = WitnessKind.Stretch,
            Stretch = stretch,
            Actor = (int)Key.Integer,
            Client = client,
            Sequence = sequence,
            Fence = Context.Fence,
            Activation = _activation,
            At = witness.Now,
        };
        if ((sequence + stretch) % RestsInverse == 0)
        {
            s_never.Wait(s_rest); // On purpose in the stretch: no await.
        }

        witness.Write(report);
    }
}
