using System.Collections.Concurrent;
using Orleans;

namespace Kameo.Actors.Tests.Membership;

/// <summary>An actor that says where it runs, and can be made to wait.</summary>
public interface IProbe : IGrainWithStringKey
{
    ValueTask<int> Count();

    ValueTask<string> Node();

    ValueTask<bool> WaitForGate(string gate, CancellationToken cancellation = default);
}

/// <summary>What tests see of probes and do to them.</summary>
public static class ProbeGates
{
    private static readonly ConcurrentDictionary<string, Gate> s_gates = new(StringComparer.Ordinal);

    public static Gate Of(string name) => s_gates.GetOrAdd(name, static _ => new Gate());

    public sealed class Gate
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Passed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

public sealed class ProbeActor : Actor, IProbe
{
    private int _count;

    public ValueTask<int> Count() => new(++_count);

    public ValueTask<string> Node() => new(((ActorNode)Actors).Id.ToString());

    public async ValueTask<bool> WaitForGate(string gate, CancellationToken cancellation = default)
    {
        ProbeGates.Gate found = ProbeGates.Of(gate);
        await using CancellationTokenRegistration registration = cancellation.UnsafeRegister(static gate => ((ProbeGates.Gate)gate!).Cancelled.TrySetResult(), found);
        found.Entered.TrySetResult();
        await found.Open.Task;
        found.Passed.TrySetResult();
        return true;
    }
}
