using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Membership;

namespace Kameo.Actors.Transport;

/// <summary>The end of a node.</summary>
public sealed partial class TransportNode
{
    /// <summary>Stops: withdraws its announcement, sends what is in the rings, says goodbye, and waits a little for the others to hear it. Again, or by several at once: all of them return when it has stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _stopped, mine, null) is { } first)
        {
            await first.Task.ConfigureAwait(false);
            return;
        }

        try
        {
            await StopOnceAsync().ConfigureAwait(false);
        }
        finally
        {
            mine.SetResult();
        }
    }

    private async Task StopOnceAsync()
    {
        _stopping = true;
        await LeaveAsync().ConfigureAwait(false);
        Names.Stop();
        _seedNames.ForEach(static name => name.Stop());
        foreach (Dialer dialer in _dialers.Values)
        {
            dialer.Stop();
        }

        await StopDiscoveryAsync().ConfigureAwait(false);
        _listener?.Dispose();
        while (!_connections.IsEmpty)
        {
            Connection[] connections = [.. _connections.Keys];
            foreach (Connection connection in connections)
            {
                connection.Close(CloseReason.Shutdown, "the node stops");
            }

            // Bounded by the linger time-out of each connection, which the tick enforces. One that was just being taken over may have been added meanwhile.
            await Task.WhenAll(connections.Select(static connection => connection.Finished)).ConfigureAwait(false);
        }

        if (_tick is not null)
        {
            await _tick.DisposeAsync().ConfigureAwait(false);
        }

        _control?.Dispose();
        _tls.Dispose();
        (_ownMedium as IDisposable)?.Dispose();
        _ownKey?.Dispose();
        _keyLock?.Dispose();
        Metrics.Dispose();
        if (_logger is PostedLogger posted)
        {
            // A logger that blocks holds up nothing for long.
            await Task.WhenAny(posted.FlushAsync(), Task.Delay(Limits.LingerTimeout, Clock.Provider)).ConfigureAwait(false);
        }
    }
}
