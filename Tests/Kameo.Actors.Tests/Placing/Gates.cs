using System.Collections.Concurrent;

namespace Kameo.Actors.Tests.Placing;

/// <summary>What turns of placed actors wait for.</summary>
internal static class Gates
{
    private static readonly ConcurrentDictionary<int, TaskCompletionSource> s_gates = new();

    public static TaskCompletionSource Of(int gate) => s_gates.GetOrAdd(gate, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
