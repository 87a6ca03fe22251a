using Kameo.Actors.Transport.Asks;

namespace Kameo.Actors.Transport.Tests.Asks;

internal sealed class TestAsk(int number = 0, Action<TestAsk>? onComplete = null) : PendingAsk
{
    private int _completions;

    public int Number { get; set; } = number;

    public int Completions => Volatile.Read(ref _completions);

    public ManualResetEventSlim? Completed { get; init; }

    internal override void Complete()
    {
        Interlocked.Increment(ref _completions);
        Completed?.Set();
        onComplete?.Invoke(this);
    }
}
