using System.ComponentModel;

namespace Kameo.Actors.Transport.Queues;

/// <summary>What an inbox holds: an object that carries its own link, so that queueing allocates nothing. In one queue at a time.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class InboxItem
{
    internal InboxItem()
    {
    }

    /// <summary>The next one of the queue it is in; the queue's.</summary>
    internal InboxItem? NextItem { get; set; }
}
