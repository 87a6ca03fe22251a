using System.ComponentModel;
using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Transport.Asks;

/// <summary>Something whose outcome is known and that user code awaits: what a <see cref="CompletionBatch"/> finishes on the thread pool.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class Completion : InboxItem
{
    internal Completion()
    {
    }

    /// <summary>Finishes it by running what awaits it, user code included. Called once for each outcome, on the thread pool.</summary>
    internal abstract void Complete();
}
