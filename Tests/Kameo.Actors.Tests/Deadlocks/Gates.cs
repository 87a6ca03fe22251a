using System.Collections.Concurrent;

namespace Kameo.Actors.Tests.Deadlocks;

/// <summary>Where actors of one process wait until a test lets them go on. Each test uses names of its own.</summary>
internal static class Gates
{
    private static readonly ConcurrentDictionary<string, Gate> s_gates = new();

    /// <summary>The gate of a name.</summary>
    public static Gate Of(string name) => s_gates.GetOrAdd(name, static _ => new Gate());

    internal sealed class Gate
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource _cancelled = new();
        private int _arrived;

        /// <summary>How many have come to it.</summary>
        public int Arrived => Volatile.Read(ref _arrived);

        public CancellationToken CancelledOnceOpen
        {
            get
            {
                Interlocked.Increment(ref _arrived);
                return _cancelled.Token;
            }
        }

        public void Open()
        {
            _open.TrySetResult();
            _cancelled.Cancel();
        }

        public Task PassAsync()
        {
            Interlocked.Increment(ref _arrived);
            return _open.Task;
        }
    }
}
