using System.Collections.Concurrent;

namespace Kameo.Actors.Activations;

/// <summary>The mailboxes of a node in which senders wait for a place, and the tells of turns that wait to be sent: looked at by the node's tick, so that none waits beyond its deadline, nor for a turn that waits for it. Thread safe.</summary>
/// <remarks>Bound: <see cref="TellsMax"/> tells are looked at whose senders some turn may wait for; of more, deadlines alone bound the waiting.</remarks>
internal sealed class SenderWatch
{
    private const int TellsMax = 4096;

    private readonly ConcurrentQueue<MailboxOverflow> _entering = new();
    private readonly List<MailboxOverflow> _watched = [];
    private readonly ConcurrentQueue<WaitingTell> _enteringTells = new();
    private readonly List<WaitingTell> _tells = [];

    /// <summary>Takes in one that nobody watches, and in which a sender waits.</summary>
    public void Watch(MailboxOverflow overflow) => _entering.Enqueue(overflow);

    /// <summary>Takes in a tell whose sender is a turn that others wait for.</summary>
    public void Watch(WaitingTell tell) => _enteringTells.Enqueue(tell);

    /// <summary>The node's tick.</summary>
    public void Tick(long now)
    {
        while (_entering.TryDequeue(out MailboxOverflow? overflow))
        {
            _watched.Add(overflow);
        }

        _watched.RemoveAll(overflow => !overflow.Expire(now));
        while (_enteringTells.TryDequeue(out WaitingTell? tell))
        {
            if (_tells.Count < TellsMax)
            {
                _tells.Add(tell);
            }
        }

        _tells.RemoveAll(static tell => !tell.Look());
    }
}
