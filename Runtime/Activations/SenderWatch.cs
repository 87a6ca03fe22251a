using System.Collections.Concurrent;

namespace Kameo.Actors.Activations;

/// <summary>The mailboxes of a node in which senders wait for a place: looked at by the node's tick, so that none waits beyond its deadline. Thread safe.</summary>
internal sealed class SenderWatch
{
    private readonly ConcurrentQueue<MailboxOverflow> _entering = new();
    private readonly List<MailboxOverflow> _watched = [];

    /// <summary>Takes in one that nobody watches, and in which a sender waits.</summary>
    public void Watch(MailboxOverflow overflow) => _entering.Enqueue(overflow);

    /// <summary>The node's tick.</summary>
    public void Tick(long now)
    {
        while (_entering.TryDequeue(out MailboxOverflow? overflow))
        {
            _watched.Add(overflow);
        }

        _watched.RemoveAll(overflow => !overflow.Expire(now));
    }
}
