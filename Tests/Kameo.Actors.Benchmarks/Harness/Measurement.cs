namespace Kameo.Actors.Benchmarks.Harness;

/// <summary>
/// Measures sections round by round: the first of every contender, the second of every contender, and so on, so that what disturbs the machine meets all alike.
/// A stack has one pair of processes for all of its contenders; when it breaks, they are out.
/// </summary>
internal sealed class Measurement(Settings settings, int rounds, Action<string> progress)
{
    private readonly Dictionary<IStack, Pair> _pairs = [];

    /// <summary>One round that does not count, then those that do.</summary>
    public async Task RunAsync(IReadOnlyList<Contender> contenders, CancellationToken cancellation)
    {
        try
        {
            foreach (IGrouping<IStack, Contender> group in contenders.GroupBy(static one => one.Stack))
            {
                await StartAsync(group.Key, [.. group], cancellation);
            }

            for (int round = 0; round <= rounds; round++)
            {
                foreach (Contender contender in contenders.Where(static one => one.Absence is null))
                {
                    progress($"{(round == 0 ? "warm-up" : $"round {round} of {rounds}")}: {contender.Label}");
                    await RunAsync(contender, contenders, counts: round > 0, cancellation);
                }
            }
        }
        finally
        {
            foreach (Pair pair in _pairs.Values)
            {
                await pair.DisposeAsync();
            }

            foreach (IDisposable stack in contenders.Select(static one => one.Stack).Distinct().OfType<IDisposable>())
            {
                stack.Dispose();
            }
        }
    }

    private async Task StartAsync(IStack stack, IReadOnlyList<Contender> contenders, CancellationToken cancellation)
    {
        progress($"start: {stack.Name}");
        if (stack.Prepare() is { } absence)
        {
            foreach (Contender contender in contenders)
            {
                contender.Absence = absence;
            }

            return;
        }

        try
        {
            _pairs.Add(stack, await Pair.StartAsync(stack, settings.Loop, cancellation));
        }
        catch (Exception exception) when (IsOfStack(exception))
        {
            Fail(contenders, exception);
        }
    }

    private async Task RunAsync(Contender contender, IReadOnlyList<Contender> all, bool counts, CancellationToken cancellation)
    {
        try
        {
            var work = new Work(contender.Kind, contender.InFlight, settings.SizeBytes, settings.Duration);
            Round round = await _pairs[contender.Stack].RunAsync(work, cancellation);
            if (counts)
            {
                contender.Rounds.Add(round);
            }
        }
        catch (Exception exception) when (IsOfStack(exception))
        {
            Fail(all.Where(one => one.Stack == contender.Stack), exception);
        }
    }

    private static void Fail(IEnumerable<Contender> contenders, Exception exception)
    {
        foreach (Contender contender in contenders)
        {
            contender.Absence = exception.Message;
            contender.HasFailed = true;
        }
    }

    private static bool IsOfStack(Exception exception) =>
        exception is IOException or TimeoutException or InvalidDataException or InvalidOperationException or FormatException or System.ComponentModel.Win32Exception;
}
