using System.Collections.Concurrent;
using Kameo.Actors.Transport.Membership;

namespace Kameo.Actors.Activations;

/// <summary>The activations that wait for the node's lease, or for the end of its incarnation. Thread safe.</summary>
/// <param name="node">The node.</param>
internal sealed class LeaseLapse(ActorNode node)
{
    private readonly ConcurrentDictionary<Activation, byte> _held = new();
    private long _sinceMilliseconds = long.MaxValue;

    /// <summary>Whether the lease has been out for longer than one lasts: calls do not wait any more.</summary>
    public bool IsLong => node.Clock.NowMilliseconds - Volatile.Read(ref _sinceMilliseconds) > node.LeaseMilliseconds;

    /// <summary>Holds one until the next <see cref="Look"/> that finds the lease renewed or the incarnation over.</summary>
    public void Hold(Activation activation) => _held.TryAdd(activation, 0);

    /// <summary>Whether one still waits to be looked at. Partner, across the executor's mark: <see cref="Look"/> takes it out, then schedules it.</summary>
    public bool Holds(Activation activation) => _held.ContainsKey(activation);

    /// <summary>The node's tick, and the end of a life.</summary>
    public void Look(NodeLife? life)
    {
        if (life is null)
        {
            return;
        }

        bool isLong = false;
        if (life.MayEnter())
        {
            Volatile.Write(ref _sinceMilliseconds, long.MaxValue);
        }
        else if (Volatile.Read(ref _sinceMilliseconds) == long.MaxValue)
        {
            Volatile.Write(ref _sinceMilliseconds, node.Clock.NowMilliseconds);
        }
        else
        {
            isLong = IsLong;
        }

        // Those of an earlier life are let go of too: they end.
        foreach (KeyValuePair<Activation, byte> entry in _held)
        {
            if ((isLong || entry.Key.IsToLook) && _held.TryRemove(entry.Key, out _))
            {
                entry.Key.Schedule();
            }
        }
    }
}
