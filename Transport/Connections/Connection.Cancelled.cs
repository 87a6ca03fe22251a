using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Connections;

/// <summary>Asks of the other end that it gave up, for whoever has them wait here without an object of theirs that a cancel could find.</summary>
internal sealed partial class Connection
{
    private volatile CancelledAsks? _cancelled;

    /// <summary>The other end gave an ask up, which may wait here. The receive loop.</summary>
    public void NoteCancelled(ulong correlation) => (_cancelled ??= new CancelledAsks()).Add(correlation);

    /// <summary>Whether the other end gave an ask up. Any thread; one read where none was.</summary>
    public bool HasCancelled(ulong correlation) => _cancelled is { } cancelled && cancelled.Has(correlation);
}
