using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Requests;

/// <summary>A request that this node passes on to the one that has its target: at once, or, where its arguments were too large for a frame, when they are here. Its streams are passed on as they come.</summary>
/// <param name="countLostTell">Counts a tell that is lost here.</param>
/// <param name="from">Where it came from.</param>
/// <param name="to">Where it goes.</param>
/// <param name="target">The target there.</param>
/// <param name="method">The method; null where the target has none.</param>
internal sealed class ForwardedRequest(Action<FaultCode> countLostTell, Connection from, Connection to, OutboundTarget target, OutboundMethod? method)
{
    /// <summary>The sender's correlation; null for a tell.</summary>
    public ulong? Correlation { get; init; }

    /// <summary>When it expires, on this node's clock.</summary>
    public long Deadline { get; init; }

    /// <summary>How often it may be passed on after this.</summary>
    public byte HopsLeft { get; init; }

    /// <summary>The streams that came with it.</summary>
    public InboundStream[]? Streams { get; init; }

    /// <summary>The caller's request context and trace as whole extensions; null for none.</summary>
    public byte[]? Extensions { get; init; }

    /// <summary>Is called once, when nothing of it goes through this node any more: an ask was answered, a tell is in the ring, or it was refused.</summary>
    public Action? Passed { get; init; }

    private volatile ForwardedAsk? _sent;
    private volatile bool _isCancelled;

    /// <summary>Its arguments; released here.</summary>
    public RequestHold Hold;

    /// <summary>Sends it when it can be sent.</summary>
    public void Send()
    {
        if (Hold.Gathered is { IsDone: false } arguments)
        {
            arguments.WhenDone(() => ThreadPool.UnsafeQueueUserWorkItem(static request => request.SendNow(), this, preferLocal: false));
        }
        else
        {
            SendNow();
        }
    }

    /// <summary>The caller of the ask gave up: the callee is told, too. Any thread.</summary>
    public void Cancel()
    {
        _isCancelled = true;
        Interlocked.MemoryBarrier(); // Partner: the end of SendNow.
        if (_sent is { } ask)
        {
            to.CancelAsk(ask);
        }
    }

    private void SendNow()
    {
        if (Hold.Gathered?.Failure is { } failure)
        {
            Refuse(new Fault(FaultCode.BadArguments, $"they did not arrive whole: {failure.Message}"));
            return;
        }

        OutboundStream[]? streams = Streams?.Select(_ => to.MakeStream()).ToArray();
        var options = new RequestOptions(Deadline) { HopsLeft = HopsLeft, Streams = streams, Extensions = Extensions };
        if (Correlation is { } correlation)
        {
            var ask = new ForwardedAsk(from, correlation, Passed);
            to.Ask(ask, target, method, options, Hold.Payload);
            _sent = ask;
            Interlocked.MemoryBarrier(); // Partner: Cancel. One of both sees the other.
            if (_isCancelled)
            {
                to.CancelAsk(ask);
            }
        }
        else
        {
            ValueTask sent = to.Tell(target, method, options, Hold.Payload);
            if (!sent.IsCompletedSuccessfully)
            {
                _ = CountIfLostAsync(sent);
            }
            else
            {
                Passed?.Invoke();
            }
        }

        for (int index = 0; index < (streams?.Length ?? 0); index++)
        {
            StreamPump.Send(streams![index], Streams![index]);
        }

        Hold.Release();
    }

    private void Refuse(in Fault fault)
    {
        if (Correlation is { } correlation)
        {
            from.ReplyFault(correlation, fault);
        }
        else
        {
            CountLost(fault.Code);
        }

        Hold.Release();
        MessageStreams.DisposeAll(Streams);
        Passed?.Invoke();
    }

    private async Task CountIfLostAsync(ValueTask sent)
    {
        try
        {
            await sent.ConfigureAwait(false);
        }
        catch (TransportException)
        {
            CountLost(FaultCode.Unreachable);
        }
        finally
        {
            Passed?.Invoke();
        }
    }

    /// <summary>Here, and where it came from.</summary>
    private void CountLost(FaultCode reason)
    {
        countLostTell(reason);
        from.CountLostTell(reason);
    }
}
